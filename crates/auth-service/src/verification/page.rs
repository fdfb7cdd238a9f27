//! The page `/auth/verify-email`: a button for whoever is signed in to the account, a password for everybody else.

use actix_session::Session as BrowserState;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Error, Result, client_address,
    csrf::{CsrfChecked, CsrfForm},
    error::{FieldErrors, OrNotFound},
    flash,
    view::{Page, View},
    web::see_other,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{find, send, verify};
use crate::{
    App,
    audit::Origin,
    dead_link,
    identity::{CurrentUser, Visitor},
    login::{self, Credentials},
    mail_tokens::Proof,
    way::MailLink,
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct VerifyForm {
    #[serde(flatten)]
    link: MailLink,
    #[serde(default)]
    password: Option<SecretString>,
}

#[derive(Serialize)]
struct VerifyPage {
    username: String,
    email: String,
    token: String,
    needs_password: bool,
    errors: FieldErrors,
}

impl Page for VerifyPage {
    const TEMPLATE: &'static str = "verify_email.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Confirm your address".to_owned()
    }
}

/// Shows the form. Looking at a link never uses it up.
pub async fn get(
    app: Data<App>,
    visitor: Visitor,
    link: Query<MailLink>,
    view: View,
) -> Result<HttpResponse> {
    match find(&app, link.token().as_ref()).await? {
        Some(proof) => view.ok(&page(proof, link.0, &visitor, FieldErrors::new())),
        None => dead_link::verification(&view),
    }
}

/// Confirms the address; whoever is not signed in to the account is by then.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    visitor: Visitor,
    state: BrowserState,
    form: CsrfForm<VerifyForm>,
) -> Result<HttpResponse> {
    let (VerifyForm { link, password }, view) = (form.0, View::of(&request));
    let token = link.token();
    let Some(proof) = find(&app, token.as_ref()).await? else { return dead_link::verification(&view) };
    let (mut response, mut by) = (see_other("/"), proof.user_id);
    if !is_own(&visitor, &proof) {
        let password = password.unwrap_or_default();
        let typed = Credentials { username: proof.username.clone(), password };
        let Some(signed_in) = login::sign_in(&app, &request, typed).await? else {
            let errors = FieldErrors::from([("password", login::REFUSED.to_owned())]);
            let page = page(proof, link, &visitor, errors);
            return view.status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        };
        by = signed_in.user.id;
        for cookie in [&signed_in.cookie, &signed_in.device] {
            response.add_cookie(cookie).map_err(|error| Error::Internal(error.into()))?;
        }
    }
    if verify(&app, &Origin::of(&request), &token.or_not_found()?, by).await? {
        flash::success(&state, "Your address is confirmed.")?;
    } else {
        flash::warning(&state, "That link was used or replaced a moment ago.")?;
    }
    Ok(response)
}

/// Has a new link sent to whoever is signed in.
pub async fn again(
    app: Data<App>,
    request: HttpRequest,
    user: CurrentUser,
    state: BrowserState,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    app.limits.register.check(client_address::of(&request))?;
    if user.0.user.email_verified {
        flash::success(&state, "Your address is confirmed already.")?;
    } else {
        send(&app, &user.0).await?;
        let text = format!("We have sent a mail to {}. Open the link in it.", user.0.user.email);
        flash::success(&state, text)?;
    }
    Ok(see_other("/"))
}

fn page(proof: Proof, link: MailLink, visitor: &Visitor, errors: FieldErrors) -> VerifyPage {
    let needs_password = !is_own(visitor, &proof);
    let Proof { username, email, .. } = proof;
    VerifyPage { username, email, token: link.token, needs_password, errors }
}

/// Whether this browser has both cookies of a session of the account.
fn is_own(visitor: &Visitor, proof: &Proof) -> bool {
    visitor.bound && visitor.session.as_ref().is_some_and(|session| session.user.id == proof.user_id)
}
