//! The one thing that a rendition may say beside its colour profile: whose the rights are.

/// The tag `Copyright` of EXIF.
const COPYRIGHT: u16 = 33_432;
const ASCII: u16 = 2;
/// Behind the header, a directory of one entry and the end of the directories.
const TEXT_AT: u32 = 26;

/// An EXIF block that holds a copyright notice and nothing else.
pub(crate) fn exif_block(notice: &str) -> Vec<u8> {
    // A value of up to four bytes would stand in the entry itself; no notice is so short with its end.
    let text = format!("{notice:4}\0");
    let count = u32::try_from(text.len()).unwrap_or(u32::MAX);
    [
        &b"II*\0\x08\0\0\0\x01\0"[..],
        &COPYRIGHT.to_le_bytes(),
        &ASCII.to_le_bytes(),
        &count.to_le_bytes(),
        &TEXT_AT.to_le_bytes(),
        &[0; 4],
        text.as_bytes(),
    ]
    .concat()
}

/// The JPEG with a copyright notice, in a segment of EXIF behind the one of JFIF.
pub(crate) fn with_notice(mut jpeg: Vec<u8>, notice: Option<&str>) -> Vec<u8> {
    let Some(block) = notice.map(exif_block) else { return jpeg };
    let body = [b"Exif\0\0", block.as_slice()].concat();
    // No notice is so long; a segment that could not say its length would break the file.
    let Ok(length) = u16::try_from(body.len() + 2) else { return jpeg };
    let at = match jpeg.get(2..6) {
        Some([0xFF, 0xE0, high, low]) => 4 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => 2,
    };
    let segment = [&[0xFF, 0xE1], length.to_be_bytes().as_slice(), &body].concat();
    if at <= jpeg.len() {
        jpeg.splice(at..at, segment);
    }
    jpeg
}
