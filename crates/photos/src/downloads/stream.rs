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
const LOOKED_UP: usize = 400;
/// So many files are opened, or groups of small ones read, before they are sent.
const AHEAD: usize = 3;
/// A file that has no more bytes than these is small: it is read whole, and with its neighbours.
const SMALL_BYTES: u64 = 128 * 1024;
/// A group ends with the file that makes it at least this large.
const GROUP_BYTES: u64 = 256 * 1024;

/// What is sent next.
enum Step {
    /// One photo.
    Photo(Sent),
    /// What is between the photos, and small photos.
    Group(Vec<Member>),
}

/// A part of a group.
enum Member {
    Bytes(Vec<u8>),
    Photo(Sent),
}

/// What is sent of a photo.
struct Sent {
    item: Item,
    source: Option<Arc<Source>>,
    range: Range<u64>,
    /// Bytes of the whole of which that is a range.
    size: u64,
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
                Step::Photo(Sent { item, source, range, size }) => {
                    photo(app, item, source.as_deref(), range, size).await
                }
                Step::Group(members) => {
                    let bytes = read_group(&app, members).await?;
                    Ok(stream::once(ready(Ok(bytes))).boxed())
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
    let broken = source.map(Broken::of);
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
        let (mut group, mut bytes) = (Vec::new(), 0);
        while bytes < GROUP_BYTES {
            let Some(part) = self.plan.part(self.at, self.end) else { break };
            let (member, length) = match part {
                Part::Bytes(bytes) => {
                    let length = bytes.len() as u64;
                    (Member::Bytes(bytes), length)
                }
                Part::Photo(index, range) => {
                    let sent = self.sent(index, range).await?;
                    let length = sent.range.end - sent.range.start;
                    if sent.source.as_ref().is_some_and(|source| source.stored_size > SMALL_BYTES) {
                        if !group.is_empty() {
                            break;
                        }
                        self.at += length;
                        return Ok(Some(Step::Photo(sent)));
                    }
                    (Member::Photo(sent), length)
                }
            };
            self.at += length;
            bytes += length;
            group.push(member);
        }
        Ok((!group.is_empty()).then_some(Step::Group(group)))
    }

    async fn sent(&mut self, index: usize, range: Range<u64>) -> Result<Sent> {
        if index >= self.looked_up {
            self.look_up(index).await?;
        }
        let (item, size) = (self.plan.items()[index], self.plan.size_of(index));
        Ok(Sent { item, source: self.sources.get(&index).cloned(), range, size })
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
    let source = promised(source, item)?;
    let opened = app.storage.open(&source.key).await.map_err(Fault::Unreadable)?.ok_or(Fault::Missing)?;
    require_length(opened.size, source.stored_size)?;
    match &source.plan {
        Some(plan) if plan.size == size => Ok(originals::stream::clean(opened, plan, range)),
        None if opened.size == size => Ok(opened.stream(range)),
        _ => Err(Fault::Changed),
    }
}

/// The bytes of a group, one behind the other.
async fn read_group(app: &App, members: Vec<Member>) -> Result<Bytes> {
    let keys = members.iter().filter_map(|member| match member {
        Member::Photo(Sent { source: Some(source), .. }) => Some(source.key.clone()),
        _ => None,
    });
    let mut files = app.storage.read_many(keys.collect()).await.into_iter();
    let mut bytes = Vec::new();
    for member in members {
        match member {
            Member::Bytes(own) => bytes.extend(own),
            Member::Photo(sent) => {
                // One without a source has no file either, and ends the group.
                if let Err(fault) = put(&mut bytes, &sent, files.next()) {
                    return Err(failures::report(app, sent.item.photo, sent.broken().as_ref(), fault).await);
                }
            }
        }
    }
    Ok(bytes.into())
}

/// Writes what is sent of a small photo, whose file was read, behind what is there.
fn put(bytes: &mut Vec<u8>, sent: &Sent, file: Option<Result<Option<Bytes>>>) -> Result<(), Fault> {
    let source = promised(sent.source.as_deref(), sent.item)?;
    let file = file.transpose().map_err(Fault::Unreadable)?.flatten().ok_or(Fault::Missing)?;
    require_length(file.len() as u64, source.stored_size)?;
    match &source.plan {
        Some(plan) if plan.size == sent.size => {
            originals::stream::put_clean(bytes, &file, plan, sent.range.clone());
        }
        None if source.stored_size == sent.size => {
            bytes.extend(originals::stream::within(&file, sent.range.clone()));
        }
        _ => return Err(Fault::Changed),
    }
    Ok(())
}

/// A photo that was changed or deleted since the list was made is not what was promised any more.
fn promised(source: Option<&Source>, item: Item) -> Result<&Source, Fault> {
    source.filter(|source| source.sha256 == item.sha256).ok_or(Fault::Changed)
}

fn require_length(found: u64, expected: u64) -> Result<(), Fault> {
    if found == expected { Ok(()) } else { Err(Fault::OtherLength { found, expected }) }
}

impl Sent {
    fn broken(&self) -> Option<Broken> {
        self.source.as_deref().map(Broken::of)
    }
}

impl Broken {
    fn of(source: &Source) -> Self {
        Self { key: source.key.clone(), size: source.stored_size }
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
