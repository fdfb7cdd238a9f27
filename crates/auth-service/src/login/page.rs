//! The page `/login`: `return_to` is where the person goes afterwards, if it lies on this site.

use actix_web::{
    HttpResponse,
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
use url::Url;

use super::{Credentials, REFUSED, sign_in};
use crate::{
    App,
    identity::Visitor,
    providers::Button,
    registration::Mode,
    way::{Way, keeping},
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct LoginForm {
    #[serde(default)]
    username: String,
    #[serde(default = "no_password")]
    password: SecretString,
    #[serde(default)]
    return_to: String,
}

#[derive(Serialize)]
struct LoginPage {
    form: Typed,
    errors: FieldErrors,
    return_to: String,
    domain: String,
    providers: Vec<Button>,
    forgot_url: String,
    register_url: Option<String>,
}

#[derive(Default, Serialize)]
struct Typed {
    username: String,
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "login.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Sign in".to_owned()
    }
}

/// Shows the form; whoever is signed in already goes straight on. A session that this browser did not begin does not
/// count: a sibling host may have planted it, and this is the way out of it.
pub async fn get(app: Data<App>, visitor: Visitor, way: Query<Way>, view: View) -> Result<HttpResponse> {
    let back = way.back(&app);
    if visitor.bound {
        return Ok(see_other(back.as_ref().map_or("/", |url| url.as_str())));
    }
    view.ok(&page(&app, Typed::default(), back, FieldErrors::new()))
}

/// Signs in and goes on to where the person was.
pub async fn post(
    app: Data<App>,
    request: actix_web::HttpRequest,
    form: CsrfForm<LoginForm>,
) -> Result<HttpResponse> {
    let LoginForm { username, password, return_to } = form.0;
    let back = return_to::absolute(&app.config.site, &return_to);
    let typed = Credentials { username: username.clone(), password };
    let errors = match sign_in(&app, &request, typed).await {
        Ok(Some(signed_in)) => {
            let mut response = see_other(back.as_ref().unwrap_or(&app.config.home_url).as_str());
            for cookie in signed_in.cookies() {
                response.add_cookie(cookie).map_err(|error| Error::Internal(error.into()))?;
            }
            return Ok(response);
        }
        Ok(None) => FieldErrors::from([("form", REFUSED.to_owned())]),
        Err(Error::Invalid(errors)) => errors,
        Err(other) => return Err(other),
    };
    let page = page(&app, Typed { username }, back, errors);
    View::of(&request).status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

fn page(app: &App, form: Typed, back: Option<Url>, errors: FieldErrors) -> LoginPage {
    LoginPage {
        form,
        errors,
        forgot_url: keeping("/forgot-password", back.as_ref()),
        register_url: (app.registration().mode == Mode::Open).then(|| keeping("/register", back.as_ref())),
        return_to: back.map(String::from).unwrap_or_default(),
        domain: app.config.site.base_domain.clone(),
        providers: app.providers.buttons(),
    }
}

fn no_password() -> SecretString {
    String::new().into()
}
