//! The page `/register`: an address is all it asks for.

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
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{Mode, begin, require_open};
use crate::{
    App,
    audit::Origin,
    identity::Visitor,
    mail_sent::{self, About},
    users::EmailAddress,
    way::{Way, keeping},
};

/// The form as it was sent.
#[derive(Deserialize)]
pub struct RegisterForm {
    #[serde(default)]
    email: String,
    #[serde(flatten)]
    way: Way,
}

#[derive(Serialize)]
struct RegisterPage {
    open: bool,
    by_invitation: bool,
    form: Typed,
    errors: FieldErrors,
    return_to: String,
    sign_in_url: String,
    domain: String,
}

#[derive(Default, Serialize)]
struct Typed {
    email: String,
}

impl Page for RegisterPage {
    const TEMPLATE: &'static str = "register.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Create an account".to_owned()
    }
}

/// Shows the form; whoever is signed in already goes straight on.
pub async fn get(app: Data<App>, visitor: Visitor, way: Query<Way>, view: View) -> Result<HttpResponse> {
    if visitor.session.is_some() {
        return Ok(see_other(way.back(&app).as_ref().map_or("/", |url| url.as_str())));
    }
    view.ok(&page(&app, Typed::default(), &way, FieldErrors::new()))
}

/// Has a mail written and says that it is on its way, whatever the mail says.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    state: BrowserState,
    form: CsrfForm<RegisterForm>,
) -> Result<HttpResponse> {
    require_open(&app)?;
    app.limits.register.check(client_address::of(&request))?;
    let RegisterForm { email: typed, way } = form.0;
    let email = match EmailAddress::parse(&typed) {
        Ok(email) => email,
        Err(message) => {
            let page = page(&app, Typed { email: typed }, &way, FieldErrors::from([("email", message)]));
            return View::of(&request).status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let back = way.back(&app);
    begin(&app, &Origin::of(&request), &email, back.as_ref()).await?;
    mail_sent::redirect(&state, About::Registration, &email, back.as_ref())
}

fn page(app: &App, form: Typed, way: &Way, errors: FieldErrors) -> RegisterPage {
    let (mode, back) = (app.registration().mode, way.back(app));
    RegisterPage {
        open: mode == Mode::Open,
        by_invitation: mode == Mode::Invitation,
        form,
        errors,
        sign_in_url: keeping("/login", back.as_ref()),
        return_to: back.map(String::from).unwrap_or_default(),
        domain: app.config.site.base_domain.clone(),
    }
}
