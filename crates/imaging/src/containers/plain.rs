//! The headers of GIF and BMP, which hold a size and nothing else of use.

use super::bytes::{le16, le32, slice};
use crate::size::Size;

/// Whether the bytes begin as a GIF does.
pub(crate) fn gif_announced(bytes: &[u8]) -> bool {
    bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a")
}

/// The logical screen of a GIF.
pub(crate) fn gif_size(bytes: &[u8]) -> Option<Size> {
    Some(Size::new(le16(bytes, 6)?.into(), le16(bytes, 8)?.into()))
}

/// Whether the bytes begin as a bitmap does: two letters are little, so the known header lengths count too.
pub(crate) fn bmp_announced(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && matches!(le32(bytes, 14), Some(12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// The size of a bitmap; a negative height means rows from the top.
pub(crate) fn bmp_size(bytes: &[u8]) -> Option<Size> {
    if le32(bytes, 14)? == 12 {
        return Some(Size::new(le16(bytes, 18)?.into(), le16(bytes, 20)?.into()));
    }
    let edge = |at| Some(i32::from_le_bytes(slice(bytes, at, 4)?.try_into().ok()?).unsigned_abs());
    Some(Size::new(edge(18)?, edge(22)?))
}
