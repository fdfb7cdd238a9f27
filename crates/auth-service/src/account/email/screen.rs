//! `/account/email`: asking for another address, seeing what waits, giving it up.

use actix_session::Session as BrowserState;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use common::{
    Result,
    csrf::{CsrfChecked, CsrfForm},
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{Change, ask, store};
use crate::{
    App,
    identity::{CurrentUser, RecentUser},
    users::EmailAddress,
    words,
};

/// The form as it was sent.
#[derive(Deserialize, Serialize)]
pub struct EmailForm {
    #[serde(default)]
    email: String,
}

/// A waiting change, ready to print.
#[derive(Serialize)]
pub struct Pending {
    new_email: String,
    left: bool,
    entered: bool,
    expires_text: String,
}

#[derive(Serialize)]
struct EmailPage {
    email: String,
    email_verified: bool,
    pending: Option<Pending>,
    form: EmailForm,
    errors: FieldErrors,
}

impl Page for EmailPage {
    const TEMPLATE: &'static str = "account/email.html";

    fn title(&self) -> String {
        "Email address".to_owned()
    }
}

impl From<Change> for Pending {
    fn from(change: Change) -> Self {
        Self {
            new_email: change.new_email,
            left: change.left_at.is_some(),
            entered: change.entered_at.is_some(),
            expires_text: words::moment(change.expires_at),
        }
    }
}

/// Shows the address and the form.
pub async fn get(app: Data<App>, user: RecentUser, view: View) -> Result<HttpResponse> {
    view.ok(&page(&app, &user, EmailForm { email: String::new() }, FieldErrors::new()).await?)
}

/// Sends a link to both addresses. Says the same whether or not somebody has the new one.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: RecentUser,
    view: View,
    state: BrowserState,
    form: CsrfForm<EmailForm>,
) -> Result<HttpResponse> {
    let form = form.0;
    let own = &user.0.user.email;
    let new = match EmailAddress::parse(&form.email) {
        Ok(new) if new.as_str().to_lowercase() == own.to_lowercase() => {
            Err("This is your address already.".to_owned())
        }
        parsed => parsed,
    };
    match new {
        Ok(new) => {
            ask(&app, &request, &user.0, &new).await?;
            flash::success(&state, "We sent the mail. Please look into your inbox.")?;
            Ok(see_other("/account/email"))
        }
        Err(message) => {
            let page = page(&app, &user, form, FieldErrors::from([("email", message)])).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// `POST /account/email/cancel`.
pub async fn cancel(
    app: Data<App>,
    request: HttpRequest,
    user: CurrentUser,
    state: BrowserState,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    super::cancel(&app, &request, &user.0).await?;
    flash::success(&state, "The change is cancelled. Your address stays as it is.")?;
    Ok(see_other("/account"))
}

async fn page(app: &App, user: &RecentUser, form: EmailForm, errors: FieldErrors) -> Result<EmailPage> {
    let user = &user.0.user;
    Ok(EmailPage {
        email: user.email.clone(),
        email_verified: user.email_verified,
        pending: store::find_waiting(&app.db, user.id).await?.map(Pending::from),
        form,
        errors,
    })
}
