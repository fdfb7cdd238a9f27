//! The sums of a backup: a line for each of its files, as `sha256sum` writes and checks them, and a last one that says how
//! many there are.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, ensure};
use common::secrets::{Digest, hex};

use super::{MEDIA, listing::unhex};

/// Its name in the folder of a backup.
pub(super) const FILE: &str = "SHA256SUMS";

/// What belongs to a backup: SHA-256 by the path below the place of the backups.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sums(pub BTreeMap<String, Digest>);

impl Sums {
    /// Reads those of a backup. What was cut off is refused.
    pub fn read(place: &Path, name: &str) -> anyhow::Result<Self> {
        let path = place.join(name).join(FILE);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("{} can't be read: is {name} a whole backup?", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is damaged", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let mut sums = BTreeMap::new();
        let mut end = None;
        for line in text.lines() {
            ensure!(end.is_none(), "it goes on behind its last line");
            if let Some(count) = line.strip_prefix("# ").and_then(|rest| rest.strip_suffix(" files")) {
                end = Some(count.parse::<usize>().context("its last line is odd")?);
                continue;
            }
            let (sum, path) = line.split_once("  ").context("a line is odd")?;
            sums.insert(path.to_owned(), unhex(sum).context("a line is odd")?);
        }
        ensure!(end == Some(sums.len()), "lines are missing in it");
        Ok(Self(sums))
    }

    /// Writes those of a backup, whole or not at all; when this returns they survive a power cut.
    pub fn write(&self, place: &Path, name: &str) -> anyhow::Result<()> {
        let folder = place.join(name);
        let unfinished = folder.join(".unfinished");
        let mut output = BufWriter::new(File::create(&unfinished)?);
        for (path, sum) in &self.0 {
            writeln!(output, "{}  {path}", hex(sum))?;
        }
        writeln!(output, "# {} files", self.0.len())?;
        output.into_inner()?.sync_all()?;
        fs::rename(&unfinished, folder.join(FILE))?;
        Ok(File::open(&folder)?.sync_all()?)
    }

    /// The media among them, by their keys.
    pub fn media(&self) -> impl Iterator<Item = (&str, Digest)> {
        let files = self.0.iter();
        files.filter_map(|(path, sum)| Some((path.strip_prefix(MEDIA)?.strip_prefix('/')?, *sum)))
    }

    /// The path of a stored file below the place.
    pub fn path_of(key: &str) -> String {
        format!("{MEDIA}/{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_was_cut_off_is_refused() {
        let place = std::env::temp_dir().join(format!("photos-sums-{}", std::process::id()));
        fs::create_dir_all(place.join("a")).expect("a folder");
        let sums =
            Sums(BTreeMap::from([(Sums::path_of("7/x y.jpg"), [7; 32]), ("a/photos.dump".into(), [9; 32])]));
        sums.write(&place, "a").expect("written");
        assert_eq!(Sums::read(&place, "a").expect("read"), sums);
        assert_eq!(sums.media().collect::<Vec<_>>(), [("7/x y.jpg", [7; 32])]);
        let text = fs::read_to_string(place.join("a").join(FILE)).expect("text");
        for cut in [
            text.split_inclusive('\n').next().expect("a line"),
            &text.replace("# 2", "# 3"),
            &text.repeat(2),
            "",
        ] {
            assert!(Sums::parse(cut).is_err(), "{cut}");
        }
        fs::remove_dir_all(place).expect("our own folder");
    }
}
