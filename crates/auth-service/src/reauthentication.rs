//! The page `/reauthenticate`: whoever signed in a while ago gives the password again before something that matters.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Error, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    return_to,
    view::{Page, View},
    web::see_other,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    App,
    identity::Visitor,
    login,
    providers::{self, Button},
    sessions::{self, Session},
    users::{self, Account},
    way::Way,
};

const REFUSED: &str = "The password is not right. After many tries one has to wait a while; \
                       setting a new password ends the wait.";

/// The form as it was sent.
#[derive(Deserialize)]
pub struct ReauthenticationForm {
    password: SecretString,
    #[serde(default)]
    return_to: String,
}

#[derive(Serialize)]
struct ReauthenticationPage {
    username: String,
    errors: FieldErrors,
    return_to: String,
    /// For somebody without a password: the providers to ask instead.
    providers: Vec<Button>,
}

impl Page for ReauthenticationPage {
    const TEMPLATE: &'static str = "reauthentication.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Confirm that it is you".to_owned()
    }
}

/// Shows the form.
pub async fn get(app: Data<App>, visitor: Visitor, way: Query<Way>, view: View) -> Result<HttpResponse> {
    let session = visitor.session.ok_or(Error::SignInRequired)?;
    let account = account(&app, &session).await?;
    view.ok(&page(&app, &account, &way.return_to, FieldErrors::new()).await?)
}

/// Checks the password, gives the session a new token and goes on to where the person was.
pub async fn post(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    form: CsrfForm<ReauthenticationForm>,
) -> Result<HttpResponse> {
    let session = visitor.session.ok_or(Error::SignInRequired)?;
    let ReauthenticationForm { password, return_to } = form.0;
    let account = account(&app, &session).await?;
    let renewed = match login::check_password(&app, &request, &account, password).await? {
        Some(account) => sessions::start::renew(&app, &request, &session, &account, &["pwd"]).await?,
        None => None,
    };
    let Some(cookie) = renewed else {
        let errors = FieldErrors::from([("password", REFUSED.to_owned())]);
        let page = page(&app, &account, &return_to, errors).await?;
        return View::of(&request).status(StatusCode::UNPROCESSABLE_ENTITY, &page);
    };
    let back = return_to::absolute(&app.config.site, &return_to);
    let mut response = see_other(back.as_ref().map_or("/account", |url| url.as_str()));
    response.add_cookie(&cookie).map_err(|error| Error::Internal(error.into()))?;
    Ok(response)
}

async fn account(app: &App, session: &Session) -> Result<Account> {
    users::store::find_account(&app.db, session.user.id).await?.ok_or(Error::SignInRequired)
}

async fn page(app: &App, account: &Account, way: &str, errors: FieldErrors) -> Result<ReauthenticationPage> {
    let back = return_to::absolute(&app.config.site, way);
    Ok(ReauthenticationPage {
        username: account.user.username.clone(),
        errors,
        return_to: back.map(String::from).unwrap_or_default(),
        providers: providers::reauthenticate::buttons(app, account).await?,
    })
}
