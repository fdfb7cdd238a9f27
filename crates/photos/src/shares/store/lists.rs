//! Links across galleries, in the database.

use sqlx::PgExecutor;

use super::Row;
use crate::{
    customers::CustomerId,
    identity::AccountId,
    shares::{ShareLink, ShareLinkId},
};

/// All links of a photographer's galleries whose gallery or recipient holds a text, newest first, below this id.
pub async fn list_history(
    db: impl PgExecutor<'_>,
    owner: AccountId,
    search: &str,
    below: Option<ShareLinkId>,
    limit: u16,
) -> sqlx::Result<Vec<ShareLink>> {
    let rows = select_links!(
        "where gallery.user_id = $1 and share_links.id < $2
           and strpos(lower(concat_ws(' ', gallery.name, share_links.recipient_email)), lower($3)) > 0
         order by share_links.id desc limit $4",
        owner.0,
        below.map_or(i32::MAX, |id| id.0),
        search,
        i64::from(limit)
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(ShareLink::from).collect())
}

/// The links that were made for a customer, the latest first.
pub async fn list_of_customer(db: impl PgExecutor<'_>, customer: CustomerId) -> sqlx::Result<Vec<ShareLink>> {
    let rows = select_links!(
        "where share_links.customer_id = $1 order by share_links.id desc limit 200",
        customer.0
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(ShareLink::from).collect())
}
