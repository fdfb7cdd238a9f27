//! Statistics in the database, as pages read them.

pub mod writing;

use chrono::NaiveDate;
use sqlx::PgExecutor;

use super::{Day, Figures, Scope};
use crate::{galleries::GalleryId, photos::PhotoId, shares::ShareLinkId};

/// A photo with how often it was looked at and downloaded.
pub struct TopPhoto {
    /// The photo.
    pub id: PhotoId,
    /// Its title, else its file name.
    pub name: String,
    /// Once a visitor and day.
    pub views: i64,
    /// How often.
    pub downloads: i64,
}

/// The days of a subject from this one on, on which something was counted.
pub async fn list_days(db: impl PgExecutor<'_>, scope: Scope, from: NaiveDate) -> sqlx::Result<Vec<Day>> {
    let (word, number) = scope.stored();
    let rows = sqlx::query!(
        "select day, views, visitors, downloads from daily_statistics
         where scope = $1 and subject_id = $2 and day >= $3 order by day",
        word,
        number,
        from
    );
    let day = |day, (views, visitors, downloads): (i32, i32, i32)| Day {
        date: day,
        figures: Figures { views: views.into(), visitors: visitors.into(), downloads: downloads.into() },
    };
    let rows = rows.fetch_all(db).await?.into_iter();
    Ok(rows.map(|row| day(row.day, (row.views, row.visitors, row.downloads))).collect())
}

/// Everything that was ever counted for a subject.
pub async fn find_total(db: impl PgExecutor<'_>, scope: Scope) -> sqlx::Result<Figures> {
    let (word, number) = scope.stored();
    sqlx::query_as!(
        Figures,
        r#"select coalesce(sum(views), 0) as "views!", coalesce(sum(visitors), 0) as "visitors!",
            coalesce(sum(downloads), 0) as "downloads!"
         from daily_statistics where scope = $1 and subject_id = $2"#,
        word,
        number
    )
    .fetch_one(db)
    .await
}

/// The photos of a gallery that were looked at and downloaded most.
pub async fn list_top_of_gallery(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    limit: i64,
) -> sqlx::Result<Vec<TopPhoto>> {
    sqlx::query_as!(
        TopPhoto,
        r#"select id, name as "name!", views as "views!", downloads as "downloads!"
         from (
            select photo.id, coalesce(nullif(photo.title, ''), photo.filename, '') as name,
                coalesce(photo.views, 0)::bigint + photo_statistics.views as views,
                coalesce(photo.download_count, 0)::bigint + photo_statistics.downloads as downloads
            from photo join photo_statistics on photo_statistics.photo_id = photo.id
            where photo.gallery_id = $1 and photo.deleted_at is null
         ) as counted
         where views + downloads > 0 order by views + downloads desc, id limit $2"#,
        gallery.0,
        limit
    )
    .fetch_all(db)
    .await
}

/// The same for what went through one link.
pub async fn list_top_of_link(
    db: impl PgExecutor<'_>,
    link: ShareLinkId,
    limit: i64,
) -> sqlx::Result<Vec<TopPhoto>> {
    sqlx::query_as!(
        TopPhoto,
        r#"select photo.id, coalesce(nullif(photo.title, ''), photo.filename, '') as "name!",
            link_photo_statistics.views::bigint as "views!", link_photo_statistics.downloads::bigint as "downloads!"
         from link_photo_statistics join photo on photo.id = link_photo_statistics.photo_id
         where link_photo_statistics.share_link_id = $1 and photo.deleted_at is null
         order by link_photo_statistics.views + link_photo_statistics.downloads desc, photo.id limit $2"#,
        link.0,
        limit
    )
    .fetch_all(db)
    .await
}
