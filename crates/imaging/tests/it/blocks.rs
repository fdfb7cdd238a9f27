//! Metadata blocks made in code, and files that carry them.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::fixtures::{corners, directory, png, webp};

const SIZE: (u32, u32) = (24, 16);

/// An XMP packet around some properties, with the usual prefixes.
pub fn xmp(attributes: &str, elements: &str) -> Vec<u8> {
    format!(
        "<?xpacket begin='\u{FEFF}' id='W5M0MpCehiHzreSzNTczkc9d'?>\
         <x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/' \
         xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' \
         xmlns:aux='http://ns.adobe.com/exif/1.0/aux/' xmlns:exifEX='http://cipa.jp/exif/1.0/' \
         xmlns:xmpNote='http://ns.adobe.com/xmp/note/' {attributes}>{elements}</rdf:Description></rdf:RDF>\
         </x:xmpmeta>\n      <?xpacket end='w'?>"
    )
    .into_bytes()
}

/// IPTC data: record, number and value of each set.
pub fn iim(sets: &[(u8, u8, &[u8])]) -> Vec<u8> {
    let set = |(record, number, value): &(u8, u8, &[u8])| {
        let length = u16::try_from(value.len()).expect("short").to_be_bytes();
        [&[0x1C, *record, *number][..], &length, value].concat()
    };
    sets.iter().flat_map(set).collect()
}

/// Photoshop's resources, with IPTC data behind one with a name and an odd length.
pub fn resources(iptc: &[u8]) -> Vec<u8> {
    let length = u32::try_from(iptc.len()).expect("short").to_be_bytes();
    [&b"8BIM\x03\xED\x04name\0\0\0\0\x03abc\0"[..], b"8BIM\x04\x04\0\0", &length, iptc].concat()
}

/// An EXIF block of texts, each longer than its entry holds.
pub fn exif_texts(texts: &[(u16, &[u8])]) -> Vec<u8> {
    tiff_with(&[], &texts.iter().map(|(tag, text)| (*tag, 2, *text)).collect::<Vec<_>>())
}

/// A JPEG with segments before its own.
pub fn jpeg_with(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let picture = crate::fixtures::camera_jpeg(&corners(SIZE.0, SIZE.1));
    let segment = |(marker, body): &(u8, Vec<u8>)| {
        let length = u16::try_from(body.len() + 2).expect("short").to_be_bytes();
        [&[0xFF, *marker][..], &length, body].concat()
    };
    let added: Vec<u8> = segments.iter().flat_map(segment).collect();
    [&picture[..2], &added, &picture[2..]].concat()
}

/// The body of a segment with an XMP packet.
pub fn app1_xmp(packet: &[u8]) -> (u8, Vec<u8>) {
    (0xE1, [b"http://ns.adobe.com/xap/1.0/\0", packet].concat())
}

/// The body of a segment with EXIF.
pub fn app1_exif(block: &[u8]) -> (u8, Vec<u8>) {
    (0xE1, [b"Exif\0\0", block].concat())
}

/// The body of a segment with Photoshop's resources.
pub fn app13(resources: &[u8]) -> (u8, Vec<u8>) {
    (0xED, [b"Photoshop 3.0\0", resources].concat())
}

/// A PNG with chunks behind its header.
pub fn png_with(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let picture = png(&corners(SIZE.0, SIZE.1).into(), None, None);
    let chunk = |(name, body): &(&[u8; 4], Vec<u8>)| {
        let length = u32::try_from(body.len()).expect("short").to_be_bytes();
        let named = [&name[..], body].concat();
        [&length[..], &named, &crc(&named).to_be_bytes()].concat()
    };
    let added: Vec<u8> = chunks.iter().flat_map(chunk).collect();
    [&picture[..33], &added, &picture[33..]].concat()
}

/// The text chunk of a PNG with an XMP packet.
pub fn itxt_xmp(packet: &[u8], compressed: bool) -> (&'static [u8; 4], Vec<u8>) {
    let text = if compressed { deflated(packet) } else { packet.to_vec() };
    (b"iTXt", [&b"XML:com.adobe.xmp\0"[..], &[u8::from(compressed), 0, 0, 0], &text].concat())
}

/// The text chunk of a PNG with IPTC data as hexadecimal digits.
pub fn raw_profile(resources: &[u8], compressed: bool) -> (&'static [u8; 4], Vec<u8>) {
    let mut text = format!("\nIPTC profile\n{:8}", resources.len());
    for (index, byte) in resources.iter().enumerate() {
        let break_line = if index % 36 == 0 { "\n" } else { "" };
        write!(text, "{break_line}{byte:02x}").expect("memory");
    }
    let text = format!("{text}\n").into_bytes();
    let keyword = b"Raw profile type iptc\0";
    if compressed {
        (b"zTXt", [&keyword[..], &[0], &deflated(&text)].concat())
    } else {
        (b"tEXt", [&keyword[..], &text].concat())
    }
}

/// A WebP with a chunk behind its picture.
pub fn webp_with(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let mut file = webp(&corners(SIZE.0, SIZE.1).into(), None, None);
    let length = u32::try_from(body.len()).expect("short").to_le_bytes();
    file.extend([&name[..], &length, body, &[0][..body.len() % 2]].concat());
    let riff = u32::try_from(file.len() - 8).expect("small").to_le_bytes();
    file[4..8].copy_from_slice(&riff);
    file
}

/// A TIFF with numbers and with values of more than four bytes: tag, type, bytes.
pub fn tiff_with(numbers: &[(u16, u16, u32, u32)], values: &[(u16, u16, &[u8])]) -> Vec<u8> {
    let entries = numbers.len() + values.len();
    let mut at = u32::try_from(8 + 2 + entries * 12 + 4).expect("small");
    let mut all = numbers.to_vec();
    for (tag, kind, bytes) in values {
        let length = u32::try_from(bytes.len()).expect("small");
        assert!(length > 4, "a value that would stand in its entry");
        all.push((*tag, *kind, if *kind == 4 { length / 4 } else { length }, at));
        at += length;
    }
    let bytes: Vec<u8> = values.iter().flat_map(|(.., bytes)| bytes.iter().copied()).collect();
    [&b"II*\0\x08\0\0\0"[..], &directory(&all), &bytes].concat()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// The checksum of a PNG's chunks.
fn crc(bytes: &[u8]) -> u32 {
    let fold = |sum: u32, byte: &u8| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 },
        )
    };
    !bytes.iter().fold(u32::MAX, fold)
}
