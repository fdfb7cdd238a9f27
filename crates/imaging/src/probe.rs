//! What an uploaded file is, judged by its first bytes and never by its name.

use serde::{Deserialize, Serialize};

use crate::capabilities::Capabilities;
use crate::containers::{foreign, format_of, heif, jpeg, plain, png, raw, tiff, webp};
use crate::format::Format;
use crate::recipe::Limits;
use crate::refusal::Refusal;
use crate::size::Size;

/// What the beginning of a file says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The format by its bytes.
    pub format: Format,
    /// The size as stored; `None` when it stands beyond the bytes that were given.
    pub stored: Option<Size>,
    /// The EXIF orientation, 1 to 8; 1 when none is known.
    pub orientation: u8,
}

impl Probe {
    /// The size as people see it, after the orientation.
    pub fn displayed(&self) -> Option<Size> {
        self.stored.map(|size| size.oriented(self.orientation))
    }
}

/// Looks at the beginning of a file (up to a megabyte is useful; the whole file will do) and says what it is,
/// or why it is refused on this machine.
pub fn probe(head: &[u8], limits: &Limits) -> Result<Probe, Refusal> {
    probe_with(head, limits, Capabilities::of_this_machine)
}

/// The same with another list of what is taken.
fn probe_with(
    head: &[u8],
    limits: &Limits,
    capabilities: impl FnOnce() -> Capabilities,
) -> Result<Probe, Refusal> {
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    let Some(format) = format_of(head) else {
        return Err(
            foreign::name(head).map_or(Refusal::NotAnImage, |name| Refusal::UnsupportedFormat { name })
        );
    };
    if matches!(format, Format::Heic | Format::Avif) && !capabilities().takes(format) {
        return Err(Refusal::NotHere { format });
    }
    let (stored, orientation) = described(format, head);
    match stored {
        Some(size) if size.is_empty() => Err(Refusal::NotAnImage),
        Some(size) if size.pixels() > u64::from(limits.max_megapixels) * 1_000_000 => {
            Err(Refusal::TooManyPixels { size, limit_megapixels: limits.max_megapixels })
        }
        _ => Ok(Probe { format, stored, orientation }),
    }
}

fn described(format: Format, head: &[u8]) -> (Option<Size>, u8) {
    let (size, exif) = match format {
        Format::Heic | Format::Avif => {
            let boxes = heif::read(head);
            // A picture without any size is none.
            return (boxes.shown().or(boxes.empty.then_some(Size::new(0, 0))), boxes.orientation());
        }
        Format::Raw(kind) => {
            let pictures = raw::pictures(head, kind);
            let largest = pictures.largest.as_ref();
            let size = largest.filter(|_| !pictures.more).map(|picture| picture.size);
            return (size, raw::orientation(head, kind, largest));
        }
        Format::Jpeg => {
            let jpeg = jpeg::Head::read(head);
            (jpeg.size, jpeg.exif)
        }
        Format::Png => {
            let png = png::read(head);
            (png.size, png.exif)
        }
        Format::WebP => {
            let webp = webp::read(head);
            (webp.size, webp.exif)
        }
        Format::Tiff => {
            let directory = tiff::Tiff::open(head).and_then(tiff::Tiff::first_directory);
            (directory.and_then(|directory| directory.size()), Some(head))
        }
        Format::Gif => (plain::gif_size(head), None),
        Format::Bmp => (plain::bmp_size(head), None),
    };
    (size, exif.map_or(1, tiff::orientation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_library_that_is_not_there_is_refused_in_words() {
        let none = || Capabilities { heic: false, avif: false };
        let avif = b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf";
        let refusal = probe_with(avif, &Limits::default(), none).expect_err("no library");
        assert_eq!(refusal, Refusal::NotHere { format: Format::Avif });
        assert_eq!(
            refusal.to_string(),
            "AVIF photos can't be taken here yet; please export the photo as JPEG and upload that."
        );
        let all = || Capabilities { heic: true, avif: true };
        assert!(probe_with(avif, &Limits::default(), all).is_ok());
    }
}
