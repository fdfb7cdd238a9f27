//! EXIF that a file keeps in several small TIFFs, as Canon's CR3 does, put together.

use super::bytes::{le16, le32};
use super::tiff::{Tiff, width_of};

/// One EXIF block of blocks that a file keeps apart: the main one, and others that become the directories to which
/// it points. Blocks in another byte order are left out.
pub(crate) fn joined(main: &[u8], others: &[(u16, &[u8])]) -> Option<Vec<u8>> {
    let directory = Tiff::open(main).filter(|tiff| tiff.little && !tiff.big)?.first_directory()?;
    let mut whole = main.to_vec();
    let own = directory.count.checked_mul(12)?;
    let mut entries = main.get(directory.entries_at..directory.entries_at.checked_add(own)?)?.to_vec();
    for (tag, block) in others {
        let Some(found) = Tiff::open(block).filter(|tiff| tiff.little && !tiff.big) else { continue };
        let base = u32::try_from(whole.len()).ok()?;
        let mut moved = block.to_vec();
        let inner = found.first_directory()?;
        for entry in (0..inner.count).map_while(|index| inner.entries_at.checked_add(index * 12)) {
            let (Some(kind), Some(count), Some(at)) =
                (le16(block, entry + 2), le32(block, entry + 4), le32(block, entry + 8))
            else {
                break;
            };
            if u64::from(count) * width_of(kind) as u64 > 4 {
                moved[entry + 8..entry + 12].copy_from_slice(&at.wrapping_add(base).to_le_bytes());
            }
        }
        whole.extend(moved);
        let first = base.checked_add(u32::try_from(found.first).ok()?)?;
        entries.extend([&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &first.to_le_bytes()].concat());
    }
    let at = u32::try_from(whole.len()).ok()?;
    whole[4..8].copy_from_slice(&at.to_le_bytes());
    whole.extend(u16::try_from(entries.len() / 12).ok()?.to_le_bytes());
    whole.extend(entries);
    whole.extend([0; 4]);
    Some(whole)
}
