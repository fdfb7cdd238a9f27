//! Customers in the database.

mod assignments;

pub use assignments::{Known, create_assignments, delete_assignment, list_names};
use chrono::NaiveDateTime;
use sqlx::{PgExecutor, PgTransaction};

use super::{Cursor, Customer, CustomerId, Details, Status};
use crate::{galleries::GalleryId, identity::AccountId};

struct Row {
    id: CustomerId,
    email: String,
    name: Option<String>,
    phone: Option<String>,
    notes: Option<String>,
    status: Status,
    created_at: NaiveDateTime,
    last_accessed: Option<NaiveDateTime>,
    galleries: i64,
    links: i64,
    sort_key: String,
}

/// A customer with its place in the list.
pub struct Listed {
    /// The customer.
    pub customer: Customer,
    /// What the list is sorted by.
    pub sort_key: String,
}

macro_rules! select_customers {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select customer.id, customer.email, customer.name, customer.phone, customer.notes,
                coalesce(customer.status, 'active') as "status!", coalesce(customer.created_at, 'epoch') as "created_at!",
                customer.last_accessed,
                (select count(*) from gallery_customers join gallery on gallery.id = gallery_customers.gallery_id
                    where gallery_customers.customer_id = customer.id and gallery.deleted_at is null) as "galleries!",
                (select count(*) from share_links where share_links.customer_id = customer.id) as "links!",
                lower(coalesce(nullif(customer.name, ''), customer.email)) as "sort_key!"
            from customer "# + $rest,
            $($argument),*
        )
    };
}

/// Makes changes to one photographer's customers wait for each other until the transaction ends.
pub async fn lock(transaction: &mut PgTransaction<'_>, owner: AccountId) -> sqlx::Result<()> {
    sqlx::query!("select pg_advisory_xact_lock(hashtext('customers'), $1)", owner.0)
        .execute(&mut **transaction)
        .await
        .map(drop)
}

/// One customer of a photographer.
pub async fn find(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    id: CustomerId,
) -> sqlx::Result<Option<Customer>> {
    let row = select_customers!("where customer.photographer_id = $1 and customer.id = $2", owner.0, id.0);
    Ok(row.fetch_optional(db).await?.map(|row| Listed::from(row).customer))
}

/// The customer of a photographer with this address, in whatever case it was written.
pub async fn find_by_email(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    email: &str,
) -> sqlx::Result<Option<CustomerId>> {
    sqlx::query_scalar!(
        "select id from customer where photographer_id = $1 and lower(email) = lower($2) order by id limit 1",
        owner.0,
        email
    )
    .fetch_optional(db)
    .await
}

/// A photographer's customers by name, from behind this place on, those whose name, address or telephone holds a text.
pub async fn list(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    search: &str,
    after: Option<&Cursor>,
    limit: u16,
) -> sqlx::Result<Vec<Listed>> {
    let rows = select_customers!(
        "where customer.photographer_id = $1
           and (lower(coalesce(nullif(customer.name, ''), customer.email)), customer.id) > ($2, $3)
           and strpos(lower(concat_ws(' ', customer.name, customer.email, customer.phone)), lower($4)) > 0
         order by lower(coalesce(nullif(customer.name, ''), customer.email)), customer.id limit $5",
        owner.0,
        after.map_or("", |cursor| &cursor.title),
        after.map_or(0, |cursor| cursor.id.0),
        search,
        i64::from(limit)
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(Listed::from).collect())
}

/// Makes a customer.
pub async fn create(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    details: &Details,
) -> sqlx::Result<CustomerId> {
    sqlx::query_scalar!(
        "insert into customer (photographer_id, email, name, phone, notes, status) values ($1, $2, $3, $4, $5, $6)
         returning id",
        owner.0,
        details.email,
        details.name,
        details.phone,
        details.notes,
        details.status.as_str()
    )
    .fetch_one(db)
    .await
}

/// Changes a customer; false if there is none.
pub async fn update(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    id: CustomerId,
    details: &Details,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update customer set email = $3, name = $4, phone = $5, notes = $6, status = $7
         where photographer_id = $1 and id = $2",
        owner.0,
        id.0,
        details.email,
        details.name,
        details.phone,
        details.notes,
        details.status.as_str()
    );
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Notes that one of a customer's links was opened.
pub async fn update_accessed(db: impl PgExecutor<'_>, id: CustomerId) -> sqlx::Result<()> {
    sqlx::query!("update customer set last_accessed = now() at time zone 'utc' where id = $1", id.0)
        .execute(db)
        .await
        .map(drop)
}

/// Ends the links that were made for a customer.
pub async fn update_links_revoked(transaction: &mut PgTransaction<'_>, id: CustomerId) -> sqlx::Result<()> {
    sqlx::query!(
        "update share_links set is_active = false, revoked_at = coalesce(revoked_at, now()), epoch = epoch + 1
         where customer_id = $1",
        id.0
    )
    .execute(&mut **transaction)
    .await
    .map(drop)
}

/// Removes a customer. Links that were made for them stay, with the address they were sent to.
pub async fn delete(transaction: &mut PgTransaction<'_>, id: CustomerId) -> sqlx::Result<()> {
    sqlx::query!(
        "update share_links set customer_id = null, recipient_email = coalesce(recipient_email, customer.email)
         from customer where customer.id = $1 and share_links.customer_id = $1",
        id.0
    )
    .execute(&mut **transaction)
    .await?;
    sqlx::query!("delete from customer where id = $1", id.0).execute(&mut **transaction).await.map(drop)
}

/// The customers that a gallery is assigned to.
pub async fn list_of_gallery(db: impl PgExecutor<'_>, gallery: GalleryId) -> sqlx::Result<Vec<Customer>> {
    let rows = select_customers!(
        "where customer.id in (select customer_id from gallery_customers where gallery_id = $1)
         order by lower(coalesce(nullif(customer.name, ''), customer.email)), customer.id limit 500",
        gallery.0
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| Listed::from(row).customer).collect())
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let customer = Customer {
            id: row.id,
            email: row.email,
            name: row.name,
            phone: row.phone,
            notes: row.notes,
            status: row.status,
            created_at: row.created_at,
            last_accessed: row.last_accessed,
            galleries: row.galleries,
            links: row.links,
        };
        Self { customer, sort_key: row.sort_key }
    }
}
