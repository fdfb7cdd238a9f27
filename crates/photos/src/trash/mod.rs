//! The trash: what was deleted waits there for some weeks, so that a slip is no loss, and is then removed for good.

pub mod api;
pub mod screen;
pub mod store;

use std::time::Duration;

use common::{Error, Result, live::Live};
use sqlx::PgPool;

use crate::{
    galleries::GalleryId, identity::AccountId, photos::PhotoId, settings::SiteSettings, storage::Storage,
    upload,
};

/// So many photos are removed in one transaction.
const BATCH: i64 = 200;

/// Puts a gallery into the trash with its photos. One with locked photos stays.
pub async fn delete_gallery(db: &PgPool, gallery: GalleryId) -> Result<()> {
    let mut transaction = db.begin().await?;
    if !store::update_gallery_deleted(&mut transaction, gallery).await? {
        return Err(Error::NotFound);
    }
    let locked = store::count_locked(&mut transaction, gallery).await?;
    if locked > 0 {
        let photos =
            if locked == 1 { "1 photo of it is".to_owned() } else { format!("{locked} photos of it are") };
        return Err(Error::Conflict(format!(
            "This gallery can't be deleted while {photos} locked. Please unlock them first."
        )));
    }
    store::update_members_deleted(&mut transaction, gallery).await?;
    Ok(transaction.commit().await?)
}

/// Brings a gallery back, with the photos that went with it.
pub async fn restore_gallery(db: &PgPool, gallery: GalleryId) -> Result<()> {
    let mut transaction = db.begin().await?;
    // Held before its photos are looked at: whoever is just deleting it has then deleted them too.
    if !store::hold_deleted(&mut transaction, gallery).await? {
        return Err(Error::NotFound);
    }
    store::update_members_restored(&mut transaction, gallery).await?;
    store::update_gallery_restored(&mut transaction, gallery).await?;
    Ok(transaction.commit().await?)
}

/// Removes a gallery in the trash for good, with its photos and their files. It is out of the trash at once; what is cut
/// off goes on at the next [`purge_old`].
pub async fn purge_gallery(db: &PgPool, gallery: GalleryId) -> Result<()> {
    if !store::update_gallery_purged(db, gallery).await? {
        return Err(Error::NotFound);
    }
    remove_gallery(db, gallery).await
}

/// One batch after the other; others who are at it too take turns.
async fn remove_gallery(db: &PgPool, gallery: GalleryId) -> Result<()> {
    loop {
        let mut transaction = db.begin().await?;
        if !store::hold_purged(&mut transaction, gallery).await? {
            return Ok(());
        }
        let photos = store::list_of_gallery(&mut transaction, gallery, BATCH).await?;
        store::purge_photos(&mut transaction, &photos).await?;
        if photos.is_empty() {
            store::delete_gallery(&mut transaction, gallery).await?;
        }
        transaction.commit().await?;
    }
}

/// Removes photos in the trash for good; those of others and those not in the trash stay. Returns how many went.
pub async fn purge_photos(db: &PgPool, owner: AccountId, photos: &[PhotoId]) -> Result<usize> {
    let ids: Vec<i32> = photos.iter().map(|photo| photo.0).collect();
    let mut transaction = db.begin().await?;
    let found = store::list_own(&mut transaction, owner, &ids).await?;
    store::purge_photos(&mut transaction, &found).await?;
    transaction.commit().await?;
    Ok(found.len())
}

/// Removes for good what has been in the trash for this long, and goes on with what was cut off.
pub async fn purge_old(db: &PgPool, age: Duration) -> Result<()> {
    for gallery in store::update_old_galleries_purged(db, age).await? {
        remove_gallery(db, gallery).await?;
    }
    loop {
        let mut transaction = db.begin().await?;
        let photos = store::list_old(&mut transaction, age, BATCH).await?;
        store::purge_photos(&mut transaction, &photos).await?;
        transaction.commit().await?;
        if photos.is_empty() {
            return Ok(());
        }
    }
}

/// Empties the trash of what is too old and removes files that are nobody's: every ten minutes for as long as we run,
/// and once a day also what killed processes left half-written.
pub async fn keep_for_ever(db: PgPool, storage: Storage, settings: Live<SiteSettings>) {
    for round in 0_u64.. {
        let unfinished = if round % 144 == 0 { upload::sweep_unfinished(&storage).await } else { Ok(()) };
        let emptied = purge_old(&db, settings.current().trash_age()).await;
        let swept = upload::sweep(&db, &storage).await;
        if let Err(error) = unfinished.and(emptied).and(swept) {
            tracing::warn!(%error, "what was deleted or cut off could not be removed");
        }
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
}
