//! Sections and hand-made orders in the database.

use sqlx::{PgExecutor, PgTransaction};

use super::{Placed, Section};
use crate::{
    galleries::{GalleryId, SectionId},
    photos::{Order, PhotoId},
};

/// The sections of a gallery from the top.
pub async fn list(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Vec<Section>> {
    sqlx::query_as!(
        Section,
        r#"select sections.id, sections.name,
            count(photo.id) filter (where photo.deleted_at is null and not coalesce(photo.archived, false)) as "photos!"
         from sections left join photo on photo.section_id = sections.id
         where sections.gallery_id = $1 group by sections.id order by sections.position, sections.id"#,
        gallery.0
    )
    .fetch_all(db)
    .await
}

/// Makes a section below the others; `None` if there are as many as there may be.
pub async fn create(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    name: &str,
) -> sqlx::Result<Option<SectionId>> {
    sqlx::query_scalar!(
        r#"insert into sections (gallery_id, name, position)
         select $1, $2, coalesce(max(position) + 1, 0) from sections where gallery_id = $1 having count(*) < $3
         returning id"#,
        gallery.0,
        name,
        super::MOST
    )
    .fetch_optional(db)
    .await
}

/// Renames a section; false if the gallery has none of that id.
pub async fn update_name(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    section: SectionId,
    name: &str,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update sections set name = $3 where id = $2 and gallery_id = $1",
        gallery.0,
        section.0,
        name
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Removes a section; its photos stay in the gallery. False if the gallery has none of that id.
pub async fn delete(db: impl PgExecutor<'_>, gallery: GalleryId, section: SectionId) -> sqlx::Result<bool> {
    let done = sqlx::query!("delete from sections where id = $2 and gallery_id = $1", gallery.0, section.0);
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Orders the sections of a gallery as listed; those not listed follow.
pub async fn update_order_of_sections(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    sections: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update sections set position = coalesce(array_position($2, id), 1000000) where gallery_id = $1",
        gallery.0,
        sections
    )
    .execute(db)
    .await
    .map(drop)
}

/// Puts photos into a section of the gallery they are in, or out of theirs; returns which were.
pub async fn update_members(
    transaction: &mut PgTransaction<'_>,
    photos: &[i32],
    section: Option<SectionId>,
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"update photo set section_id = $2
         where id = any($1) and deleted_at is null
           and ($2::bigint is null or gallery_id = (select sections.gallery_id from sections where sections.id = $2))
         returning id"#,
        photos,
        section.map(|section| section.0) as Option<i64>
    )
    .fetch_all(&mut **transaction)
    .await
}

/// The order of a gallery, which nobody else changes until the transaction ends.
pub async fn lock_order(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<Order> {
    let stored = sqlx::query_scalar!("select photo_order from gallery where id = $1 for update", gallery.0);
    stored.fetch_one(&mut **transaction).await.map(Order::from)
}

/// All photos of a gallery as they stand now.
pub async fn list_in_order(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
    order: Order,
) -> sqlx::Result<Vec<Placed>> {
    sqlx::query_as!(
        Placed,
        r#"select id, section_id as section from photo where gallery_id = $1 and deleted_at is null
         order by case when $2 = 'manual' then coalesce(position, 2147483647) end,
            case when $2 = 'name' then name_key end,
            case when $2 = 'taken_at' then coalesce(taken_at, upload_date, 'epoch') end, id"#,
        gallery.0,
        order.as_str()
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Numbers the photos of a gallery as listed.
pub async fn update_positions(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
    photos: &[PhotoId],
) -> sqlx::Result<()> {
    let ids: Vec<i32> = photos.iter().map(|photo| photo.0).collect();
    sqlx::query!(
        "update photo set position = arranged.place::integer
         from unnest($2::integer[]) with ordinality as arranged (id, place)
         where photo.id = arranged.id and photo.gallery_id = $1 and photo.position is distinct from arranged.place::integer",
        gallery.0,
        &ids
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Chooses by what a gallery is ordered.
pub async fn update_order(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
    order: Order,
) -> sqlx::Result<()> {
    sqlx::query!("update gallery set photo_order = $2 where id = $1", gallery.0, order.as_str())
        .execute(&mut **transaction)
        .await
        .map(drop)
}
