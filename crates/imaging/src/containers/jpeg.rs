//! The segments of a JPEG before its pixels: frame, metadata, colour profile (ITU-T T.81, annex B).

use std::borrow::Cow;

use super::bytes::{be16, be32, slice};
use crate::size::Size;

const START: [u8; 2] = [0xFF, 0xD8];
const EXIF: &[u8] = b"Exif\0\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
/// So much of what is spread over several segments is put together: no words about a photo need more.
const LONGEST: usize = 1024 * 1024;

/// Their numbers are bytes.
const MOST_PROFILE_PARTS: usize = 255;

/// Whether the bytes begin as a JPEG does.
pub(crate) fn announced(bytes: &[u8]) -> bool {
    bytes.starts_with(&START) && bytes.get(2) == Some(&0xFF)
}

/// One part of a colour profile that is spread over several segments.
pub(crate) struct ProfilePart<'a> {
    pub(crate) number: u8,
    pub(crate) count: u8,
    pub(crate) data: &'a [u8],
}

/// How the samples of a picture are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Whether every coefficient has to be kept until the last scan was read: several passes, or channels apart.
    pub(crate) kept_whole: bool,
    /// Without loss, as cameras store the data of their sensors.
    pub(crate) lossless: bool,
    pub(crate) channels: u8,
    /// Samples of all channels in 64 pixels, the most where sampling factors are broken.
    pub(crate) samples_in_64: u32,
}

/// What stands before the first scan.
#[derive(Default)]
pub(crate) struct Head<'a> {
    /// Of the first frame header.
    pub(crate) size: Option<Size>,
    /// Whether that frame is stored in passes.
    pub(crate) progressive: bool,
    /// Of the first frame header and the first scan.
    pub(crate) frame: Option<Frame>,
    /// The first EXIF block.
    pub(crate) exif: Option<&'a [u8]>,
    /// The first XMP packet.
    pub(crate) xmp: Option<&'a [u8]>,
    /// The parts of a second packet for what did not fit into the first, in the order of the file.
    extended_xmp: Vec<&'a [u8]>,
    /// The parts of Photoshop's image resources in the order of the file.
    resources: Vec<&'a [u8]>,
    /// The parts of the colour profile in the order of the file.
    pub(crate) profile: Vec<ProfilePart<'a>>,
    /// Whether Adobe's segment is there, whose writers store CMYK inverted.
    pub(crate) adobe: bool,
}

impl<'a> Head<'a> {
    /// Reads up to the first scan or as far as the bytes go.
    pub(crate) fn read(bytes: &'a [u8]) -> Self {
        let mut head = Self::default();
        let mut at = START.len();
        while let Some((marker, after)) = next_marker(bytes, at) {
            match marker {
                0xD9 => break,
                // What follows the start of a scan is no longer the head.
                0xDA => {
                    let in_scan = bytes.get(after + 2);
                    if let Some(frame) = &mut head.frame {
                        frame.kept_whole |= in_scan.is_some_and(|count| *count < frame.channels);
                    }
                    break;
                }
                // Markers without a length.
                0x01 | 0xD0..=0xD8 => at = after,
                _ => {
                    let Some(length) = be16(bytes, after).map(usize::from).filter(|length| *length >= 2)
                    else {
                        break;
                    };
                    if let Some(body) = slice(bytes, after + 2, length - 2) {
                        head.take(marker, body);
                    }
                    at = after + length;
                }
            }
        }
        head
    }

    /// Photoshop's image resources as one.
    pub(crate) fn resources(&self) -> Option<Cow<'a, [u8]>> {
        match self.resources.as_slice() {
            [] => None,
            [one] => Some(Cow::Borrowed(one)),
            several => {
                let whole = several.iter().flat_map(|part| part.iter().copied()).take(LONGEST);
                Some(Cow::Owned(whole.collect()))
            }
        }
    }

    /// The second XMP packet, which the first announces by this name (XMP specification, part 3, 1.1.3.1);
    /// of one that lacks a part, what stands before it.
    pub(crate) fn extended_xmp(&self, name: &[u8]) -> Vec<u8> {
        let mut parts: Vec<(u32, &[u8])> = self
            .extended_xmp
            .iter()
            // The name, the length of the whole and the place of the part in it.
            .filter_map(|part| Some((be32(part.strip_prefix(name)?, 4)?, part.get(name.len() + 8..)?)))
            .collect();
        parts.sort_by_key(|(place, _)| *place);
        let mut whole = Vec::new();
        for (place, part) in parts {
            if whole.len() < LONGEST && usize::try_from(place) == Ok(whole.len()) {
                whole.extend_from_slice(part);
            }
        }
        whole
    }

    fn take(&mut self, marker: u8, body: &'a [u8]) {
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF if self.size.is_none() => {
                if let (Some(height), Some(width)) = (be16(body, 1), be16(body, 3)) {
                    self.size = Some(Size::new(width.into(), height.into()));
                    self.progressive = marker == 0xC2;
                    self.frame = Some(frame(marker, body));
                }
            }
            0xE1 => {
                self.exif = self.exif.or_else(|| body.strip_prefix(EXIF));
                self.xmp = self.xmp.or_else(|| body.strip_prefix(XMP));
                self.extended_xmp.extend(body.strip_prefix(EXTENDED_XMP));
            }
            0xED => self.resources.extend(body.strip_prefix(PHOTOSHOP)),
            0xE2 if self.profile.len() < MOST_PROFILE_PARTS => {
                if let Some([number, count, data @ ..]) = body.strip_prefix(ICC) {
                    self.profile.push(ProfilePart { number: *number, count: *count, data });
                }
            }
            0xEE if body.starts_with(b"Adobe") => self.adobe = true,
            _ => {}
        }
    }
}

fn frame(marker: u8, body: &[u8]) -> Frame {
    let channels = body.get(5).copied().unwrap_or(3);
    let factors = |index: u8| {
        let packed = body.get(7 + 3 * usize::from(index)).copied().unwrap_or(0x11);
        (u32::from(packed >> 4), u32::from(packed & 15))
    };
    let all = || (0..channels.min(4)).map(factors);
    let across = all().map(|factor| factor.0).max().unwrap_or(1).max(1);
    let down = all().map(|factor| factor.1).max().unwrap_or(1).max(1);
    let samples = all().map(|factor| (64 * factor.0 * factor.1).div_ceil(across * down)).sum();
    Frame {
        kept_whole: matches!(marker, 0xC2 | 0xC6 | 0xCA | 0xCE),
        lossless: marker & 3 == 3,
        channels,
        samples_in_64: samples,
    }
}

/// The next marker from `at` and the place after it; bytes that belong to none are passed over, as
/// libjpeg does.
pub(super) fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        at += bytes.get(at..)?.iter().position(|byte| *byte != 0xFF)?;
        match bytes.get(at)? {
            0x00 => {}
            marker => return Some((*marker, at + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_survives_every_cut() {
        let whole = [
            &[0xFF, 0xD8, 0xFF, 0xE1, 0, 10][..],
            EXIF,
            b"II",
            &[0xFF, 0xFF, 0xC0, 0, 11, 8, 0, 2, 0, 3, 1, 1, 0x11, 0, 0xFF, 0xDA],
        ]
        .concat();
        let head = Head::read(&whole);
        assert_eq!(head.size, Some(Size::new(3, 2)));
        assert_eq!(head.exif, Some(&b"II"[..]));
        for end in 0..whole.len() {
            Head::read(&whole[..end]);
        }
    }
}
