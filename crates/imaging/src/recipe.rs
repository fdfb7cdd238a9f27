//! What is made of a photo: the kinds of rendition, their quality and the limits.

use serde::{Deserialize, Serialize};

use crate::encoding::Encoding;
use crate::mark::Mark;
use crate::sharpen::Sharpening;

/// Grows with every change that makes renditions look different, so that old ones can be made again.
///
/// 2: sharpened after they were made smaller; larger scales while decoding.
pub const RECIPE_VERSION: i32 = 2;

/// What a rendition is for; its long edge follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// For a tile in a grid: 400 pixels.
    #[serde(rename = "thumbnail")]
    Thumbnail,
    /// For a tile on a screen with two pixels to the point: 800 pixels.
    #[serde(rename = "thumbnail_2x")]
    Thumbnail2x,
    /// For looking at: 2048 pixels.
    #[serde(rename = "preview")]
    Preview,
}

impl Kind {
    /// Every kind, the smallest first.
    pub const fn all() -> &'static [Self] {
        &[Self::Thumbnail, Self::Thumbnail2x, Self::Preview]
    }

    /// The stable name in rows, addresses and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Thumbnail => "thumbnail",
            Self::Thumbnail2x => "thumbnail_2x",
            Self::Preview => "preview",
        }
    }

    /// The longest edge in pixels; smaller photos are not enlarged.
    pub const fn edge(self) -> u32 {
        match self {
            Self::Thumbnail => 400,
            Self::Thumbnail2x => 800,
            Self::Preview => 2048,
        }
    }
}

/// How much one photo may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Millions of pixels that a picture may have. Default 250.
    pub max_megapixels: u32,
    /// Passes that a progressive JPEG may be stored in. Default 100.
    pub max_jpeg_scans: u32,
    /// Bytes that a decoded picture may take: all its pixels where a format has to be decoded whole, the
    /// coefficients of a progressive JPEG. Default 512 MiB.
    pub max_decoded_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_megapixels: 250, max_jpeg_scans: 100, max_decoded_bytes: 512 * 1024 * 1024 }
    }
}

/// How the renditions of a photo are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// JPEG quality of every rendition, 1 to 100. Default 80.
    pub quality: u8,
    /// What is drawn over the marked renditions.
    pub mark: Mark,
    /// Whether renditions name whose the rights are, where the original does. Default no.
    pub keep_copyright: bool,
    /// The encodings in which every rendition is written. Default JPEG alone.
    pub encodings: Vec<Encoding>,
    /// The kinds that are also made with the mark. Default all.
    pub marked: Vec<Kind>,
    /// How much the edges are brought out that became softer as the picture became smaller.
    pub sharpening: Sharpening,
    /// The kinds whose Huffman tables are fitted to the picture: fewer bytes for twice the encoding.
    pub fitted_tables: Vec<Kind>,
    /// Whether it is also planned how the original is given to others. Default no.
    pub original: bool,
    /// How much one photo may ask for.
    pub limits: Limits,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            quality: 80,
            mark: Mark::default(),
            keep_copyright: false,
            encodings: vec![Encoding::Jpeg],
            marked: Kind::all().to_vec(),
            sharpening: Sharpening::default(),
            fitted_tables: vec![Kind::Thumbnail, Kind::Thumbnail2x],
            original: false,
            limits: Limits::default(),
        }
    }
}
