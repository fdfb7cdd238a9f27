//! What accounts own, and what an administrator looks after, in the database of photos.

pub mod failed;
pub mod mails;
pub mod storage;

use chrono::NaiveDateTime;
use common::identity::UserId;
use sqlx::PgExecutor;

use crate::galleries::GalleryId;

/// What one account owns.
pub struct Belongings {
    /// Whose.
    pub user: Option<UserId>,
    /// Galleries.
    pub galleries: i64,
    /// Photos.
    pub photos: i64,
}

/// What these accounts own; one that was never here owns nothing and is not in the answer.
pub async fn list_belongings(db: impl PgExecutor<'_>, users: &[i32]) -> sqlx::Result<Vec<Belongings>> {
    sqlx::query_as!(
        Belongings,
        r#"select auth_user_id as user,
            (select count(*) from gallery where gallery.user_id = users.id) as "galleries!",
            (select count(*) from photo where photo.photographer_id = users.id) as "photos!"
        from users where auth_user_id = any($1)"#,
        users,
    )
    .fetch_all(db)
    .await
}

/// A gallery of anybody.
pub struct AnyGallery {
    /// The gallery.
    pub id: GalleryId,
    /// Its name.
    pub name: String,
    /// The name of its owner.
    pub owner_name: String,
    /// Whether that account is gone.
    pub owner_is_gone: bool,
    /// Whether everybody may see it.
    pub is_public: bool,
    /// Whether it is in the trash.
    pub is_deleted: bool,
    /// Photos in it.
    pub photos: i64,
    /// Views so far.
    pub views: i64,
    /// UTC.
    pub created_at: NaiveDateTime,
}

/// How much there is.
pub struct Sums {
    /// Accounts that were here and are not gone.
    pub people: i64,
    /// Galleries, without those in the trash.
    pub galleries: i64,
    /// Photos, without those in the trash.
    pub photos: i64,
    /// Photos in the trash.
    pub in_trash: i64,
    /// Photos that could not be processed.
    pub failed: i64,
    /// Bytes of originals.
    pub bytes: i64,
}

/// The outbox.
pub struct Mails {
    /// Not sent yet.
    pub waiting: i64,
    /// Given up within 30 days.
    pub failed: i64,
    /// What the mail server said last of one that waits.
    pub last_error: Option<String>,
}

/// Galleries whose name, or whose owner's name, holds this text, the newest first, below this id.
pub async fn list_galleries(
    db: impl PgExecutor<'_>,
    text: &str,
    below: Option<GalleryId>,
    limit: u16,
) -> sqlx::Result<Vec<AnyGallery>> {
    sqlx::query_as!(
        AnyGallery,
        r#"select id, name, owner_name as "owner_name!", owner_is_gone as "owner_is_gone!", is_public as "is_public!",
            is_deleted as "is_deleted!", created_at as "created_at!",
            (select count(*) from photo where photo.gallery_id = listed.id) as "photos!",
            coalesce((select sum(views) from daily_statistics where scope = 'gallery' and subject_id = listed.id), 0)
                as "views!"
         from (
            select gallery.id, gallery.name, coalesce(gallery.is_public, false) as is_public,
                gallery.deleted_at is not null as is_deleted, coalesce(gallery.created_at, 'epoch') as created_at,
                coalesce((select username from users where users.id = gallery.user_id), '') as owner_name,
                exists (select from users where users.id = gallery.user_id and users.deleted_at is not null)
                    as owner_is_gone
            from gallery where gallery.id < $2
         ) as listed
         where $1 = '' or position(lower($1) in lower(name)) > 0 or position(lower($1) in lower(owner_name)) > 0
         order by id desc limit $3"#,
        text,
        below.map_or(i32::MAX, |id| id.0),
        i64::from(limit)
    )
    .fetch_all(db)
    .await
}

/// How much there is of everything.
pub async fn find_sums(db: impl PgExecutor<'_>) -> sqlx::Result<Sums> {
    sqlx::query_as!(
        Sums,
        r#"select (select count(*) from users where auth_user_id is not null and deleted_at is null) as "people!",
            (select count(*) from gallery where deleted_at is null) as "galleries!",
            count(*) filter (where deleted_at is null) as "photos!",
            count(*) filter (where deleted_at is not null) as "in_trash!",
            count(*) filter (where status = 'failed' and deleted_at is null) as "failed!",
            (select coalesce(sum(size_bytes), 0)::bigint from files) as "bytes!"
         from photo"#
    )
    .fetch_one(db)
    .await
}

/// What the outbox holds.
pub async fn find_mails(db: impl PgExecutor<'_>) -> sqlx::Result<Mails> {
    sqlx::query_as!(
        Mails,
        r#"select count(*) filter (where sealed is not null) as "waiting!",
            count(*) filter (where failed_at > now() - interval '30 days') as "failed!",
            (select last_error from mails where sealed is not null and last_error is not null
             order by next_attempt_at desc limit 1) as "last_error?"
         from mails"#
    )
    .fetch_one(db)
    .await
}
