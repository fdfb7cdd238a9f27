//! Taking the earlier system over: the files of its photos, and its accounts on their way to the auth-service and back.
//!
//! `command` is `photos adopt` and prints what `adopt` finds: `paths` says where the file of a row may lie, `files` looks
//! at it, `tally` counts, `orphans` are the files that no row names. `accounts` is `photos accounts`.

pub mod accounts;
pub mod adopt;
pub mod command;
mod files;
mod orphans;
mod paths;
mod store;
pub mod tally;

use chrono::NaiveDateTime;

use crate::{identity::AccountId, photos::PhotoId};

/// Why a photo has no pictures: the file that its row names was not there.
pub const MISSING: &str = "original_missing";

/// What its photographer reads then.
const MISSING_DETAIL: &str = "The file of this photo was no longer there when the site moved to this system. If you \
    still have it, please upload it as a new version of this photo.";

/// A photo as the earlier system left it, or as it is by now.
pub struct Row {
    /// The photo.
    pub photo: PhotoId,
    /// Whose it is: its photographer's, else its gallery's owner's.
    pub owner: Option<AccountId>,
    /// Its name.
    pub filename: String,
    /// Where the earlier system said that the file lies.
    pub original_path: Option<String>,
    /// Where it kept a small picture.
    pub thumbnail_path: Option<String>,
    /// Where it kept a large one.
    pub preview_path: Option<String>,
    /// When it was uploaded.
    pub uploaded_at: Option<NaiveDateTime>,
    /// Whether it has its file already.
    pub is_adopted: bool,
}
