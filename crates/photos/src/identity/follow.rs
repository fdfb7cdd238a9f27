//! Follows what happens to sessions and accounts at the auth-service: what was answered about them is forgotten at once,
//! and the mirror of the accounts stays true.

use std::{future::Future, sync::Weak, time::Duration};

use anyhow::Context;
use common::{
    events::{CAUGHT_UP, Event, EventKind},
    identity::UserId,
};
use serde::Deserialize;
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

/// What every event tells, of whatever kind.
#[derive(Deserialize)]
struct Touched {
    user_id: UserId,
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
                    Ok(ending) if ending.user == id && ending.session.is_none_or(|over| over == session) => {
                        return;
                    }
                    Ok(_of_others) => {}
                    Err(RecvError::Lagged(_) | RecvError::Closed) => return,
                }
            }
        }
    }
}

/// Runs for as long as the service does. While there is no stream, no answer of the auth-service is kept.
pub async fn run(app: Weak<App>) {
    loop {
        let outcome = follow(&app).await;
        let Some(app) = app.upgrade() else { return };
        app.auth.verdicts.end();
        if let Err(error) = outcome {
            let error = format!("{error:#}");
            tracing::warn!(
                error,
                "the auth-service's events can't be followed; it is asked about every request"
            );
        }
        drop(app);
        tokio::time::sleep(RECONNECT_AFTER).await;
    }
}

/// Holds the service only while there is something to do, so that it can end.
async fn follow(service: &Weak<App>) -> anyhow::Result<()> {
    let Some(app) = service.upgrade() else { return Ok(()) };
    let saved = store::find_cursor(&app.db).await?;
    let Some(response) = app.auth.events(saved).await? else {
        tracing::warn!("photos was away for too long: accounts deleted meanwhile are not known as such");
        return Ok(store::delete_cursor(&app.db).await?);
    };
    let mut messages = Messages { response, read: Vec::new() };
    let mut progress = Progress { caught_up: false, saved };
    drop(app);
    while let Some(message) = messages.next().await? {
        let Some(app) = service.upgrade() else { return Ok(()) };
        take_in(&app, &message, &mut progress).await?;
    }
    Ok(())
}

async fn take_in(app: &App, message: &Message, progress: &mut Progress) -> anyhow::Result<()> {
    if message.event != CAUGHT_UP {
        // Forgotten before anything is written, so that a slow database delays no revocation; and whatever happened, so
        // that a kind which this release does not know does no harm.
        let Touched { user_id } = serde_json::from_str(&message.data).context("an event about nobody")?;
        app.auth.verdicts.heard(message.id, user_id);
        return match EventKind::from_stored(&message.event) {
            Some(_) => tell(app, serde_json::from_str(&message.data)?).await,
            None => Ok(()),
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

async fn tell(app: &App, event: Event) -> anyhow::Result<()> {
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
        let expected =
            Message { id: 7, event: "user.changed".to_owned(), data: "{\"a\": \"b: c\"}".to_owned() };
        assert_eq!(message, expected);
        assert!(parse("event: user.changed\n\n").is_err() && parse("id: x\nevent: y\n\n").is_err());
    }
}
