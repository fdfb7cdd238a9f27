//! `/customers/{id}`: one customer, with their galleries, their links and who looked.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
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
    galleries::{self, Card, day_text, list::cards},
    identity::{CurrentUser, Photographer},
    policy::Viewer,
    shares::{
        self, State,
        row::{Expiry, LinkRow, expiries},
    },
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
    galleries: Vec<Card>,
    links: Vec<LinkRow>,
    expiries: Vec<Expiry>,
    open_links: usize,
    views: i64,
    here: String,
    form: Typed,
    errors: FieldErrors,
}

#[derive(Serialize)]
struct Heading {
    id: CustomerId,
    title: String,
    /// What makes the form for a link begin with their address.
    share_query: String,
    since_text: String,
    accessed_text: String,
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
    view.ok(&page(&app, &user.0, &customer, form, FieldErrors::new()).await?)
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
    let page = page(&app, &user.0, &customer, form.0, errors).await?;
    view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
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

fn share_query(email: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("for", email).finish()
}

async fn page(
    app: &App,
    user: &CurrentUser,
    customer: &Customer,
    form: Typed,
    errors: FieldErrors,
) -> Result<CustomerPage> {
    let galleries = galleries::store::list_of_customer(&app.db, user.account, customer.id).await?;
    let links = shares::store::list_of_customer(&app.db, customer.id).await?;
    Ok(CustomerPage {
        customer: Heading {
            id: customer.id,
            title: customer.title().to_owned(),
            share_query: share_query(&customer.email),
            since_text: day_text(customer.created_at),
            accessed_text: customer.last_accessed.map(day_text).unwrap_or_default(),
        },
        galleries: cards(app, galleries, Viewer::Person(user)).await?,
        open_links: links.iter().filter(|link| link.state() == State::Active).count(),
        views: links.iter().map(|link| i64::from(link.views)).sum(),
        links: links.iter().map(|link| LinkRow::of(app, link)).collect(),
        expiries: expiries(),
        here: format!("/customers/{}", customer.id),
        form,
        errors,
    })
}
