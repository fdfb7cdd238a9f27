//! Downloads in the database.

mod failures;
mod limits;
mod measuring;
mod selections;

pub use failures::{create_failure, delete_failure, list_failures};
use futures_util::TryStreamExt;
use imaging::scrub::{Clean, SCRUB_VERSION};
pub use limits::{count_new, create_downloads, find_for_update};
pub use measuring::{list_unmeasured, update_measured};
pub use selections::{create_selection, delete_old_selections, find_selection};
use sqlx::{PgExecutor, PgTransaction, types::Json};

use super::{Form, Scope, plan::Entry};
use crate::{
    galleries::{GalleryId, SectionId},
    photos::PhotoId,
};

/// Where the bytes are that are sent of a photo.
pub struct Source {
    /// The photo.
    pub photo: PhotoId,
    /// The key of its file in the storage.
    pub key: String,
    /// Bytes of that file.
    pub stored_size: u64,
    /// SHA-256 of what is sent of it.
    pub sha256: Vec<u8>,
    /// The sniffed type of the file.
    pub media_type: String,
    /// How that is made of the file, where it is not the file itself.
    pub plan: Option<Clean>,
}

struct SourceRow {
    photo: PhotoId,
    key: String,
    stored_size: i64,
    sha256: Vec<u8>,
    media_type: String,
    plan: Option<Json<Clean>>,
}

/// Plans what is sent of each photo, and hands them over one after the other in no order. Photos of which nothing can be
/// sent are left out; [`count_scope`] counts them too.
pub async fn list_entries(
    transaction: &mut PgTransaction<'_>,
    scope: &Scope,
    mut take: impl FnMut(Entry),
) -> sqlx::Result<()> {
    // Planned for what is asked, and so that the first photos come at once: reading them takes as long as finding the
    // others, and a hash join would find all of one table before. What is sorted is sorted in memory.
    sqlx::query!(
        "select set_config('work_mem', '64MB', true) as memory, set_config('jit', 'off', true) as jit,
            set_config('enable_hashjoin', 'off', true) as joins,
            set_config('plan_cache_mode', 'force_custom_plan', true) as plans"
    )
    .fetch_one(&mut **transaction)
    .await?;
    let sections = sections(scope);
    let rows = sqlx::query!(
        r#"with shown as not materialized (
            select photo.id, photo.file_id, photo.photographer_id, coalesce(photo.filename, '') as filename,
                coalesce(photo.taken_at, photo.upload_date, 'epoch') as taken_at
            from photo
            where photo.deleted_at is null and ($1::integer is null or photo.gallery_id = $1)
              and ($2::integer is null or photo.photographer_id = $2)
              and ($3::bigint[] is null or photo.section_id = any($3))
              and ($4::integer[] is null or photo.id = any($4))
              and ($5 or photo.status = 'ready') and ($6 or not coalesce(photo.archived, false))
         )
         select shown.id as "photo!: PhotoId", 0 as "form!", filename as "filename!", taken_at as "taken_at!",
            files.size_bytes as "size!", files.crc32 as "crc32!", files.sha256 as "sha256!"
         from shown join files on files.id = shown.file_id
         where $7 and $8 and coalesce(shown.photographer_id = files.owner_id, true)
         union all
         select shown.id, 1, filename, taken_at, clean_files.size_bytes, clean_files.crc32, clean_files.sha256
         from shown join clean_files on clean_files.file_id = shown.file_id
         where $7 and not ($8 and coalesce(shown.photographer_id = (select owner_id from files where id = shown.file_id), true))
           and clean_files.version = $9 and clean_files.reason is null
         union all
         select shown.id, 2, filename, taken_at, renditions.size_bytes::bigint, renditions.crc32, renditions.sha256
         from shown join clean_files on clean_files.file_id = shown.file_id
         join renditions on renditions.photo_id = shown.id
         where $7 and not ($8 and coalesce(shown.photographer_id = (select owner_id from files where id = shown.file_id), true))
           and clean_files.version = $9 and clean_files.reason is not null
           and renditions.kind = 'preview' and not renditions.marked and renditions.encoding = 'jpeg' and renditions.crc32 is not null
         union all
         select shown.id, 3, filename, taken_at, renditions.size_bytes::bigint, renditions.crc32, renditions.sha256
         from shown join renditions on renditions.photo_id = shown.id
         where not $7
           and renditions.kind = 'preview' and not renditions.marked and renditions.encoding = 'jpeg' and renditions.crc32 is not null"#,
        scope.gallery.map(|gallery| gallery.0) as Option<i32>,
        scope.library.map(|account| account.0) as Option<i32>,
        sections.as_deref() as Option<&[i64]>,
        scope.photos.as_deref() as Option<&[i32]>,
        scope.with_unready,
        scope.with_archived,
        scope.originals,
        scope.as_stored,
        SCRUB_VERSION
    );
    let mut rows = rows.fetch(&mut **transaction);
    while let Some(row) = rows.try_next().await? {
        take(Entry {
            photo: row.photo,
            form: Form::from_stored(row.form),
            filename: row.filename,
            taken_at: row.taken_at,
            size: u64::try_from(row.size).unwrap_or_default(),
            crc32: u32::try_from(row.crc32).unwrap_or_default(),
            sha256: row.sha256.try_into().unwrap_or_default(),
        });
    }
    Ok(())
}

/// How many photos are in a scope.
pub async fn count_scope(db: impl PgExecutor<'_>, scope: &Scope) -> sqlx::Result<i64> {
    let sections = sections(scope);
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from photo
         where photo.deleted_at is null and ($1::integer is null or photo.gallery_id = $1)
           and ($2::integer is null or photo.photographer_id = $2)
           and ($3::bigint[] is null or photo.section_id = any($3))
           and ($4::integer[] is null or photo.id = any($4))
           and ($5 or photo.status = 'ready') and ($6 or not coalesce(photo.archived, false))"#,
        scope.gallery.map(|gallery| gallery.0) as Option<i32>,
        scope.library.map(|account| account.0) as Option<i32>,
        sections.as_deref() as Option<&[i64]>,
        scope.photos.as_deref() as Option<&[i32]>,
        scope.with_unready,
        scope.with_archived
    )
    .fetch_one(db)
    .await
}

/// How many photos in a scope are ready to be seen, but lack the clean form or the checksums that a job will add.
pub async fn count_unprepared(db: impl PgExecutor<'_>, scope: &Scope) -> sqlx::Result<i64> {
    let sections = sections(scope);
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from photo
         where photo.deleted_at is null and ($1::integer is null or photo.gallery_id = $1)
           and ($2::integer is null or photo.photographer_id = $2)
           and ($3::bigint[] is null or photo.section_id = any($3))
           and ($4::integer[] is null or photo.id = any($4))
           and photo.status = 'ready' and ($5 or not coalesce(photo.archived, false))
           and (
                ($6 and exists (select from files where files.id = photo.file_id
                    and not ($7 and coalesce(photo.photographer_id = files.owner_id, true))
                    and not exists (select from clean_files where clean_files.file_id = files.id and clean_files.version = $8)))
                or exists (select from renditions where renditions.photo_id = photo.id and kind = 'preview' and not marked
                    and encoding = 'jpeg' and renditions.crc32 is null)
           )"#,
        scope.gallery.map(|gallery| gallery.0) as Option<i32>,
        scope.library.map(|account| account.0) as Option<i32>,
        sections.as_deref() as Option<&[i64]>,
        scope.photos.as_deref() as Option<&[i32]>,
        scope.with_archived,
        scope.originals,
        scope.as_stored,
        SCRUB_VERSION
    )
    .fetch_one(db)
    .await
}

/// Where the bytes of these photos are, all in this form; those of which there are none any more are left out.
pub async fn list_sources(
    db: impl PgExecutor<'_>,
    form: Form,
    photos: &[PhotoId],
) -> sqlx::Result<Vec<Source>> {
    let ids = super::ids(photos);
    let rows = match form {
        Form::Stored => {
            sqlx::query_as!(
                SourceRow,
                r#"select photo.id as photo, files.storage_key as key, files.size_bytes as stored_size, files.sha256, files.media_type,
                    null::jsonb as "plan: Json<Clean>"
                 from photo join files on files.id = photo.file_id where photo.id = any($1) and photo.deleted_at is null"#,
                &ids
            )
            .fetch_all(db)
            .await?
        }
        Form::Clean => {
            sqlx::query_as!(
                SourceRow,
                r#"select photo.id as photo, files.storage_key as key, files.size_bytes as stored_size,
                    clean_files.sha256 as "sha256!", files.media_type, clean_files.plan as "plan: Json<Clean>"
                 from photo join files on files.id = photo.file_id
                 join clean_files on clean_files.file_id = photo.file_id
                 where photo.id = any($1) and photo.deleted_at is null and clean_files.version = $2
                   and clean_files.plan is not null"#,
                &ids,
                SCRUB_VERSION
            )
            .fetch_all(db)
            .await?
        }
        Form::Instead | Form::Web => {
            sqlx::query_as!(
                SourceRow,
                r#"select photo.id as photo, renditions.storage_key as key, renditions.size_bytes::bigint as "stored_size!",
                    renditions.sha256 as "sha256!", 'image/jpeg' as "media_type!", null::jsonb as "plan: Json<Clean>"
                 from photo join renditions on renditions.photo_id = photo.id
                 where photo.id = any($1) and photo.deleted_at is null and renditions.kind = 'preview' and not renditions.marked
                   and renditions.encoding = 'jpeg' and renditions.sha256 is not null"#,
                &ids
            )
            .fetch_all(db)
            .await?
        }
    };
    Ok(rows.into_iter().map(Source::from).collect())
}

/// The size of the originals of a gallery's shown photos together, in bytes.
pub async fn count_bytes(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    sections: Option<&[SectionId]>,
) -> sqlx::Result<i64> {
    let sections: Option<Vec<i64>> =
        sections.map(|sections| sections.iter().map(|section| section.0).collect());
    sqlx::query_scalar!(
        r#"select coalesce(sum(files.size_bytes), 0)::bigint as "bytes!"
         from photo join files on files.id = photo.file_id
         where photo.gallery_id = $1 and photo.deleted_at is null and photo.status = 'ready'
           and not coalesce(photo.archived, false) and ($2::bigint[] is null or photo.section_id = any($2))"#,
        gallery.0,
        sections.as_deref() as Option<&[i64]>
    )
    .fetch_one(db)
    .await
}

fn sections(scope: &Scope) -> Option<Vec<i64>> {
    scope.sections.as_ref().map(|sections| sections.iter().map(|section| section.0).collect())
}

impl From<SourceRow> for Source {
    fn from(row: SourceRow) -> Self {
        Self {
            photo: row.photo,
            key: row.key,
            stored_size: u64::try_from(row.stored_size).unwrap_or_default(),
            sha256: row.sha256,
            media_type: row.media_type,
            plan: row.plan.map(|plan| plan.0),
        }
    }
}
