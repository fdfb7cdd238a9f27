//! Photos and their renditions in the database.

pub mod changes;
mod renditions;
mod subjects;
pub mod undos;

use sqlx::PgExecutor;

pub use found::list_found;
pub use library::{Counts, Filter, count_library, list_library};
pub use parts::{Spot, find_spot, list_part};
pub use renditions::{list_renditions, list_renditions_of};
pub use subjects::{Known, find_subject, list_known};

use super::{
    Camera, Listing, Photo, PhotoId, Placeholder, Status, Words,
    order::{Cursor, Key, Keys, Order},
};
use crate::{
    galleries::{GalleryId, SectionId},
    identity::AccountId,
    upload::FileId,
};

#[expect(clippy::struct_excessive_bools, reason = "the columns of a row")]
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
    copyright: Option<String>,
    credit: Option<String>,
    creator: Option<String>,
    keywords: Vec<String>,
    label: Option<String>,
    views: i32,
    download_count: i32,
    archived: bool,
    locked: bool,
    uploaded_at: chrono::NaiveDateTime,
    sorted_at: chrono::NaiveDateTime,
    name_key: String,
    position: i32,
    section: Option<SectionId>,
    file: Option<FileId>,
    is_replaced: bool,
}

/// The columns of a photo, with the defaults that rows of the earlier system may lack.
macro_rules! select_photos {
    ($($rest:literal)+ $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select photo.id, photo.photographer_id as owner, photo.gallery_id as gallery,
                coalesce(photo.filename, '') as "filename!", photo.title, photo.description,
                coalesce(photo.rating, 0) as "rating!", coalesce(photo.status, 'pending') as "status!",
                photo.failure, photo.failure_detail, photo.damaged, photo.width, photo.height,
                photo.thumbhash, photo.dominant_colour,
                photo.camera_make as make, photo.camera_model as model, photo.lens, photo.iso, photo.exposure_seconds,
                photo.aperture, photo.focal_length_mm, photo.taken_at, photo.taken_at_offset,
                photo.copyright, photo.credit, photo.creator, photo.keywords, photo.label,
                coalesce(photo.views, 0) + coalesce((select photo_statistics.views from photo_statistics
                    where photo_statistics.photo_id = photo.id), 0) as "views!",
                coalesce(photo.download_count, 0) + coalesce((select photo_statistics.downloads from photo_statistics
                    where photo_statistics.photo_id = photo.id), 0) as "download_count!",
                coalesce(photo.archived, false) as "archived!", coalesce(photo.locked, false) as "locked!",
                photo.file_id as file, photo.replaced_at is not null as "is_replaced!",
                coalesce(photo.upload_date, 'epoch') as "uploaded_at!",
                coalesce(photo.taken_at, photo.upload_date, 'epoch') as "sorted_at!",
                photo.name_key, coalesce(photo.position, 2147483647) as "position!", photo.section_id as section
            from photo "# $(+ $rest)+,
            $($argument),*
        )
    };
}

// Below the macro, which they use.
mod found;
mod library;
mod parts;

/// One photo.
pub async fn find(db: impl PgExecutor<'_>, id: PhotoId) -> sqlx::Result<Option<Photo>> {
    Ok(select_photos!("where photo.id = $1 and photo.deleted_at is null", id.0)
        .fetch_optional(db)
        .await?
        .map(Photo::from))
}

/// These photos of one owner, in no particular order.
pub async fn list_by_id(db: impl PgExecutor<'_>, owner: AccountId, ids: &[i32]) -> sqlx::Result<Vec<Photo>> {
    let rows = select_photos!(
        "where photo.photographer_id = $1 and photo.id = any($2) and photo.deleted_at is null",
        owner.0,
        ids
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Photo::from).collect())
}

/// Which photos of a gallery are listed.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Of this status; of every status without.
    pub status: Option<Status>,
    /// Also those that are out of sight for all but owner and editors.
    pub with_archived: bool,
    /// Of these parts of the gallery; of every part without.
    pub sections: Option<Vec<SectionId>>,
}

impl Scope {
    /// What the owner and editors work with.
    pub const EVERYTHING: Self = Self { status: None, with_archived: true, sections: None };
    /// What everybody else sees.
    pub const SHOWN: Self = Self { status: Some(Status::Ready), with_archived: false, sections: None };
}

/// The photos of a gallery in an order, from behind this place on; a place leads on in its own order.
pub async fn list_gallery(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    scope: Scope,
    order: Order,
    after: Option<&Cursor>,
    limit: u16,
) -> sqlx::Result<Listing<Photo>> {
    let status = scope.status.map(Status::as_str);
    let sections: Option<Vec<i64>> =
        scope.sections.map(|sections| sections.into_iter().map(|section| section.0).collect());
    let sections = sections.as_deref();
    let (id, most) = (after.map_or(0, |cursor| cursor.id.0), i64::from(limit) + 1);
    let key = after.map_or_else(|| first_key(order), |cursor| cursor.key.clone());
    let rows = match key {
        Key::TakenAt(time) => select_photos!(
            "where photo.gallery_id = $1 and photo.deleted_at is null
               and (coalesce(photo.taken_at, photo.upload_date, 'epoch'), photo.id) > ($2, $3)
               and ($4::text is null or photo.status = $4) and ($5 or not coalesce(photo.archived, false))
               and ($6::bigint[] is null or photo.section_id = any($6))
             order by coalesce(photo.taken_at, photo.upload_date, 'epoch'), photo.id limit $7",
            gallery.0,
            time,
            id,
            status,
            scope.with_archived,
            sections as Option<&[i64]>,
            most
        )
        .fetch_all(db)
        .await?,
        Key::Name(name) => select_photos!(
            "where photo.gallery_id = $1 and photo.deleted_at is null and (photo.name_key, photo.id) > ($2, $3)
               and ($4::text is null or photo.status = $4) and ($5 or not coalesce(photo.archived, false))
               and ($6::bigint[] is null or photo.section_id = any($6))
             order by photo.name_key, photo.id limit $7",
            gallery.0,
            name,
            id,
            status,
            scope.with_archived,
            sections as Option<&[i64]>,
            most
        )
        .fetch_all(db)
        .await?,
        Key::Manual(position) => select_photos!(
            "where photo.gallery_id = $1 and photo.deleted_at is null
               and (coalesce(photo.position, 2147483647), photo.id) > ($2, $3)
               and ($4::text is null or photo.status = $4) and ($5 or not coalesce(photo.archived, false))
               and ($6::bigint[] is null or photo.section_id = any($6))
             order by coalesce(photo.position, 2147483647), photo.id limit $7",
            gallery.0,
            position,
            id,
            status,
            scope.with_archived,
            sections as Option<&[i64]>,
            most
        )
        .fetch_all(db)
        .await?,
    };
    Ok(Listing::of(rows.into_iter().map(Photo::from).collect(), limit))
}

/// Before every photo of an order.
fn first_key(order: Order) -> Key {
    match order {
        Order::TakenAt => Key::TakenAt(earliest()),
        Order::Name => Key::Name(String::new()),
        Order::Manual => Key::Manual(i32::MIN),
    }
}

/// Before every photo that PostgreSQL can hold.
fn earliest() -> chrono::NaiveDateTime {
    chrono::NaiveDate::from_ymd_opt(-4000, 1, 1)
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .expect("a constant day")
}

/// Puts a failed photo back to pending; false if it was not failed, or has no file.
pub async fn update_to_pending(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update photo set status = 'pending', failure = null, failure_detail = null
         where id = $1 and status = 'failed' and file_id is not null and deleted_at is null",
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
            words: Words {
                copyright: row.copyright,
                credit: row.credit,
                creator: row.creator,
                keywords: row.keywords,
                label: row.label,
            },
            views: row.views,
            download_count: row.download_count,
            archived: row.archived,
            locked: row.locked,
            uploaded_at: row.uploaded_at,
            section: row.section,
            file: row.file,
            is_replaced: row.is_replaced,
            keys: Keys { sorted_at: row.sorted_at, name: row.name_key, position: row.position },
        }
    }
}
