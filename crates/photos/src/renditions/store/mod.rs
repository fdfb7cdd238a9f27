//! Renditions and their photo's state in the database.

mod encodings;
pub mod outdated;

pub use encodings::{find_processed_at, update_encodings};
use imaging::{Metadata, Placeholder, Rendered, Rendition};
use sqlx::{PgExecutor, PgTransaction};

use super::process::Failure;
use crate::{
    downloads::measuring::measure,
    identity::AccountId,
    originals,
    photos::{PhotoId, events::CHANNEL, taken_at},
};

/// What a worker needs to know of a photo.
pub struct Source {
    /// Whose storage it is in.
    pub owner: AccountId,
    /// Where the original lies.
    pub storage_key: String,
    /// The photographer's name: the default mark.
    pub photographer: String,
}

/// The original of a photo; `None` if the photo is gone.
pub async fn find_source(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<Option<Source>> {
    sqlx::query_as!(
        Source,
        r#"select users.id as owner, files.storage_key, coalesce(shown_name(users.id), '') as "photographer!"
         from photo join files on files.id = photo.file_id
         join users on users.id = coalesce(photo.photographer_id, files.owner_id)
         where photo.id = $1"#,
        photo.0
    )
    .fetch_optional(db)
    .await
}

/// The photo is ready: its renditions replace those that were there.
pub async fn update_ready(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    rendered: &Rendered,
    keys: &[String],
) -> sqlx::Result<()> {
    replace_files(transaction, photo, None, keys).await?;
    create(transaction, photo, &rendered.renditions, keys).await?;
    update_placeholder(transaction, photo, &rendered.placeholder).await?;
    if let Some(original) = &rendered.original {
        originals::store::create_for_photo(transaction, photo, original).await?;
    }
    update_facts(transaction, photo, rendered).await?;
    update_words(transaction, photo, &rendered.metadata).await?;
    notify(transaction, photo).await
}

async fn create(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    pictures: &[Rendition],
    keys: &[String],
) -> sqlx::Result<()> {
    let kinds: Vec<String> = pictures.iter().map(|picture| picture.kind.name().to_owned()).collect();
    let marked: Vec<bool> = pictures.iter().map(|picture| picture.marked).collect();
    let widths: Vec<i32> = pictures.iter().map(|picture| pixels(picture.size.width)).collect();
    let heights: Vec<i32> = pictures.iter().map(|picture| pixels(picture.size.height)).collect();
    let sizes: Vec<i32> =
        pictures.iter().map(|picture| i32::try_from(picture.file.len()).unwrap_or(i32::MAX)).collect();
    let (hashes, checksums): (Vec<Vec<u8>>, Vec<i64>) =
        pictures.iter().map(|picture| measure(&picture.file)).unzip();
    sqlx::query!(
        "insert into renditions
            (photo_id, kind, marked, encoding, width, height, size_bytes, storage_key, sha256, crc32, recipe)
         select $1, kind, marked, encoding, width, height, size_bytes, storage_key, sha256, crc32, $2
         from unnest($3::text[], $4::boolean[], $5::text[], $6::integer[], $7::integer[], $8::integer[], $9::text[],
            $10::bytea[], $11::bigint[])
            as made (kind, marked, encoding, width, height, size_bytes, storage_key, sha256, crc32)",
        photo.0,
        imaging::RECIPE_VERSION,
        &kinds,
        &marked,
        &encodings_of(pictures),
        &widths,
        &heights,
        &sizes,
        keys,
        &hashes,
        &checksums
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

fn encodings_of(pictures: &[Rendition]) -> Vec<String> {
    pictures.iter().map(|picture| picture.encoding.name().to_owned()).collect()
}

async fn update_placeholder(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    placeholder: &Placeholder,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update photo set thumbhash = $2, dominant_colour = $3 where id = $1",
        photo.0,
        placeholder.thumbhash,
        i32::try_from(placeholder.dominant_colour).ok()
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// The new files belong to the photo from here on; what it had before, in these encodings or in all, is noted to be
/// removed in a day, when nobody reads it any more.
async fn replace_files(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    encodings: Option<&[String]>,
    keys: &[String],
) -> sqlx::Result<()> {
    sqlx::query!("delete from pending_files where storage_key = any($1)", keys)
        .execute(&mut **transaction)
        .await?;
    sqlx::query!(
        "with replaced as (
            delete from renditions where photo_id = $1 and ($3::text[] is null or encoding = any($3))
            returning storage_key
         )
         insert into pending_files (storage_key)
         select distinct storage_key from replaced where storage_key <> all($2)
         on conflict (storage_key) do nothing",
        photo.0,
        keys,
        encodings as Option<&[String]>
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

async fn update_facts(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    rendered: &Rendered,
) -> sqlx::Result<()> {
    let facts = &rendered.metadata;
    sqlx::query!(
        "update photo set status = 'ready', replaced_at = null, failure = null, failure_detail = null, damaged = $2, width = $3, height = $4,
            camera_make = $5, camera_model = $6, lens = $7, iso = $8, exposure_seconds = $9, aperture = $10,
            focal_length_mm = $11, taken_at = coalesce($12, taken_at),
            taken_at_offset = case when $12::timestamp is null then taken_at_offset else $13 end, recipe = $14, processed_at = now()
         where id = $1",
        photo.0,
        rendered.damaged,
        pixels(rendered.displayed.width),
        pixels(rendered.displayed.height),
        facts.make,
        facts.model,
        facts.lens,
        facts.iso.and_then(|iso| i32::try_from(iso).ok()),
        facts.exposure_seconds,
        facts.aperture,
        facts.focal_length_mm,
        taken_at(facts),
        facts.taken_at_offset,
        imaging::RECIPE_VERSION
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("delete from photo_locations where photo_id = $1", photo.0)
        .execute(&mut **transaction)
        .await?;
    if let Some(gps) = &facts.gps {
        sqlx::query!(
            "insert into photo_locations (photo_id, latitude, longitude, altitude_m) values ($1, $2, $3, $4)",
            photo.0,
            gps.latitude,
            gps.longitude,
            gps.altitude
        )
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

/// Title, description and rating are people's to change: the file gives them once, and only where nobody did before.
async fn update_words(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    words: &Metadata,
) -> sqlx::Result<()> {
    // A photo that its photographer's program calls rejected has no stars.
    let stars = words.rating.filter(|stars| *stars > 0).map(f64::from);
    sqlx::query!(
        "update photo set copyright = $2, credit = $3, creator = $4, keywords = $5, label = $6 where id = $1",
        photo.0,
        words.copyright,
        words.credit,
        words.creator,
        &words.keywords,
        words.label
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "update photo set described_at = now(), title = coalesce(nullif(title, ''), $2),
            description = coalesce(nullif(description, ''), $3), rating = coalesce(nullif(rating, 0), $4, 0)
         where id = $1 and described_at is null",
        photo.0,
        words.title,
        words.caption,
        stars
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Which watermark was drawn over the photo's marked renditions.
pub async fn update_mark_version(
    db: impl PgExecutor<'_>,
    photo: PhotoId,
    mark_version: i64,
) -> sqlx::Result<()> {
    sqlx::query!("update photo set mark_version = $2 where id = $1", photo.0, mark_version)
        .execute(db)
        .await
        .map(drop)
}

/// The photo can't be processed; its original stays with its owner, and so do renditions that were made of it before, but
/// not those of a version before it.
pub async fn update_failed(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    failure: &Failure,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with gone as (
            delete from renditions using photo
            where photo.id = $1 and renditions.photo_id = photo.id and photo.replaced_at is not null
            returning storage_key
         )
         insert into pending_files (storage_key) select distinct storage_key from gone
         on conflict (storage_key) do nothing",
        photo.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "update photo set replaced_at = null, status = case when made.before then 'ready' else 'failed' end,
            failure = case when not made.before then $2 end, failure_detail = case when not made.before then $3 end,
            recipe = $4, processed_at = now(),
            mark_version = coalesce((select version from watermarks where owner_id = photo.photographer_id),
                (select mark_version from site_settings))
         from (select exists (select from renditions where photo_id = $1) as before) as made where id = $1",
        photo.0,
        failure.reason,
        failure.detail,
        imaging::RECIPE_VERSION
    )
    .execute(&mut **transaction)
    .await?;
    notify(transaction, photo).await
}

/// Tells open pages, when the transaction commits.
async fn notify(transaction: &mut PgTransaction<'_>, photo: PhotoId) -> sqlx::Result<()> {
    sqlx::query!(
        "select pg_notify($1, json_build_object('id', id, 'status', status, 'owner', photographer_id)::text)
         from photo where id = $2",
        CHANNEL,
        photo.0
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

fn pixels(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
