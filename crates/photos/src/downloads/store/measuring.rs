//! Pictures without checksums, in the database.

use sqlx::PgExecutor;

use crate::photos::PhotoId;

/// A picture that waits for its checksums.
pub struct Unmeasured {
    /// Of which photo.
    pub photo: PhotoId,
    /// Where it lies.
    pub storage_key: String,
}

/// Pictures that can be downloaded and lack checksums, from behind this photo on.
pub async fn list_unmeasured(
    db: impl PgExecutor<'_>,
    after: PhotoId,
    limit: i64,
) -> sqlx::Result<Vec<Unmeasured>> {
    sqlx::query_as!(
        Unmeasured,
        "select photo_id as photo, storage_key from renditions
         where kind = 'preview' and not marked and encoding = 'jpeg' and crc32 is null and photo_id > $1
         order by photo_id limit $2",
        after.0,
        limit
    )
    .fetch_all(db)
    .await
}

/// Notes the checksums of a picture; one that was made anew meanwhile lies under another key.
pub async fn update_measured(
    db: impl PgExecutor<'_>,
    storage_key: &str,
    sha256: &[u8],
    crc32: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update renditions set sha256 = $2, crc32 = $3 where storage_key = $1",
        storage_key,
        sha256,
        crc32
    )
    .execute(db)
    .await
    .map(drop)
}
