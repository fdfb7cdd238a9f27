//! `/admin/users/new`: an account for somebody, who chooses the password alone, through a link in a mail.

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

use super::{Actor, Choice, Deeds, parse_role, role_choices};
use crate::{App, identity::RecentAdmin};

/// The form as it was sent.
#[derive(Default, Deserialize, Serialize)]
pub struct CreateForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

#[derive(Serialize)]
struct CreatePage {
    form: CreateForm,
    errors: FieldErrors,
    roles: Vec<Choice>,
}

impl Page for CreatePage {
    const TEMPLATE: &'static str = "admin/create.html";

    fn title(&self) -> String {
        "Add a person".to_owned()
    }
}

/// Shows the form. The password is asked for before something is typed, not after.
pub async fn get(_admin: RecentAdmin, view: View) -> Result<HttpResponse> {
    let form = CreateForm { role: "viewer".to_owned(), ..CreateForm::default() };
    view.ok(&CreatePage { form, errors: FieldErrors::new(), roles: role_choices() })
}

/// Makes the account and shows it.
pub async fn post(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    state: BrowserState,
    form: CsrfForm<CreateForm>,
) -> Result<HttpResponse> {
    let form = form.0;
    let deeds = Deeds::new(&app, Actor::of(&admin.0), &request);
    let made = match parse_role(&form.role) {
        Ok(role) => deeds.create(&form.username, &form.email, role).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(account) => {
            let sentence = format!("{} has an account. The link is on its way by mail.", account.username);
            flash::success(&state, sentence)?;
            Ok(see_other(&format!("/admin/users/{}", account.id)))
        }
        Err(Error::Invalid(errors)) => {
            let page = CreatePage { form, errors, roles: role_choices() };
            View::of(&request).status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other),
    }
}
