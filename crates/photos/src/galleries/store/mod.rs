//! Galleries in the database.

mod members;

pub use members::{count_elsewhere, delete_members, hold, update_members};
use sqlx::PgExecutor;

use super::{Change, Details, DownloadPolicy, Gallery, GalleryId};
use crate::{
    customers::CustomerId,
    identity::AccountId,
    photos::{Order, PhotoId},
    policy::{Access, grant_from_stored},
};

#[expect(clippy::struct_excessive_bools, reason = "each is a column")]
struct Row {
    id: GalleryId,
    owner: Option<AccountId>,
    owner_name: String,
    owner_is_gone: bool,
    name: String,
    description: Option<String>,
    is_public: bool,
    marks_public: bool,
    cover: Option<PhotoId>,
    created_at: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
    event_date: Option<chrono::NaiveDate>,
    downloads: DownloadPolicy,
    gives_metadata: bool,
    photo_order: Order,
    photo_count: i64,
    permission_level: Option<String>,
}

/// A gallery as one account sees it ($1; null for nobody).
macro_rules! select_galleries {
    ($rest:literal, $account:expr $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select gallery.id, gallery.user_id as owner, coalesce(shown_name(gallery.user_id), '') as "owner_name!",
                users.deleted_at is not null as "owner_is_gone!", gallery.name,
                gallery.description, coalesce(gallery.is_public, false) as "is_public!", gallery.marks_public, gallery.cover_photo_id as cover,
                coalesce(gallery.created_at, 'epoch') as "created_at!", coalesce(gallery.updated_at, 'epoch') as "updated_at!",
                gallery.event_date, gallery.download_policy as downloads, gallery.gives_metadata, gallery.photo_order,
                (select count(*) from photo where photo.gallery_id = gallery.id and photo.deleted_at is null and not coalesce(photo.archived, false)
                        and photo.status is distinct from 'failed') as "photo_count!",
                gallery_permissions.permission_level as "permission_level?"
            from gallery
            left join users on users.id = gallery.user_id
            left join gallery_permissions
                on gallery_permissions.gallery_id = gallery.id and gallery_permissions.user_id = $1 "# + $rest,
            $account as Option<i32>,
            $($argument),*
        )
    };
}

/// Which galleries are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Those granted to it.
    Shared,
    /// Those that everybody may see.
    Public,
}

/// The picture that stands for a gallery.
pub struct Cover {
    /// Of which gallery.
    pub gallery: GalleryId,
    /// Whether it carries the mark.
    pub marked: bool,
    /// The photo.
    pub photo: PhotoId,
    /// Pixels of its 800 px rendition.
    pub width: i32,
    /// Pixels of its 800 px rendition.
    pub height: i32,
    /// As the photo has it.
    pub thumbhash: Option<Vec<u8>>,
    /// As the photo has it.
    pub dominant_colour: Option<i32>,
    /// Another number for another making of it.
    pub version: i64,
    /// The encodings in which its 800 px rendition was made.
    pub encodings: Vec<String>,
}

/// One gallery as this account (or nobody) sees it.
pub async fn find(
    db: impl PgExecutor<'_>,
    id: GalleryId,
    account: Option<AccountId>,
) -> sqlx::Result<Option<Gallery>> {
    let row = select_galleries!(
        "where gallery.id = $2 and gallery.deleted_at is null",
        account.map(|account| account.0),
        id.0
    );
    Ok(row.fetch_optional(db).await?.map(Gallery::from))
}

/// Galleries of one kind, newest first, below this id.
pub async fn list(
    db: impl PgExecutor<'_>,
    kind: Kind,
    account: Option<AccountId>,
    below: Option<GalleryId>,
    limit: u16,
) -> sqlx::Result<Vec<Gallery>> {
    let (account, below, most) =
        (account.map(|id| id.0), below.map_or(i32::MAX, |id| id.0), i64::from(limit));
    let rows = match kind {
        Kind::Shared => select_galleries!(
            "where gallery_permissions.user_id = $1
                   and gallery_permissions.permission_level in ('view', 'copy', 'edit') and users.deleted_at is null and gallery.deleted_at is null
                   and gallery.id < $2 order by gallery.id desc limit $3",
            account,
            below,
            most
        )
        .fetch_all(db)
        .await?,
        Kind::Public => {
            select_galleries!(
                "where gallery.is_public and gallery.deleted_at is null and users.deleted_at is null and gallery.user_id is distinct from $1 and gallery.id < $2
                 order by gallery.id desc limit $3",
                account,
                below,
                most
            )
            .fetch_all(db)
            .await?
        }
    };
    Ok(rows.into_iter().map(Gallery::from).collect())
}

/// An account's own galleries whose name holds this text (every one, if it is empty), newest first, below this id.
pub async fn list_named(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    text: &str,
    below: Option<GalleryId>,
    limit: u16,
) -> sqlx::Result<Vec<Gallery>> {
    let rows = select_galleries!(
        "where gallery.user_id = $1 and gallery.id < $2 and gallery.deleted_at is null
            and strpos(lower(gallery.name), lower($3)) > 0 order by gallery.id desc limit $4",
        Some(owner.0),
        below.map_or(i32::MAX, |id| id.0),
        text,
        i64::from(limit)
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Gallery::from).collect())
}

/// The galleries that a customer is assigned to, the latest first.
pub async fn list_of_customer(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    customer: CustomerId,
) -> sqlx::Result<Vec<Gallery>> {
    let rows = select_galleries!(
        "where gallery.user_id = $1 and gallery.deleted_at is null
           and gallery.id in (select gallery_customers.gallery_id from gallery_customers where customer_id = $2)
         order by gallery.id desc limit 200",
        Some(owner.0),
        customer.0
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Gallery::from).collect())
}

/// The names of a photographer's galleries, for choosing one.
pub async fn list_names(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Vec<(GalleryId, String)>> {
    let rows = sqlx::query!(
        "select id, name from gallery where user_id = $1 and deleted_at is null order by id desc limit 500",
        owner.0
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The covers of these galleries, each with the mark or without: the chosen photo if it is still in the gallery and ready,
/// else the first one.
pub async fn list_covers(
    db: impl PgExecutor<'_>,
    galleries: impl Iterator<Item = (GalleryId, bool)>,
) -> sqlx::Result<Vec<Cover>> {
    let (ids, marked): (Vec<i32>, Vec<bool>) = galleries.map(|(id, marked)| (id.0, marked)).unzip();
    sqlx::query_as!(
        Cover,
        // One photo is chosen by a key before anything is looked up: a gallery may hold ten thousand.
        r#"select gallery.id as gallery, wanted.marked as "marked!", cover.id as photo, cover.width, cover.height, cover.thumbhash, cover.dominant_colour,
            (extract(epoch from cover.created_at) * 1000)::bigint as "version!",
            array(select encoding from renditions where photo_id = cover.id and kind = 'thumbnail_2x' and renditions.marked = wanted.marked) as "encodings!"
        from unnest($1::integer[], $2::boolean[]) as wanted (id, marked) join gallery on gallery.id = wanted.id cross join lateral (
            select photo.id, renditions.width, renditions.height, renditions.created_at, photo.thumbhash, photo.dominant_colour
            from photo join renditions on renditions.photo_id = photo.id and renditions.kind = 'thumbnail_2x' and renditions.marked = wanted.marked and encoding = 'jpeg'
            where photo.id = coalesce(
                (select chosen.id from photo chosen where chosen.id = gallery.cover_photo_id and chosen.gallery_id = gallery.id
                    and chosen.status = 'ready' and chosen.deleted_at is null and not coalesce(chosen.archived, false)),
                (select earliest.id from photo earliest where earliest.gallery_id = gallery.id
                    and earliest.status = 'ready' and earliest.deleted_at is null and not coalesce(earliest.archived, false)
                 order by coalesce(earliest.taken_at, earliest.upload_date, 'epoch'), earliest.id limit 1))
        ) cover"#,
        &ids,
        &marked
    )
    .fetch_all(db)
    .await
}

/// Makes a gallery.
pub async fn create(db: impl PgExecutor<'_>, owner: AccountId, details: &Details) -> sqlx::Result<GalleryId> {
    sqlx::query_scalar!(
        "insert into gallery (user_id, name, description, is_public) values ($1, $2, $3, $4) returning id",
        owner.0,
        details.name,
        details.description,
        details.is_public
    )
    .fetch_one(db)
    .await
}

/// Changes what a gallery is called and who may see it; what is `None` stays as it is at that moment.
pub async fn update_details(db: impl PgExecutor<'_>, id: GalleryId, change: &Change) -> sqlx::Result<()> {
    sqlx::query!(
        "update gallery set name = coalesce($2, name), is_public = coalesce($4, is_public),
            description = case when $5 then $3 else description end,
            event_date = case when $6 then $7 else event_date end, download_policy = coalesce($8, download_policy),
            gives_metadata = coalesce($9, gives_metadata), photo_order = coalesce($10, photo_order),
            marks_public = coalesce($11, marks_public), updated_at = now() at time zone 'utc'
         where id = $1",
        id.0,
        change.name,
        change.description.as_ref().and_then(Option::as_deref),
        change.is_public,
        change.description.is_some(),
        change.event_date.is_some(),
        change.event_date.flatten(),
        change.downloads.map(DownloadPolicy::as_str),
        change.gives_metadata,
        change.order.map(Order::as_str),
        change.marks_public
    )
    .execute(db)
    .await
    .map(drop)
}

/// Chooses the cover; false if the photo is not in the gallery.
pub async fn update_cover(db: impl PgExecutor<'_>, id: GalleryId, photo: PhotoId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update gallery set cover_photo_id = $2, updated_at = now() at time zone 'utc'
         where id = $1 and exists (select from photo where photo.id = $2 and photo.gallery_id = $1 and photo.deleted_at is null)",
        id.0,
        photo.0
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

impl From<Row> for Gallery {
    fn from(row: Row) -> Self {
        let grant: Option<Access> = grant_from_stored(row.permission_level.as_deref());
        Self {
            id: row.id,
            owner: row.owner,
            owner_name: row.owner_name,
            owner_is_gone: row.owner_is_gone,
            name: row.name,
            description: row.description,
            is_public: row.is_public,
            marks_public: row.marks_public,
            cover: row.cover,
            created_at: row.created_at,
            updated_at: row.updated_at,
            event_date: row.event_date,
            downloads: row.downloads,
            gives_metadata: row.gives_metadata,
            order: row.photo_order,
            photo_count: row.photo_count,
            grant,
        }
    }
}
