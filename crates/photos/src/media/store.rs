//! Where the bytes of a picture are, and the share link that an address may stand on.

use sqlx::PgExecutor;

use super::Variant;
use crate::{
    photos::PhotoId,
    policy::{LinkLevel, LinkPower},
    shares::ShareLinkId,
};

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
}

/// The stored picture of a variant, if it was made.
pub async fn find(db: impl PgExecutor<'_>, photo: PhotoId, variant: Variant) -> sqlx::Result<Option<Stored>> {
    match variant {
        Variant::Original => find_original(db, photo).await,
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
    }))
}

/// What a share link gives if it is open now and still at this epoch.
pub async fn find_link_power(
    db: impl PgExecutor<'_>,
    link: ShareLinkId,
    epoch: i32,
) -> sqlx::Result<Option<LinkPower>> {
    let row = sqlx::query!(
        r#"select gallery_id as "gallery_id!: crate::galleries::GalleryId", access_level from share_links
         where id = $1 and epoch = $2 and is_active is not false and revoked_at is null and gallery_id is not null
           and (expires_at is null or expires_at > now() at time zone 'utc')"#,
        link.0,
        epoch
    );
    Ok(row.fetch_optional(db).await?.map(|row| LinkPower {
        gallery: row.gallery_id,
        level: LinkLevel::from_stored(row.access_level.as_deref()),
    }))
}
