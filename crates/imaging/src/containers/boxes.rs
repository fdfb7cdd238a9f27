//! Files made of boxes (ISO/IEC 14496-12, section 4), as HEIC, AVIF and Canon's CR3 are.

use super::bytes::{available, be32, be64, slice};

/// One box.
pub(crate) struct Boxed<'a> {
    pub(crate) kind: &'a [u8],
    /// What is inside, as far as it is there.
    pub(crate) body: &'a [u8],
    /// Whether all of it is there.
    pub(crate) whole: bool,
}

/// The boxes that stand one after the other.
pub(crate) fn boxes(bytes: &[u8]) -> impl Iterator<Item = Boxed<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let kind = slice(bytes, at + 4, 4)?;
        let (header, length) = match be32(bytes, at)? {
            // Up to the end of what holds it.
            0 => (8, bytes.len() - at),
            1 => (16, usize::try_from(be64(bytes, at + 8)?).ok()?),
            length => (8, length as usize),
        };
        let inside = length.checked_sub(header)?;
        let body = available(bytes, at + header, inside);
        let whole = body.len() == inside;
        at = at.saturating_add(length).min(bytes.len());
        Some(Boxed { kind, body, whole })
    })
}

/// The inside of the first box of a kind.
pub(crate) fn inside(bytes: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    boxes(bytes).find(|found| found.kind == kind).map(|found| found.body)
}

/// Whether the type box at the beginning names one of these brands.
pub(crate) fn has_brand(bytes: &[u8], wanted: &[&[u8; 4]]) -> bool {
    let Some(brands) = boxes(bytes).next().filter(|first| first.kind == b"ftyp") else { return false };
    let brands = available(brands.body, 0, 4096);
    brands.chunks_exact(4).any(|brand| wanted.iter().any(|wanted| brand == *wanted))
}
