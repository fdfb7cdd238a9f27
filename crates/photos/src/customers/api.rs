//! Customers for programs.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use chrono::{DateTime, Utc};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfChecked, CsrfJson},
};
use serde::{Deserialize, Serialize};

use super::{Assigned, Cursor, Customer, CustomerId, Status, Typed, create, delete, store, update};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::{CurrentUser, Photographer},
    photos::{Listing, api::ListBody, page_size},
    policy::{Access, Viewer},
};

const TAKEN: &str = "You have a customer with this address already.";

/// Which customers are asked for.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    after: Option<String>,
    limit: Option<u32>,
}

/// What is to change about a customer; absent fields stay.
#[derive(Deserialize)]
pub struct Change {
    email: Option<String>,
    name: Option<String>,
    phone: Option<String>,
    notes: Option<String>,
    status: Option<Status>,
}

/// Whether their links end too.
#[derive(Deserialize)]
pub struct Removal {
    #[serde(default)]
    end_links: bool,
}

/// Customers to assign.
#[derive(Deserialize)]
pub struct Chosen {
    customer_ids: Vec<i32>,
}

#[derive(Serialize)]
struct CustomerBody {
    id: CustomerId,
    email: String,
    name: Option<String>,
    phone: Option<String>,
    notes: Option<String>,
    status: Status,
    galleries: i64,
    links: i64,
    created_at: DateTime<Utc>,
    last_accessed: Option<DateTime<Utc>>,
}

/// `GET /api/customers?q=`: one's own, by name.
pub async fn list(app: Data<App>, wanted: Query<Wanted>, user: Photographer) -> Result<HttpResponse> {
    let limit = page_size(wanted.limit);
    let after = wanted.after.as_deref().map(str::parse::<Cursor>).transpose()?;
    let found = store::list(&app.db, user.0.account, wanted.q.trim(), after.as_ref(), limit + 1).await?;
    let found = Listing::of(found, limit);
    let next = found.items.last().filter(|_| found.more).map(|last| Cursor::at(last).to_string());
    let items = found.items.into_iter().map(|listed| CustomerBody::from(listed.customer)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// `POST /api/customers`.
pub async fn post(app: Data<App>, user: Photographer, body: CsrfJson<Typed>) -> Result<HttpResponse> {
    let details = body.0.parse().map_err(Error::Invalid)?;
    let owner = user.0.account;
    let id = create(&app.db, owner, &details).await?.ok_or_else(|| Error::invalid("email", TAKEN))?;
    let customer = store::find(&app.db, owner, id).await?.or_not_found()?;
    Ok(HttpResponse::Created().json(CustomerBody::from(customer)))
}

/// `GET /api/customers/{id}`.
pub async fn get(app: Data<App>, id: Path<CustomerId>, user: Photographer) -> Result<HttpResponse> {
    let customer = store::find(&app.db, user.0.account, *id).await?.or_not_found()?;
    Ok(HttpResponse::Ok().json(CustomerBody::from(customer)))
}

/// `PATCH /api/customers/{id}`.
pub async fn patch(
    app: Data<App>,
    id: Path<CustomerId>,
    user: Photographer,
    body: CsrfJson<Change>,
) -> Result<HttpResponse> {
    let owner = user.0.account;
    let before = Typed::from(&store::find(&app.db, owner, *id).await?.or_not_found()?);
    let Change { email, name, phone, notes, status } = body.0;
    let typed = Typed {
        email: email.unwrap_or(before.email),
        name: name.unwrap_or(before.name),
        phone: phone.unwrap_or(before.phone),
        notes: notes.unwrap_or(before.notes),
        status: status.unwrap_or(before.status),
    };
    let details = typed.parse().map_err(Error::Invalid)?;
    if !update(&app.db, owner, *id, &details).await? {
        return Err(Error::invalid("email", TAKEN));
    }
    let customer = store::find(&app.db, owner, *id).await?.or_not_found()?;
    Ok(HttpResponse::Ok().json(CustomerBody::from(customer)))
}

/// `DELETE /api/customers/{id}?end_links=`: links go on unless they are to end.
pub async fn remove(
    app: Data<App>,
    id: Path<CustomerId>,
    removal: Query<Removal>,
    user: Photographer,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    delete(&app.db, user.0.account, *id, removal.end_links).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /api/galleries/{id}/customers`.
pub async fn of_gallery(app: Data<App>, id: Path<GalleryId>, user: CurrentUser) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let items = store::list_of_gallery(&app.db, gallery.id).await?;
    let items = items.into_iter().map(CustomerBody::from).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// `POST /api/galleries/{id}/customers`: assigns customers of the gallery's owner.
pub async fn assign(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<Chosen>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let customer_ids = store::create_assignments(&app.db, gallery.id, &body.0.customer_ids).await?;
    Ok(HttpResponse::Ok().json(Assigned { customer_ids, gallery_id: gallery.id }))
}

/// `DELETE /api/galleries/{id}/customers/{customer_id}`.
pub async fn unassign(
    app: Data<App>,
    path: Path<(GalleryId, CustomerId)>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (id, customer) = path.into_inner();
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), id, Access::Own).await?;
    store::delete_assignment(&app.db, gallery.id, customer).await?.then_some(()).or_not_found()?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<Customer> for CustomerBody {
    fn from(customer: Customer) -> Self {
        Self {
            id: customer.id,
            email: customer.email,
            name: customer.name,
            phone: customer.phone,
            notes: customer.notes,
            status: customer.status,
            galleries: customer.galleries,
            links: customer.links,
            created_at: customer.created_at.and_utc(),
            last_accessed: customer.last_accessed.map(|time| time.and_utc()),
        }
    }
}
