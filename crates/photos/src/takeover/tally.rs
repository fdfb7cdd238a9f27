//! What became of the photos, in figures, and a line about each that an operator may want to look at.

use super::{
    Row,
    adopt::{Looked, Seen},
};

/// How many there were of each.
#[derive(Default)]
pub struct Tally {
    /// Photos in the database.
    pub photos: u64,
    /// Of these, with their file from before.
    pub adopted_before: u64,
    /// Got their file.
    pub adopted: u64,
    /// Of these, copied into the storage; the others lie there already.
    pub copied: u64,
    /// Of those with their file, such as can't be shown.
    pub broken: u64,
    /// Have no file.
    pub missing: u64,
    /// Have a file that could not be read, and stay as they were.
    pub unreadable: u64,
    /// Belong to nobody, and stay as they were.
    pub ownerless: u64,
    /// Pictures that the earlier system made.
    pub old_pictures: u64,
    /// Files that no row names.
    pub orphans: u64,
}

impl Tally {
    /// Counts a photo, and tells about it if there is something to tell.
    pub(super) fn count(&mut self, seen: &Seen, tell: &mut impl FnMut(String)) {
        let Row { photo, filename, original_path, .. } = &seen.row;
        let path = original_path.as_deref().unwrap_or("(no path)");
        let mut line = |what: &str| tell(format!("{what}: photo {photo} “{filename}”, {path}"));
        self.photos += 1;
        match &seen.looked {
            Looked::Before => self.adopted_before += 1,
            Looked::Found(found) => {
                self.adopted += 1;
                if let Err(refusal) = &found.kind {
                    self.broken += 1;
                    line(&format!("broken ({})", refusal.reason()));
                }
            }
            Looked::Missing => {
                self.missing += 1;
                line(if seen.original.is_some() { "missing (the file is empty)" } else { "missing" });
            }
            Looked::Unreadable(error) => {
                self.unreadable += 1;
                line(&format!("unreadable ({error})"));
            }
            Looked::Ownerless => {
                self.ownerless += 1;
                line("nobody’s");
            }
        }
    }
}
