//! Photos as the policy sees them, in the database.

use sqlx::PgExecutor;

use crate::{
    galleries::{DownloadPolicy, GalleryId, SectionId},
    identity::AccountId,
    photos::PhotoId,
    policy::{Part, Subject, grant_from_stored},
};

#[expect(clippy::struct_excessive_bools, reason = "the columns of a row")]
struct KnownRow {
    id: PhotoId,
    gallery_id: Option<GalleryId>,
    section_id: Option<SectionId>,
    photographer_id: Option<AccountId>,
    gallery_owner: Option<AccountId>,
    is_public: bool,
    marks_public: bool,
    archived: bool,
    permission_level: Option<String>,
    owner_is_gone: bool,
    is_deleted: bool,
    locked: bool,
    downloads: DownloadPolicy,
    gives_metadata: bool,
}

/// A photo as the policy sees it.
pub struct Known {
    /// The photo.
    pub id: PhotoId,
    /// What the decision depends on.
    pub subject: Subject,
    /// Whether it may be changed at all.
    pub locked: bool,
}

/// What the policy needs to know of a photo when this account (or nobody) asks.
pub async fn find_subject(
    db: impl PgExecutor<'_>,
    photo: PhotoId,
    account: Option<AccountId>,
) -> sqlx::Result<Option<Subject>> {
    Ok(list_known(db, &[photo.0], account).await?.pop().map(|known| known.subject))
}

/// The same for many photos, in no particular order; those that do not exist are left out.
pub async fn list_known(
    db: impl PgExecutor<'_>,
    photos: &[i32],
    account: Option<AccountId>,
) -> sqlx::Result<Vec<Known>> {
    let rows = sqlx::query_as!(
        KnownRow,
        // Without joins: which columns may be null would else depend on the plan of the day.
        r#"select photo.id, photo.gallery_id, photo.section_id, photo.photographer_id,
            (select gallery.user_id from gallery where gallery.id = photo.gallery_id) as "gallery_owner?: AccountId",
            coalesce((select gallery.is_public from gallery where gallery.id = photo.gallery_id), false) as "is_public!",
            coalesce((select gallery.marks_public from gallery where gallery.id = photo.gallery_id), false) as "marks_public!",
            coalesce(photo.archived, false) as "archived!",
            (select gallery_permissions.permission_level from gallery_permissions
                where gallery_permissions.gallery_id = photo.gallery_id and gallery_permissions.user_id = $2)
                as "permission_level?",
            exists (select from users where users.deleted_at is not null and users.id = coalesce(
                (select gallery.user_id from gallery where gallery.id = photo.gallery_id), photo.photographer_id))
                as "owner_is_gone!",
            photo.deleted_at is not null as "is_deleted!", coalesce(photo.locked, false) as "locked!",
            coalesce((select gallery.download_policy from gallery where gallery.id = photo.gallery_id), 'none') as "downloads!",
            coalesce((select gallery.gives_metadata from gallery where gallery.id = photo.gallery_id), false)
                as "gives_metadata!"
         from photo where photo.id = any($1)"#,
        photos,
        account.map(|account| account.0) as Option<i32>
    );
    let known = |row: KnownRow| Known {
        id: row.id,
        locked: row.locked,
        subject: Subject {
            gallery: row.gallery_id,
            part: Part::Photo(row.section_id),
            owner: row.photographer_id,
            gallery_owner: row.gallery_owner,
            owner_is_gone: row.owner_is_gone,
            is_public: row.is_public,
            marks_public: row.marks_public,
            is_archived: row.archived,
            is_deleted: row.is_deleted,
            grant: grant_from_stored(row.permission_level.as_deref()),
            downloads: row.downloads,
            gives_metadata: row.gives_metadata,
        },
    };
    Ok(rows.fetch_all(db).await?.into_iter().map(known).collect())
}
