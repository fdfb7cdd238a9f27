//! The text chunks of a PNG in which programs keep metadata (PNG third edition, section 11.3.3).

use std::borrow::Cow;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::photoshop;

/// So much of a compressed text is read: no metadata of a photo needs more.
const LONGEST: u64 = 1024 * 1024;
const XMP: &[u8] = b"XML:com.adobe.xmp\0";
/// The way of `ImageMagick`: the bytes of a JPEG's segment, written out as hexadecimal digits.
const IPTC: &[u8] = b"Raw profile type iptc\0";

/// A chunk that holds metadata.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    /// `iTXt` with an XMP packet, behind its keyword.
    Xmp(&'a [u8]),
    /// `tEXt` with digits.
    Iptc(&'a [u8]),
    /// `zTXt` with compressed digits.
    CompressedIptc(&'a [u8]),
}

impl<'a> Text<'a> {
    /// The metadata in a chunk of this name, when it has some.
    pub(crate) fn of(name: &[u8], body: &'a [u8]) -> Option<Self> {
        match name {
            b"iTXt" => body.strip_prefix(XMP).map(Self::Xmp),
            b"tEXt" => body.strip_prefix(IPTC).map(Self::Iptc),
            b"zTXt" => body.strip_prefix(IPTC).map(Self::CompressedIptc),
            _ => None,
        }
    }

    /// The XMP packet.
    pub(crate) fn xmp(self) -> Option<Cow<'a, [u8]>> {
        let Self::Xmp([compressed, _method, rest @ ..]) = self else { return None };
        // A language and a translated keyword stand before the text; XMP has neither.
        let mut parts = rest.splitn(3, |byte| *byte == 0);
        let text = parts.nth(2)?;
        Some(if *compressed == 0 { Cow::Borrowed(text) } else { Cow::Owned(inflated(text)) })
    }

    /// The IPTC data.
    pub(crate) fn iptc(self) -> Option<Vec<u8>> {
        let digits = match self {
            Self::Iptc(text) => Cow::Borrowed(text),
            Self::CompressedIptc([_method, text @ ..]) => Cow::Owned(inflated(text)),
            Self::CompressedIptc([]) | Self::Xmp(_) => return None,
        };
        let resources = from_digits(&digits)?;
        photoshop::iptc(&resources).map(<[u8]>::to_vec)
    }
}

/// As much as can be inflated of what is sound.
fn inflated(compressed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    // A stream that breaks off leaves what came before.
    ZlibDecoder::new(compressed).take(LONGEST).read_to_end(&mut text).ok();
    text
}

/// Lines of digits behind a line with a name and one with the length.
fn from_digits(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"\n").unwrap_or(text);
    let digits = text.splitn(3, |byte| *byte == b'\n').nth(2)?;
    let mut nibbles = digits.iter().filter_map(|digit| char::from(*digit).to_digit(16));
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    while let (Some(high), Some(low)) = (nibbles.next(), nibbles.next()) {
        bytes.push(u8::try_from(high << 4 | low).ok()?);
    }
    Some(bytes)
}
