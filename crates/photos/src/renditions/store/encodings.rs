//! Renditions in further encodings, in the database.

use chrono::{DateTime, Utc};
use imaging::Rendition;
use sqlx::{PgExecutor, PgTransaction};

use crate::photos::PhotoId;

/// When a ready photo was processed; `None` if it is not ready, or gone.
pub async fn find_processed_at(
    db: impl PgExecutor<'_>,
    photo: PhotoId,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let row =
        sqlx::query_scalar!("select processed_at from photo where id = $1 and status = 'ready'", photo.0);
    Ok(row.fetch_optional(db).await?.flatten())
}

/// Adds renditions in further encodings to a photo that has not been processed again since; false if it has.
pub async fn update_encodings(
    transaction: &mut PgTransaction<'_>,
    photo: PhotoId,
    processed_at: DateTime<Utc>,
    pictures: &[Rendition],
    keys: &[String],
) -> sqlx::Result<bool> {
    let same = sqlx::query!(
        "select id from photo where id = $1 and status = 'ready' and processed_at = $2 for update",
        photo.0,
        processed_at
    );
    if same.fetch_optional(&mut **transaction).await?.is_none() {
        return Ok(false);
    }
    super::replace_files(transaction, photo, Some(&super::encodings_of(pictures)), keys).await?;
    super::create(transaction, photo, pictures, keys).await?;
    Ok(true)
}
