//! GIF: pictures and what shows them are copied, comments and foreign blocks dropped (`GIF89a`).

use super::{
    Unclean,
    plan::{Clean, Draft},
};

/// Repetition of an animation, and the colour profile.
const KEPT: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

pub(super) fn plan(bytes: &[u8]) -> Result<Clean, Unclean> {
    let mut draft = Draft::new(bytes);
    let flags = *bytes.get(10).ok_or(Unclean::Damaged)?;
    let mut at = 13 + colours(flags);
    draft.copy(0..at);
    let mut pictures = 0;
    while let Some(kind) = bytes.get(at) {
        let (end, kept) = match kind {
            // Some writers fill up with zeros.
            0x00 => (at + 1, false),
            0x3B => {
                draft.copy(at..at + 1);
                break;
            }
            0x2C => {
                pictures += 1;
                let flags = bytes.get(at + 9).copied().unwrap_or_default();
                (sub_blocks_end(bytes, at + 11 + colours(flags)).unwrap_or(bytes.len()), true)
            }
            0x21 => {
                let Some(end) = sub_blocks_end(bytes, at + 2) else { break };
                let name = bytes.get(at + 3..at + 14);
                let kept = match bytes.get(at + 1) {
                    Some(0xF9 | 0x01) => true,
                    Some(0xFF) => {
                        bytes.get(at + 2) == Some(&11) && name.is_some_and(|name| KEPT.contains(&name))
                    }
                    _ => false,
                };
                (end, kept)
            }
            _ => break,
        };
        if kept {
            draft.copy(at..end);
        }
        at = end;
    }
    if pictures == 0 { Err(Unclean::Damaged) } else { draft.finish() }
}

/// The bytes of a table of colours.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Behind a chain of blocks that each say their length.
fn sub_blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match usize::from(*bytes.get(at)?) {
            0 => return Some(at + 1),
            length => at += length + 1,
        }
    }
}
