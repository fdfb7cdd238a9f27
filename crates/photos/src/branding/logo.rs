//! Logos: taken from a form or a program, and shown to everybody at `GET /logos/{key}.png`.

use actix_multipart::Multipart;
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Bytes, Data, Path},
};
use common::{
    Error, OrNotFound, Result, client_address, csrf::CsrfChecked, flash, secrets::random_token, view::View,
    web::see_other,
};
use imaging::Emblem;

use super::{page, store};
use crate::{
    app::App,
    identity::{AccountId, Photographer},
    small_forms,
};

/// The file. Its address changes with it, so that it may be kept for good.
pub async fn get(app: Data<App>, file: Path<String>) -> Result<HttpResponse> {
    let key = file.strip_suffix(".png").or_not_found()?;
    let png = store::find_logo(&app.db, key).await?.or_not_found()?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(png))
}

/// `POST /branding/logo`: a file, out of the form of the page.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    session: Session,
    view: View,
    body: Multipart,
) -> Result<HttpResponse> {
    let taken = match read(&request, body, "logo", Emblem::MAX_BYTES).await {
        Ok(file) => keep(&app, &request, user.0.account, file).await,
        Err(error) => Err(error),
    };
    match taken {
        Ok(()) => {
            flash::success(&session, "Your clients see your logo from now on.")?;
            Ok(see_other("/branding"))
        }
        Err(Error::Invalid(errors)) => {
            let page = page::page(&app, &user.0, page::Asked { errors, ..page::Asked::default() }).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error),
    }
}

/// `POST /branding/logo/remove`: clients read the name again.
pub async fn remove(
    app: Data<App>,
    user: Photographer,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    store::delete_logo(&app.db, user.0.account).await?;
    flash::success(&session, "The logo is gone. Your clients read your name.")?;
    Ok(see_other("/branding"))
}

/// Makes a logo of a file and keeps it in the place of the one before.
pub(super) async fn keep(app: &App, request: &HttpRequest, owner: AccountId, file: Bytes) -> Result<()> {
    app.previews.limit.check(client_address::of(request))?;
    Emblem::probe(&file).map_err(|fault| Error::invalid("logo", fault.to_string()))?;
    let emblem = app.previews.emblem(file).await?;
    Ok(store::update_logo(&app.db, owner, &random_token(), &emblem).await?)
}

/// The one file of a form.
pub(super) async fn read(
    request: &HttpRequest,
    body: Multipart,
    name: &'static str,
    most: usize,
) -> Result<Bytes> {
    let mut file = Bytes::new();
    // A byte more than is taken: whoever looks at the file says that it is too large.
    let take = |found: &str, bytes| {
        if found == name {
            file = bytes;
        }
    };
    small_forms::read(request, body, most + 1, || too_large(name, most), take).await?;
    if file.is_empty() { Err(Error::invalid(name, "Choose a file first.")) } else { Ok(file) }
}

fn too_large(name: &'static str, most: usize) -> Error {
    Error::invalid(name, format!("This file is larger than {} MB; please export it smaller.", most >> 20))
}
