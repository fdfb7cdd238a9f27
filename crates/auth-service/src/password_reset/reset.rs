//! The page `/auth/reset-password`, which the mail's link opens.

use actix_session::Session as BrowserState;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Result, client_address,
    csrf::CsrfForm,
    error::{FieldErrors, OrNotFound},
    flash,
    view::{Page, View},
    web::see_other,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{choose, find, set};
use crate::{
    App,
    audit::Origin,
    dead_link,
    identity::Visitor,
    mail_tokens::Proof,
    way::{MailLink, keeping},
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct ResetForm {
    #[serde(flatten)]
    link: MailLink,
    password: SecretString,
}

#[derive(Serialize)]
struct ResetPage {
    username: String,
    token: String,
    return_to: String,
    errors: FieldErrors,
}

impl Page for ResetPage {
    const TEMPLATE: &'static str = "reset_password.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Choose a new password".to_owned()
    }
}

/// Shows the form. Looking at a link never uses it up.
pub async fn get(app: Data<App>, link: Query<MailLink>, view: View) -> Result<HttpResponse> {
    match find(&app, link.token().as_ref()).await? {
        Some(proof) => view.ok(&page(proof, link.0, FieldErrors::new())),
        None => dead_link::reset(&view),
    }
}

/// Sets the password and goes to the sign-in page.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    state: BrowserState,
    form: CsrfForm<ResetForm>,
) -> Result<HttpResponse> {
    app.limits.reset.check(client_address::of(&request))?;
    let (ResetForm { link, password }, view) = (form.0, View::of(&request));
    let token = link.token();
    let Some(proof) = find(&app, token.as_ref()).await? else { return dead_link::reset(&view) };
    let password = match choose(&app, &proof, password.expose_secret()) {
        Ok(password) => password,
        Err(message) => {
            let page = page(proof, link, FieldErrors::from([("password", message)]));
            return view.status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let is_own = visitor.session.is_some_and(|session| session.user.id == proof.user_id);
    if set(&app, &Origin::of(&request), &token.or_not_found()?, &password).await?.is_none() {
        return dead_link::reset(&view);
    }
    if is_own {
        // The session to which this state belongs has just ended.
        state.clear();
        state.renew();
    }
    flash::success(&state, "Your new password is set. You were signed out everywhere; sign in with it now.")?;
    Ok(see_other(&keeping("/login", link.way.back(&app).as_ref())))
}

fn page(proof: Proof, link: MailLink, errors: FieldErrors) -> ResetPage {
    ResetPage { username: proof.username, token: link.token, return_to: link.way.return_to, errors }
}
