//! A backup is read to its last byte and compared with its sums.

use std::path::Path;

use super::{place, sums::Sums};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Verified {
    pub files: u64,
    pub wrong: u64,
}

/// Reads every file of a backup. Tells a line about each that is not what it was.
pub(super) fn verify(place: &Path, name: &str, mut tell: impl FnMut(String)) -> anyhow::Result<Verified> {
    let mut verified = Verified::default();
    for (path, sum) in &Sums::read(place, name)?.0 {
        verified.files += 1;
        let fault = match place::sum_of(&place.join(path)) {
            Ok(Some(found)) if found == *sum => continue,
            Ok(Some(_)) => format!("damaged: {path}"),
            Ok(None) => format!("missing: {path}"),
            Err(error) => format!("unreadable: {path} ({error})"),
        };
        verified.wrong += 1;
        tell(fault);
    }
    Ok(verified)
}
