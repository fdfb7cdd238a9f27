//! Accounts as administrators see them, in the tables `users` and `sessions`.

use chrono::{DateTime, NaiveDateTime, Utc};
use common::identity::{AccountInfo, AccountState, Role, UserId};
use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use super::{Actor, Filter};

struct Row {
    id: i32,
    username: String,
    email: String,
    user_type: Option<String>,
    is_active: bool,
    email_verified: bool,
    created_at: Option<NaiveDateTime>,
    last_login: Option<NaiveDateTime>,
}

impl From<Row> for AccountInfo {
    fn from(row: Row) -> Self {
        let state = match (row.is_active, row.email_verified) {
            (false, _) => AccountState::Disabled,
            (true, false) => AccountState::Unverified,
            (true, true) => AccountState::Active,
        };
        Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            role: Role::from_stored(row.user_type.as_deref()),
            state,
            created_at: row.created_at.map(|time| time.and_utc()),
            last_sign_in_at: row.last_login.map(|time| time.and_utc()),
        }
    }
}

/// A session in the list of a person's sessions.
pub struct SessionRow {
    /// Names it, opens nothing.
    pub id: Uuid,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// The last sign of life that was written down.
    pub last_seen_at: DateTime<Utc>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// Where it began.
    pub client_address: Option<String>,
}

macro_rules! select_accounts {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select id, username, email, user_type, coalesce(is_active, false) as "is_active!",
                coalesce(email_verified, false) as "email_verified!", created_at, last_login
            from users "# + $rest,
            $($argument),*
        )
    };
}

/// Accounts with ids below a key, the newest first. Ids never change, so a page neither repeats nor misses an account
/// that is renamed, promoted or made meanwhile.
pub async fn list(
    db: impl PgExecutor<'_>,
    filter: &Filter,
    below: Option<i32>,
    limit: i64,
) -> sqlx::Result<Vec<AccountInfo>> {
    let rows = select_accounts!(
        "where id < $1
            and (position(lower($2) in lower(username)) > 0 or position(lower($2) in lower(email)) > 0)
            and ($3::text is null or $3 =
                case when user_type in ('admin', 'photographer', 'user') then user_type else 'viewer' end)
            and ($4::text is null or $4 =
                case when not coalesce(is_active, false) then 'disabled'
                    when not coalesce(email_verified, false) then 'unverified' else 'active' end)
        order by id desc limit $5",
        below.unwrap_or(i32::MAX),
        filter.text,
        filter.role.map(Role::as_str),
        filter.state.map(AccountState::as_str),
        limit
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(AccountInfo::from).collect())
}

/// One account.
pub async fn find(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Option<AccountInfo>> {
    Ok(select_accounts!("where id = $1", id.0).fetch_optional(db).await?.map(AccountInfo::from))
}

/// One account, held until the transaction ends.
pub async fn lock(transaction: &mut PgTransaction<'_>, id: UserId) -> sqlx::Result<Option<AccountInfo>> {
    let row = select_accounts!("where id = $1 for update", id.0).fetch_optional(&mut **transaction).await?;
    Ok(row.map(AccountInfo::from))
}

/// Whether the actor's session goes on and is an administrator's at this moment of the transaction.
pub async fn is_acting(transaction: &mut PgTransaction<'_>, actor: &Actor) -> sqlx::Result<bool> {
    let row = sqlx::query_scalar!(
        "select users.id from sessions join users on users.id = sessions.user_id
        where public_id = $1 and users.id = $2 and user_type = 'admin' and is_active and email_verified",
        actor.session,
        actor.id.0,
    )
    .fetch_optional(&mut **transaction)
    .await?;
    Ok(row.is_some())
}

/// The sessions of a person that could still be used, the liveliest first; at most 100.
pub async fn list_sessions(db: impl PgExecutor<'_>, id: UserId) -> sqlx::Result<Vec<SessionRow>> {
    sqlx::query_as!(
        SessionRow,
        "select public_id as id, created_at, last_seen_at, user_agent, client_address from sessions
        where user_id = $1 and expire > now() at time zone 'utc' and absolute_expires_at > now()
        order by last_seen_at desc limit 100",
        id.0,
    )
    .fetch_all(db)
    .await
}

/// Gives an account a role.
pub async fn update_role(transaction: &mut PgTransaction<'_>, id: UserId, role: Role) -> sqlx::Result<()> {
    sqlx::query!("update users set user_type = $2 where id = $1", id.0, role.as_str())
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Closes an account or opens it again.
pub async fn update_active(
    transaction: &mut PgTransaction<'_>,
    id: UserId,
    is_active: bool,
) -> sqlx::Result<()> {
    sqlx::query!("update users set is_active = $2 where id = $1", id.0, is_active)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
