//! A photographer's library in the database.

use sqlx::PgExecutor;

use super::Row;
use crate::{
    identity::AccountId,
    photos::{Listing, Photo, PhotoId},
};

/// Which photos of a library are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those in no gallery.
    Loose,
    /// Those that are shown.
    Ready,
    /// Those still being processed.
    Pending,
    /// Those that could not be processed.
    Failed,
}

/// How many photos of a library fall under each filter.
pub struct Counts {
    /// All photos.
    pub all: i64,
    /// In no gallery.
    pub loose: i64,
    /// Being processed.
    pub pending: i64,
    /// Not processable.
    pub failed: i64,
}

/// A photographer's photos, newest first, from below this id on.
pub async fn list_library(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    filter: Filter,
    below: Option<PhotoId>,
    limit: u16,
) -> sqlx::Result<Listing<Photo>> {
    let (below, most) = (below.map_or(i32::MAX, |id| id.0), i64::from(limit) + 1);
    let (loose, status) = match filter {
        Filter::All => (false, None),
        Filter::Loose => (true, None),
        Filter::Ready => (false, Some("ready")),
        Filter::Pending => (false, Some("pending")),
        Filter::Failed => (false, Some("failed")),
    };
    let rows = select_photos!(
        "where photo.photographer_id = $1 and photo.id < $2 and photo.deleted_at is null
           and (not $3 or photo.gallery_id is null) and ($4::text is null or coalesce(photo.status, 'pending') = $4)
         order by photo.id desc limit $5",
        owner.0,
        below,
        loose,
        status,
        most
    );
    Ok(Listing::of(rows.fetch_all(db).await?.into_iter().map(Photo::from).collect(), limit))
}

/// How many photos a photographer has, by filter.
pub async fn count_library(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select count(*) as "all!", count(*) filter (where gallery_id is null) as "loose!",
            count(*) filter (where coalesce(status, 'pending') = 'pending') as "pending!", count(*) filter (where status = 'failed') as "failed!"
         from photo where photographer_id = $1 and deleted_at is null"#,
        owner.0
    )
    .fetch_one(db)
    .await
}
