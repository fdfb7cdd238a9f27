//! A photographer's library in the database.

use sqlx::PgExecutor;

use super::Row;
use crate::{
    identity::AccountId,
    photos::{Listing, Photo, PhotoId, Status},
};

/// Which photos of a library are listed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema, Default,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = PhotoFilter)]
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
    /// Those out of sight for all but owner and editors.
    Archived,
    /// Those that can't be changed or deleted.
    Locked,
}

impl Filter {
    /// The stored status that it wants.
    pub fn status(self) -> Option<&'static str> {
        match self {
            Self::Ready => Some("ready"),
            Self::Pending => Some("pending"),
            Self::Failed => Some("failed"),
            Self::All | Self::Loose | Self::Archived | Self::Locked => None,
        }
    }

    /// Whether it wants photos in no gallery.
    pub fn is_loose(self) -> bool {
        self == Self::Loose
    }

    /// Whether it wants archived photos.
    pub fn is_archived(self) -> bool {
        self == Self::Archived
    }

    /// Whether it wants locked photos.
    pub fn is_locked(self) -> bool {
        self == Self::Locked
    }

    /// The word in an address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Loose => "loose",
            Self::Ready => "ready",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Archived => "archived",
            Self::Locked => "locked",
        }
    }
}

impl From<Status> for Filter {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Ready => Self::Ready,
            Status::Failed => Self::Failed,
        }
    }
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
    /// Out of sight.
    pub archived: i64,
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
    let rows = select_photos!(
        "where photo.photographer_id = $1 and photo.id < $2 and photo.deleted_at is null
           and (not $3 or photo.gallery_id is null)
           and ($4::text is null or case when photo.replaced_at is null then coalesce(photo.status, 'pending') else 'pending' end = $4)
           and (not $5 or photo.archived) and (not $6 or photo.locked)
         order by photo.id desc limit $7",
        owner.0,
        below,
        filter.is_loose(),
        filter.status(),
        filter.is_archived(),
        filter.is_locked(),
        most
    );
    Ok(Listing::of(rows.fetch_all(db).await?.into_iter().map(Photo::from).collect(), limit))
}

/// How many photos a photographer has, by filter.
pub async fn count_library(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select count(*) as "all!", count(*) filter (where gallery_id is null) as "loose!",
            count(*) filter (where coalesce(status, 'pending') = 'pending' or replaced_at is not null) as "pending!",
            count(*) filter (where status = 'failed') as "failed!",
            count(*) filter (where archived) as "archived!"
         from photo where photographer_id = $1 and deleted_at is null"#,
        owner.0
    )
    .fetch_one(db)
    .await
}
