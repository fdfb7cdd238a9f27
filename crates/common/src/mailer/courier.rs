//! The courier: takes due mails out of the outbox, sends them, and notes what became of each.
//!
//! A mail is claimed for ten minutes before it is sent, and its row is settled after the server took it. A courier that
//! is killed in between leaves a row that comes due again, so no mail is lost; if the server had taken the mail already,
//! it gets it a second time, with the same Message-ID. SMTP knows no way to rule that out.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use lettre::message::Mailbox;
use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::Notify,
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

use super::{
    MailConfig, Outbox,
    config::Way,
    folder::Folder,
    message::Posted,
    outbox::{CHANNEL, Claimed},
    smtp::Smtp,
};

/// Longer than any try takes: nobody else touches a mail that is being sent.
const LEASE: Duration = Duration::from_mins(10);
/// New mails are heard of at once; this is for those that come due again, and for when nothing can be heard.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Mails on their way at once, so that one slow answer holds up few others.
const AT_ONCE: usize = 4;
/// How long a mail is worth trying.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(48);
/// How long a service that stops waits for mails on their way.
const PATIENCE_AT_STOP: Duration = Duration::from_secs(20);

/// Why a mail did not go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It never will: the recipient or the mail itself is refused.
    Refused(String),
    /// Not now.
    Delayed(String),
}

impl Failure {
    /// The sentence, fit for a log and a row: without addresses of pages, which a server's filter may quote.
    pub fn sentence(&self) -> String {
        let (Self::Refused(text) | Self::Delayed(text)) = self;
        let words = text.split_whitespace().map(|word| if word.contains("://") { "[address]" } else { word });
        words.collect::<Vec<_>>().join(" ").chars().take(500).collect()
    }
}

/// The way mail goes.
#[derive(Clone)]
pub enum Transport {
    /// To a server.
    Smtp(Smtp),
    /// Into a folder.
    Folder(Folder),
}

impl Transport {
    /// The way that the settings say; `own_name` is the public name of this service.
    pub fn new(way: Way, own_name: &str) -> Self {
        match way {
            Way::Smtp(server) => Self::Smtp(Smtp::new(server, own_name)),
            Way::Folder(path) => Self::Folder(Folder::new(path)),
        }
    }

    /// Whether mail would go, without sending any.
    pub async fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Folder(folder) => folder.check().await,
        }
    }

    async fn send(&self, mail: &Posted) -> Result<(), Failure> {
        match self {
            Self::Smtp(smtp) => smtp.send(mail).await,
            Self::Folder(folder) => folder.send(mail).await,
        }
    }
}

/// Sends a service's mail until it is stopped or dropped.
pub struct Courier {
    stop: Arc<Notify>,
    work: Mutex<Option<JoinHandle<()>>>,
    ears: JoinHandle<()>,
}

struct Round {
    outbox: Outbox,
    transport: Transport,
    from: Mailbox,
}

impl Courier {
    /// Starts. Any number of couriers may share one outbox.
    pub fn start(outbox: Outbox, config: MailConfig, own_name: &str) -> Self {
        let (stop, news) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let ears = tokio::spawn(listen(outbox.pool().clone(), Arc::clone(&news)));
        let transport = Transport::new(config.way, own_name);
        let round = Arc::new(Round { outbox, transport, from: config.from });
        let work = tokio::spawn(work(round, news, Arc::clone(&stop)));
        Self { stop, work: Mutex::new(Some(work)), ears }
    }

    /// Takes no more mails and waits a while for those that are on their way.
    pub async fn stop(&self) {
        self.stop.notify_one();
        let work = self.work.lock().expect("no panic while it is held").take();
        if let Some(work) = work
            && timeout(PATIENCE_AT_STOP, work).await.is_err()
        {
            tracing::warn!("mails that were on their way will be tried again after the next start");
        }
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        self.ears.abort();
        if let Some(work) = self.work.lock().expect("no panic while it is held").take() {
            work.abort();
        }
    }
}

async fn work(round: Arc<Round>, news: Arc<Notify>, stop: Arc<Notify>) {
    let mut on_their_way = JoinSet::new();
    loop {
        let room = AT_ONCE - on_their_way.len();
        for mail in round.claim(room).await {
            let round = Arc::clone(&round);
            on_their_way.spawn(async move { round.deliver(mail).await });
        }
        tokio::select! {
            () = stop.notified() => break,
            Some(_) = on_their_way.join_next() => {}
            () = news.notified(), if on_their_way.len() < AT_ONCE => {}
            () = sleep(LOOK_EVERY) => {}
        }
    }
    while on_their_way.join_next().await.is_some() {}
}

/// Hears of new mails for as long as the courier works; a lost connection is made anew.
async fn listen(db: PgPool, news: Arc<Notify>) {
    loop {
        if let Err(error) = forward(&db, &news).await {
            tracing::warn!(%error, "new mails can't be heard of for a moment; they go out a little later");
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn forward(db: &PgPool, news: &Notify) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(db).await?;
    listener.listen(CHANNEL).await?;
    loop {
        listener.recv().await?;
        news.notify_one();
    }
}

impl Round {
    async fn claim(&self, room: usize) -> Vec<Claimed> {
        let room = i64::try_from(room).expect("a handful");
        if room == 0 {
            return Vec::new();
        }
        self.outbox.claim(room, LEASE).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the outbox can't be read for a moment");
            Vec::new()
        })
    }

    async fn deliver(&self, claimed: Claimed) {
        let outcome = self.send(&claimed).await;
        let (id, kind, attempts) = (claimed.id, &claimed.kind, claimed.attempts);
        match &outcome {
            Ok(()) => tracing::info!(%id, kind, attempts, "mail sent"),
            Err(failure) => {
                tracing::warn!(%id, kind, attempts, error = failure.sentence(), "mail not sent");
            }
        }
        // Whatever happened to the database meanwhile: a mail that was sent must not look as if it were not.
        while let Err(error) = self.settle(&claimed, &outcome).await {
            tracing::warn!(%id, %error, "what became of a mail can't be noted yet");
            sleep(Duration::from_millis(500)).await;
        }
    }

    async fn send(&self, claimed: &Claimed) -> Result<(), Failure> {
        let Some(mail) = &claimed.mail else {
            return Err(Failure::Refused("it was sealed under a secret that is no longer there".to_owned()));
        };
        let Some(posted) = Posted::new(claimed.id, claimed.created_at, &self.from, mail) else {
            return Err(Failure::Refused("the recipient is no usable address".to_owned()));
        };
        self.transport.send(&posted).await
    }

    async fn settle(&self, claimed: &Claimed, outcome: &Result<(), Failure>) -> sqlx::Result<()> {
        match outcome {
            Ok(()) => self.outbox.update_sent(claimed.id).await,
            Err(failure @ Failure::Delayed(_)) if Utc::now() - claimed.created_at < GIVE_UP_AFTER => {
                let delay = delay(claimed.attempts);
                self.outbox.update_delayed(claimed, &failure.sentence(), delay).await
            }
            Err(failure) => self.outbox.update_failed(claimed, &failure.sentence()).await,
        }
    }
}

/// Fifteen seconds after the first try, then twice as long each time, three hours at most.
fn delay(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts - 1).unwrap_or_default().min(10);
    Duration::from_secs(15 << doublings).min(Duration::from_hours(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_grow_rarer_and_last_two_days() {
        assert_eq!([1, 2, 3].map(|attempts| delay(attempts).as_secs()), [15, 30, 60]);
        let (mut passed, mut attempts) = (TimeDelta::zero(), 0);
        while passed < GIVE_UP_AFTER {
            attempts += 1;
            assert!(delay(attempts) <= delay(attempts + 1));
            passed += TimeDelta::from_std(delay(attempts)).expect("short");
        }
        assert!((20..40).contains(&attempts), "{attempts}");
        assert_eq!(delay(i32::MAX), Duration::from_hours(3));
    }

    #[test]
    fn what_a_server_quotes_of_a_mail_is_not_kept() {
        let quoted = "permanent error (554): blocked:\nhttps://auth.stsgym.com/x?token=abc in body";
        let sentence = Failure::Refused(quoted.to_owned()).sentence();
        assert_eq!(sentence, "permanent error (554): blocked: [address] in body");
    }
}
