//! The bytes of a download on their way: any range, a few parts in memory, and never less than was promised. What can't be
//! read breaks the transfer off, so that nobody takes half of it for the whole.

use std::{collections::HashMap, future::ready, ops::Range, sync::Arc};

use actix_web::web::{Bytes, Data};
use common::{Error, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinHandle;

use super::{
    failures::{self, Broken, Fault},
    plan::{Item, Part, Plan},
    store::{self, Source},
};
use crate::{
    app::App,
    originals::{self, stream::Bytestream},
};

/// So many photos are looked up at once.
const LOOKED_UP: usize = 100;
/// So many files are opened before they are sent.
const AHEAD: usize = 3;

/// What is sent next.
enum Step {
    Bytes(Vec<u8>),
    Photo(Item, Option<Arc<Source>>, Range<u64>, u64),
}

/// How far an archive is sent.
struct Walk {
    app: Data<App>,
    plan: Arc<Plan>,
    at: u64,
    end: u64,
    sources: HashMap<usize, Arc<Source>>,
    /// Photos below this number were looked up.
    looked_up: usize,
}

/// A range of an archive.
pub fn archive(app: Data<App>, plan: Arc<Plan>, range: Range<u64>) -> Bytestream {
    let opener = app.clone();
    let walk = Walk { app, plan, at: range.start, end: range.end, sources: HashMap::new(), looked_up: 0 };
    let steps = stream::try_unfold(walk, |mut walk| async move {
        let step = walk.step().await?;
        Ok::<_, Error>(step.map(|step| (step, walk)))
    });
    let contents = steps.map_ok(move |step| {
        let app = opener.clone();
        async move {
            match step {
                Step::Bytes(bytes) => Ok(stream::once(ready(Ok(Bytes::from(bytes)))).boxed()),
                Step::Photo(item, source, range, size) => {
                    photo(app, item, source.as_deref(), range, size).await
                }
            }
        }
    });
    contents.try_buffered(AHEAD).try_flatten().boxed()
}

/// A range of what is sent of one photo, `size` bytes as a whole.
pub async fn photo(
    app: Data<App>,
    item: Item,
    source: Option<&Source>,
    range: Range<u64>,
    size: u64,
) -> Result<Bytestream> {
    let broken = source.map(|source| Broken { key: source.key.clone(), size: source.stored_size });
    match open(&app, item, source, range.clone(), size).await {
        Ok(bytes) => Ok(watched(app, item, broken, bytes, range.end - range.start)),
        Err(fault) => Err(failures::report(&app, item.photo, broken.as_ref(), fault).await),
    }
}

/// The same bytes, so many of them; the last ones wait for the end of something.
pub fn ending_after(bytes: Bytestream, length: u64, end: Option<JoinHandle<()>>) -> Bytestream {
    if end.is_none() {
        return bytes;
    }
    let held = stream::try_unfold((bytes, length, end), |(mut bytes, left, mut end)| async move {
        let Some(chunk) = bytes.try_next().await? else { return Ok(None) };
        let left = left.saturating_sub(chunk.len() as u64);
        if left == 0
            && let Some(end) = end.take()
        {
            end.await.ok();
        }
        Ok(Some((chunk, (bytes, left, end))))
    });
    held.boxed()
}

impl Walk {
    async fn step(&mut self) -> Result<Option<Step>> {
        let Some(part) = self.plan.part(self.at, self.end) else { return Ok(None) };
        Ok(Some(match part {
            Part::Bytes(bytes) => {
                self.at += bytes.len() as u64;
                Step::Bytes(bytes)
            }
            Part::Photo(index, range) => {
                self.at += range.end - range.start;
                if index >= self.looked_up {
                    self.look_up(index).await?;
                }
                let source = self.sources.get(&index).cloned();
                Step::Photo(self.plan.items()[index], source, range, self.plan.size_of(index))
            }
        }))
    }

    /// Finds out where the next photos are, with one question for each form.
    async fn look_up(&mut self, from: usize) -> Result<()> {
        let items = self.plan.items();
        let to = (from + LOOKED_UP).min(items.len());
        self.sources.clear();
        for form in [super::Form::Stored, super::Form::Clean, super::Form::Instead, super::Form::Web] {
            let wanted: Vec<(usize, Item)> =
                (from..to).map(|index| (index, items[index])).filter(|(_, item)| item.form == form).collect();
            if wanted.is_empty() {
                continue;
            }
            let photos: Vec<_> = wanted.iter().map(|(_, item)| item.photo).collect();
            let found = store::list_sources(&self.app.db, form, &photos).await?;
            let found: HashMap<_, _> =
                found.into_iter().map(|source| (source.photo, Arc::new(source))).collect();
            let known = wanted.iter().filter_map(|(index, item)| {
                found.get(&item.photo).map(|source| (*index, Arc::clone(source)))
            });
            self.sources.extend(known);
        }
        self.looked_up = to;
        Ok(())
    }
}

async fn open(
    app: &App,
    item: Item,
    source: Option<&Source>,
    range: Range<u64>,
    size: u64,
) -> Result<Bytestream, Fault> {
    // A photo that was changed or deleted since the list was made is not what was promised any more.
    let source = source.filter(|source| source.sha256 == item.sha256).ok_or(Fault::Changed)?;
    let opened = app.storage.open(&source.key).await.map_err(Fault::Unreadable)?.ok_or(Fault::Missing)?;
    if opened.size != source.stored_size {
        return Err(Fault::OtherLength { found: opened.size, expected: source.stored_size });
    }
    match &source.plan {
        Some(plan) if plan.size == size => Ok(originals::stream::clean(opened, plan, range)),
        None if opened.size == size => Ok(opened.stream(range)),
        _ => Err(Fault::Changed),
    }
}

/// The same bytes; what goes wrong on the way, or ends early, is reported.
fn watched(app: Data<App>, item: Item, broken: Option<Broken>, bytes: Bytestream, length: u64) -> Bytestream {
    let watched = stream::try_unfold((bytes, length), move |(mut bytes, left)| {
        let app = app.clone();
        let broken = broken.clone();
        async move {
            let fault = match bytes.next().await {
                Some(Ok(chunk)) if chunk.len() as u64 <= left => {
                    let left = left - chunk.len() as u64;
                    return Ok(Some((chunk, (bytes, left))));
                }
                None if left == 0 => return Ok(None),
                Some(Err(error)) => Fault::Unreadable(error),
                Some(Ok(_)) | None => Fault::OtherLength { found: length - left, expected: length },
            };
            Err(failures::report(&app, item.photo, broken.as_ref(), fault).await)
        }
    });
    watched.boxed()
}
