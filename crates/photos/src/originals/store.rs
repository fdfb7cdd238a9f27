//! Plans of clean originals in the database.

use imaging::scrub::{SCRUB_VERSION, Scrubbed};
use sqlx::{PgExecutor, types::Json};

use super::{Offer, Offers, State, Withheld};
use crate::{
    photos::{Photo, PhotoId},
    policy::Access,
    upload::FileId,
};

/// A stored original that waits for its plan.
pub struct Waiting {
    /// The file.
    pub id: FileId,
    /// Where it lies.
    pub storage_key: String,
    /// Its bytes.
    pub size_bytes: i64,
}

/// Whether the owner of a photo uploaded its file.
pub async fn is_own(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from photo join files on files.id = photo.file_id
            where photo.id = $1 and coalesce(photo.photographer_id = files.owner_id, true)) as "own!""#,
        photo.0
    )
    .fetch_one(db)
    .await
}

/// What somebody with this access is offered of the originals of these photos.
pub async fn list_offers(db: impl PgExecutor<'_>, access: Access, photos: &[Photo]) -> sqlx::Result<Offers> {
    if access < Access::Copy {
        return Ok(Offers::default());
    }
    let ids: Vec<i32> = photos.iter().map(|photo| photo.id.0).collect();
    let rows = sqlx::query!(
        r#"select photo.id, coalesce(photo.photographer_id = files.owner_id, true) as "is_own!",
            clean_files.plan is not null as "is_clean!", clean_files.reason as "reason?", clean_files.detail as "detail?"
         from photo join files on files.id = photo.file_id
         left join clean_files on clean_files.file_id = files.id and clean_files.version = $2
         where photo.id = any($1)"#,
        &ids,
        SCRUB_VERSION
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    let offers = rows.filter_map(|row| {
        let withheld = row.reason.zip(row.detail).map(|(reason, detail)| Withheld { reason, detail });
        let state = State { is_own: row.is_own, is_clean: row.is_clean, withheld };
        Offer::of(access, state).map(|offer| (row.id, offer))
    });
    Ok(Offers(offers.collect()))
}

/// Keeps what became of a file, in the place of what was known before.
pub async fn create(db: impl PgExecutor<'_>, file: FileId, scrubbed: &Scrubbed) -> sqlx::Result<()> {
    let (clean, fault) = match scrubbed {
        Scrubbed::Clean { plan, sha256, crc32 } => (Some((plan, sha256, crc32)), None),
        Scrubbed::Unclean { reason, detail } => (None, Some((reason, detail))),
    };
    sqlx::query!(
        "insert into clean_files (file_id, version, plan, size_bytes, sha256, crc32, reason, detail)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (file_id) do update set version = excluded.version, plan = excluded.plan,
            size_bytes = excluded.size_bytes, sha256 = excluded.sha256, crc32 = excluded.crc32,
            reason = excluded.reason, detail = excluded.detail, created_at = now()",
        file.0,
        SCRUB_VERSION,
        clean.map(|(plan, _, _)| Json(plan)) as _,
        clean.map(|(plan, _, _)| i64::try_from(plan.size).unwrap_or(i64::MAX)),
        clean.map(|(_, sha256, _)| &sha256[..]),
        clean.map(|(_, _, crc32)| i64::from(*crc32)),
        fault.map(|(reason, _)| reason.as_str()),
        fault.map(|(_, detail)| detail.as_str())
    )
    .execute(db)
    .await
    .map(drop)
}

/// The same for the file of a photo that was processed.
pub async fn create_for_photo(
    transaction: &mut sqlx::PgTransaction<'_>,
    photo: PhotoId,
    scrubbed: &Scrubbed,
) -> sqlx::Result<()> {
    // Whoever deletes the photo's last row meanwhile waits, or was first.
    let file = sqlx::query_scalar!(
        r#"select files.id as "id: FileId" from files join photo on photo.file_id = files.id where photo.id = $1
         for key share of files"#,
        photo.0
    );
    match file.fetch_optional(&mut **transaction).await? {
        Some(file) => create(&mut **transaction, file, scrubbed).await,
        None => Ok(()),
    }
}

/// Files of photos that are shown and lack a plan of today's version, from behind this one on.
pub async fn list_waiting(db: impl PgExecutor<'_>, after: FileId, limit: i64) -> sqlx::Result<Vec<Waiting>> {
    sqlx::query_as!(
        Waiting,
        r#"select files.id as "id: FileId", files.storage_key, files.size_bytes from files
         where files.id > $1
           and not exists (select from clean_files where clean_files.file_id = files.id and clean_files.version = $2)
           and exists (select from photo where photo.file_id = files.id and photo.status = 'ready')
         order by files.id limit $3"#,
        after.0,
        SCRUB_VERSION,
        limit
    )
    .fetch_all(db)
    .await
}
