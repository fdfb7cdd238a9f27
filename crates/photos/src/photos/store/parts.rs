//! The parts of a gallery, and the place of a photo in it, in the database.

use sqlx::PgExecutor;

use super::{Row, first_key};
use crate::{
    galleries::{GalleryId, SectionId},
    photos::{Cursor, Listing, Order, Photo, PhotoId, order::Key},
};

/// The shown photos of one section, or of no section, in an order, from behind this place on.
pub async fn list_part(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    section: Option<SectionId>,
    order: Order,
    after: Option<&Cursor>,
    limit: u16,
) -> sqlx::Result<Listing<Photo>> {
    let section = section.map_or(0, |section| section.0);
    let (id, most) = (after.map_or(0, |cursor| cursor.id.0), i64::from(limit) + 1);
    let key = after.map_or_else(|| first_key(order), |cursor| cursor.key.clone());
    let rows = match key {
        Key::TakenAt(time) => {
            select_photos!(
            "where photo.gallery_id = $1 and coalesce(photo.section_id, 0) = $2 and photo.deleted_at is null
               and (coalesce(photo.taken_at, photo.upload_date, 'epoch'), photo.id) > ($3, $4)
               and photo.status = 'ready' and not coalesce(photo.archived, false)
             order by coalesce(photo.taken_at, photo.upload_date, 'epoch'), photo.id limit $5",
            gallery.0,
            section,
            time,
            id,
            most
        )
            .fetch_all(db)
            .await?
        }
        Key::Name(name) => {
            select_photos!(
            "where photo.gallery_id = $1 and coalesce(photo.section_id, 0) = $2 and photo.deleted_at is null
               and (photo.name_key, photo.id) > ($3, $4)
               and photo.status = 'ready' and not coalesce(photo.archived, false)
             order by photo.name_key, photo.id limit $5",
            gallery.0,
            section,
            name,
            id,
            most
        )
            .fetch_all(db)
            .await?
        }
        Key::Manual(position) => {
            select_photos!(
            "where photo.gallery_id = $1 and coalesce(photo.section_id, 0) = $2 and photo.deleted_at is null
               and (coalesce(photo.position, 2147483647), photo.id) > ($3, $4)
               and photo.status = 'ready' and not coalesce(photo.archived, false)
             order by coalesce(photo.position, 2147483647), photo.id limit $5",
            gallery.0,
            section,
            position,
            id,
            most
        )
            .fetch_all(db)
            .await?
        }
    };
    Ok(Listing::of(rows.into_iter().map(Photo::from).collect(), limit))
}

/// Where a photo stands among those that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The photo before it.
    pub before: Option<PhotoId>,
    /// The photo behind it.
    pub behind: Option<PhotoId>,
    /// From 1.
    pub number: i64,
    /// How many are shown.
    pub total: i64,
}

/// The place of a photo in its gallery, section after section, each in this order; of these sections alone where some
/// are named.
pub async fn find_spot(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    photo: PhotoId,
    sections: Option<&[i64]>,
    order: Order,
) -> sqlx::Result<Option<Spot>> {
    sqlx::query_as!(
        Spot,
        r#"select before as "before?: PhotoId", behind as "behind?: PhotoId", number as "number!", total as "total!" from (
            select shown.id, lag(shown.id) over standing as before, lead(shown.id) over standing as behind,
                row_number() over standing as number, count(*) over () as total
            from photo shown
            where shown.gallery_id = $1 and shown.deleted_at is null and shown.status = 'ready'
              and not coalesce(shown.archived, false) and ($3::bigint[] is null or shown.section_id = any($3))
            window standing as (order by
                (select sections.position from sections where sections.id = shown.section_id) nulls last,
                shown.section_id nulls last,
                case when $4 = 'taken_at' then coalesce(shown.taken_at, shown.upload_date, 'epoch') end,
                case when $4 = 'name' then shown.name_key end,
                case when $4 = 'manual' then coalesce(shown.position, 2147483647) end,
                shown.id)
        ) spots where id = $2"#,
        gallery.0,
        photo.0,
        sections as Option<&[i64]>,
        order.as_str() as &str
    )
    .fetch_optional(db)
    .await
}
