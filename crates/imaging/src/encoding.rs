//! The encodings in which renditions are written: JPEG always, others where they are wished.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::libwebp;
use crate::planes::Picture;
use crate::turbo;

/// How the file of a rendition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Baseline JPEG, which everything shows.
    Jpeg,
    /// Lossy WebP: about a fifth fewer bytes at the same quality, for several times the work.
    Webp,
}

impl Encoding {
    /// Every encoding; of those after the first, the one to be preferred comes last.
    pub const fn all() -> &'static [Self] {
        &[Self::Jpeg, Self::Webp]
    }

    /// The stable name in rows, settings and addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
        }
    }

    /// Bytes of memory that writing the largest rendition takes, beside what is counted for a JPEG.
    pub const fn memory(self) -> u64 {
        match self {
            Self::Jpeg => 0,
            Self::Webp => 24 << 20,
        }
    }

    /// The media type of such a file, such as `image/webp`.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// The usual file name extension without its dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::all().iter().copied().find(|encoding| encoding.name() == name);
        found.ok_or("renditions are written as jpeg or webp")
    }
}

/// What a file is written with.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'a> {
    /// As JPEG counts it, 1 to 100; the other encodings come out as good.
    pub(crate) quality: u8,
    /// Whether a JPEG's Huffman tables are fitted to the picture.
    pub(crate) fitted_tables: bool,
    /// The colour profile to keep.
    pub(crate) profile: Option<&'a [u8]>,
}

/// The file of a picture.
pub(crate) fn encode(
    picture: &Picture,
    encoding: Encoding,
    settings: Settings<'_>,
) -> Result<Vec<u8>, Error> {
    let Settings { quality, fitted_tables, profile } = settings;
    match encoding {
        Encoding::Jpeg => turbo::encode(picture, quality, fitted_tables, profile),
        Encoding::Webp => libwebp::encode(picture, quality, profile),
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn every_encoding_is_known_by_its_name() {
        for encoding in Encoding::all() {
            assert_eq!(encoding.name().parse(), Ok(*encoding));
            assert_eq!(
                serde_json::to_string(encoding).expect("a plain name"),
                format!("\"{encoding}\""),
                "rows and requests use one word"
            );
        }
        assert!("JPEG".parse::<Encoding>().is_err() && "gif".parse::<Encoding>().is_err());
    }
}
