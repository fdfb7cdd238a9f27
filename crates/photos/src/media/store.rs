//! Where the bytes of a picture are.

use imaging::scrub::{Clean, SCRUB_VERSION};
use sqlx::{PgExecutor, types::Json};

use super::Variant;
use crate::photos::PhotoId;

/// A stored picture.
pub struct Stored {
    /// Its key in the storage.
    pub key: String,
    /// Its sniffed type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Changes whenever the bytes do.
    pub tag: String,
    /// The name to save it under.
    pub filename: String,
    /// How it is made of what is stored, where it is not that itself.
    pub plan: Option<Clean>,
}

/// The stored picture of a variant, if it was made.
pub async fn find(db: impl PgExecutor<'_>, photo: PhotoId, variant: Variant) -> sqlx::Result<Option<Stored>> {
    match variant {
        Variant::Original => find_original(db, photo).await,
        Variant::CleanOriginal => find_clean(db, photo).await,
        Variant::Rendition { kind, marked, encoding } => {
            let row = sqlx::query!(
                "select storage_key, size_bytes, extract(epoch from created_at)::bigint as \"made!\"
                 from renditions where photo_id = $1 and kind = $2 and marked = $3 and encoding = $4",
                photo.0,
                kind.name(),
                marked,
                encoding.name()
            );
            Ok(row.fetch_optional(db).await?.map(|row| Stored {
                tag: format!("{photo}-{variant}-{}-{}", row.made, row.size_bytes),
                key: row.storage_key,
                media_type: encoding.media_type().to_owned(),
                size: u64::try_from(row.size_bytes).unwrap_or_default(),
                filename: format!("{}-{photo}.{}", kind.name(), encoding.extension()),
                plan: None,
            }))
        }
    }
}

async fn find_original(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<Option<Stored>> {
    let row = sqlx::query!(
        r#"select files.storage_key, files.media_type, files.size_bytes, encode(files.sha256, 'hex') as "sha256!",
            coalesce(photo.filename, '') as "filename!"
         from photo join files on files.id = photo.file_id where photo.id = $1"#,
        photo.0
    );
    Ok(row.fetch_optional(db).await?.map(|row| Stored {
        key: row.storage_key,
        media_type: row.media_type,
        size: u64::try_from(row.size_bytes).unwrap_or_default(),
        tag: row.sha256,
        filename: row.filename,
        plan: None,
    }))
}

/// A plan of another version is none: it may leave what has to go.
async fn find_clean(db: impl PgExecutor<'_>, photo: PhotoId) -> sqlx::Result<Option<Stored>> {
    let row = sqlx::query!(
        r#"select files.storage_key, files.media_type, encode(clean_files.sha256, 'hex') as "sha256!",
            clean_files.plan as "plan!: Json<Clean>", coalesce(photo.filename, '') as "filename!"
         from photo join files on files.id = photo.file_id join clean_files on clean_files.file_id = files.id
         where photo.id = $1 and clean_files.version = $2 and clean_files.plan is not null"#,
        photo.0,
        SCRUB_VERSION
    );
    Ok(row.fetch_optional(db).await?.map(|row| Stored {
        key: row.storage_key,
        media_type: row.media_type,
        size: row.plan.size,
        tag: row.sha256,
        filename: row.filename,
        plan: Some(row.plan.0),
    }))
}
