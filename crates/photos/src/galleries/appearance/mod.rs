//! How a gallery looks to those who only look: how its photos are laid out, and what is told of them. What is the same in
//! all galleries of a photographer is in `branding`.

pub mod screen;
pub mod store;

use serde::{Deserialize, Serialize};

/// How photos stand beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// In rows of one height, each picture whole.
    #[default]
    Justified,
    /// In columns of one width, each picture whole.
    Masonry,
    /// In squares, which show the middle of each picture.
    Grid,
}

impl Layout {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Masonry => "masonry",
            Self::Grid => "grid",
        }
    }
}

impl From<String> for Layout {
    fn from(stored: String) -> Self {
        match stored.as_str() {
            "masonry" => Self::Masonry,
            "grid" => Self::Grid,
            _ => Self::Justified,
        }
    }
}

/// What a photographer chose for a gallery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Appearance {
    /// How photos stand beside each other.
    pub layout: Layout,
    /// Whether camera, lens, exposure and time are told.
    pub shows_camera: bool,
}
