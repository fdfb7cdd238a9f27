//! The picture formats that this build knows; which of them this machine takes: [`Capabilities`](crate::Capabilities).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::containers::raw::RawKind;

/// A picture format that this build can decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JPEG, baseline and progressive, also in the files of stereo and panorama cameras.
    Jpeg,
    /// PNG with 1 to 16 bits, with or without transparency.
    Png,
    /// WebP, lossy and lossless; of an animation the first picture.
    #[serde(rename = "webp")]
    WebP,
    /// GIF; of an animation the first picture.
    Gif,
    /// TIFF with 8 or 16 bits, in colours, grays or inks.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// HEIC and HEIF, as phones store photos.
    Heic,
    /// AVIF.
    Avif,
    /// A camera's RAW file, shown by its embedded picture.
    Raw(RawKind),
}

impl Format {
    /// The name that people know, such as `JPEG`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::Raw(kind) => kind.name(),
        }
    }

    /// The usual file name extension without its dot, such as `jpg`.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Tiff => "tif",
            Self::Bmp => "bmp",
            Self::Heic => "heic",
            Self::Avif => "avif",
            Self::Raw(kind) => kind.extension(),
        }
    }

    /// The media type to serve such a file with, such as `image/jpeg`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::Raw(kind) => kind.media_type(),
        }
    }

    /// Extensions that files of this format have, each with its dot.
    pub(crate) const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &[".jpg", ".jpeg", ".jpe"],
            Self::Png => &[".png"],
            Self::WebP => &[".webp"],
            Self::Gif => &[".gif"],
            Self::Tiff => &[".tif", ".tiff"],
            Self::Bmp => &[".bmp"],
            Self::Heic => &[".heic", ".heif", ".hif"],
            Self::Avif => &[".avif"],
            Self::Raw(RawKind::Cr2) => &[".cr2"],
            Self::Raw(RawKind::Cr3) => &[".cr3"],
            Self::Raw(RawKind::Nef) => &[".nef", ".nrw"],
            Self::Raw(RawKind::Arw) => &[".arw", ".sr2"],
            Self::Raw(RawKind::Dng) => &[".dng"],
            Self::Raw(RawKind::Raf) => &[".raf"],
            Self::Raw(RawKind::Orf) => &[".orf"],
            Self::Raw(RawKind::Rw2) => &[".rw2", ".rwl"],
            Self::Raw(RawKind::Pef) => &[".pef"],
            Self::Raw(RawKind::Srw) => &[".srw"],
            Self::Raw(RawKind::ThreeFr) => &[".3fr"],
            Self::Raw(RawKind::Iiq) => &[".iiq"],
            Self::Raw(RawKind::Erf) => &[".erf"],
            Self::Raw(RawKind::Kdc) => &[".kdc", ".dcr"],
            Self::Raw(RawKind::Other) => &[".raw"],
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_written_in_lower_case() {
        let some = [Format::Jpeg, Format::WebP, Format::Heic, Format::Raw(RawKind::ThreeFr)];
        let written = serde_json::to_string(&some).expect("plain names");
        assert_eq!(written, r#"["jpeg","webp","heic",{"raw":"3fr"}]"#);
    }
}
