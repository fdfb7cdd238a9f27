//! What a dashboard asks of the database. Without an owner it is about everybody.

use chrono::{DateTime, NaiveDateTime, Utc};
use sqlx::PgExecutor;

use super::Part;
use crate::{galleries::GalleryId, identity::AccountId, photos::PhotoId};

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Photos, without those in the trash.
    pub photos: i64,
    /// Photos that are being processed.
    pub pending: i64,
    /// Photos that could not be processed.
    pub failed: i64,
    /// Customers.
    pub customers: i64,
    /// Galleries, without those in the trash.
    pub galleries: i64,
}

/// A gallery that was made lately.
#[derive(Clone, Debug)]
pub struct RecentGallery {
    /// The gallery.
    pub id: GalleryId,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner_name: String,
    /// Photos in it.
    pub photos: i64,
    /// Views so far.
    pub views: i64,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// A photo to know it by.
    pub cover: Option<PhotoId>,
}

/// Somebody looked or downloaded.
pub struct Event {
    /// `view` or `download`.
    pub kind: String,
    /// `link`, `account` or `public`.
    pub visitor_kind: String,
    /// When.
    pub at: DateTime<Utc>,
    /// How many photos were downloaded.
    pub photos: i32,
    /// The gallery.
    pub gallery: GalleryId,
    /// Its name.
    pub gallery_name: String,
    /// For whom the link was.
    pub recipient: Option<String>,
}

/// A link was made.
pub struct Shared {
    /// UTC.
    pub at: NaiveDateTime,
    /// The gallery.
    pub gallery: GalleryId,
    /// Its name.
    pub gallery_name: String,
    /// For whom.
    pub recipient: Option<String>,
}

/// Photos arrived within an hour in one place.
pub struct Uploaded {
    /// UTC.
    pub at: NaiveDateTime,
    /// How many.
    pub photos: i64,
    /// The gallery.
    pub gallery: Option<GalleryId>,
    /// Its name.
    pub gallery_name: Option<String>,
}

/// How many there are of everything.
pub async fn count(db: impl PgExecutor<'_>, owner: Option<i32>) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select count(*) as "photos!", count(*) filter (where status = 'pending') as "pending!",
            count(*) filter (where status = 'failed') as "failed!",
            (select count(*) from customer where $1::integer is null or photographer_id = $1) as "customers!",
            (select count(*) from gallery
                where ($1::integer is null or user_id = $1) and deleted_at is null) as "galleries!"
         from photo where ($1::integer is null or photographer_id = $1) and deleted_at is null"#,
        owner
    )
    .fetch_one(db)
    .await
}

/// Bytes of an account's originals by the gallery that they are in; each file once, however many photos are on it.
pub async fn list_storage_by_gallery(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Vec<Part>> {
    sqlx::query_as!(
        Part,
        r#"select case when placed.deleted then 'In the trash' when placed.gallery_id is null then 'In no gallery'
                else (select gallery.name from gallery where gallery.id = placed.gallery_id) end as "name!",
            sum(files.size_bytes)::bigint as "bytes!"
         from files join (
            select file_id, min(gallery_id) as gallery_id, bool_and(deleted_at is not null) as deleted
            from photo where photographer_id = $1 and file_id is not null group by file_id
         ) as placed on placed.file_id = files.id
         where files.owner_id = $1
         group by placed.deleted, case when placed.deleted then null else placed.gallery_id end, 1"#,
        owner.0
    )
    .fetch_all(db)
    .await
}

/// Bytes of originals by account.
pub async fn list_storage_by_owner(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Part>> {
    sqlx::query_as!(
        Part,
        r#"select users.username as "name!", kept.bytes as "bytes!"
         from (select owner_id, sum(size_bytes)::bigint as bytes from files group by owner_id) as kept
         join users on users.id = kept.owner_id"#
    )
    .fetch_all(db)
    .await
}

/// The galleries that were made last.
pub async fn list_recent_galleries(
    db: impl PgExecutor<'_>,
    owner: Option<i32>,
    limit: i64,
) -> sqlx::Result<Vec<RecentGallery>> {
    sqlx::query_as!(
        RecentGallery,
        r#"select gallery.id, gallery.name, coalesce(gallery.created_at, 'epoch') as "created_at!",
            coalesce((select username from users where users.id = gallery.user_id), '') as "owner_name!",
            (select count(*) from photo where photo.gallery_id = gallery.id and photo.deleted_at is null) as "photos!",
            coalesce((select sum(views) from daily_statistics where scope = 'gallery' and subject_id = gallery.id), 0)
                as "views!",
            coalesce(
                (select photo.id from photo where photo.id = gallery.cover_photo_id and photo.status = 'ready'
                    and photo.gallery_id = gallery.id and photo.deleted_at is null),
                (select photo.id from photo where photo.gallery_id = gallery.id and photo.status = 'ready'
                    and photo.deleted_at is null and not coalesce(photo.archived, false)
                 order by coalesce(photo.taken_at, photo.upload_date, 'epoch'), photo.id limit 1)
            ) as "cover?: PhotoId"
         from gallery where ($1::integer is null or gallery.user_id = $1) and gallery.deleted_at is null
         order by gallery.id desc limit $2"#,
        owner,
        limit
    )
    .fetch_all(db)
    .await
}

/// Who looked and downloaded last.
pub async fn list_events(
    db: impl PgExecutor<'_>,
    owner: Option<i32>,
    limit: i64,
) -> sqlx::Result<Vec<Event>> {
    sqlx::query_as!(
        Event,
        r#"select statistics_events.kind, statistics_events.visitor_kind, statistics_events.happened_at as at,
            statistics_events.photos, gallery.id as gallery, gallery.name as gallery_name,
            (select recipient_email from share_links where share_links.id = statistics_events.share_link_id)
                as "recipient?"
         from statistics_events join gallery on gallery.id = statistics_events.gallery_id
         where ($1::integer is null or statistics_events.owner_id = $1) and gallery.deleted_at is null
         order by statistics_events.event_id desc limit $2"#,
        owner,
        limit
    )
    .fetch_all(db)
    .await
}

/// Links that were made last.
pub async fn list_shared(
    db: impl PgExecutor<'_>,
    owner: Option<i32>,
    limit: i64,
) -> sqlx::Result<Vec<Shared>> {
    sqlx::query_as!(
        Shared,
        r#"select coalesce(share_links.created_at, 'epoch') as "at!", gallery.id as gallery,
            gallery.name as gallery_name, share_links.recipient_email as recipient
         from share_links join gallery on gallery.id = share_links.gallery_id
         where ($1::integer is null or gallery.user_id = $1) and gallery.deleted_at is null
         order by share_links.id desc limit $2"#,
        owner,
        limit
    )
    .fetch_all(db)
    .await
}

/// Photos that arrived last, those of one place and hour together.
pub async fn list_uploaded(
    db: impl PgExecutor<'_>,
    owner: Option<i32>,
    limit: i64,
) -> sqlx::Result<Vec<Uploaded>> {
    sqlx::query_as!(
        Uploaded,
        r#"select max(upload_date) as "at!", count(*) as "photos!", gallery_id as gallery,
            (select gallery.name from gallery where gallery.id = gallery_id) as "gallery_name?"
         from (
            select gallery_id, upload_date from photo
            where ($1::integer is null or photographer_id = $1) and deleted_at is null and upload_date is not null
            order by id desc limit 1000
         ) as recent
         group by gallery_id, date_trunc('hour', upload_date) order by 1 desc limit $2"#,
        owner,
        limit
    )
    .fetch_all(db)
    .await
}
