//! A gallery's new owner in the database.

use common::identity::UserId;
use sqlx::{PgExecutor, PgTransaction};

use crate::{galleries::GalleryId, identity::AccountId};

/// A gallery that is to be handed over.
pub struct Found {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub owner: Option<AccountId>,
    /// The name of that account.
    pub owner_name: String,
}

/// The gallery, also one in the trash; nobody else changes it until the transaction ends.
pub async fn find(transaction: &mut PgTransaction<'_>, gallery: GalleryId) -> sqlx::Result<Option<Found>> {
    sqlx::query_as!(
        Found,
        r#"select name, user_id as owner,
            coalesce((select username from users where users.id = gallery.user_id), '') as "owner_name!"
         from gallery where id = $1 and purged_at is null for update"#,
        gallery.0
    )
    .fetch_optional(&mut **transaction)
    .await
}

/// The name of an account that is not gone.
pub async fn find_name(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select username from users where id = $1 and deleted_at is null", account.0)
        .fetch_optional(db)
        .await
}

/// What the auth-service calls an account.
pub async fn find_user(db: impl PgExecutor<'_>, account: AccountId) -> sqlx::Result<Option<UserId>> {
    let user =
        sqlx::query_scalar!("select auth_user_id from users where id = $1 and deleted_at is null", account.0);
    Ok(user.fetch_optional(db).await?.flatten())
}

/// Gallery, photos, files and figures of what happens lately become the account's. The photos count as made with an older
/// recipe, so that their marked renditions are made anew.
pub async fn update_owner(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
    before: Option<AccountId>,
    account: AccountId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update gallery set user_id = $2, updated_at = now() at time zone 'utc' where id = $1",
        gallery.0,
        account.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "update photo set photographer_id = $2, recipe = null where gallery_id = $1",
        gallery.0,
        account.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "update files set owner_id = $2
         where id in (select file_id from photo where gallery_id = $1) and owner_id is not distinct from $3
           and not exists (select from photo where photo.file_id = files.id and photo.gallery_id is distinct from $1)",
        gallery.0,
        account.0,
        before.map(|before| before.0) as Option<i32>
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "delete from gallery_permissions where gallery_id = $1 and user_id = $2",
        gallery.0,
        account.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("update statistics_events set owner_id = $2 where gallery_id = $1", gallery.0, account.0)
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// Customers belong to a photographer: those of the gallery and its links become the new owner's too, who may have them
/// already; the old owner keeps their own.
pub async fn update_customers(
    transaction: &mut PgTransaction<'_>,
    gallery: GalleryId,
    account: AccountId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into customer (photographer_id, email, name, phone, status)
         select $2, email, name, phone, status from customer
         where id in (select customer_id from gallery_customers where gallery_id = $1
            union select customer_id from share_links where gallery_id = $1)
         on conflict (photographer_id, email) do nothing",
        gallery.0,
        account.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "update share_links set customer_id = theirs.id
         from customer as before join customer as theirs on theirs.email = before.email and theirs.photographer_id = $2
         where share_links.gallery_id = $1 and share_links.customer_id = before.id",
        gallery.0,
        account.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "insert into gallery_customers (gallery_id, customer_id)
         select $1, theirs.id from gallery_customers
         join customer as before on before.id = gallery_customers.customer_id
         join customer as theirs on theirs.email = before.email and theirs.photographer_id = $2
         where gallery_customers.gallery_id = $1
         on conflict do nothing",
        gallery.0,
        account.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!(
        "delete from gallery_customers using customer
         where gallery_customers.gallery_id = $1 and customer.id = gallery_customers.customer_id
           and customer.photographer_id <> $2",
        gallery.0,
        account.0
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}
