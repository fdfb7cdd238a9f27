//! WebP: chunks of picture and colour are copied, EXIF and XMP written anew, the rest dropped (RFC 9649).

use super::{
    Unclean, exif,
    plan::{Clean, Draft},
    xmp,
};
use crate::containers::{
    bytes::{available, le32, slice},
    webp::within,
};

const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;
/// More pictures than any animation has.
const MOST_CHUNKS: usize = 20_000;

struct Chunk<'a> {
    name: &'a [u8],
    body: &'a [u8],
    start: usize,
    /// Behind the filling byte of an odd length, as far as the file goes.
    end: usize,
}

pub(super) fn plan(bytes: &[u8]) -> Result<Clean, Unclean> {
    let chunks = chunks(bytes)?;
    let mut new = Vec::new();
    let (mut exif, mut xmp, mut pictures) = (None, None, 0);
    for chunk in &chunks {
        match chunk.name {
            b"EXIF" if exif.is_none() => {
                let block = chunk.body.strip_prefix(b"Exif\0\0").unwrap_or(chunk.body);
                exif = Some(exif::rebuilt(block).inspect(|block| new.push((chunk, written(b"EXIF", block)))));
            }
            b"XMP " if xmp.is_none() => {
                let packet = xmp::rebuilt(chunk.body);
                xmp = Some(packet.inspect(|packet| new.push((chunk, written(b"XMP ", packet.as_bytes())))));
            }
            b"ANMF" if !only_pictures(chunk.body) => return Err(Unclean::Damaged),
            b"VP8 " | b"VP8L" | b"ANMF" => {
                pictures += 1;
                new.push((chunk, Vec::new()));
            }
            b"VP8X" | b"ICCP" | b"ANIM" | b"ALPH" => new.push((chunk, Vec::new())),
            _ => {}
        }
    }
    if pictures == 0 {
        return Err(Unclean::Damaged);
    }
    let flags = [(EXIF_FLAG, matches!(exif, Some(Some(_)))), (XMP_FLAG, matches!(xmp, Some(Some(_))))];
    let length = |(chunk, written): &(&Chunk<'_>, Vec<u8>)| {
        if written.is_empty() { chunk.end - chunk.start } else { written.len() }
    };
    let size: usize = 4 + new.iter().map(length).sum::<usize>();
    let mut draft = Draft::new(bytes);
    let size = u32::try_from(size).map_err(|_| Unclean::Damaged)?;
    draft.put(0, &[&b"RIFF"[..], &size.to_le_bytes(), b"WEBP"].concat());
    for (chunk, written) in new {
        if chunk.name == b"VP8X" && !chunk.body.is_empty() {
            let mut whole = bytes[chunk.start..chunk.end].to_vec();
            for (flag, present) in flags {
                whole[8] = if present { whole[8] | flag } else { whole[8] & !flag };
            }
            draft.put(chunk.start, &whole);
        } else if written.is_empty() {
            draft.copy(chunk.start..chunk.end);
        } else {
            draft.put(chunk.start, &written);
        }
    }
    draft.finish()
}

/// The chunks within the length that the file gives, or within the file where it gives none.
fn chunks(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, Unclean> {
    let bytes = within(bytes);
    let mut found = Vec::new();
    let mut at = 12;
    while let Some(chunk) = chunk_at(bytes, at) {
        at = chunk.end;
        found.push(chunk);
        if found.len() > MOST_CHUNKS {
            return Err(Unclean::Scattered);
        }
    }
    Ok(found)
}

fn chunk_at(bytes: &[u8], at: usize) -> Option<Chunk<'_>> {
    let name = slice(bytes, at, 4)?;
    let length = usize::try_from(le32(bytes, at + 4)?).ok()?;
    let body = available(bytes, at + 8, length);
    let end = at.checked_add(8)?.checked_add(length)?.checked_add(length & 1)?.min(bytes.len());
    Some(Chunk { name, body, start: at, end })
}

/// Whether a frame holds its picture alone.
fn only_pictures(frame: &[u8]) -> bool {
    let mut at = 16;
    while let Some(chunk) = chunk_at(frame, at) {
        if !matches!(chunk.name, b"ALPH" | b"VP8 " | b"VP8L") {
            return false;
        }
        at = chunk.end;
    }
    true
}

fn written(name: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let mut chunk = [name, &length.to_le_bytes(), body].concat();
    chunk.resize(chunk.len() + body.len() % 2, 0);
    chunk
}
