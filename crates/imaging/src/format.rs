//! The picture formats that this build takes, as one list for upload, pages and checks.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// TIFF with 8 or 16 bits.
    Tiff,
    /// Windows bitmap.
    Bmp,
}

const ALL: [Format; 6] = [Format::Jpeg, Format::Png, Format::WebP, Format::Gif, Format::Tiff, Format::Bmp];

const EXTENSIONS: [&str; 9] = [".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"];

impl Format {
    /// Every format, in the order in which people are told of them.
    pub const fn all() -> &'static [Self] {
        &ALL
    }

    /// The name that people know, such as `JPEG`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
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
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The formats in words: `JPEG, PNG, WebP, GIF, TIFF, BMP`.
pub fn accepted_names() -> String {
    ALL.map(Format::name).join(", ")
}

/// The extensions for a file picker, each with its dot.
pub fn accepted_extensions() -> &'static [&'static str] {
    &EXTENSIONS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_in_words_names_every_format() {
        assert_eq!(accepted_names(), "JPEG, PNG, WebP, GIF, TIFF, BMP");
    }

    #[test]
    fn every_format_has_its_extension_among_the_accepted() {
        for format in Format::all() {
            assert!(EXTENSIONS.contains(&format!(".{}", format.extension()).as_str()), "{format}");
        }
    }

    #[test]
    fn formats_are_written_in_lower_case() {
        let written = serde_json::to_string(Format::all()).expect("plain names");
        assert_eq!(written, r#"["jpeg","png","webp","gif","tiff","bmp"]"#);
    }
}
