//! JPEG: segments are kept, written anew or dropped; what is coded between them is copied (ITU-T T.81, annex B).

use super::{
    Unclean, exif, photoshop,
    plan::{Clean, Draft},
    xmp,
};
use crate::containers::bytes::{be16, slice};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const ICC: &[u8] = b"ICC_PROFILE\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
/// More than any camera writes.
const MOST_SEGMENTS: usize = 5000;
/// What fits into one segment beside its length.
const MOST_BODY: usize = 65_533;

struct Segment<'a> {
    marker: u8,
    start: usize,
    body: &'a [u8],
    /// Of a scan's segment: behind what it codes.
    end: usize,
}

pub(super) fn plan(bytes: &[u8]) -> Result<Clean, Unclean> {
    let segments = segments(bytes)?;
    if !segments.iter().any(|segment| segment.marker == SCAN) {
        return Err(Unclean::Damaged);
    }
    let mut draft = Draft::new(bytes);
    draft.copy(0..2);
    let mut seen = Seen::default();
    for segment in &segments {
        if is_picture(segment.marker) {
            draft.copy(segment.start..segment.end);
        } else if let Some(body) = seen.rewritten(segment, &segments)
            && body.len() <= MOST_BODY
        {
            let length = u16::try_from(body.len() + 2).map_err(|_| Unclean::Damaged)?;
            let head = [&[0xFF, segment.marker][..], &length.to_be_bytes()].concat();
            draft.put(segment.start, &[head, body].concat());
        }
    }
    draft.finish()
}

/// Frames, tables, scans, restarts and the end: all that a decoder needs.
fn is_picture(marker: u8) -> bool {
    matches!(marker, 0xC0..=0xC7 | 0xC9..=0xCF | 0xD9..=0xDF)
}

/// Up to the end of the first picture. Nothing that belongs to no segment is among them.
fn segments(bytes: &[u8]) -> Result<Vec<Segment<'_>>, Unclean> {
    let mut found: Vec<Segment<'_>> = Vec::new();
    let mut at = 2;
    while let Some((marker, start)) = next_marker(bytes, at) {
        match marker {
            // Another picture begins without an end of the first.
            0xD8 => break,
            0x01 | 0xD0..=0xD7 => {
                at = start + 2;
                continue;
            }
            END => {
                found.push(Segment { marker, start, body: &[], end: start + 2 });
                break;
            }
            _ => {}
        }
        let length = be16(bytes, start + 2).map_or(0, usize::from);
        let Some(body) = length.checked_sub(2).and_then(|length| slice(bytes, start + 4, length)) else {
            break;
        };
        let mut end = start + 2 + length;
        if marker == SCAN {
            end = coded_end(bytes, end);
        }
        at = end;
        found.push(Segment { marker, start, body, end });
        if found.len() > MOST_SEGMENTS {
            return Err(Unclean::Scattered);
        }
    }
    Ok(found)
}

/// The next marker and where its `FF` stands; what stands before it belongs to nothing.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        match bytes.get(at + 1)? {
            0x00 => at += 2,
            0xFF => at += 1,
            marker => return Some((*marker, at)),
        }
    }
}

/// Behind the coded data of a scan, which may hold restarts.
fn coded_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(offset) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0xFF)) {
        at += offset;
        match bytes.get(at + 1) {
            Some(0x00 | 0xD0..=0xD7) => at += 2,
            Some(0xFF) => at += 1,
            Some(_) => return at,
            None => break,
        }
    }
    bytes.len()
}

/// The kinds of block that came already: of each the first counts, as for readers.
#[derive(Default)]
struct Seen(Vec<&'static [u8]>);

impl Seen {
    fn is_first(&mut self, name: &'static [u8], body: &[u8]) -> bool {
        let first = body.starts_with(name) && !self.0.contains(&name);
        if first {
            self.0.push(name);
        }
        first
    }

    /// What stays of a block of metadata.
    fn rewritten(&mut self, segment: &Segment<'_>, all: &[Segment<'_>]) -> Option<Vec<u8>> {
        let body = segment.body;
        match segment.marker {
            // Without its thumbnail, which may show what was cut away.
            0xE0 if body.len() >= 14 && self.is_first(b"JFIF\0", body) => {
                Some([&body[..12], &[0, 0]].concat())
            }
            0xE1 if self.is_first(EXIF, body) => {
                exif::rebuilt(&body[EXIF.len()..]).map(|block| [EXIF, &block].concat())
            }
            0xE1 if self.is_first(XMP, body) => {
                xmp::rebuilt(&body[XMP.len()..]).map(|packet| [XMP, packet.as_bytes()].concat())
            }
            0xE2 if body.starts_with(ICC) => Some(body.to_vec()),
            0xED if self.is_first(PHOTOSHOP, body) => {
                // One list of resources may go on in the next segment.
                let parts = all.iter().filter(|part| part.marker == 0xED);
                let whole: Vec<&[u8]> = parts.filter_map(|part| part.body.strip_prefix(PHOTOSHOP)).collect();
                let kept = photoshop::resources(&whole.concat());
                (!kept.is_empty()).then(|| [PHOTOSHOP, &kept].concat())
            }
            // It says how the colours are stored.
            0xEE if body.len() >= 12 && self.is_first(b"Adobe", body) => Some(body[..12].to_vec()),
            _ => None,
        }
    }
}
