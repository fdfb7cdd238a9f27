//! `photos adopt`: each photo gets the file that its row names, or says that it is missing; what lies there for nobody is told.
//!
//! Some hundred photos are one transaction: whoever is killed in between goes on from there, and whatever was done stays
//! done. A row that the running site changed meanwhile is left to it.

use std::{
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use imaging::Limits;
use sqlx::PgPool;
use tokio::{io::AsyncReadExt, task::spawn_blocking};

use super::{
    Row,
    files::{self, Found},
    orphans, paths,
    store::{self, Original},
    tally::Tally,
};
use crate::{jobs, photos::PhotoId, storage::Storage, upkeep, upload};

/// Photos in one transaction.
const BATCH: i64 = 500;
/// Files that are read at the same time.
const AT_ONCE: usize = 4;
/// What a file that is copied takes in memory.
const PART_BYTES: usize = 256 << 10;

/// What is to be taken over, and from where.
pub struct Adoption {
    /// The database of photos.
    pub db: PgPool,
    /// Where the originals are to lie; none in a dry run, which changes nothing.
    pub storage: Option<Storage>,
    /// The folder of the storage, where it is one.
    pub storage_dir: Option<PathBuf>,
    /// The folder of the uploads.
    pub uploads: PathBuf,
    /// What can be shown.
    pub limits: Limits,
    /// Whether to go on where not one of the first photos has its file.
    pub anyway: bool,
}

pub(super) enum Looked {
    Before,
    Found(Box<Found>),
    Missing,
    Unreadable(io::Error),
    Ownerless,
}

/// A photo, what became of its file, and the files that its row names.
pub(super) struct Seen {
    pub row: Row,
    pub looked: Looked,
    pub original: Option<String>,
    pub pictures: Vec<String>,
}

impl Adoption {
    /// Does it, and tells a line about whatever an operator may want to look at.
    pub async fn run(&self, mut tell: impl FnMut(String)) -> anyhow::Result<Tally> {
        let mut holder = self.db.acquire().await?;
        if self.storage.is_some() {
            let other = "another `photos adopt` is at work on this database";
            ensure!(store::lock_run(&mut holder).await?, other);
        }
        let (mut tally, mut named, mut pictures) = (Tally::default(), HashSet::new(), HashSet::new());
        let mut below = PhotoId(i32::MAX);
        loop {
            let rows = store::list_rows(&self.db, below, BATCH).await?;
            let Some(last) = rows.last() else { break };
            below = last.photo;
            let seen = self.look_at(rows).await?;
            if tally.photos == 0 {
                self.refuse_wrong_folder(&seen)?;
            }
            let copied = self.keep(&seen).await?;
            tally.copied += copied;
            for seen in seen {
                tally.count(&seen, &mut tell);
                named.extend(seen.original);
                pictures.extend(seen.pictures);
            }
            tracing::info!(photos = tally.photos, "looked at");
        }
        tally.old_pictures = (pictures.len() - pictures.intersection(&named).count()) as u64;
        named.extend(pictures);
        tally.orphans = self.tell_orphans(named, &mut tell).await?;
        Ok(tally)
    }

    async fn look_at(&self, rows: Vec<Row>) -> anyhow::Result<Vec<Seen>> {
        let (uploads, limits) = (Arc::new(self.uploads.clone()), self.limits);
        let whole = self.storage.is_some();
        let looks = rows.into_iter().map(|row| {
            let uploads = Arc::clone(&uploads);
            async move { spawn_blocking(move || look(&uploads, row, &limits, whole)).await }
        });
        Ok(stream::iter(looks).buffered(AT_ONCE).try_collect().await?)
    }

    /// An empty mount would make every photo of the site a missing one.
    fn refuse_wrong_folder(&self, seen: &[Seen]) -> anyhow::Result<()> {
        let any = seen.iter().any(|seen| seen.original.is_some());
        ensure!(
            any || self.anyway,
            "not one of the {} newest photos has its file below {}; is it the right folder, and is its volume mounted? \
             The file of photo {} should be {}. If all of them are really gone, add --anyway.",
            seen.len(),
            self.uploads.display(),
            seen[0].row.photo,
            seen[0].row.original_path.as_deref().unwrap_or("(no path)")
        );
        Ok(())
    }

    /// Puts photos on their files; how many files were copied.
    async fn keep(&self, seen: &[Seen]) -> anyhow::Result<u64> {
        let mut copies = Vec::new();
        let originals: Vec<Original<'_>> = seen
            .iter()
            .filter_map(|seen| {
                let Looked::Found(found) = &seen.looked else { return None };
                let (key, copy) = self.key(&seen.row, found);
                if copy {
                    copies.push((key.clone(), &found.path));
                }
                Some(Original { photo: seen.row.photo, owner: seen.row.owner?, key, found })
            })
            .collect();
        let missing = seen.iter().filter(|seen| matches!(seen.looked, Looked::Missing));
        let missing: Vec<i32> = missing.map(|seen| seen.row.photo.0).collect();
        let count = copies.len() as u64;
        let Some(storage) = &self.storage else { return Ok(count) };
        let keys: Vec<String> = copies.iter().map(|(key, _)| key.clone()).collect();
        upload::store::create_pending(&self.db, &keys).await?;
        for (key, path) in &copies {
            copy(storage, key, path).await.with_context(|| format!("copying {}", path.display()))?;
        }
        self.write(&originals, &missing, &keys).await?;
        Ok(count)
    }

    async fn write(
        &self,
        originals: &[Original<'_>],
        missing: &[i32],
        copies: &[String],
    ) -> anyhow::Result<()> {
        let mut transaction = self.db.begin().await?;
        let photos: Vec<i32> = originals.iter().map(|original| original.photo.0).collect();
        let waiting: HashSet<PhotoId> =
            store::lock_unadopted(&mut transaction, &photos).await?.into_iter().collect();
        let originals: Vec<&Original<'_>> =
            originals.iter().filter(|original| waiting.contains(&original.photo)).collect();
        // Several photos may be on one file.
        let by_key: HashMap<&str, &Original<'_>> =
            originals.iter().map(|original| (original.key.as_str(), *original)).collect();
        let distinct: Vec<&Original<'_>> = by_key.into_values().collect();
        let files: HashMap<String, _> =
            store::create_files(&mut transaction, &distinct).await?.into_iter().collect();
        let adopted: Vec<_> =
            originals.iter().map(|original| (*original, files[original.key.as_str()])).collect();
        store::update_adopted(&mut transaction, &adopted).await?;
        let shown = adopted.iter().filter(|(original, _)| original.found.kind.is_ok());
        let shown: Vec<i32> = shown.map(|(original, _)| original.photo.0).collect();
        jobs::add_adopted(&mut transaction, &shown).await?;
        store::update_missing(&mut transaction, missing).await?;
        for key in copies.iter().filter(|key| files.contains_key(*key)) {
            upload::store::delete_pending(&mut *transaction, key).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Where an original lies from now on, and whether it has to be copied to there: only where it lies outside of the
    /// storage, or its name can't be a key.
    fn key(&self, row: &Row, found: &Found) -> (String, bool) {
        if let Some(key) = self.key_in_place(&found.below) {
            return (key, false);
        }
        let owner = row.owner.map_or(0, |owner| owner.0);
        let time = row.uploaded_at.unwrap_or_default().format("%Y%m%dT%H%M%S");
        let extension = found.kind.as_ref().map_or("bin", |(probe, _)| probe.format.extension());
        (format!("{owner}/{time}-adopted{}.{extension}", row.photo), true)
    }

    /// The key of a file that lies in the storage already.
    fn key_in_place(&self, below: &str) -> Option<String> {
        let path = self.uploads.join(below);
        let key = path.strip_prefix(self.storage_dir.as_ref()?).ok()?.to_str()?;
        Storage::is_key(key).then(|| key.to_owned())
    }

    async fn tell_orphans(
        &self,
        named: HashSet<String>,
        mut tell: impl FnMut(String),
    ) -> anyhow::Result<u64> {
        let uploads = self.uploads.clone();
        let left = spawn_blocking(move || orphans::list(&uploads, &named)).await??;
        for folder in &left.closed {
            tell(format!("not looked into: {folder} (no permission)"));
        }
        let mut count = 0;
        for some in left.orphans.chunks(1000) {
            let keys: Vec<String> =
                some.iter().filter_map(|orphan| self.key_in_place(&orphan.below)).collect();
            let unknown: HashSet<String> =
                upkeep::store::list_unknown(&self.db, &keys).await?.into_iter().collect();
            for orphan in some {
                if self.key_in_place(&orphan.below).is_none_or(|key| unknown.contains(&key)) {
                    count += 1;
                    tell(format!("no photo: {} ({} bytes)", orphan.below, orphan.size));
                }
            }
        }
        Ok(count)
    }
}

fn look(uploads: &Path, row: Row, limits: &Limits, whole: bool) -> Seen {
    let pictures = [&row.thumbnail_path, &row.preview_path].into_iter().flatten();
    let pictures = pictures.filter_map(|path| files::find(uploads, &paths::of(uploads, path)).ok().flatten());
    let pictures = pictures.collect();
    let found = files::find(uploads, &paths::of_original(uploads, &row));
    let original = found.as_ref().ok().cloned().flatten();
    let looked = match found {
        _ if row.is_adopted => Looked::Before,
        Ok(Some(_)) if row.owner.is_none() => Looked::Ownerless,
        Ok(Some(below)) => match files::look(uploads, below, limits, whole) {
            Ok(found) if found.size == 0 => Looked::Missing,
            Ok(found) => Looked::Found(Box::new(found)),
            Err(error) => Looked::Unreadable(error),
        },
        Ok(None) => Looked::Missing,
        Err(error) => Looked::Unreadable(error),
    };
    Seen { row, looked, original, pictures }
}

async fn copy(storage: &Storage, key: &str, path: &Path) -> anyhow::Result<()> {
    let mut file = tokio::fs::File::open(path).await?;
    let mut writer = storage.writer(key);
    loop {
        let mut part = Vec::with_capacity(PART_BYTES);
        if (&mut file).take(PART_BYTES as u64).read_to_end(&mut part).await? == 0 {
            break;
        }
        writer.write(part.into()).await?;
    }
    Ok(writer.finish().await?)
}
