//! The form with which somebody whose address is proven chooses a name and a password: after a registration and after
//! an invitation.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use common::{
    Error, Result,
    error::FieldErrors,
    identity::UserId,
    view::{Page, View},
    web::see_other,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    App,
    passwords::{NewPassword, own_words},
    sessions::start::start,
    users::{self, EmailAddress, Username},
    way::{MailLink, Way},
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct NewAccountForm {
    /// The link that proved the address.
    #[serde(flatten)]
    pub link: MailLink,
    /// The name.
    #[serde(default)]
    pub username: String,
    /// The password.
    #[serde(default = "no_password")]
    pub password: SecretString,
}

/// The page.
#[derive(Serialize)]
pub struct NewAccountPage {
    action: &'static str,
    lead: String,
    email: String,
    token: String,
    return_to: String,
    form: Typed,
    errors: FieldErrors,
}

#[derive(Default, Serialize)]
struct Typed {
    username: String,
}

impl Page for NewAccountPage {
    const TEMPLATE: &'static str = "new_account.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Create your account".to_owned()
    }
}

impl NewAccountPage {
    /// An empty form that is sent to `action`.
    pub fn new(action: &'static str, lead: &str, email: &EmailAddress, token: &str, return_to: &str) -> Self {
        Self {
            action,
            lead: lead.to_owned(),
            email: email.as_str().to_owned(),
            token: token.to_owned(),
            return_to: return_to.to_owned(),
            form: Typed::default(),
            errors: FieldErrors::new(),
        }
    }

    /// The form once more, with what is wrong beside the fields; other errors stay errors.
    pub fn refused(mut self, view: &View, username: String, error: Error) -> Result<HttpResponse> {
        let Error::Invalid(errors) = error else { return Err(error) };
        (self.form, self.errors) = (Typed { username }, errors);
        view.status(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

/// Whether somebody got an account with this address on another way since the link was sent.
pub async fn is_address_taken(app: &App, email: &EmailAddress) -> Result<bool> {
    Ok(users::store::find_by_address(&app.db, email.as_str()).await?.is_some())
}

/// Checks what was chosen; the error names the fields.
pub async fn check(
    app: &App,
    username: &str,
    password: &SecretString,
    email: &EmailAddress,
) -> Result<(Username, NewPassword)> {
    let mut errors = FieldErrors::new();
    let name = Username::parse(username).map_err(|message| errors.insert("username", message)).ok();
    if let Some(name) = &name
        && users::store::is_name_taken(&app.db, name).await?
    {
        errors.insert("username", TAKEN.to_owned());
    }
    let site_name = app.web.site_name.current();
    let own_words = own_words(username, email.as_str(), &app.config.site, &site_name);
    let password = NewPassword::parse(password.expose_secret(), &own_words)
        .map_err(|message| errors.insert("password", message))
        .ok();
    match (name, password) {
        (Some(name), Some(password)) if errors.is_empty() => Ok((name, password)),
        _ => Err(Error::Invalid(errors)),
    }
}

const TAKEN: &str = "Somebody has this name already. Please choose another.";

/// Names are shown to others anyway, so whoever chooses one may hear that it is taken.
pub fn name_taken() -> Error {
    Error::invalid("username", TAKEN)
}

/// Signs the person of a new account in, because they chose its password just now, and goes on.
pub async fn sign_in(app: &App, request: &HttpRequest, id: UserId, way: &Way) -> Result<HttpResponse> {
    let back = way.back(app);
    let account = users::store::find_account(&app.db, id).await?.ok_or(Error::SignInRequired)?;
    let signed_in = start(app, request, account, &["pwd"]).await?.ok_or(Error::SignInRequired)?;
    let mut response = see_other(back.as_ref().unwrap_or(&app.config.home_url).as_str());
    for cookie in [&signed_in.cookie, &signed_in.device] {
        response.add_cookie(cookie).map_err(|error| Error::Internal(error.into()))?;
    }
    Ok(response)
}

fn no_password() -> SecretString {
    String::new().into()
}
