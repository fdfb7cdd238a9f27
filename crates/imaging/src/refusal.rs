//! Why a file is not taken at all, in words for the photographer.

use crate::capabilities::accepted_names;
use crate::format::Format;
use crate::size::Size;

/// A file that is refused before any of its pixels are read. `Display` is one sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There are no bytes.
    #[error("This file is empty; please check it on your computer and upload it again.")]
    Empty,
    /// The bytes are no picture, or too damaged to be recognised as one.
    #[error("This file is not a picture, or it is damaged; please upload one of {}.", accepted_names())]
    NotAnImage,
    /// The bytes are a kind of file that is known, and not taken.
    #[error("{name} files can't be shown here; please export the photo as JPEG and upload that.")]
    UnsupportedFormat {
        /// What the file is, such as `HEIC` or `Nikon RAW (NEF)`.
        name: &'static str,
    },
    /// A format for which a library is missing on this machine; `doctor` tells the operator which.
    #[error("{format} photos can't be taken here yet; please export the photo as JPEG and upload that.")]
    NotHere {
        /// What the file is.
        format: Format,
    },
    /// The picture has more pixels than are taken.
    #[error(
        "This picture has {} by {} pixels, more than the {limit_megapixels} megapixels that are taken; \
         please export it smaller.",
        size.width, size.height
    )]
    TooManyPixels {
        /// As the file says.
        size: Size,
        /// The limit in force, in millions of pixels.
        limit_megapixels: u32,
    },
}

impl Refusal {
    /// A stable word for logs, rows and the API.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAnImage => "not_an_image",
            Self::UnsupportedFormat { .. } | Self::NotHere { .. } => "unsupported_format",
            Self::TooManyPixels { .. } => "too_many_pixels",
        }
    }
}
