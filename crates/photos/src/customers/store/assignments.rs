//! Which galleries are for which customers, in the database.

use sqlx::PgExecutor;

use crate::{customers::CustomerId, galleries::GalleryId, identity::AccountId};

/// A customer as they are offered while one types.
pub struct Known {
    /// The address.
    pub email: String,
    /// The name.
    pub name: Option<String>,
}

/// A photographer's customers of today, the last looked at or made first; so many that choosing among them makes sense.
pub async fn list_names(db: impl PgExecutor<'_>, owner: AccountId) -> sqlx::Result<Vec<Known>> {
    sqlx::query_as!(
        Known,
        "select email, name from customer where photographer_id = $1 and status is distinct from 'inactive'
         order by coalesce(last_accessed, created_at) desc nulls last, id desc limit 500",
        owner.0
    )
    .fetch_all(db)
    .await
}

/// Assigns customers of the gallery's owner to it; returns those that are assigned now.
pub async fn create_assignments(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    customers: &[i32],
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"insert into gallery_customers (gallery_id, customer_id)
         select gallery.id, customer.id from gallery join customer on customer.photographer_id = gallery.user_id
         where gallery.id = $1 and customer.id = any($2)
         on conflict (gallery_id, customer_id) do update set added_at = gallery_customers.added_at
         returning customer_id as "id!: CustomerId""#,
        gallery.0,
        customers
    )
    .fetch_all(db)
    .await
}

/// Ends an assignment; false if there is none.
pub async fn delete_assignment(
    db: impl PgExecutor<'_>,
    gallery: GalleryId,
    customer: CustomerId,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from gallery_customers where gallery_id = $1 and customer_id = $2",
        gallery.0,
        customer.0
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}
