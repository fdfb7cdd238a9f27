//! The database as a worker's queue sees it: while it is away the queue waits. By itself it would ask again without a
//! pause, and forget to settle the jobs that were done meanwhile.

use std::{any::Any, time::Duration};

use common::database::refuses_everybody;
use futures_util::{StreamExt, stream};
use graphile_worker::{
    BoxFuture, DatabaseDriver, DbError, DbExecutor, DbParams, DbRow, DbTransaction, Notification,
    NotificationStream, sqlx::SqlxDatabase,
};
use sqlx::PgPool;
use tokio::time::{Instant, sleep};

const TRY_EVERY: Duration = Duration::from_millis(500);
/// A worker that stops waits no longer. One that was silent for so long was given up by the others, and what it had in
/// hand is theirs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The queue's database, with patience.
#[derive(Debug)]
pub struct Patient(SqlxDatabase);

impl Patient {
    /// Over this pool.
    pub fn new(db: PgPool) -> Self {
        Self(SqlxDatabase::new(db))
    }
}

/// The queue's statements say which worker they are for, so whatever was done already is not done to another's jobs.
async fn patiently<'a, T: 'a>(attempt: impl Fn() -> BoxFuture<'a, Result<T, DbError>>) -> Result<T, DbError> {
    let begun = Instant::now();
    loop {
        match attempt().await {
            // Without a code nobody answered.
            Err(error) if error.code().is_none_or(refuses_everybody) && begun.elapsed() < PATIENCE => {
                tracing::debug!(%error, "the queue waits for the database");
                sleep(TRY_EVERY).await;
            }
            outcome => return outcome,
        }
    }
}

impl DbExecutor for Patient {
    fn execute<'a>(&'a self, sql: &'a str, params: DbParams) -> BoxFuture<'a, Result<u64, DbError>> {
        Box::pin(patiently(move || self.0.execute(sql, params.clone())))
    }

    fn fetch_all<'a>(&'a self, sql: &'a str, params: DbParams) -> BoxFuture<'a, Result<Vec<DbRow>, DbError>> {
        Box::pin(patiently(move || self.0.fetch_all(sql, params.clone())))
    }
}

impl DatabaseDriver for Patient {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn begin(&self) -> BoxFuture<'_, Result<DbTransaction, DbError>> {
        Box::pin(patiently(move || self.0.begin()))
    }

    fn listen<'a>(&'a self, channel: &'a str) -> BoxFuture<'a, Result<Option<NotificationStream>, DbError>> {
        Box::pin(async move {
            let first = patiently(move || self.0.listen(channel)).await?;
            let ears = Ears { database: self.0.clone(), channel: channel.to_owned(), stream: first };
            Ok(Some(Box::pin(stream::unfold(ears, hear)) as NotificationStream))
        })
    }
}

/// What listens. The queue's own ears stay deaf once their connection was lost.
struct Ears {
    database: SqlxDatabase,
    channel: String,
    stream: Option<NotificationStream>,
}

/// The next notification, also one of our own making when some may have been missed.
async fn hear(mut ears: Ears) -> Option<(Result<Notification, DbError>, Ears)> {
    if let Some(stream) = &mut ears.stream
        && let Some(Ok(notification)) = stream.next().await
    {
        return Some((Ok(notification), ears));
    }
    ears.stream = None;
    while ears.stream.is_none() {
        sleep(TRY_EVERY).await;
        ears.stream = ears.database.listen(&ears.channel).await.unwrap_or(None);
    }
    let missed = Notification { channel: ears.channel.clone(), payload: String::new() };
    Some((Ok(missed), ears))
}
