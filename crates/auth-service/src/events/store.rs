//! The table `events`: triggers add rows, nothing changes them, the oldest are thrown away.

use common::{
    events::{AccountState, Event, EventKind},
    identity::{User, UserId},
};
use sqlx::PgExecutor;

use crate::users;

/// Which events there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// The oldest that is kept; 0 if there was never any.
    pub oldest: i64,
    /// The newest.
    pub newest: i64,
}

impl Bounds {
    /// Whether a reader who has seen everything up to `cursor` can go on from there. The newest event is always kept, so
    /// a cursor beyond it belongs to another database, or to a time before this one was restored.
    pub fn reach_back_to(&self, cursor: i64) -> bool {
        (self.oldest - 1..=self.newest).contains(&cursor)
    }
}

/// The events after this one, oldest first, with the accounts as they are now.
pub async fn list_after(db: impl PgExecutor<'_>, cursor: i64, limit: i64) -> sqlx::Result<Vec<(i64, Event)>> {
    let rows = sqlx::query!(
        r#"select event_id, kind, events.user_id, session_id, occurred_at, users.id as "id?",
            username as "username?", email as "email?", user_type,
            coalesce(is_active, false) as "is_active!", coalesce(email_verified, false) as "email_verified!"
        from events left join users on users.id = events.user_id and events.kind = 'user.changed'
        where event_id > $1 order by event_id limit $2"#,
        cursor,
        limit,
    )
    .fetch_all(db)
    .await?;
    let events = rows.into_iter().filter_map(|row| {
        let user = row.id.zip(row.username).zip(row.email).map(|((id, username), email)| AccountState {
            user: User {
                id: UserId(id),
                username,
                email,
                role: users::effective_role(row.user_type.as_deref(), row.email_verified),
                email_verified: row.email_verified,
            },
            is_active: row.is_active,
        });
        let event = Event {
            kind: EventKind::from_stored(&row.kind)?,
            user_id: UserId(row.user_id),
            session_id: row.session_id,
            occurred_at: row.occurred_at,
            user,
        };
        Some((row.event_id, event))
    });
    Ok(events.collect())
}

/// The oldest and the newest event.
pub async fn find_bounds(db: impl PgExecutor<'_>) -> sqlx::Result<Bounds> {
    sqlx::query_as!(
        Bounds,
        r#"select coalesce(min(event_id), 0) as "oldest!", coalesce(max(event_id), 0) as "newest!" from events"#
    )
    .fetch_one(db)
    .await
}

/// Throws away what is older than so many days, but never the newest event; returns how many rows.
pub async fn delete_older_than(db: impl PgExecutor<'_>, days: i32) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from events
        where occurred_at < now() - make_interval(days => $1) and event_id < (select max(event_id) from events)",
        days,
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Tries whether notifications come back; the payload names no event and nobody.
pub async fn notify_ourselves(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query!(r#"select pg_notify('events', '{"id": 0, "user_id": null}') as "done: ()""#)
        .execute(db)
        .await
        .map(drop)
}
