//! The chunks of a PNG (PNG third edition, section 5).

use std::borrow::Cow;

use super::bytes::{be32, slice};
use super::png_text::Text;
use crate::size::Size;

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A];

/// Whether the bytes begin as a PNG does.
pub(crate) fn announced(bytes: &[u8]) -> bool {
    bytes.starts_with(&SIGNATURE)
}

/// What the chunks say.
#[derive(Default)]
pub(crate) struct Head<'a> {
    pub(crate) size: Option<Size>,
    /// Of a pixel as decoders give it, palettes as colours, at least one byte a sample.
    pub(crate) bytes_of_pixel: Option<u64>,
    /// Whether the picture is stored in seven passes.
    pub(crate) interlaced: bool,
    pub(crate) exif: Option<&'a [u8]>,
    /// The chunk with the XMP packet.
    pub(crate) xmp: Option<Text<'a>>,
    /// The chunk with IPTC data.
    pub(crate) iptc: Option<Text<'a>>,
    /// Where the chunk with the colour profile is named, when it is larger than a profile needs.
    pub(crate) large_profile_at: Option<usize>,
}

/// Compressed. What is stored in so much can still be inflated in no time, and no profile in use needs more.
const LARGE_PROFILE: usize = 64 * 1024;

/// Reads every chunk that the bytes hold.
pub(crate) fn read(bytes: &[u8]) -> Head<'_> {
    let mut head = Head::default();
    let mut at = SIGNATURE.len();
    while let (Some(length), Some(name)) = (be32(bytes, at), slice(bytes, at + 4, 4)) {
        let Ok(length) = usize::try_from(length) else { break };
        match (name, slice(bytes, at + 8, length)) {
            (b"IHDR", Some(body)) if head.size.is_none() => {
                head.size = be32(body, 0).zip(be32(body, 4)).map(|(width, height)| Size::new(width, height));
                head.bytes_of_pixel =
                    body.get(8).zip(body.get(9)).map(|(bits, colour)| bytes_of(*bits, *colour));
                head.interlaced = body.get(12) == Some(&1);
            }
            (b"eXIf", Some(body)) if head.exif.is_none() => {
                head.exif = Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body));
            }
            (b"iCCP", Some(body)) if body.len() > LARGE_PROFILE => head.large_profile_at = Some(at + 4),
            (b"iTXt" | b"tEXt" | b"zTXt", Some(body)) => match Text::of(name, body) {
                Some(text @ Text::Xmp(_)) => head.xmp = head.xmp.or(Some(text)),
                Some(text) => head.iptc = head.iptc.or(Some(text)),
                None => {}
            },
            (b"IEND", _) | (_, None) => break,
            _ => {}
        }
        at += length + 12;
    }
    head
}

/// Transparency that stands apart from the pixels counts as if it were there.
fn bytes_of(bits: u8, colour: u8) -> u64 {
    let samples = match colour {
        0 | 4 => 2,
        _ => 4,
    };
    if bits == 16 { 2 * samples } else { samples }
}

/// The file, with a colour profile that is too large under a name that decoders pass over: it may be made to
/// inflate to hundreds of megabytes.
pub(crate) fn without_large_profile(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(at) = read(bytes).large_profile_at else { return Cow::Borrowed(bytes) };
    let mut copy = bytes.to_vec();
    copy[at..at + 4].copy_from_slice(b"paSs");
    Cow::Owned(copy)
}
