//! Customers in the database.

use chrono::NaiveDateTime;
use sqlx::{PgExecutor, PgTransaction};

use super::{Cursor, Customer, CustomerId, Details, Status};
use crate::{galleries::GalleryId, identity::AccountId, shares::ShareLinkId};

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

/// A gallery of a customer.
pub struct AssignedGallery {
    /// The gallery.
    pub id: GalleryId,
    /// Its name.
    pub name: String,
}

/// A link that was made for a customer.
pub struct CustomerLink {
    /// The link.
    pub id: ShareLinkId,
    /// The name of its gallery; empty if that is gone.
    pub gallery_name: String,
    /// Its gallery.
    pub gallery: Option<GalleryId>,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC.
    pub expires_at: Option<NaiveDateTime>,
    /// UTC.
    pub last_opened_at: Option<NaiveDateTime>,
    /// Whether it was ended.
    pub revoked: bool,
    /// Counted visits.
    pub views: i32,
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

/// The galleries that a customer is assigned to, the latest first.
pub async fn list_galleries(db: impl PgExecutor<'_>, id: CustomerId) -> sqlx::Result<Vec<AssignedGallery>> {
    sqlx::query_as!(
        AssignedGallery,
        "select gallery.id, gallery.name from gallery_customers join gallery on gallery.id = gallery_customers.gallery_id
         where gallery_customers.customer_id = $1 and gallery.deleted_at is null
         order by gallery_customers.added_at desc nulls last, gallery.id desc limit 200",
        id.0
    )
    .fetch_all(db)
    .await
}

/// The links that were made for a customer, the latest first.
pub async fn list_links(db: impl PgExecutor<'_>, id: CustomerId) -> sqlx::Result<Vec<CustomerLink>> {
    sqlx::query_as!(
        CustomerLink,
        r#"select share_links.id, coalesce(gallery.name, '') as "gallery_name!", share_links.gallery_id as gallery,
            coalesce(share_links.created_at, 'epoch') as "created_at!", share_links.expires_at,
            share_links.last_opened_at at time zone 'utc' as last_opened_at,
            (share_links.revoked_at is not null or share_links.is_active is false) as "revoked!",
            coalesce(share_links.views, 0) as "views!"
         from share_links left join gallery on gallery.id = share_links.gallery_id
         where share_links.customer_id = $1 order by share_links.id desc limit 200"#,
        id.0
    )
    .fetch_all(db)
    .await
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
