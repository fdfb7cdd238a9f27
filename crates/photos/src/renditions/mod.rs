//! Renditions: what is made from an original, by workers that take jobs from the queue.
//!
//! `supervisor` keeps workers running beside `photos serve`; a `worker` takes jobs; `processing` is one photo's way.
//! Photos are decoded by `decoders`, each a `process` of its own that a file may hang or kill without taking anything
//! else with it, as many at a time as the `budget` of memory allows. `rebuild` makes renditions again,
//! `encodings` makes them in more than JPEG.

pub mod budget;
pub mod commands;
pub mod deaths;
pub mod decoders;
pub mod encodings;
pub mod outcome;
pub mod process;
pub mod processing;
pub mod progress;
pub mod rebuild;
pub mod store;
pub mod supervisor;
pub mod worker;

use imaging::Rendition;

use crate::{identity::AccountId, photos::PhotoId};

/// Where a rendition lies. Each making of a photo's renditions has a word of its own in their keys, and its recipe: new
/// ones are written beside those in use, which other photos may share.
pub fn storage_key(owner: AccountId, photo: PhotoId, making: &str, rendition: &Rendition) -> String {
    let mark = if rendition.marked { "marked-" } else { "" };
    let (recipe, kind, extension) =
        (imaging::RECIPE_VERSION, rendition.kind.name(), rendition.encoding.extension());
    format!("{}/renditions/{photo}/{recipe}-{making}-{mark}{kind}.{extension}", owner.0)
}
