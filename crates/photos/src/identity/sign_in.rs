//! Signing in happens at the auth-service; here a person leaves for it and comes back.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Result, csrf,
    identity::{Role, UserId},
    return_to,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CurrentUser, MaybeUser};
use crate::app::App;

/// Where the person was.
#[derive(Deserialize)]
pub struct Way {
    #[serde(default)]
    return_to: String,
}

/// A person as APIs show one.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserBody {
    id: UserId,
    username: String,
    email: String,
    role: Role,
}

/// Who is here.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    authenticated: bool,
    user: Option<UserBody>,
    /// For `X-CSRF-Token`.
    csrf_token: String,
}

#[derive(Serialize)]
struct SessionMissingPage {
    base_domain: String,
    cookie_name: String,
    auth_url: String,
    retry_url: String,
}

impl Page for SessionMissingPage {
    const TEMPLATE: &'static str = "auth/session_missing.html";

    fn title(&self) -> String {
        "Your sign-in did not arrive".to_owned()
    }
}

/// `GET /auth/login?return_to=<path>`: to the auth-service, with the way back through the callback.
pub async fn login(app: Data<App>, way: Query<Way>, user: MaybeUser) -> HttpResponse {
    let path = path_back(&app, &way);
    if let Some(user) = user.0 {
        return see_other(onward(&path, &user));
    }
    see_other(&auth_url(&app, "/login", &path))
}

/// `GET /auth/register?return_to=<path>`: to the auth-service, and back the same way as after signing in.
pub async fn register(app: Data<App>, way: Query<Way>, user: MaybeUser) -> HttpResponse {
    let path = path_back(&app, &way);
    if let Some(user) = user.0 {
        return see_other(onward(&path, &user));
    }
    see_other(&auth_url(&app, "/register", &path))
}

/// `GET /auth/callback?return_to=<path>`: the session is here (the middleware verified it and refreshed the mirror),
/// or a page says why it may not be. Never a redirect back, which would loop.
pub async fn callback(app: Data<App>, way: Query<Way>, user: MaybeUser, view: View) -> Result<HttpResponse> {
    let path = path_back(&app, &way);
    if let Some(user) = user.0 {
        return Ok(see_other(onward(&path, &user)));
    }
    let page = SessionMissingPage {
        base_domain: app.config.site.base_domain.clone(),
        cookie_name: app.config.site.session_cookie.clone(),
        auth_url: app.config.auth_public_url.to_string(),
        retry_url: auth_url(&app, "/login", &path),
    };
    view.status(StatusCode::UNAUTHORIZED, &page)
}

/// Who is signed in.
#[utoipa::path(get, path = "/auth/me", responses((status = 200, body = UserBody)))]
pub async fn me(user: CurrentUser) -> HttpResponse {
    HttpResponse::Ok().json(UserBody::from(user))
}

/// Whether somebody is signed in, and the token for requests that change something.
#[utoipa::path(get, path = "/auth/session", security(()), responses((status = 200, body = SessionBody)))]
pub async fn session(user: MaybeUser, session: Session) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(SessionBody {
        authenticated: user.0.is_some(),
        user: user.0.map(UserBody::from),
        csrf_token: csrf::token(&session)?,
    }))
}

impl From<CurrentUser> for UserBody {
    fn from(user: CurrentUser) -> Self {
        Self { id: user.id, username: user.name, email: user.email, role: user.role }
    }
}

fn path_back(app: &App, way: &Way) -> String {
    let path = return_to::local(&app.config.public_url, &way.return_to);
    path.filter(|path| !path.starts_with("/auth/")).unwrap_or_else(|| "/".to_owned())
}

/// Whoever comes from the front page wants to begin: where their work is, or what was shared with them.
fn onward<'a>(path: &'a str, user: &CurrentUser) -> &'a str {
    match path {
        "/" if user.role.may_own_galleries() => "/dashboard",
        "/" => "/gallery",
        path => path,
    }
}

/// A page of the auth-service, with the way back through the callback.
fn auth_url(app: &App, page: &str, path: &str) -> String {
    let mut callback = app.config.public_url.join("/auth/callback").expect("a constant path joins");
    callback.query_pairs_mut().append_pair("return_to", path);
    let mut url = app.config.auth_public_url.join(page).expect("a constant path joins");
    url.query_pairs_mut().append_pair("return_to", callback.as_str());
    url.into()
}
