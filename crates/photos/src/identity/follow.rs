//! Follows what happens to sessions and accounts at the auth-service: what was answered about them is forgotten at once,
//! and the mirror of the accounts stays true.

use std::{future::Future, time::Duration};

use actix_web::web::Data;
use anyhow::Context;
use common::{
    events::{CAUGHT_UP, Event, EventKind},
    identity::UserId,
};
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::{AuthService, CurrentUser, store};
use crate::app::App;

/// The auth-service says every two seconds that all was told; silent for so long, it may be gone.
pub const PATIENCE: Duration = Duration::from_secs(6);
const RECONNECT_AFTER: Duration = Duration::from_secs(1);
/// No event is nearly as long.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// A session is over, or all of an account are to be looked at anew.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    user: UserId,
    /// The one that is over; `None` means all of the account.
    session: Option<Uuid>,
}

/// One message of the stream.
#[derive(Debug, PartialEq, Eq)]
struct Message {
    id: i64,
    event: String,
    data: String,
}

/// The messages of an open stream.
struct Messages {
    response: reqwest::Response,
    read: Vec<u8>,
}

/// How far this connection has come.
#[derive(Default)]
struct Progress {
    /// Whether the replay is over.
    caught_up: bool,
    /// The cursor that the database holds.
    saved: Option<i64>,
}

impl AuthService {
    /// Done when this person's session is over, or when the account changed so that the session must be looked at anew.
    pub fn ended(&self, user: &CurrentUser) -> impl Future<Output = ()> + use<> {
        let (id, session, mut endings) = (user.id, user.session, self.endings.subscribe());
        async move {
            loop {
                match endings.recv().await {
                    Ok(ending) if ending.user == id && ending.session.is_none_or(|over| over == session) => return,
                    Ok(_of_others) => {}
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                }
            }
        }
    }
}

/// Runs for as long as the service does. While there is no stream, no answer of the auth-service is kept.
pub async fn for_ever(app: Data<App>) {
    loop {
        let outcome = follow(&app).await;
        app.auth.verdicts.end();
        if let Err(error) = outcome {
            let error = format!("{error:#}");
            tracing::warn!(error, "the auth-service's events can't be followed; it is asked about every request");
        }
        tokio::time::sleep(RECONNECT_AFTER).await;
    }
}

async fn follow(app: &App) -> anyhow::Result<()> {
    let saved = store::find_cursor(&app.db).await?;
    let Some(response) = app.auth.events(saved).await? else {
        tracing::warn!("photos was away for too long: accounts deleted meanwhile are not known as such");
        return Ok(store::delete_cursor(&app.db).await?);
    };
    let mut messages = Messages { response, read: Vec::new() };
    let mut progress = Progress { caught_up: false, saved };
    while let Some(message) = messages.next().await? {
        take_in(app, &message, &mut progress).await?;
    }
    Ok(())
}

async fn take_in(app: &App, message: &Message, progress: &mut Progress) -> anyhow::Result<()> {
    if message.event != CAUGHT_UP {
        // A kind that this release does not know concerns nothing that it keeps.
        return match serde_json::from_str::<Event>(&message.data) {
            Ok(event) => tell(app, message.id, event).await,
            Err(_unknown) => Ok(()),
        };
    }
    if progress.caught_up {
        app.auth.verdicts.still_hearing(message.id, PATIENCE);
    } else {
        app.auth.verdicts.begin(message.id, PATIENCE);
        progress.caught_up = true;
    }
    // What was taken in since is taken in once more after a crash, which does no harm.
    if progress.saved != Some(message.id) {
        store::update_cursor(&app.db, message.id).await?;
        progress.saved = Some(message.id);
    }
    Ok(())
}

/// What was answered is forgotten before anything is written, so that a slow database delays no revocation.
async fn tell(app: &App, id: i64, event: Event) -> anyhow::Result<()> {
    app.auth.verdicts.heard(id, event.user_id);
    let session = match event.kind {
        EventKind::SessionRotated => return Ok(()),
        EventKind::SessionEnded => event.session_id,
        EventKind::UserChanged | EventKind::UserDeleted => None,
    };
    // Nobody listening is no fault.
    app.auth.endings.send(Ending { user: event.user_id, session }).ok();
    match (event.kind, event.user) {
        (EventKind::UserChanged, Some(account)) => store::update_mirror(&app.db, &account).await?,
        (EventKind::UserDeleted, _) => store::update_deleted(&app.db, event.user_id).await?,
        _ => {}
    }
    Ok(())
}

impl Messages {
    /// The next message; none when the stream ends.
    async fn next(&mut self) -> anyhow::Result<Option<Message>> {
        loop {
            if let Some(end) = self.read.windows(2).position(|two| two == b"\n\n") {
                let message: Vec<u8> = self.read.drain(..end + 2).collect();
                return Ok(Some(parse(std::str::from_utf8(&message)?)?));
            }
            anyhow::ensure!(self.read.len() < LONGEST_MESSAGE, "that is no stream of events");
            match self.response.chunk().await? {
                Some(chunk) => self.read.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }
}

fn parse(text: &str) -> anyhow::Result<Message> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    Ok(Message {
        id: field("id").context("a message without an id")?.parse()?,
        event: field("event").context("a message without a kind")?.to_owned(),
        data: field("data").unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_line_by_line() {
        let message = parse("id: 7\nevent: user.changed\ndata: {\"a\": \"b: c\"}\n\n").expect("it is whole");
        let expected = Message { id: 7, event: "user.changed".to_owned(), data: "{\"a\": \"b: c\"}".to_owned() };
        assert_eq!(message, expected);
        assert!(parse("event: user.changed\n\n").is_err() && parse("id: x\nevent: y\n\n").is_err());
    }
}
