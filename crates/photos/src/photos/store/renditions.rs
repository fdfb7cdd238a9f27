//! The pictures of photos, in the database.

use sqlx::PgExecutor;

use crate::photos::{Photo, PhotoId, Rendition};

/// All renditions of these photos.
pub async fn list_renditions(db: impl PgExecutor<'_>, photos: &[Photo]) -> sqlx::Result<Vec<Rendition>> {
    let ids: Vec<PhotoId> = photos.iter().map(|photo| photo.id).collect();
    list_renditions_of(db, &ids).await
}

/// All renditions of the photos with these ids.
pub async fn list_renditions_of(db: impl PgExecutor<'_>, photos: &[PhotoId]) -> sqlx::Result<Vec<Rendition>> {
    let ids: Vec<i32> = photos.iter().map(|photo| photo.0).collect();
    let rows = sqlx::query!(
        r#"select photo_id, kind, marked, encoding, width, height,
            (extract(epoch from created_at) * 1000)::bigint as "version!"
         from renditions where photo_id = any($1)"#,
        &ids
    );
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows
        .filter_map(|row| {
            let kind = imaging::Kind::all().iter().copied().find(|kind| kind.name() == row.kind)?;
            Some(Rendition {
                photo: row.photo_id,
                kind,
                marked: row.marked,
                encoding: row.encoding.parse().ok()?,
                width: row.width,
                height: row.height,
                version: row.version,
            })
        })
        .collect())
}
