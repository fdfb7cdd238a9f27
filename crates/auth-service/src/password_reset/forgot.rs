//! The page `/forgot-password`.

use actix_session::Session as BrowserState;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Result, client_address,
    csrf::CsrfForm,
    error::FieldErrors,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::ask;
use crate::{
    App,
    audit::Origin,
    mail_sent::{self, About},
    users::EmailAddress,
    way::{Way, keeping},
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct ForgotForm {
    #[serde(default)]
    email: String,
    #[serde(flatten)]
    way: Way,
}

#[derive(Serialize)]
struct ForgotPage {
    form: Typed,
    errors: FieldErrors,
    return_to: String,
    sign_in_url: String,
}

#[derive(Default, Serialize)]
struct Typed {
    email: String,
}

impl Page for ForgotPage {
    const TEMPLATE: &'static str = "forgot_password.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Forgot your password?".to_owned()
    }
}

/// Shows the form.
pub async fn get(app: Data<App>, way: Query<Way>, view: View) -> Result<HttpResponse> {
    view.ok(&page(&app, Typed::default(), &way, FieldErrors::new()))
}

/// Has a link sent, if there is somebody to send it to, and says that it is on its way.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    state: BrowserState,
    form: CsrfForm<ForgotForm>,
) -> Result<HttpResponse> {
    app.limits.forgot.check(client_address::of(&request))?;
    let ForgotForm { email: typed, way } = form.0;
    let email = match EmailAddress::parse(&typed) {
        Ok(email) => email,
        Err(message) => {
            let page = page(&app, Typed { email: typed }, &way, FieldErrors::from([("email", message)]));
            return View::of(&request).status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let back = way.back(&app);
    ask(&app, &Origin::of(&request), &email, back.as_ref()).await?;
    mail_sent::redirect(&state, About::Reset, &email, back.as_ref())
}

fn page(app: &App, form: Typed, way: &Way, errors: FieldErrors) -> ForgotPage {
    let back = way.back(app);
    let sign_in_url = keeping("/login", back.as_ref());
    ForgotPage { form, errors, return_to: back.map(String::from).unwrap_or_default(), sign_in_url }
}
