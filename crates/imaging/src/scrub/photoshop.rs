//! Photoshop's resources and the IPTC records among them (Adobe Photoshop File Formats; IPTC-NAA IIM 4.2).

use crate::containers::bytes::{be16, be32, slice};

const SIGNATURE: &[u8] = b"8BIM";
const IPTC: u16 = 0x0404;
/// Resolution, whether there is a copyright, and the address that goes with it.
const KEPT: [u16; 3] = [0x03ED, 0x040A, 0x040B];

/// Records about the caption: status, title, urgency, categories, keywords, places as typed, instructions, dates,
/// programs, author, city, country, headline, credit, source, copyright, contact, caption and its writer.
const CAPTION: [u8; 40] = [
    0, 3, 4, 5, 7, 8, 10, 12, 15, 20, 22, 25, 26, 27, 30, 35, 37, 38, 40, 42, 55, 60, 62, 63, 65, 70, 75, 80,
    85, 90, 92, 95, 100, 101, 103, 105, 110, 115, 116, 118,
];
const CAPTION_TEXT: [u8; 3] = [120, 121, 122];

/// What stays of the resources in an APP13 block (without its name).
pub(super) fn resources(block: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while slice(block, at, 4) == Some(SIGNATURE) {
        let Some((id, body, next)) = resource(block, at) else { break };
        at = next;
        if id == IPTC {
            let records = records(body);
            if !records.is_empty() {
                write(&mut out, id, &records);
            }
        } else if KEPT.contains(&id) {
            write(&mut out, id, body);
        }
    }
    out
}

/// A resource: its id, a name, and its bytes, both filled up to even lengths.
fn resource(block: &[u8], at: usize) -> Option<(u16, &[u8], usize)> {
    let id = be16(block, at + 4)?;
    let name = usize::from(*block.get(at + 6)?) + 1;
    let length_at = at + 6 + name + name % 2;
    let length = usize::try_from(be32(block, length_at)?).ok()?;
    let body = slice(block, length_at + 4, length)?;
    Some((id, body, length_at + 4 + length + length % 2))
}

fn write(out: &mut Vec<u8>, id: u16, body: &[u8]) {
    out.extend(SIGNATURE);
    out.extend(id.to_be_bytes());
    out.extend([0, 0]);
    out.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend(body);
    out.resize(out.len() + body.len() % 2, 0);
}

/// What stays of IPTC records; they end where the first broken one begins.
pub(super) fn records(block: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some([0x1C, record, kind, high, low]) = slice(block, at, 5) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        // The highest bit announces a length of another form, which no text needs.
        let Some(whole) = slice(block, at, length + 5).filter(|_| length < 0x8000) else { break };
        let kept = match record {
            // The version and the character set.
            1 => matches!(kind, 0 | 90),
            2 => CAPTION.contains(kind) || CAPTION_TEXT.contains(kind),
            _ => false,
        };
        if kept {
            out.extend(whole);
        }
        at += length + 5;
    }
    out
}
