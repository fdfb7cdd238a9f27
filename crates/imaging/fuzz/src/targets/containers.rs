//! Files around hostile pieces, so that tries reach the code behind the container.

/// A JPEG without a picture whose only segment has this body; of a longer one the beginning.
pub fn jpeg_head(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, 0xD8][..], &jpeg_segment(marker, body), &[0xFF, 0xDA, 0, 2]].concat()
}

/// A segment of a JPEG (ITU-T T.81, annex B); of a body that does not fit the beginning.
pub fn jpeg_segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let body = &body[..body.len().min(65_533)];
    let length = u16::try_from(body.len() + 2).expect("cut to what fits");
    [&[0xFF, marker][..], &length.to_be_bytes(), body].concat()
}

/// A PNG of one gray pixel's header and one more chunk.
pub fn png_head(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let header = png_chunk(*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    [&PNG[..], &header, &png_chunk(name, body), &png_chunk(*b"IEND", &[])].concat()
}

fn png_chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("tries are small");
    [&length.to_be_bytes()[..], &name, body, &checksum(&[&name, body]).to_be_bytes()].concat()
}

/// A WebP of one chunk.
pub fn webp_head(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("tries are small");
    let chunk = [&name[..], &length.to_le_bytes(), body, &[0][..body.len() % 2]].concat();
    [&b"RIFF"[..], &(u32::try_from(chunk.len()).expect("tries are small") + 4).to_le_bytes(), b"WEBP", &chunk]
        .concat()
}

/// Photoshop's resource of IPTC records around such records.
pub fn iptc_resource(records: &[u8]) -> Vec<u8> {
    let length = u32::try_from(records.len()).expect("tries are small");
    [&b"Photoshop 3.0\08BIM\x04\x04\0\0"[..], &length.to_be_bytes(), records].concat()
}

/// A bitmap of gray pixels, the same in every row.
pub fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let mut row: Vec<u8> = (0..width).flat_map(|x| [x.to_le_bytes()[0]; 3]).collect();
    row.resize(row.len().next_multiple_of(4), 0);
    let pixels = row.repeat(height as usize);
    let length = u32::try_from(pixels.len()).expect("tries are small");
    let numbers = |all: &[u32]| all.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
    let header = numbers(&[length + 54, 0, 54, 40, width, height, 0x0018_0001, 0, length, 0, 0, 0, 0]);
    [&b"BM"[..], &header, &pixels].concat()
}

const PNG: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// The bytes as a PNG: behind its signature, with the checksums right that no guessing would find.
pub fn mended_png(bytes: &[u8]) -> Vec<u8> {
    let mut file = begun(bytes, &PNG);
    let mut at = PNG.len();
    while let Some(length) = file.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().expect("four bytes")) as usize;
        let Some(covered) = at.checked_add(8 + length).and_then(|end| file.get(at + 4..end)) else { break };
        let sum = checksum(&[covered]);
        let Some(place) = file.get_mut(at + 8 + length..at + 12 + length) else { break };
        place.copy_from_slice(&sum.to_be_bytes());
        at += 12 + length;
    }
    file
}

/// The bytes with their beginning replaced.
pub fn begun(bytes: &[u8], beginning: &[u8]) -> Vec<u8> {
    [beginning, bytes.get(beginning.len()..).unwrap_or_default()].concat()
}

/// PNG's CRC-32, bit by bit.
fn checksum(pieces: &[&[u8]]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
    let add = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !pieces.iter().flat_map(|piece| piece.iter()).fold(u32::MAX, add)
}
