//! What a link includes, in the database: each photo counts once.

use sqlx::{PgExecutor, PgTransaction};

use crate::shares::ShareLinkId;

/// How many photos a link includes, and how many went out.
pub struct Included {
    /// The most; without it there is no end.
    pub most: Option<i32>,
    /// So many did.
    pub used: i32,
}

/// Looks at an open link and keeps others from counting until the transaction ends; `None` if it is not open any more.
pub async fn find_for_update(
    transaction: &mut PgTransaction<'_>,
    link: ShareLinkId,
) -> sqlx::Result<Option<Included>> {
    sqlx::query_as!(
        Included,
        "select max_downloads as most, downloads as used from share_links
         where id = $1 and is_active is not false and revoked_at is null
           and (expires_at is null or expires_at > now() at time zone 'utc')
         for no key update",
        link.0
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// How many of these photos did not go out through the link yet.
pub async fn count_new(db: impl PgExecutor<'_>, link: ShareLinkId, photos: &[i32]) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from unnest($2::integer[]) as wanted (id)
         where not exists (select from link_downloads where share_link_id = $1 and photo_id = wanted.id)"#,
        link.0,
        photos
    )
    .fetch_one(db)
    .await
}

/// Counts the photos among these that did not go out through the link yet.
pub async fn create_downloads(
    transaction: &mut PgTransaction<'_>,
    link: ShareLinkId,
    photos: &[i32],
) -> sqlx::Result<()> {
    let counted = sqlx::query!(
        "insert into link_downloads (share_link_id, photo_id) select $1, id from photo where id = any($2)
         on conflict on constraint link_downloads_pkey do nothing",
        link.0,
        photos
    );
    let counted = counted.execute(&mut **transaction).await?.rows_affected();
    sqlx::query!(
        "update share_links set downloads = downloads + $2 where id = $1",
        link.0,
        i32::try_from(counted).unwrap_or(i32::MAX)
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}
