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
use utoipa::{IntoParams, ToSchema};

use super::{Assigned, Cursor, Customer, CustomerId, Status, Typed, create, delete, searched, store, update};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::{CurrentUser, Photographer},
    photos::{Listing, api::ListBody, page_size},
    policy::{Access, Viewer},
};

const TAKEN: &str = "You have a customer with this address already.";

/// Which customers are asked for.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// A part of name, address or telephone.
    #[serde(default)]
    q: String,
    /// The `next` of the page before.
    after: Option<String>,
    /// 50 by default, 200 at most.
    limit: Option<u32>,
}

/// What is said of a customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomerChange)]
pub struct Change {
    /// Unique for a photographer, in whatever case.
    email: Option<String>,
    /// At most 120 characters.
    name: Option<String>,
    /// At most 20 characters.
    phone: Option<String>,
    /// At most 5,000 characters.
    notes: Option<String>,
    status: Option<Status>,
}

/// Whether their links end too.
#[derive(Deserialize, IntoParams)]
pub struct Removal {
    /// Whether their links end too.
    #[serde(default)]
    end_links: bool,
}

/// Customers to assign.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CustomerChoice)]
pub struct Chosen {
    customer_ids: Vec<i32>,
}

/// A customer.
#[derive(Serialize, ToSchema)]
#[schema(as = Customer)]
struct CustomerBody {
    id: CustomerId,
    email: String,
    name: Option<String>,
    phone: Option<String>,
    notes: Option<String>,
    status: Status,
    /// How many are assigned to them.
    galleries: i64,
    /// How many were made for them.
    links: i64,
    created_at: DateTime<Utc>,
    last_accessed: Option<DateTime<Utc>>,
}

/// One's own customers, by name.
#[utoipa::path(
    get, path = "/api/customers",
    params(Wanted),
    responses((status = 200, body = ListBody<CustomerBody>))
)]
pub async fn list(app: Data<App>, wanted: Query<Wanted>, user: Photographer) -> Result<HttpResponse> {
    let limit = page_size(wanted.limit);
    let after = wanted.after.as_deref().map(str::parse::<Cursor>).transpose()?;
    let found = store::list(&app.db, user.0.account, &searched(&wanted.q), after.as_ref(), limit + 1).await?;
    let found = Listing::of(found, limit);
    let next = found.items.last().filter(|_| found.more).map(|last| Cursor::at(last).to_string());
    let items = found.items.into_iter().map(|listed| CustomerBody::from(listed.customer)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next }))
}

/// Makes a customer. It needs an address.
///
/// Else: 422
#[utoipa::path(
    post, path = "/api/customers",
    request_body = Change,
    responses((status = 201, body = CustomerBody))
)]
pub async fn post(app: Data<App>, user: Photographer, body: CsrfJson<Change>) -> Result<HttpResponse> {
    let details = body.0.over(Typed::default()).parse().map_err(Error::Invalid)?;
    let owner = user.0.account;
    let id = create(&app.db, owner, &details).await?.ok_or_else(|| Error::invalid("email", TAKEN))?;
    let customer = store::find(&app.db, owner, id).await?.or_not_found()?;
    Ok(HttpResponse::Created().json(CustomerBody::from(customer)))
}

/// A customer.
///
/// Else: 404
#[utoipa::path(get, path = "/api/customers/{customer}", responses((status = 200, body = CustomerBody)))]
pub async fn get(app: Data<App>, id: Path<CustomerId>, user: Photographer) -> Result<HttpResponse> {
    let customer = store::find(&app.db, user.0.account, *id).await?.or_not_found()?;
    Ok(HttpResponse::Ok().json(CustomerBody::from(customer)))
}

/// Changes a customer; absent fields stay.
///
/// Else: 404; 422
#[utoipa::path(
    patch, path = "/api/customers/{customer}",
    request_body = Change,
    responses((status = 200, body = CustomerBody))
)]
pub async fn patch(
    app: Data<App>,
    id: Path<CustomerId>,
    user: Photographer,
    body: CsrfJson<Change>,
) -> Result<HttpResponse> {
    let owner = user.0.account;
    let before = Typed::from(&store::find(&app.db, owner, *id).await?.or_not_found()?);
    let details = body.0.over(before).parse().map_err(Error::Invalid)?;
    if !update(&app.db, owner, *id, &details).await? {
        return Err(Error::invalid("email", TAKEN));
    }
    let customer = store::find(&app.db, owner, *id).await?.or_not_found()?;
    Ok(HttpResponse::Ok().json(CustomerBody::from(customer)))
}

/// Removes a customer. Their links go on, unless they are to end.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/customers/{customer}", params(Removal), responses((status = 204)))]
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

/// The customers whom a gallery is assigned to.
///
/// Else: 404
#[utoipa::path(
    get, path = "/api/galleries/{gallery}/customers",
    responses((status = 200, body = ListBody<CustomerBody>))
)]
pub async fn of_gallery(app: Data<App>, id: Path<GalleryId>, user: CurrentUser) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let items = store::list_of_gallery(&app.db, gallery.id).await?;
    let items = items.into_iter().map(CustomerBody::from).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// Assigns a gallery to more customers of its owner.
///
/// Else: 404
#[utoipa::path(
    post, path = "/api/galleries/{gallery}/customers",
    request_body = Chosen,
    responses((status = 200, body = Assigned))
)]
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

/// Takes a gallery away from a customer.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/galleries/{gallery}/customers/{customer}", responses((status = 204)))]
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

impl Change {
    /// What is said, and what was there where nothing is said.
    fn over(self, before: Typed) -> Typed {
        Typed {
            email: self.email.unwrap_or(before.email),
            name: self.name.unwrap_or(before.name),
            phone: self.phone.unwrap_or(before.phone),
            notes: self.notes.unwrap_or(before.notes),
            status: self.status.unwrap_or(before.status),
        }
    }
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
