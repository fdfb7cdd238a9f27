//! The chunks of a WebP (RFC 9649, section 2).

use super::bytes::{available, le16, le32, slice};
use crate::size::Size;

/// Whether the bytes begin as a WebP does.
pub(crate) fn announced(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && slice(bytes, 8, 4) == Some(b"WEBP")
}

/// What the chunks say.
#[derive(Default)]
pub(crate) struct Head<'a> {
    pub(crate) size: Option<Size>,
    pub(crate) exif: Option<&'a [u8]>,
    pub(crate) xmp: Option<&'a [u8]>,
}

/// As much of the bytes as the file says it has, or all of them where it says nothing: what follows belongs to nothing.
pub(crate) fn within(bytes: &[u8]) -> &[u8] {
    let said = le32(bytes, 4).and_then(|length| usize::try_from(length).ok()).filter(|length| *length >= 12);
    available(bytes, 0, said.map_or(bytes.len(), |length| length.saturating_add(8)))
}

/// Reads every chunk that the file holds.
pub(crate) fn read(bytes: &[u8]) -> Head<'_> {
    let bytes = within(bytes);
    let mut head = Head::default();
    let mut at = 12;
    while let (Some(name), Some(length)) = (slice(bytes, at, 4), le32(bytes, at + 4)) {
        let Ok(length) = usize::try_from(length) else { break };
        let body = available(bytes, at + 8, length);
        match name {
            b"EXIF" if head.exif.is_none() => {
                head.exif = Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body));
            }
            b"XMP " => head.xmp = Some(body),
            b"VP8X" | b"VP8 " | b"VP8L" if head.size.is_none() => head.size = size_in(name, body),
            _ => {}
        }
        // Chunks begin at even places.
        let Some(next) = length.checked_add(length & 1).and_then(|padded| padded.checked_add(at + 8)) else {
            break;
        };
        at = next;
    }
    head
}

fn size_in(name: &[u8], body: &[u8]) -> Option<Size> {
    match name {
        b"VP8X" => {
            let edge = |at| Some((le32(body, at)? & 0x00FF_FFFF) + 1);
            // The height is three bytes at the very end of the chunk.
            let height = u32::from(le16(body, 7)?) | (u32::from(*body.get(9)?) << 16);
            Some(Size::new(edge(4)?, height + 1))
        }
        b"VP8 " => {
            let edge = |at| le16(body, at).map(|value| u32::from(value & 0x3FFF));
            (slice(body, 3, 3)? == [0x9D, 0x01, 0x2A]).then_some(Size::new(edge(6)?, edge(8)?))
        }
        _ => {
            let packed = le32(body, 1)?;
            (body.first() == Some(&0x2F))
                .then(|| Size::new((packed & 0x3FFF) + 1, ((packed >> 14) & 0x3FFF) + 1))
        }
    }
}
