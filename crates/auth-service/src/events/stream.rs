//! `GET /api/events`: what happens to sessions and accounts, told to another service as it happens (server-sent events).

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_ENCODING, HeaderName},
    web::{Bytes, Data, Query},
};
use common::{
    Error, Result,
    events::{CAUGHT_UP, Event, HEARTBEAT_SECONDS},
    web::header,
};
use futures_util::stream::unfold;
use serde::Deserialize;
use tokio::{
    sync::watch,
    time::{Instant, timeout, timeout_at},
};
use utoipa::IntoParams;

use super::{Ring, store};
use crate::{
    App,
    services::{Scope, Service},
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Events read at once.
const BATCH: i64 = 200;
/// Whoever waits longer for the database tells nothing, and a reader must not believe that there is nothing.
const LONGEST_READ: Duration = Duration::from_secs(1);
const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECONDS);

/// Where a reader wants to go on.
#[derive(Deserialize, IntoParams)]
pub struct Since {
    /// The last event that was heard of.
    after: Option<String>,
}

/// One reader.
struct Reader {
    app: Data<App>,
    /// The last event that was told.
    cursor: i64,
    bell: watch::Receiver<Ring>,
    may_read_accounts: bool,
    /// When to say next that everything was told.
    heartbeat_at: Instant,
}

/// Server-sent events (below): everything after the cursor (`Last-Event-ID`, which a reader sends by itself when it
/// reconnects, or `after`), then what happens from now on. Without a cursor only the latter.
///
/// Else: 400 this is no cursor; 403 the credential lacks the scope `events`; 410 the cursor lies too far back
#[utoipa::path(
    get, path = "/api/events",
    params(Since),
    security(("service" = [])),
    responses((status = 200, content_type = "text/event-stream", body = String))
)]
pub async fn get(
    app: Data<App>,
    request: HttpRequest,
    service: Service,
    since: Query<Since>,
) -> Result<HttpResponse> {
    service.require(Scope::Events)?;
    // From here on the bell is heard, so nothing falls between the first reading and the first ring.
    let bell = app.events.listen();
    let bounds = store::find_bounds(&app.db).await?;
    let cursor = match header(&request, &LAST_EVENT_ID).or(since.after.as_deref()) {
        None => bounds.newest,
        Some(text) => {
            text.parse().map_err(|_| Error::BadRequest("The cursor is the id of an event.".into()))?
        }
    };
    if !bounds.reach_back_to(cursor) {
        return Err(Error::Gone(
            "The events after this one are not kept any more: forget what you know and start without a cursor."
                .to_owned(),
        ));
    }
    let may_read_accounts = service.has(Scope::UsersRead);
    let reader = Reader { app, cursor, bell, may_read_accounts, heartbeat_at: Instant::now() };
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        // Compression or a proxy's buffer would hold the events back.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(unfold(reader, Reader::next))))
}

impl Reader {
    /// The next piece of the stream; none when the service stops or its database is away.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        loop {
            if self.bell.borrow_and_update().stopping {
                return None;
            }
            let events = timeout(LONGEST_READ, store::list_after(&self.app.db, self.cursor, BATCH)).await;
            let events = events.unwrap_or(Err(sqlx::Error::PoolTimedOut));
            let events =
                events.inspect_err(|error| tracing::warn!(%error, "a stream of events ends")).ok()?;
            if let Some((last, _)) = events.last() {
                self.cursor = *last;
                let told: String = events.into_iter().map(|(id, event)| self.tell(id, event)).collect();
                return Some((Ok(told.into()), self));
            }
            if Instant::now() >= self.heartbeat_at {
                self.heartbeat_at = Instant::now() + HEARTBEAT;
                let told = format!("id: {}\nevent: {CAUGHT_UP}\ndata: {{}}\n\n", self.cursor);
                return Some((Ok(told.into()), self));
            }
            // Whatever ends the wait, the table is asked again: hearing of events only makes it quick.
            if let Ok(Err(_service_is_gone)) = timeout_at(self.heartbeat_at, self.bell.changed()).await {
                return None;
            }
        }
    }

    fn tell(&self, id: i64, mut event: Event) -> String {
        event.user = event.user.filter(|_| self.may_read_accounts);
        let data = serde_json::json!(event);
        format!("id: {id}\nevent: {}\ndata: {data}\n\n", event.kind.as_str())
    }
}
