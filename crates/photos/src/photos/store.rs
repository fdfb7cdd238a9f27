//! Photos and their renditions in the database.

use sqlx::PgExecutor;

use super::{Camera, Cursor, Listing, Photo, PhotoId, Placeholder, Rendition, Status};
use crate::{
    galleries::GalleryId,
    identity::AccountId,
    policy::{Subject, grant_from_stored},
};

struct Row {
    id: PhotoId,
    owner: Option<AccountId>,
    gallery: Option<GalleryId>,
    filename: String,
    title: Option<String>,
    description: Option<String>,
    rating: f64,
    status: Status,
    failure: Option<String>,
    failure_detail: Option<String>,
    damaged: bool,
    width: Option<i32>,
    height: Option<i32>,
    thumbhash: Option<Vec<u8>>,
    dominant_colour: Option<i32>,
    make: Option<String>,
    model: Option<String>,
    lens: Option<String>,
    iso: Option<i32>,
    exposure_seconds: Option<f64>,
    aperture: Option<f64>,
    focal_length_mm: Option<f64>,
    taken_at: Option<chrono::NaiveDateTime>,
    taken_at_offset: Option<String>,
    views: i32,
    download_count: i32,
    archived: bool,
    locked: bool,
    uploaded_at: chrono::NaiveDateTime,
    sorted_at: chrono::NaiveDateTime,
}

/// The columns of a photo, with the defaults that rows of the earlier system may lack.
macro_rules! select_photos {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select photo.id, photo.photographer_id as owner, photo.gallery_id as gallery,
                coalesce(photo.filename, '') as "filename!", photo.title, photo.description,
                coalesce(photo.rating, 0) as "rating!", coalesce(photo.status, 'pending') as "status!",
                photo.failure, photo.failure_detail, photo.damaged, photo.width, photo.height,
                photo.thumbhash, photo.dominant_colour,
                photo.camera_make as make, photo.camera_model as model, photo.lens, photo.iso, photo.exposure_seconds,
                photo.aperture, photo.focal_length_mm, photo.taken_at, photo.taken_at_offset,
                coalesce(photo.views, 0) as "views!", coalesce(photo.download_count, 0) as "download_count!",
                coalesce(photo.archived, false) as "archived!", coalesce(photo.locked, false) as "locked!",
                coalesce(photo.upload_date, 'epoch') as "uploaded_at!",
                coalesce(photo.taken_at, photo.upload_date, 'epoch') as "sorted_at!"
            from photo "# + $rest,
            $($argument),*
        )
    };
}

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

/// One photo.
pub async fn find(db: impl PgExecutor<'_>, id: PhotoId) -> sqlx::Result<Option<Photo>> {
    Ok(select_photos!("where photo.id = $1", id.0).fetch_optional(db).await?.map(Photo::from))
}

/// These photos of one owner, in no particular order.
pub async fn list_by_id(db: impl PgExecutor<'_>, owner: AccountId, ids: &[i32]) -> sqlx::Result<Vec<Photo>> {
    let rows = select_photos!("where photo.photographer_id = $1 and photo.id = any($2)", owner.0, ids);
    Ok(rows.fetch_all(db).await?.into_iter().map(Photo::from).collect())
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
        "where photo.photographer_id = $1 and photo.id < $2
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

/// Which photos of a gallery are listed.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Of this status; of every status without.
    pub status: Option<Status>,
    /// Also those that are out of sight for all but owner and editors.
    pub with_archived: bool,
}

impl Scope {
    /// What the owner and editors work with.
    pub const EVERYTHING: Self = Self { status: None, with_archived: true };
    /// What everybody else sees.
    pub const SHOWN: Self = Self { status: Some(Status::Ready), with_archived: false };
}

/// The photos of a gallery in the order they were taken, from behind this place on.
pub async fn list_gallery(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    scope: Scope,
    after: Option<Cursor>,
    limit: u16,
) -> sqlx::Result<Listing<Photo>> {
    let rows = select_photos!(
        "where photo.gallery_id = $1
           and (coalesce(photo.taken_at, photo.upload_date, 'epoch'), photo.id) > ($2, $3)
           and ($4::text is null or photo.status = $4) and ($5 or not coalesce(photo.archived, false))
         order by coalesce(photo.taken_at, photo.upload_date, 'epoch'), photo.id limit $6",
        gallery.0,
        after.map_or(earliest(), |cursor| cursor.sorted_at),
        after.map_or(0, |cursor| cursor.id.0),
        scope.status.map(Status::as_str),
        scope.with_archived,
        i64::from(limit) + 1
    );
    Ok(Listing::of(rows.fetch_all(db).await?.into_iter().map(Photo::from).collect(), limit))
}

/// Before every photo that PostgreSQL can hold.
fn earliest() -> chrono::NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(-4000, 1, 1)
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .expect("a constant day")
}

/// How many photos a photographer has, by filter.
pub async fn count_library(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"select count(*) as "all!", count(*) filter (where gallery_id is null) as "loose!",
            count(*) filter (where coalesce(status, 'pending') = 'pending') as "pending!", count(*) filter (where status = 'failed') as "failed!"
         from photo where photographer_id = $1"#,
        owner.0
    )
    .fetch_one(db)
    .await
}

/// All renditions of these photos.
pub async fn list_renditions(db: impl PgExecutor<'_>, photos: &[Photo]) -> sqlx::Result<Vec<Rendition>> {
    let ids: Vec<i32> = photos.iter().map(|photo| photo.id.0).collect();
    let rows = sqlx::query!(
        "select photo_id, kind, marked, encoding, width, height from renditions where photo_id = any($1)",
        &ids
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows
        .filter_map(|row| {
            let kind = imaging::Kind::all().iter().copied().find(|kind| kind.name() == row.kind)?;
            Some(Rendition {
                photo: row.photo_id,
                kind,
                marked: row.marked,
                encoding: row.encoding.parse().ok()?,
                width: row.width,
                height: row.height,
            })
        })
        .collect())
}

/// What the policy needs to know of a photo when this account (or nobody) asks.
pub async fn find_subject(
    db: impl PgExecutor<'_>,
    photo: PhotoId,
    account: Option<AccountId>,
) -> sqlx::Result<Option<Subject>> {
    let row = sqlx::query!(
        r#"select photo.gallery_id, photo.photographer_id, gallery.user_id as "gallery_owner?", coalesce(gallery.is_public, false) as "is_public!",
            coalesce(photo.archived, false) as "archived!", gallery_permissions.permission_level as "permission_level?",
            owner.deleted_at is not null as "owner_is_gone!"
         from photo
         left join gallery on gallery.id = photo.gallery_id
         left join users owner on owner.id = coalesce(gallery.user_id, photo.photographer_id)
         left join gallery_permissions
            on gallery_permissions.gallery_id = photo.gallery_id and gallery_permissions.user_id = $2
         where photo.id = $1"#,
        photo.0,
        account.map(|account| account.0)
    );
    Ok(row.fetch_optional(db).await?.map(|row| Subject {
        gallery: row.gallery_id,
        owner: row.photographer_id,
        gallery_owner: row.gallery_owner,
        owner_is_gone: row.owner_is_gone,
        is_public: row.is_public,
        is_archived: row.archived,
        grant: grant_from_stored(row.permission_level.as_deref()),
    }))
}

/// Puts a failed photo back to pending; false if it was not failed.
pub async fn update_to_pending(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update photo set status = 'pending', failure = null, failure_detail = null where id = $1 and status = 'failed'",
        photo.0
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

impl From<Row> for Photo {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            owner: row.owner,
            gallery: row.gallery,
            filename: row.filename,
            title: row.title,
            description: row.description,
            rating: row.rating,
            status: row.status,
            failure: row.failure,
            failure_detail: row.failure_detail,
            damaged: row.damaged,
            width: row.width,
            height: row.height,
            placeholder: Placeholder::from_stored(row.thumbhash, row.dominant_colour),
            camera: Camera {
                make: row.make,
                model: row.model,
                lens: row.lens,
                iso: row.iso,
                exposure_seconds: row.exposure_seconds,
                aperture: row.aperture,
                focal_length_mm: row.focal_length_mm,
                taken_at: row.taken_at,
                taken_at_offset: row.taken_at_offset,
            },
            views: row.views,
            download_count: row.download_count,
            archived: row.archived,
            locked: row.locked,
            uploaded_at: row.uploaded_at,
            sorted_at: row.sorted_at,
        }
    }
}
