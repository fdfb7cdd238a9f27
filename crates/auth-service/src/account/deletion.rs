//! `/account/delete`: the end of an account, by its own person.

use actix_session::Session as BrowserState;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use common::{
    Error, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    letters::{self, AccountDeleted},
    store,
};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    identity::RecentUser,
    sessions::{Session, cookie},
    users,
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct DeletionForm {
    #[serde(default)]
    username: String,
}

#[derive(Serialize)]
struct DeletionPage {
    username: String,
    typed: String,
    errors: FieldErrors,
}

impl Page for DeletionPage {
    const TEMPLATE: &'static str = "account/delete.html";

    fn title(&self) -> String {
        "Delete your account".to_owned()
    }
}

/// Says what will be gone, and asks for the name.
pub async fn get(user: RecentUser, view: View) -> Result<HttpResponse> {
    let username = user.0.user.username;
    view.ok(&DeletionPage { username, typed: String::new(), errors: FieldErrors::new() })
}

/// Deletes the account.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: RecentUser,
    view: View,
    state: BrowserState,
    form: CsrfForm<DeletionForm>,
) -> Result<HttpResponse> {
    match delete(&app, &request, &user.0, form.0.username.trim()).await {
        Ok(()) => {
            state.clear();
            state.renew();
            flash::success(&state, "Your account is deleted.")?;
            let mut response = see_other("/");
            let gone = cookie::expire(&app.config.site);
            response.add_cookie(&gone).map_err(|error| Error::Internal(error.into()))?;
            Ok(response)
        }
        Err(Error::Invalid(errors)) => {
            let username = user.0.user.username;
            let page = DeletionPage { username, typed: form.0.username, errors };
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other),
    }
}

/// Sessions, tokens and links hang on the account's row and go with it; the record of what happened stays.
async fn delete(app: &App, request: &HttpRequest, session: &Session, typed: &str) -> Result<()> {
    let (user, origin) = (&session.user, Origin::of(request));
    if typed.to_lowercase() != user.username.to_lowercase() {
        return Err(Error::invalid(
            "username",
            format!("Your username is {}. Please type it here.", user.username),
        ));
    }
    let mut transaction = app.db.begin().await?;
    if let Err(last) = users::guard_last_admin(&mut transaction, user.id).await? {
        return Err(Error::invalid("form", last.to_string()));
    }
    if !store::delete(&mut transaction, user.id).await? {
        return Err(Error::SignInRequired);
    }
    let entry = Entry::about(Event::AccountDeleted, user.id, &user.username, &origin);
    audit::store::create(&mut *transaction, &entry).await?;
    let letter = AccountDeleted {
        username: user.username.clone(),
        when: letters::now(),
        from: letters::from(&origin),
    };
    if user.email_verified {
        letters::send(app, &mut *transaction, &letter, &user.email).await?;
    }
    Ok(transaction.commit().await?)
}
