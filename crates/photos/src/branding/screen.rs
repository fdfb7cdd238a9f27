//! `/branding`: what a photographer's clients know them by; the form for name and colour.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{Result, csrf::CsrfForm, flash, view::View, web::see_other};
use serde::Deserialize;

use super::{Change, page, page::Asked, update, watermark::Typed};
use crate::{app::App, identity::Photographer};

/// What was typed.
#[derive(Deserialize)]
pub struct BrandForm {
    #[serde(default)]
    name: String,
    accent: Option<String>,
}

/// The page. With a watermark in its address, that is what it previews; nothing is kept.
pub async fn get(
    app: Data<App>,
    draft: Query<Typed>,
    user: Photographer,
    view: View,
) -> Result<HttpResponse> {
    let asked = Asked { draft: draft.into_inner(), ..Asked::default() };
    view.ok(&page::page(&app, &user.0, asked).await?)
}

/// Saves name and colour.
pub async fn post(
    app: Data<App>,
    user: Photographer,
    session: Session,
    view: View,
    form: CsrfForm<BrandForm>,
) -> Result<HttpResponse> {
    let BrandForm { name, accent } = form.0;
    match Change::parse(Some(&name), accent.as_deref()) {
        Ok(change) => {
            update(&app, user.0.account, &change).await?;
            flash::success(&session, "Saved. Your clients see it like this from now on.")?;
            Ok(see_other("/branding"))
        }
        Err(errors) => {
            let brand = Change::parse(None, accent.as_deref()).ok();
            let asked = Asked { brand, name: Some(name), errors, ..Asked::default() };
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page::page(&app, &user.0, asked).await?)
        }
    }
}
