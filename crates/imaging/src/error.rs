//! Why no renditions could be made of a photo, in words for the photographer.

use crate::refusal::Refusal;

/// A photo of which no rendition was made. `Display` is a plain sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file is not taken at all.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too little of the picture can be read.
    #[error("This picture is damaged and can't be shown; please export it again and upload the new file.")]
    Damaged,
    /// A RAW file without a picture that is large enough to show.
    #[error(
        "This RAW file holds no picture that is large enough to show; please export the photo as JPEG and \
         upload that."
    )]
    NoPreview,
    /// A progressive JPEG with so many passes that it would block the others.
    #[error("This JPEG is stored in far too many passes; please save it again as a normal JPEG.")]
    TooManyScans,
    /// Decoding would need more memory than a photo may have.
    #[error(
        "This picture needs more memory than is available for one photo; please export it smaller, or as JPEG."
    )]
    TooMuchMemory,
    /// The mark could not be drawn, so nothing is shown.
    #[error(
        "The watermark could not be drawn, so this photo is not shown; please check the watermark's settings."
    )]
    MarkFailed,
    /// A finished picture could not be written.
    #[error("The smaller pictures of this photo could not be written; please try again.")]
    EncodingFailed,
}

impl Error {
    /// A stable word for logs, rows and the API.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.reason(),
            Self::Damaged => "damaged",
            Self::NoPreview => "no_preview",
            Self::TooManyScans => "too_many_scans",
            Self::TooMuchMemory => "too_much_memory",
            Self::MarkFailed => "mark_failed",
            Self::EncodingFailed => "encoding_failed",
        }
    }
}
