//! Renditions: what is made from an original, by workers that take jobs from the queue.
//!
//! `supervisor` keeps workers running beside `photos serve`; a `worker` takes jobs; each photo is decoded by a
//! `process` of its own, so that a file that hangs or kills a decoder takes nothing else with it. Further `encodings`
//! are made when there is nothing better to do.

pub mod encodings;
pub mod process;
pub mod store;
pub mod supervisor;
pub mod worker;

use imaging::Rendition;

use crate::{identity::AccountId, photos::PhotoId};

/// Where a rendition lies. The recipe is part of the key, so that a better one is written beside the one in use.
pub fn storage_key(owner: AccountId, photo: PhotoId, rendition: &Rendition) -> String {
    let mark = if rendition.marked { "marked-" } else { "" };
    let (kind, extension) = (rendition.kind.name(), rendition.encoding.extension());
    format!("{}/renditions/{photo}/{}-{mark}{kind}.{extension}", owner.0, imaging::RECIPE_VERSION)
}
