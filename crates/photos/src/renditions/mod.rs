//! Renditions: what is made from an original, by workers that take jobs from the queue.
//!
//! `supervisor` keeps workers running beside `photos serve`; a `worker` takes jobs; `processing` is one photo's way.
//! Photos are decoded by `decoders`, each a `process` of its own that a file may hang or kill without taking anything
//! else with it, as many at a time as the `budget` of memory allows. `rebuild` makes renditions again.

pub mod budget;
pub mod commands;
pub mod decoders;
pub mod process;
pub mod processing;
pub mod rebuild;
pub mod store;
pub mod supervisor;
pub mod worker;

use imaging::Kind;

use crate::{identity::AccountId, media::Variant, photos::PhotoId};

/// Where a rendition lies. Each making of a photo's renditions has a word of its own in their keys, and its recipe: new
/// ones are written beside those in use, which other photos may share.
pub fn storage_key(owner: AccountId, photo: PhotoId, making: &str, kind: Kind, marked: bool) -> String {
    let variant = Variant::Rendition { kind, marked };
    format!("{}/renditions/{photo}/{}-{making}-{variant}.jpg", owner.0, imaging::RECIPE_VERSION)
}
