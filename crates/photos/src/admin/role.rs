//! `POST /admin/user/{id}/role`: a form of the list of people, or JSON.

use actix_session::Session;
use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    web::{Data, Path},
};
use common::{
    Error, Result,
    csrf::{self, CsrfForm, CsrfJson},
    flash,
    identity::{AccountInfo, UserId},
    web::see_other,
};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{accounts, way_back};
use crate::{app::App, identity::Administrator};

/// What is wanted.
#[derive(Deserialize)]
pub struct RoleChange {
    #[serde(default)]
    role: String,
    /// The list as the person saw it.
    #[serde(default)]
    return_to: String,
}

/// What a program sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleChange)]
pub struct RoleBody {
    /// `admin`, `photographer`, `user` or `viewer`.
    role: String,
}

/// The same with how it came: a form is answered with a page, JSON with JSON.
pub enum Wanted {
    /// By the form of the page.
    Form(RoleChange),
    /// By a script or a program.
    Json(RoleBody),
}

impl FromRequest for Wanted {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if csrf::expect_type(request, "application/json").is_ok() {
            let body = CsrfJson::from_request(request, payload);
            return Box::pin(async move { body.await.map(|body| Self::Json(body.0)) });
        }
        let form = CsrfForm::from_request(request, payload);
        Box::pin(async move { form.await.map(|form| Self::Form(form.0)) })
    }
}

/// Administrators: gives the account with this id of the auth-service another role, which ends its sessions
/// everywhere.
///
/// Else: 403 not an administrator, or one who has to prove again who they are (`reauthentication_url`); 404; 409 the
/// last active administrator; 422 there is no such role
#[utoipa::path(
    post, path = "/admin/user/{user}/role",
    security(("browser" = [])),
    request_body = RoleBody,
    responses((status = 200, body = AccountInfo), (status = 303, description = "for a form of a page"))
)]
pub async fn post(
    app: Data<App>,
    _admin: Administrator,
    request: HttpRequest,
    session: Session,
    id: Path<UserId>,
    wanted: Wanted,
) -> Result<HttpResponse> {
    let (change, is_form) = match wanted {
        Wanted::Form(change) => (change, true),
        Wanted::Json(RoleBody { role }) => (RoleChange { role, return_to: String::new() }, false),
    };
    let back = way_back(&app, &change.return_to);
    match accounts::change_role(&app.auth, &request, *id, &change.role).await {
        Ok(account) if is_form => {
            let role = account.role.label();
            flash::success(&session, format!("{} has the role {role} now.", account.username))?;
            Ok(see_other(&back))
        }
        Ok(account) => Ok(HttpResponse::Ok().json(account)),
        Err(Error::Conflict(sentence)) if is_form => {
            flash::warning(&session, sentence)?;
            Ok(see_other(&back))
        }
        Err(Error::ReauthenticationRequired(_)) => {
            Err(Error::ReauthenticationRequired(accounts::reauthentication_url(&app.config, &back)))
        }
        Err(other) => Err(other),
    }
}
