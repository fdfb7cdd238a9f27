//! What is changed about photos, in the database. Deleting is in the trash.

use sqlx::{PgExecutor, PgTransaction};

use crate::{
    galleries::GalleryId,
    photos::{PhotoId, change::Change},
};

/// A copy that was made.
pub struct Copied {
    /// The photo it was made from.
    pub source: PhotoId,
    /// The copy.
    pub made: PhotoId,
    /// Whether the source's renditions fit it: both have the same owner, and the source is ready.
    pub keeps_renditions: bool,
}

/// Changes the details of a photo; what is `None` stays as it is at that moment.
pub async fn update_details(db: impl PgExecutor<'_>, photo: PhotoId, change: &Change) -> sqlx::Result<()> {
    sqlx::query!(
        "update photo set title = case when $2 then $3 else title end,
            description = case when $4 then $5 else description end, rating = coalesce($6, rating),
            archived = coalesce($7, archived), locked = coalesce($8, locked)
         where id = $1 and deleted_at is null",
        photo.0,
        change.title.is_some(),
        change.title.as_ref().and_then(Option::as_deref),
        change.description.is_some(),
        change.description.as_ref().and_then(Option::as_deref),
        change.rating,
        change.archived,
        change.locked
    )
    .execute(db)
    .await
    .map(drop)
}

/// Changes what is not `None` of many photos; returns which there were.
pub async fn update_flags(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
    archived: Option<bool>,
    locked: Option<bool>,
    rating: Option<f64>,
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"update photo set archived = coalesce($2, archived), locked = coalesce($3, locked), rating = coalesce($4, rating)
         where id = any($1) and deleted_at is null returning id"#,
        photos,
        archived,
        locked,
        rating
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Puts photos into a gallery of their owner, or out of every gallery; returns which were.
pub async fn update_gallery(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
    gallery: Option<GalleryId>,
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"update photo set gallery_id = $2,
            section_id = case when photo.gallery_id = $2 then photo.section_id end,
            position = case when photo.gallery_id = $2 then photo.position end
         where id = any($1) and deleted_at is null
           and ($2::integer is null or photographer_id = (
                select user_id from gallery where gallery.id = $2 and gallery.deleted_at is null))
         returning id"#,
        photos,
        gallery.map(|gallery| gallery.0) as Option<i32>
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Keeps photos as they are, and their files where they are, until the transaction ends. Held in this order, as by those
/// who remove photos, nobody waits for each other for ever.
pub async fn hold(transaction: &mut PgTransaction<'_>, photos: &[i32]) -> sqlx::Result<()> {
    sqlx::query!("select id from photo where id = any($1) order by id for share", photos)
        .fetch_all(&mut **transaction)
        .await?;
    sqlx::query!(
        "select id from files where id in (select file_id from photo where id = any($1)) order by id for key share",
        photos
    )
    .fetch_all(&mut **transaction)
    .await
    .map(drop)
}

/// Makes copies of photos in a gallery, as its owner's.
pub async fn create_copies(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
    gallery: GalleryId,
) -> sqlx::Result<Vec<Copied>> {
    sqlx::query_as!(
        Copied,
        r#"with chosen as materialized (
            select photo.id as source, nextval(pg_get_serial_sequence('photo', 'id'))::integer as made,
                gallery.user_id as owner,
                photo.photographer_id = gallery.user_id and photo.status = 'ready' and photo.replaced_at is null
                    as keeps_renditions
            from photo join gallery on gallery.id = $2 and gallery.deleted_at is null
            where photo.id = any($1) and photo.deleted_at is null and photo.file_id is not null
            order by photo.id
        ), made as (
            insert into photo (id, photographer_id, gallery_id, file_id, filename, original_path, title, description,
                rating, status, width, height, damaged, taken_at, taken_at_offset, camera_make, camera_model, lens,
                iso, exposure_seconds, aperture, focal_length_mm, copyright, credit, creator, keywords, label, described_at,
                processed_at, recipe, mark_version, thumbhash, dominant_colour)
            select chosen.made, chosen.owner, $2, photo.file_id, photo.filename, photo.original_path, photo.title,
                photo.description, photo.rating, case when chosen.keeps_renditions then 'ready' else 'pending' end,
                photo.width, photo.height, photo.damaged, photo.taken_at, photo.taken_at_offset, photo.camera_make,
                photo.camera_model, photo.lens, photo.iso, photo.exposure_seconds, photo.aperture,
                photo.focal_length_mm, photo.copyright, photo.credit, photo.creator, photo.keywords, photo.label,
                photo.described_at, photo.processed_at, photo.recipe, photo.mark_version, photo.thumbhash,
                photo.dominant_colour
            from chosen join photo on photo.id = chosen.source
        ), placed as (
            -- Where a photo was taken stays with its owner.
            insert into photo_locations (photo_id, latitude, longitude, altitude_m)
            select chosen.made, latitude, longitude, altitude_m
            from chosen join photo_locations on photo_locations.photo_id = chosen.source
            where chosen.keeps_renditions
        )
        select source as "source: PhotoId", made as "made!: PhotoId", coalesce(keeps_renditions, false) as "keeps_renditions!"
        from chosen"#,
        photos,
        gallery.0
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Gives copies the renditions of their sources: rows on the same stored files.
pub async fn create_renditions_of_copies(
    transaction: &mut PgTransaction<'_>,
    copies: &[&Copied],
) -> sqlx::Result<()> {
    let sources: Vec<i32> = copies.iter().map(|copy| copy.source.0).collect();
    let made: Vec<i32> = copies.iter().map(|copy| copy.made.0).collect();
    sqlx::query!(
        "insert into renditions (photo_id, kind, marked, encoding, width, height, size_bytes, storage_key, sha256, crc32, recipe)
         select copied.made, kind, marked, encoding, width, height, size_bytes, storage_key, sha256, crc32, recipe
         from unnest($1::integer[], $2::integer[]) as copied (source, made)
         join renditions on renditions.photo_id = copied.source",
        &sources,
        &made
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}
