//! BMP knows no metadata; what follows the pixels and the colour profile is dropped.

use super::{
    Unclean,
    plan::{Clean, Draft},
};
use crate::containers::{
    bytes::{le16, le32, slice},
    plain,
};

/// Of a profile that is in the file, and not the name of one.
const EMBEDDED_PROFILE: &[u8] = b"DEBM";

pub(super) fn plan(bytes: &[u8]) -> Result<Clean, Unclean> {
    let end = end(bytes).ok_or(Unclean::Damaged)?;
    let mut draft = Draft::new(bytes);
    draft.copy(0..end);
    draft.finish()
}

fn end(bytes: &[u8]) -> Option<usize> {
    let number = |at| usize::try_from(le32(bytes, at)?).ok();
    let header = number(14)?;
    // Pixels never begin within the header; a file that says so would lose it.
    let pixels = number(10).filter(|pixels| *pixels >= header.saturating_add(14))?;
    let size = plain::bmp_size(bytes)?;
    let (width, height) = (usize::try_from(size.width).ok()?, usize::try_from(size.height).ok()?);
    let bits = usize::from(le16(bytes, if header == 12 { 24 } else { 28 })?);
    let packed = header > 12 && matches!(number(30)?, 1 | 2 | 4 | 5);
    let length = if packed {
        // Where it is not said, only a decoder finds the end.
        number(34).filter(|length| *length > 0)?
    } else {
        width.checked_mul(bits)?.checked_add(31)?.checked_div(32)?.checked_mul(4)?.checked_mul(height)?
    };
    let mut end = pixels.checked_add(length)?;
    if header == 124 {
        let (profile, length) = (number(126)?, number(130)?);
        match slice(bytes, 70, 4)? {
            EMBEDDED_PROFILE => end = end.max(profile.checked_add(14)?.checked_add(length)?),
            // The path of a profile on somebody's disk.
            b"KNIL" => return None,
            _ => {}
        }
    }
    Some(end)
}
