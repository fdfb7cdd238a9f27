//! What happens to photos, told to open pages as it happens (server-sent events over PostgreSQL's NOTIFY).

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpResponse,
    http::header,
    web::{Bytes, Data},
};
use common::identity::Role;
use futures_util::{Stream, StreamExt, future, stream};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::broadcast;
use tokio_stream::wrappers::{BroadcastStream, errors::BroadcastStreamRecvError};

use super::{PhotoId, Status};
use crate::{
    app::App,
    identity::{AccountId, CurrentUser},
    statistics::store::writing::CHANNEL as STATISTICS,
};

/// The channel on which the worker's transactions tell of a photo.
pub const CHANNEL: &str = "photo_changed";
/// A stream ends with its session. It ends after this time too, and the browser comes again, so that nobody listens past
/// the end of a session that could not be heard of.
const STREAM_LIFE: Duration = Duration::from_secs(30);

/// A photo's status changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PhotoEvent {
    id: PhotoId,
    status: Status,
    owner: Option<i32>,
}

/// Something that open pages hear of.
#[derive(Clone, Debug)]
enum Event {
    Photo(PhotoEvent),
    /// The figures of this account's galleries changed.
    Statistics(AccountId),
}

/// Gives each open page its own copy of the events.
#[derive(Clone)]
pub struct PhotoEvents(broadcast::Sender<Event>);

/// Listens for as long as the service runs; a lost connection is made anew.
pub fn listen(db: PgPool) -> PhotoEvents {
    let (sender, _) = broadcast::channel(1024);
    let events = PhotoEvents(sender.clone());
    tokio::spawn(async move {
        loop {
            if let Err(error) = forward(&db, &sender).await {
                tracing::warn!(%error, "photo events can't be heard for a moment");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    events
}

async fn forward(db: &PgPool, sender: &broadcast::Sender<Event>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(db).await?;
    listener.listen_all([CHANNEL, STATISTICS]).await?;
    loop {
        let notification = listener.recv().await?;
        let payload = notification.payload();
        let event = if notification.channel() == STATISTICS {
            payload.parse().ok().map(|owner| Event::Statistics(AccountId(owner)))
        } else {
            serde_json::from_str(payload).ok().map(Event::Photo)
        };
        if let Some(event) = event {
            // Nobody listening is no fault.
            sender.send(event).ok();
        }
    }
}

/// Server-sent events: `photo` with `{"id": 1, "status": "ready"}` for each change of one of this person's photos,
/// `statistics` when somebody looked at or downloaded from one of their galleries (for an administrator, from any),
/// `resync` when there were too many to tell. A stream ends after 30 seconds: connect again and ask `GET
/// /api/photos?ids=…` for what you wait for, because events between two streams are not repeated.
#[utoipa::path(
    get, path = "/events",
    responses((status = 200, content_type = "text/event-stream", body = String))
)]
pub async fn get(app: Data<App>, user: CurrentUser) -> HttpResponse {
    let own = own_events(&app.events, &user);
    let hello = stream::once(future::ready(Bytes::from_static(b"retry: 1000\n: connected\n\n")));
    let ended = app.auth.ended(&user);
    let over = async move { tokio::time::timeout(STREAM_LIFE, ended).await };
    let stream = hello.chain(own.take_until(Box::pin(over))).map(Ok::<_, Infallible>);
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // Compression would hold the events back.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(stream))
}

fn own_events(events: &PhotoEvents, user: &CurrentUser) -> impl Stream<Item = Bytes> + use<> {
    let (account, is_admin) = (user.account, user.role == Role::Admin);
    BroadcastStream::new(events.0.subscribe()).filter_map(move |event| {
        future::ready(match event {
            Ok(Event::Statistics(owner)) if owner == account || is_admin => {
                Some(Bytes::from_static(b"event: statistics\ndata: {}\n\n"))
            }
            Ok(Event::Photo(event)) if event.owner == Some(account.0) => {
                let data = serde_json::json!({ "id": event.id, "status": event.status });
                Some(Bytes::from(format!("event: photo\ndata: {data}\n\n")))
            }
            Ok(_) => None,
            // Too many to keep: the page is told to look for itself.
            Err(BroadcastStreamRecvError::Lagged(_)) => {
                Some(Bytes::from_static(b"event: resync\ndata: {}\n\n"))
            }
        })
    })
}
