//! Share links in the database.

use chrono::NaiveDateTime;
use sqlx::PgExecutor;

use super::{ShareLink, ShareLinkId};
use crate::{galleries::GalleryId, identity::AccountId, policy::LinkLevel};

struct Row {
    id: ShareLinkId,
    gallery: Option<GalleryId>,
    token_sealed: Option<Vec<u8>>,
    access_level: Option<String>,
    created_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
    revoked: bool,
    views: i32,
    max_views: Option<i32>,
    recipient_email: Option<String>,
}

macro_rules! select_links {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select id, gallery_id as gallery, token_sealed, access_level, coalesce(created_at, 'epoch') as "created_at!",
                expires_at, (revoked_at is not null or is_active is false) as "revoked!", coalesce(views, 0) as "views!",
                max_views, recipient_email
            from share_links "# + $rest,
            $($argument),*
        )
    };
}

/// A link to be stored.
pub struct NewRow {
    /// What it opens.
    pub gallery: GalleryId,
    /// Who made it.
    pub sender: AccountId,
    /// SHA-256 of the token as hex.
    pub token_hash: String,
    /// The token under our key.
    pub token_sealed: Vec<u8>,
    /// How the pictures look.
    pub level: LinkLevel,
    /// UTC.
    pub expires_at: Option<NaiveDateTime>,
    /// To whom it goes.
    pub recipient_email: Option<String>,
}

/// One link.
pub async fn find(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<Option<ShareLink>> {
    Ok(select_links!("where id = $1", id.0).fetch_optional(db).await?.map(ShareLink::from))
}

/// The link with this token's hash.
pub async fn find_by_token(db: impl PgExecutor<'_>, token_hash: &str) -> sqlx::Result<Option<ShareLink>> {
    Ok(select_links!("where token = $1", token_hash).fetch_optional(db).await?.map(ShareLink::from))
}

/// The name of whose gallery a link opens, also while that is in the trash.
pub async fn find_photographer(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select users.username from share_links join gallery on gallery.id = share_links.gallery_id
         join users on users.id = gallery.user_id where share_links.id = $1",
        id.0
    )
    .fetch_optional(db)
    .await
}

/// The links of a gallery, newest first.
pub async fn list(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Vec<ShareLink>> {
    let rows = select_links!("where gallery_id = $1 order by id desc limit 500", gallery.0);
    Ok(rows.fetch_all(db).await?.into_iter().map(ShareLink::from).collect())
}

/// Makes a link.
pub async fn create(db: impl PgExecutor<'_>, new: &NewRow) -> sqlx::Result<ShareLinkId> {
    sqlx::query_scalar!(
        "insert into share_links (gallery_id, sender_id, token, token_sealed, access_level, expires_at, recipient_email)
         values ($1, $2, $3, $4, $5, $6, $7) returning id",
        new.gallery.0,
        new.sender.0,
        new.token_hash,
        new.token_sealed,
        new.level.as_str(),
        new.expires_at,
        new.recipient_email
    )
    .fetch_one(db)
    .await
}

/// Ends a link; every address it gave out ends with it.
pub async fn update_revoked(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<()> {
    sqlx::query!(
        "update share_links set is_active = false, revoked_at = coalesce(revoked_at, now()), epoch = epoch + 1 where id = $1",
        id.0
    )
    .execute(db)
    .await
    .map(drop)
}

/// Counts a visit if the link still opens; `None` if it does not. Exact, however many come at once.
pub async fn update_visited(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        r#"update share_links set views = coalesce(views, 0) + 1, first_opened_at = coalesce(first_opened_at, now()),
            last_opened_at = now()
         where id = $1 and is_active is not false and revoked_at is null
           and (expires_at is null or expires_at > now() at time zone 'utc')
           and (max_views is null or coalesce(views, 0) < max_views)
         returning coalesce(views, 0) as "views!""#,
        id.0
    )
    .fetch_optional(db)
    .await
}

/// The epoch that media addresses of this link must name.
pub async fn find_epoch(db: impl PgExecutor<'_>, id: ShareLinkId) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!("select epoch from share_links where id = $1", id.0).fetch_optional(db).await
}

impl From<Row> for ShareLink {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            gallery: row.gallery,
            token_sealed: row.token_sealed,
            level: LinkLevel::from_stored(row.access_level.as_deref()),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked: row.revoked,
            views: row.views,
            max_views: row.max_views,
            recipient_email: row.recipient_email,
        }
    }
}
