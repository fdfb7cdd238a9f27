//! What an uploaded file is, judged by its first bytes and never by its name.

use serde::{Deserialize, Serialize};

use crate::containers::{foreign, format_of, jpeg, plain, png, tiff, webp};
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
/// or why it is refused.
pub fn probe(head: &[u8], limits: &Limits) -> Result<Probe, Refusal> {
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    if let Some(name) = foreign::name(head) {
        return Err(Refusal::UnsupportedFormat { name });
    }
    let format = format_of(head).ok_or(Refusal::NotAnImage)?;
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
