//! `/account/password`: another password; the old one, and whoever is signed in with it elsewhere, is out.

use actix_session::{Session as BrowserState, SessionExt};
use actix_web::{HttpRequest, HttpResponse, cookie::Cookie, http::StatusCode, web::Data};
use chrono::Utc;
use common::{
    Error, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{letters, store};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    identity::RecentUser,
    letters::PasswordChanged,
    passwords::{NewPassword, own_words},
    sessions::{self, Session, Token, cookie, start::renew_browser_state},
    users,
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct PasswordForm {
    password: SecretString,
    again: SecretString,
}

#[derive(Serialize)]
struct PasswordPage {
    username: String,
    errors: FieldErrors,
}

impl Page for PasswordPage {
    const TEMPLATE: &'static str = "account/password.html";

    fn title(&self) -> String {
        "Change your password".to_owned()
    }
}

/// Shows the form.
pub async fn get(user: RecentUser, view: View) -> Result<HttpResponse> {
    view.ok(&PasswordPage { username: user.0.user.username, errors: FieldErrors::new() })
}

/// Sets the password. This browser goes on under a new token.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: RecentUser,
    view: View,
    state: BrowserState,
    form: CsrfForm<PasswordForm>,
) -> Result<HttpResponse> {
    let errors = match parse(&app, &user.0, &form.0) {
        Ok(password) => {
            let cookie = change(&app, &request, &user.0, &password).await?;
            flash::success(&state, "Your password is changed. Every other device is signed out.")?;
            let mut response = see_other("/account");
            response.add_cookie(&cookie).map_err(|error| Error::Internal(error.into()))?;
            return Ok(response);
        }
        Err(errors) => errors,
    };
    let page = PasswordPage { username: user.0.user.username, errors };
    view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn parse(app: &App, session: &Session, form: &PasswordForm) -> Result<NewPassword, FieldErrors> {
    let text = form.password.expose_secret();
    let site_name = app.web.site_name.current();
    let own_words = own_words(&session.user.username, &session.user.email, &app.config.site, &site_name);
    let password =
        NewPassword::parse(text, &own_words).map_err(|message| FieldErrors::from([("password", message)]))?;
    if text != form.again.expose_secret() {
        let message = "This is not the same as above. Please type it once more.";
        return Err(FieldErrors::from([("again", message.to_owned())]));
    }
    Ok(password)
}

/// The new hash, the new token of this session and the end of the others are one transaction.
async fn change(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    password: &NewPassword,
) -> Result<Cookie<'static>> {
    let (user, origin) = (&session.user, Origin::of(request));
    let account = users::store::find_account(&app.db, user.id).await?.ok_or(Error::SignInRequired)?;
    let hash = app.passwords.hash(password).await?;
    let token = Token::generate();
    let mut transaction = app.db.begin().await?;
    if !store::update_password(&mut *transaction, user.id, &account.password_hash, &hash).await? {
        return Err(Error::Conflict("The password was changed in another place a moment ago.".to_owned()));
    }
    let expires_at = store::update_token(&mut transaction, session.id, user.id, &token).await?;
    let expires_at = expires_at.ok_or(Error::SignInRequired)?;
    let ended = sessions::store::delete_of_user(&mut transaction, user.id, Some(session.id)).await?;
    let entry = Entry::about(Event::PasswordChanged, user.id, &user.username, &origin)
        .with(json!({ "session": session.id, "sessions_ended": ended.len() }));
    audit::store::create(&mut *transaction, &entry).await?;
    let letter = PasswordChanged {
        username: user.username.clone(),
        when: letters::now(),
        from: letters::from(&origin),
        reset_url: app.web.link("/forgot-password"),
    };
    letters::send(app, &mut *transaction, &letter, &account.user.email).await?;
    transaction.commit().await?;
    renew_browser_state(&request.get_session(), session.id)?;
    Ok(cookie::set(&app.config.site, &token, expires_at - Utc::now()))
}
