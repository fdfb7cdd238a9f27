//! PNG: chunks of picture and colour are copied, metadata written anew, the rest dropped (PNG third edition).

use super::{
    Unclean, exif,
    plan::{Clean, Draft},
    xmp,
};
use crate::containers::bytes::{be32, slice};

/// Picture, colour, size on paper, time, animation.
const KEPT: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD",
    b"hIST", b"pHYs", b"sPLT", b"tIME", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL",
];
const FRAME: &[u8; 4] = b"fdAT";
/// The keywords of plain text that people fill in.
const TEXTS: [&[u8]; 6] = [b"Title", b"Author", b"Description", b"Copyright", b"Creation Time", b"Software"];
const XMP: &[u8] = b"XML:com.adobe.xmp";
/// Of one plain text.
const LONGEST_TEXT: usize = 60_000;

pub(super) fn plan(bytes: &[u8]) -> Result<Clean, Unclean> {
    let mut draft = Draft::new(bytes);
    draft.copy(0..8);
    let (mut at, mut pictures, mut exif_seen, mut xmp_seen) = (8, 0, false, false);
    while let (Some(length), Some(name)) = (be32(bytes, at), slice(bytes, at + 4, 4)) {
        let length = usize::try_from(length).map_err(|_| Unclean::Damaged)?;
        let end = length.checked_add(12).and_then(|whole| at.checked_add(whole)).ok_or(Unclean::Damaged)?;
        let body = slice(bytes, at + 8, length);
        match (name, body) {
            (b"IDAT" | b"fdAT", _) => {
                // Of one that is cut off, what is there.
                draft.copy(at..end);
                pictures += 1;
            }
            (_, None) => break,
            (b"eXIf", Some(body)) if !exif_seen => {
                exif_seen = true;
                let block = body.strip_prefix(b"Exif\0\0").unwrap_or(body);
                if let Some(block) = exif::rebuilt(block) {
                    draft.put(at, &chunk(b"eXIf", &block));
                }
            }
            (b"iTXt", Some(body)) if keyword(body) == XMP && !xmp_seen => {
                xmp_seen = true;
                if let Some(packet) = plain_text(body).and_then(xmp::rebuilt) {
                    draft.put(at, &chunk(b"iTXt", &[XMP, &[0; 5], packet.as_bytes()].concat()));
                }
            }
            (b"tEXt" | b"iTXt", Some(body)) if is_caption(name, body) => draft.copy(at..end),
            (name, Some(_)) if KEPT.iter().any(|kept| kept[..] == *name) || name == FRAME => {
                draft.copy(at..end);
            }
            // A picture with a chunk of its own that must be understood is none that anybody shows.
            ([first, ..], Some(_)) if first.is_ascii_uppercase() => return Err(Unclean::Damaged),
            _ => {}
        }
        at = end;
        if name == b"IEND" {
            break;
        }
    }
    if pictures == 0 { Err(Unclean::Damaged) } else { draft.finish() }
}

/// A text that people fill in. An `iTXt` may be compressed, and then nobody sees what it says.
fn is_caption(name: &[u8], body: &[u8]) -> bool {
    let is_plain = name == b"tEXt" || plain_text(body).is_some();
    TEXTS.contains(&keyword(body)) && body.len() <= LONGEST_TEXT && is_plain
}

fn keyword(body: &[u8]) -> &[u8] {
    body.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The text of an `iTXt` that is not compressed: keyword, two flags, language, keyword in that language, text.
fn plain_text(body: &[u8]) -> Option<&[u8]> {
    let rest = body.get(keyword(body).len() + 1..)?;
    let rest = rest.strip_prefix(&[0, 0])?;
    let mut parts = rest.splitn(3, |byte| *byte == 0);
    parts.nth(2)
}

fn chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let named = [name, body].concat();
    let check = checksum(&named);
    [&length.to_be_bytes()[..], &named, &check.to_be_bytes()].concat()
}

/// CRC-32 as PNG has it, bit by bit: metadata is short.
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}
