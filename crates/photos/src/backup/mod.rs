//! Backups: a dump of each database and the media that the dump of photos names, and the way back from them.
//!
//! A place holds many backups: `media/` has the files of all of them under their keys, each once, and a folder for each
//! backup, named by its time, has the two dumps and the sums of everything that belongs to it. The sums are written last: a
//! folder without them is no backup. The dumps are made by PostgreSQL's own programs: `deploy/backup` and `deploy/restore`
//! call them and the commands in here.

mod check;
pub mod command;
mod copying;
mod listing;
mod making;
mod place;
mod pruning;
mod restoring;
mod store;
mod sums;
mod verifying;

use common::secrets::Digest;

/// The folder of the media in a place of backups.
const MEDIA: &str = "media";
/// What is in a backup besides media, in its own folder.
const DUMPS: [&str; 2] = ["photos.dump", "auth.dump"];
/// Files that are copied or read at the same time.
const AT_ONCE: usize = 4;

/// A stored file as a row tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    key: String,
    bytes: u64,
    /// Known of all originals and of some renditions.
    sha256: Option<Digest>,
}
