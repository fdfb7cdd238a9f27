//! The table `invitations`. A row counts while it is open, its time is not over, and whoever sent it is an active
//! administrator.

use anyhow::Context;
use chrono::Utc;
use common::{
    Result,
    identity::{Role, UserId},
};
use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use super::{Invitation, InvitationId, LIFETIME, Offer, State};
use crate::{mail_tokens::MailToken, users::EmailAddress};

/// Makes the one open invitation to an address; the link of an older one is dead.
pub async fn create(
    db: impl PgExecutor<'_>,
    email: &EmailAddress,
    role: Role,
    by: UserId,
) -> sqlx::Result<(InvitationId, MailToken)> {
    let token = MailToken::generate();
    let id = sqlx::query_scalar!(
        "insert into invitations (invitation_id, token_hash, email, role, invited_by, expires_at)
        values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
        on conflict (lower(email)) where used_at is null and withdrawn_at is null do update set
            token_hash = excluded.token_hash, email = excluded.email, role = excluded.role,
            invited_by = excluded.invited_by, created_at = now(), expires_at = excluded.expires_at
        returning invitation_id",
        Uuid::now_v7(),
        token.hash(),
        email.as_str(),
        role.as_str(),
        by.0,
        LIFETIME.as_seconds_f64(),
    )
    .fetch_one(db)
    .await?;
    Ok((InvitationId(id), token))
}

/// What a link offers, without using it up.
pub async fn find(db: impl PgExecutor<'_>, token: &MailToken) -> Result<Option<Offer>> {
    let row = sqlx::query!(
        "select invitation_id, invitations.email, role, username
        from invitations join users on users.id = invitations.invited_by
        where token_hash = $1 and used_at is null and withdrawn_at is null and expires_at > now()
            and is_active and email_verified and user_type = 'admin'",
        token.hash(),
    )
    .fetch_optional(db)
    .await?;
    row.map(|row| offer(row.invitation_id, &row.email, &row.role, row.username)).transpose()
}

/// Uses a link up; of two uses at once one finds nothing. The administrator's row stays locked until the transaction
/// ends, so that they still are one then.
pub async fn consume(transaction: &mut PgTransaction<'_>, token: &MailToken) -> Result<Option<Offer>> {
    sqlx::query!(
        "select users.id from users join invitations on users.id = invitations.invited_by
        where token_hash = $1 for share of users",
        token.hash(),
    )
    .fetch_optional(&mut **transaction)
    .await?;
    let row = sqlx::query!(
        "update invitations set used_at = now() from users
        where users.id = invitations.invited_by and token_hash = $1
            and used_at is null and withdrawn_at is null and expires_at > now()
            and is_active and email_verified and user_type = 'admin'
        returning invitation_id, invitations.email, role, username",
        token.hash(),
    )
    .fetch_optional(&mut **transaction)
    .await?;
    row.map(|row| offer(row.invitation_id, &row.email, &row.role, row.username)).transpose()
}

/// Invitations, newest first, at most so many, older than the one named.
pub async fn list(
    db: impl PgExecutor<'_>,
    after: Option<InvitationId>,
    limit: i64,
) -> sqlx::Result<Vec<Invitation>> {
    let rows = sqlx::query!(
        r#"select invitation_id, invitations.email, role, username as "username?", invitations.created_at,
            expires_at, used_at, withdrawn_at,
            coalesce(is_active and email_verified and user_type = 'admin', false) as "counts!"
        from invitations left join users on users.id = invitations.invited_by
        where $1::uuid is null or invitation_id < $1
        order by invitation_id desc limit $2"#,
        after.map(|id| id.0),
        limit,
    )
    .fetch_all(db)
    .await?;
    let invitations = rows.into_iter().map(|row| Invitation {
        id: InvitationId(row.invitation_id),
        email: row.email,
        role: Role::from_stored(Some(&row.role)),
        invited_by: row.username,
        created_at: row.created_at,
        expires_at: row.expires_at,
        state: match (row.used_at, row.withdrawn_at) {
            (Some(_), _) => State::Used,
            (_, Some(_)) => State::Withdrawn,
            _ if row.expires_at <= Utc::now() => State::Expired,
            _ if !row.counts => State::Void,
            _ => State::Open,
        },
    });
    Ok(invitations.collect())
}

/// Takes an invitation back; false if it was not open.
pub async fn update_withdrawn(db: impl PgExecutor<'_>, id: InvitationId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update invitations set withdrawn_at = now()
        where invitation_id = $1 and used_at is null and withdrawn_at is null",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Throws away what was settled or ran out more than 90 days ago; returns how many rows.
pub async fn delete_settled(db: impl PgExecutor<'_>) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "delete from invitations
        where coalesce(used_at, withdrawn_at, expires_at) < now() - interval '90 days'"
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

fn offer(id: Uuid, email: &str, role: &str, invited_by: String) -> Result<Offer> {
    let email = EmailAddress::parse(email).map_err(anyhow::Error::msg);
    let email = email.context("an address in the table invitations")?;
    Ok(Offer { id: InvitationId(id), email, role: Role::from_stored(Some(role)), invited_by })
}
