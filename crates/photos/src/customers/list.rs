//! `/customers`: everybody a photographer works for, and the form for a new one.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{Cursor, Customer, CustomerId, Status, Typed, create, searched, store};
use crate::{
    app::App,
    galleries::day_text,
    identity::{AccountId, Photographer},
    photos::{Listing, PAGE},
};

/// What is searched, and where the page begins.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
}

#[derive(Serialize)]
struct ListPage {
    customers: Vec<Row>,
    search: Search,
    next: Option<String>,
    form: Typed,
    errors: FieldErrors,
}

#[derive(Serialize)]
struct Row {
    id: CustomerId,
    title: String,
    email: String,
    phone: String,
    inactive: bool,
    galleries: i64,
    links: i64,
    accessed_text: String,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "customers/list.html";

    fn title(&self) -> String {
        "Customers".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    search: Query<Search>,
    user: Photographer,
    view: View,
) -> Result<HttpResponse> {
    let search = search.into_inner();
    view.ok(&page(&app, user.0.account, search, Typed::default(), FieldErrors::new()).await?)
}

/// Makes a customer and goes there.
pub async fn post(
    app: Data<App>,
    user: Photographer,
    session: Session,
    view: View,
    form: CsrfForm<Typed>,
) -> Result<HttpResponse> {
    let owner = user.0.account;
    let errors = match form.0.parse() {
        Err(errors) => errors,
        Ok(details) => match create(&app.db, owner, &details).await? {
            Some(id) => {
                flash::success(&session, "The customer is added.")?;
                return Ok(see_other(&format!("/customers/{id}")));
            }
            None => {
                FieldErrors::from([("email", "You have a customer with this address already.".to_owned())])
            }
        },
    };
    let page = page(&app, owner, Search::default(), form.0, errors).await?;
    view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn page(
    app: &App,
    owner: AccountId,
    search: Search,
    form: Typed,
    errors: FieldErrors,
) -> Result<ListPage> {
    let after = if search.after.is_empty() { None } else { Some(search.after.parse::<Cursor>()?) };
    let found = store::list(&app.db, owner, &searched(&search.q), after.as_ref(), PAGE + 1).await?;
    let found = Listing::of(found, PAGE);
    let next = found.items.last().filter(|_| found.more).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &search.q).append_pair("after", &Cursor::at(last).to_string());
        format!("/customers?{}", query.finish())
    });
    let customers = found.items.into_iter().map(|listed| Row::of(listed.customer)).collect();
    Ok(ListPage { customers, search, next, form, errors })
}

impl Row {
    fn of(customer: Customer) -> Self {
        Self {
            id: customer.id,
            title: customer.title().to_owned(),
            inactive: customer.status == Status::Inactive,
            galleries: customer.galleries,
            links: customer.links,
            accessed_text: customer.last_accessed.map_or_else(|| "Never".to_owned(), day_text),
            phone: customer.phone.unwrap_or_default(),
            email: customer.email,
        }
    }
}
