//! Originals as others get them: without place, serial numbers and owner, by a plan over the stored file.
//!
//! The plan is made with the renditions, and for files of before by a `cleaning` in the background. Until it is there,
//! and for files that can't be cleaned, nobody but owner and editors is offered an original.

pub mod cleaning;
pub mod store;
pub mod stream;

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::{media::Variant, photos::PhotoId, policy::Access};

/// What somebody is offered of a photo's original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A picture to ask for.
    File(Variant),
    /// None for now, or at all.
    Withheld(Withheld),
}

/// Why an original is not offered to somebody who may have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Withheld {
    /// A fixed word: `being_prepared`, or why the file can't be cleaned.
    pub reason: String,
    /// What to do, in a sentence.
    pub detail: String,
}

/// What is known of a photo's file.
pub struct State {
    /// Whether the photo's owner uploaded it. A copy of somebody else's photo never shows more than they gave.
    pub is_own: bool,
    /// Whether its clean form is known.
    pub is_clean: bool,
    /// Why it has none.
    pub withheld: Option<Withheld>,
}

/// What of an original goes to somebody with this access; `None` for those who may not have it.
pub fn original_for(access: Access, is_own: bool) -> Option<Variant> {
    match access {
        Access::Own | Access::Edit if is_own => Some(Variant::Original),
        Access::Own | Access::Edit | Access::Copy => Some(Variant::CleanOriginal),
        Access::Clean | Access::Marked | Access::Nothing => None,
    }
}

impl Offer {
    /// The offer to somebody with this access.
    pub fn of(access: Access, state: State) -> Option<Self> {
        let variant = original_for(access, state.is_own)?;
        if variant == Variant::Original || state.is_clean {
            return Some(Self::File(variant));
        }
        Some(Self::Withheld(state.withheld.unwrap_or_else(|| Withheld {
            reason: "being_prepared".to_owned(),
            detail: "The file to download is being prepared. Please try again in a minute.".to_owned(),
        })))
    }
}

/// The offers of the photos of a page.
#[derive(Clone, Debug, Default)]
pub struct Offers(pub HashMap<PhotoId, Offer>);

impl Offers {
    /// The picture to ask for.
    pub fn variant(&self, photo: PhotoId) -> Option<Variant> {
        match self.0.get(&photo) {
            Some(Offer::File(variant)) => Some(*variant),
            _ => None,
        }
    }

    /// Why there is none although this person may have originals.
    pub fn withheld(&self, photo: PhotoId) -> Option<&Withheld> {
        match self.0.get(&photo) {
            Some(Offer::Withheld(withheld)) => Some(withheld),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_original_is_for_owner_and_editors_of_their_own_files_alone() {
        let rows = [
            (Access::Own, true, Some(Variant::Original)),
            (Access::Edit, true, Some(Variant::Original)),
            (Access::Own, false, Some(Variant::CleanOriginal)),
            (Access::Edit, false, Some(Variant::CleanOriginal)),
            (Access::Copy, true, Some(Variant::CleanOriginal)),
            (Access::Copy, false, Some(Variant::CleanOriginal)),
            (Access::Clean, true, None),
            (Access::Marked, true, None),
            (Access::Nothing, true, None),
        ];
        for (access, is_own, expected) in rows {
            assert_eq!(original_for(access, is_own), expected, "{access:?}, own: {is_own}");
        }
    }

    #[test]
    fn what_is_not_clean_is_not_offered() {
        let state = |is_clean| State { is_own: true, is_clean, withheld: None };
        let offer = Offer::of(Access::Copy, state(true));
        assert_eq!(offer, Some(Offer::File(Variant::CleanOriginal)));
        assert!(matches!(Offer::of(Access::Copy, state(false)), Some(Offer::Withheld(_))));
        assert_eq!(Offer::of(Access::Own, state(false)), Some(Offer::File(Variant::Original)));
    }
}
