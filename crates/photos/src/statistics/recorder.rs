//! The way of an event from a request to the database: a bounded queue and one writer, so that no page ever waits.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use common::secrets::{Secrets, hex, random_bytes};
use sqlx::PgPool;
use tokio::{
    sync::{mpsc, oneshot},
    time::{sleep, timeout},
};

use super::{
    Visitor,
    store::writing,
    tally::{Counted, Deed, marks, tally},
};
use crate::{galleries::GalleryId, photos::PhotoId, shares::ShareLinkId};

/// So many events wait at most; more than these are lost, and a page never waits for room.
const QUEUE: usize = 10_000;
/// So many are written in one transaction at most.
const BATCH: usize = 500;
/// For so long events gather before they are written.
const GATHER: Duration = Duration::from_millis(500);
/// Pauses between the tries of one batch. A database that is away for longer costs the batch, not the ones behind it.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
];
/// How long a service that stops waits for what is in the queue.
const PATIENCE_AT_STOP: Duration = Duration::from_secs(5);
/// Under which the hashes of visitors are made.
const PURPOSE: &str = "visitor of a day";

/// Counts views and downloads in the background.
pub struct Recorder {
    queue: mpsc::Sender<Message>,
    lost: AtomicU64,
}

/// Photos that somebody downloads.
pub struct Download {
    /// The gallery they are in.
    pub gallery: GalleryId,
    /// The link through which they go.
    pub link: Option<ShareLinkId>,
    /// Whether somebody signed in downloads them.
    pub has_account: bool,
    /// Which.
    pub photos: Vec<PhotoId>,
}

struct Event {
    at: DateTime<Utc>,
    visitor: Visitor,
    gallery: GalleryId,
    link: Option<ShareLinkId>,
    deed: Deed,
}

enum Message {
    Event(Event),
    /// Answered when everything before it is written.
    Flush(oneshot::Sender<()>),
}

impl Recorder {
    /// Starts the writer, which ends with the recorder.
    pub fn start(db: PgPool, secrets: Secrets) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        tokio::spawn(write_for_ever(db, secrets, messages));
        Self { queue, lost: AtomicU64::new(0) }
    }

    /// Somebody opened a gallery: through a link, where each call is a counted visit, or its page, which counts once a
    /// visitor and day.
    pub fn view(&self, visitor: Visitor, gallery: GalleryId, link: Option<ShareLinkId>) {
        self.send(visitor, gallery, link, Deed::View);
    }

    /// Somebody looked at a photo large; counts once a visitor and day.
    pub fn view_photo(
        &self,
        visitor: Visitor,
        gallery: GalleryId,
        link: Option<ShareLinkId>,
        photo: PhotoId,
    ) {
        self.send(visitor, gallery, link, Deed::PhotoView(photo));
    }

    /// Somebody downloads photos. Whoever owns or edits the gallery is nobody's visitor: don't call this for them.
    pub fn download(&self, download: Download) {
        // Whoever downloads looked before, and was told apart then.
        let visitor = Visitor { mark: String::new(), has_account: download.has_account };
        self.send(visitor, download.gallery, download.link, Deed::Download(download.photos));
    }

    /// Returns when everything so far is written, or after a while.
    pub async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        let flushed = async {
            if self.queue.send(Message::Flush(done)).await.is_ok() {
                is_done.await.ok();
            }
        };
        if timeout(PATIENCE_AT_STOP, flushed).await.is_err() {
            tracing::warn!("some views and downloads could not be counted before the end");
        }
    }

    fn send(&self, visitor: Visitor, gallery: GalleryId, link: Option<ShareLinkId>, deed: Deed) {
        let event = Event { at: Utc::now(), visitor, gallery, link, deed };
        if self.queue.try_send(Message::Event(event)).is_err() {
            let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
            if lost.is_power_of_two() {
                tracing::warn!(lost, "views and downloads come faster than they are counted");
            }
        }
    }
}

async fn write_for_ever(db: PgPool, secrets: Secrets, mut messages: mpsc::Receiver<Message>) {
    let mut received = Vec::new();
    while messages.recv_many(&mut received, BATCH).await > 0 {
        if !received.iter().any(|message| matches!(message, Message::Flush(_))) && received.len() < BATCH {
            gather(&mut messages, &mut received).await;
        }
        let (mut batch, mut waiting) = (Vec::new(), Vec::new());
        for message in received.drain(..) {
            match message {
                Message::Event(event) => batch.push(event),
                Message::Flush(done) => waiting.push(done),
            }
        }
        keep(&db, &secrets, &batch).await;
        for done in waiting {
            done.send(()).ok();
        }
    }
}

/// What comes within a moment shares a transaction; whoever waits for the end of the queue is not kept waiting.
async fn gather(messages: &mut mpsc::Receiver<Message>, received: &mut Vec<Message>) {
    let more = async {
        while received.len() < BATCH {
            match messages.recv().await {
                Some(message) => {
                    let is_flush = matches!(message, Message::Flush(_));
                    received.push(message);
                    if is_flush {
                        return;
                    }
                }
                None => return,
            }
        }
    };
    timeout(GATHER, more).await.ok();
}

async fn keep(db: &PgPool, secrets: &Secrets, batch: &[Event]) {
    if batch.is_empty() {
        return;
    }
    for pause in PAUSES {
        match write(db, secrets, batch).await {
            Ok(()) => return,
            Err(error) => tracing::info!(%error, "views and downloads are counted in a moment"),
        }
        sleep(pause).await;
    }
    if let Err(error) = write(db, secrets, batch).await {
        tracing::warn!(%error, lost = batch.len(), "views and downloads could not be counted");
    }
}

/// One transaction: the events, their sums and who was new are written together or not at all.
async fn write(db: &PgPool, secrets: &Secrets, batch: &[Event]) -> sqlx::Result<()> {
    let mut transaction = db.begin().await?;
    let mut salts: BTreeMap<NaiveDate, String> = BTreeMap::new();
    for event in batch {
        let day = event.at.date_naive();
        if let Entry::Vacant(unknown) = salts.entry(day) {
            let salt = writing::find_or_create_salt(&mut transaction, day, &random_bytes::<32>()).await?;
            unknown.insert(hex(&salt));
        }
    }
    let galleries: Vec<GalleryId> = batch.iter().map(|event| event.gallery).collect();
    let owners = writing::list_owners(&mut *transaction, &galleries).await?;
    let counted = |event: &Event| {
        let salt = &salts[&event.at.date_naive()];
        // A gallery that is gone meanwhile has nothing to count.
        let owner = *owners.get(&event.gallery)?;
        Some(Counted {
            at: event.at,
            visitor: secrets.sign(PURPOSE, &format!("{salt} {}", event.visitor.mark)),
            has_account: event.visitor.has_account,
            gallery: event.gallery,
            owner,
            link: event.link,
            deed: event.deed.clone(),
        })
    };
    let batch: Vec<Counted> = batch.iter().filter_map(counted).collect();
    let new = writing::create_marks(&mut *transaction, &marks(&batch)).await?;
    let tally = tally(&batch, new);
    writing::add(&mut transaction, &batch, &tally).await?;
    transaction.commit().await
}
