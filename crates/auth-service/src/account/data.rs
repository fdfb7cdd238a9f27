//! `/account/data`: what we know of a person, to take away.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use common::{
    Result,
    csrf::CsrfChecked,
    view::{Page, View},
};
use serde::Serialize;

use super::export;
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    identity::RecentUser,
};

#[derive(Serialize)]
struct DataPage {}

impl Page for DataPage {
    const TEMPLATE: &'static str = "account/data.html";

    fn title(&self) -> String {
        "Your data".to_owned()
    }
}

/// Says what the file holds, and has the button.
pub async fn get(_user: RecentUser, view: View) -> Result<HttpResponse> {
    view.ok(&DataPage {})
}

/// `POST /account/data`: the file.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: RecentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (user, origin) = (user.0.user, Origin::of(&request));
    let mut transaction = app.db.begin().await?;
    let entry = Entry::about(Event::DataExported, user.id, &user.username, &origin);
    audit::store::create(&mut *transaction, &entry).await?;
    let document = export::gather(&mut transaction, user.id).await?;
    transaction.commit().await?;
    let text = serde_json::to_vec_pretty(&document).map_err(anyhow::Error::from)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"account.json\""))
        .body(text))
}
