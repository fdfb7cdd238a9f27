//! What stands before a gallery: a link's password, and the button that begins a numbered visit.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Result,
    csrf::{CsrfChecked, CsrfForm},
    error::FieldErrors,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{Deed, Door, enter, heading::Heading, screen, unlock};
use crate::app::App;

/// What was typed.
#[derive(Deserialize)]
pub struct PasswordForm {
    #[serde(default)]
    password: String,
}

#[derive(Serialize)]
pub(super) struct LockedPage {
    gallery: Heading,
    action: String,
    errors: FieldErrors,
}

#[derive(Serialize)]
pub(super) struct DoorPage {
    gallery: Heading,
    action: String,
    left_text: String,
}

impl Page for LockedPage {
    const TEMPLATE: &'static str = "view/locked.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        self.gallery.name.clone()
    }
}

impl Page for DoorPage {
    const TEMPLATE: &'static str = "view/door.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        self.gallery.name.clone()
    }
}

/// `POST /view/{token}/unlock`: the password.
pub async fn post_unlock(
    app: Data<App>,
    token: Path<String>,
    session: Session,
    view: View,
    form: CsrfForm<PasswordForm>,
) -> Result<HttpResponse> {
    match unlock(&app, &session, &token, &form.0.password).await? {
        Deed::Done => Ok(see_other(&format!("/view/{token}"))),
        Deed::Closed(state, photographer) => screen::gone(&view, state, photographer),
        Deed::Wrong(door) => {
            let errors = FieldErrors::from([("password", "This is not the password.".to_owned())]);
            let page = LockedPage { errors, ..LockedPage::of(&app, &door, &token).await? };
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// `POST /view/{token}/visits`: the counted visit.
pub async fn post_visit(
    app: Data<App>,
    token: Path<String>,
    request: HttpRequest,
    session: Session,
    view: View,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    match enter(&app, &request, &session, &token).await? {
        Deed::Closed(state, photographer) => screen::gone(&view, state, photographer),
        Deed::Done | Deed::Wrong(_) => Ok(see_other(&format!("/view/{token}"))),
    }
}

impl LockedPage {
    pub(super) async fn of(app: &App, door: &Door, token: &str) -> Result<Self> {
        Ok(Self {
            gallery: Heading::of(app, &door.gallery, false).await?,
            action: format!("/view/{token}/unlock"),
            errors: FieldErrors::new(),
        })
    }
}

impl DoorPage {
    pub(super) async fn of(app: &App, door: &Door, token: &str) -> Result<Self> {
        let left = door.link.max_views.unwrap_or_default() - door.link.views;
        Ok(Self {
            gallery: Heading::of(app, &door.gallery, door.link.sections.is_none()).await?,
            action: format!("/view/{token}/visits"),
            left_text: match left {
                1 => "This link can be opened once more. It stays open for you for a day.".to_owned(),
                left => {
                    format!("This link can be opened {left} more times. It stays open for you for a day.")
                }
            },
        })
    }
}
