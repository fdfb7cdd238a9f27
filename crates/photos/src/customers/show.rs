//! `/customers/{id}`: one customer, with their galleries, their links and who looked.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::Utc;
use common::{
    OrNotFound, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{Customer, CustomerId, Typed, delete, store, update};
use crate::{
    app::App,
    galleries::{GalleryId, day_text},
    identity::Photographer,
};

/// Whether their links end too.
#[derive(Deserialize)]
pub struct RemovalForm {
    #[serde(default)]
    end_links: bool,
}

#[derive(Serialize)]
struct CustomerPage {
    customer: Heading,
    galleries: Vec<GalleryRow>,
    links: Vec<LinkRow>,
    open_links: usize,
    form: Typed,
    errors: FieldErrors,
}

#[derive(Serialize)]
struct Heading {
    id: CustomerId,
    title: String,
    since_text: String,
    accessed_text: String,
}

#[derive(Serialize)]
struct GalleryRow {
    id: GalleryId,
    name: String,
}

#[derive(Serialize)]
struct LinkRow {
    gallery_id: Option<GalleryId>,
    gallery_name: String,
    created_text: String,
    state_text: String,
    open: bool,
    views: i32,
    opened_text: String,
}

impl Page for CustomerPage {
    const TEMPLATE: &'static str = "customers/show.html";

    fn title(&self) -> String {
        self.customer.title.clone()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    id: Path<CustomerId>,
    user: Photographer,
    view: View,
) -> Result<HttpResponse> {
    let customer = store::find(&app.db, user.0.account, *id).await?.or_not_found()?;
    let form = Typed::from(&customer);
    view.ok(&page(&app, &customer, form, FieldErrors::new()).await?)
}

/// Saves what was typed.
pub async fn post(
    app: Data<App>,
    id: Path<CustomerId>,
    user: Photographer,
    session: Session,
    view: View,
    form: CsrfForm<Typed>,
) -> Result<HttpResponse> {
    let owner = user.0.account;
    let customer = store::find(&app.db, owner, *id).await?.or_not_found()?;
    let errors = match form.0.parse() {
        Err(errors) => errors,
        Ok(details) => {
            if update(&app.db, owner, *id, &details).await? {
                flash::success(&session, "The customer is saved.")?;
                return Ok(see_other(&format!("/customers/{id}")));
            }
            FieldErrors::from([("email", "You have another customer with this address.".to_owned())])
        }
    };
    view.status(StatusCode::UNPROCESSABLE_ENTITY, &page(&app, &customer, form.0, errors).await?)
}

/// `POST /customers/{id}/delete`.
pub async fn remove(
    app: Data<App>,
    id: Path<CustomerId>,
    user: Photographer,
    session: Session,
    form: CsrfForm<RemovalForm>,
) -> Result<HttpResponse> {
    delete(&app.db, user.0.account, *id, form.0.end_links).await?;
    flash::success(&session, "The customer is removed.")?;
    Ok(see_other("/customers"))
}

async fn page(app: &App, customer: &Customer, form: Typed, errors: FieldErrors) -> Result<CustomerPage> {
    let galleries = store::list_galleries(&app.db, customer.id).await?;
    let links: Vec<LinkRow> =
        store::list_links(&app.db, customer.id).await?.into_iter().map(LinkRow::of).collect();
    Ok(CustomerPage {
        customer: Heading {
            id: customer.id,
            title: customer.title().to_owned(),
            since_text: day_text(customer.created_at),
            accessed_text: customer.last_accessed.map(day_text).unwrap_or_default(),
        },
        galleries: galleries.into_iter().map(|row| GalleryRow { id: row.id, name: row.name }).collect(),
        open_links: links.iter().filter(|link| link.open).count(),
        links,
        form,
        errors,
    })
}

impl LinkRow {
    fn of(link: store::CustomerLink) -> Self {
        let expired = link.expires_at.is_some_and(|end| end <= Utc::now().naive_utc());
        Self {
            gallery_id: link.gallery,
            gallery_name: link.gallery_name,
            created_text: day_text(link.created_at),
            state_text: match (link.revoked, expired, link.expires_at) {
                (true, ..) => "Closed".to_owned(),
                (_, true, _) => "Expired".to_owned(),
                (.., Some(end)) => format!("Open until {}", day_text(end)),
                (.., None) => "Open".to_owned(),
            },
            open: !link.revoked && !expired,
            views: link.views,
            opened_text: link.last_opened_at.map_or_else(|| "Never".to_owned(), day_text),
        }
    }
}
