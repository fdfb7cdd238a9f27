//! Photographs in, renditions out: pure functions on the bytes of uploaded files.
//!
//! - [`probe`] says from the beginning of a file what it is, or why it is refused;
//! - [`render`] makes the renditions of a photo and reads its facts; [`render_with`] does for one of many;
//! - [`read_metadata`] reads the facts alone;
//! - [`Emblem::read`] makes a photographer's logo for pages of a picture;
//! - [`Capabilities`] says which formats this build takes on this machine;
//! - [`scrub::clean`] says how an original is given to others: without place, serial numbers and owner.
//!
//! Nothing here opens files, starts threads or knows of people (libheif, where it is installed, may start threads
//! while it decodes). Every size is checked before memory is
//! taken for it; a damaged file ends as an [`Error`] whose words are meant for the photographer.

mod capabilities;
mod containers;
mod emblem;
mod encoding;
mod error;
mod format;
mod general;
mod heif;
mod icc;
mod jpeg;
mod libwebp;
mod mark;
mod memory;
mod metadata;
mod notice;
mod orient;
mod placeholder;
mod planes;
mod probe;
mod raw;
mod recipe;
mod refusal;
mod render;
mod resize;
mod rows;
pub mod scrub;
mod sharpen;
mod size;
mod timings;
mod turbo;

pub use capabilities::{Capabilities, accepted_extensions, accepted_names};
pub use containers::raw::RawKind;
pub use emblem::{Emblem, EmblemFault, Tone};
pub use encoding::Encoding;
pub use error::Error;
pub use format::Format;
pub use icc::to_srgb;
pub use mark::{Logo, LogoFault, Mark, Place, Stamps, Subject};
pub use memory::memory_needed;
pub use metadata::{Gps, Metadata, read_metadata};
pub use placeholder::Placeholder;
pub use probe::{Probe, probe};
pub use recipe::{Kind, Limits, RECIPE_VERSION, Recipe};
pub use refusal::Refusal;
pub use render::{Rendered, Rendition, render, render_with};
pub use sharpen::{Sharpening, UnknownSharpening};
pub use size::Size;
pub use timings::Timings;
