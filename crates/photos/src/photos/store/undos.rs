//! Deeds that can be taken back, in the database.

use sqlx::{PgExecutor, PgTransaction};
use uuid::Uuid;

use crate::{
    galleries::GalleryId,
    identity::AccountId,
    photos::{
        PhotoId,
        undo::{Aspect, UndoId},
    },
};

/// What can be taken back.
pub struct Kept {
    /// Which side of the photos comes back.
    pub aspect: Aspect,
    /// The galleries that they were in.
    pub galleries: Vec<GalleryId>,
}

/// Notes photos as they are now; what is older than a day is forgotten.
pub async fn create(
    transaction: &mut PgTransaction<'_>,
    account: AccountId,
    aspect: Aspect,
    photos: &[i32],
) -> sqlx::Result<UndoId> {
    sqlx::query!("delete from photo_undos where created_at < now() - interval '1 day'")
        .execute(&mut **transaction)
        .await?;
    sqlx::query_scalar!(
        r#"insert into photo_undos (photo_undo_id, user_id, aspect, photos)
         select $1, $2, $3, coalesce(jsonb_agg(jsonb_build_object('id', photo.id, 'gallery_id', photo.gallery_id,
                'section_id', photo.section_id, 'position', photo.position, 'rating', photo.rating,
                'archived', photo.archived, 'locked', photo.locked)), '[]')
         from photo where photo.id = any($4)
         returning photo_undo_id as "id: UndoId""#,
        Uuid::new_v4(),
        account.0,
        aspect.as_str(),
        photos
    )
    .fetch_one(&mut **transaction)
    .await
}

/// What this account can take back under this key; nobody else takes it until the transaction ends.
pub async fn find(
    transaction: &mut PgTransaction<'_>,
    id: UndoId,
    account: AccountId,
) -> sqlx::Result<Option<Kept>> {
    let row = sqlx::query!(
        r#"select aspect, array(select distinct kept.gallery_id
                from jsonb_to_recordset(photos) as kept (gallery_id integer) where kept.gallery_id is not null) as "galleries!"
         from photo_undos
         where photo_undo_id = $1 and user_id = $2 and created_at > now() - interval '1 day' for update"#,
        id.0,
        account.0
    );
    Ok(row.fetch_optional(&mut **transaction).await?.map(|row| Kept {
        aspect: row.aspect.into(),
        galleries: row.galleries.into_iter().map(GalleryId).collect(),
    }))
}

/// Puts back what the deed changed, of this account's photos and of those that were in one of these galleries; returns
/// which there were. A photo that was locked meanwhile stays where it is, one whose gallery is gone comes into the library.
pub async fn update_taken_back(
    transaction: &mut PgTransaction<'_>,
    id: UndoId,
    owner: Option<AccountId>,
    galleries: &[i32],
) -> sqlx::Result<Vec<PhotoId>> {
    sqlx::query_scalar!(
        r#"update photo set
            rating = case when undo.aspect = 'flags' then kept.rating else photo.rating end,
            archived = case when undo.aspect = 'flags' then kept.archived else photo.archived end,
            locked = case when undo.aspect = 'flags' then kept.locked else photo.locked end,
            gallery_id = case when undo.aspect in ('place', 'trash') then home.id else photo.gallery_id end,
            section_id = case when undo.aspect in ('place', 'trash')
                then (select sections.id from sections where sections.id = kept.section_id and sections.gallery_id = home.id)
                else photo.section_id end,
            position = case when undo.aspect in ('place', 'trash')
                then case when home.id is not null then kept.position end else photo.position end,
            deleted_at = case undo.aspect when 'trash' then null when 'copies' then now() else photo.deleted_at end
         from photo_undos as undo
         cross join lateral jsonb_to_recordset(undo.photos) as kept (id integer, gallery_id integer, section_id bigint,
            position integer, rating double precision, archived boolean, locked boolean)
         left join gallery as home on home.id = kept.gallery_id and home.deleted_at is null
         where undo.photo_undo_id = $1 and photo.id = kept.id
           and (photo.deleted_at is not null) = (undo.aspect = 'trash')
           and (undo.aspect = 'flags' or not coalesce(photo.locked, false))
           and ($2::integer is null or photo.photographer_id = $2 or kept.gallery_id = any($3))
         returning photo.id"#,
        id.0,
        owner.map(|owner| owner.0) as Option<i32>,
        galleries
    )
    .fetch_all(&mut **transaction)
    .await
}

/// Forgets a deed: it was taken back, or changed nothing.
pub async fn delete(db: impl PgExecutor<'_>, id: UndoId) -> sqlx::Result<()> {
    sqlx::query!("delete from photo_undos where photo_undo_id = $1", id.0).execute(db).await.map(drop)
}
