//! Accounts for programs: scripts of our own pages, and services that keep a record of accounts.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use common::{
    Error, OrNotFound, Result, csrf,
    identity::{AccountInfo, UserId},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    Deeds, Filter, ListBody, Listing, PAGE, PAGE_MOST,
    caller::{Reader, RoleWriter},
    parse_role, store,
};
use crate::App;

/// Which accounts are asked for.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// A part of a name or an address.
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    /// `active`, `unverified` or `disabled`.
    #[serde(default)]
    state: String,
    /// The `next` of the page before.
    after: Option<i32>,
    /// 50 by default, 200 at most.
    limit: Option<u32>,
}

/// What a program sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoleChange)]
struct RoleBody {
    /// `admin`, `photographer`, `user` or `viewer`.
    role: String,
}

/// Accounts, the newest first, for administrators and for services with `users:read`.
///
/// Else: 422 there is no such role or state
#[utoipa::path(
    get, path = "/api/users",
    params(Wanted),
    security(("service" = []), ("browser" = [])),
    responses((status = 200, body = ListBody<AccountInfo>))
)]
pub async fn list(app: Data<App>, _reader: Reader, wanted: Query<Wanted>) -> Result<HttpResponse> {
    let filter = Filter::parse(&wanted.q, &wanted.role, &wanted.state)?;
    let limit =
        wanted.limit.map_or(PAGE, |limit| u16::try_from(limit).unwrap_or(PAGE_MOST).clamp(1, PAGE_MOST));
    let found = store::list(&app.db, &filter, wanted.after, i64::from(limit) + 1).await?;
    let listing = Listing::of(found, limit, |account| account.id.0.into());
    Ok(HttpResponse::Ok().json(ListBody::from(listing)))
}

/// An account.
///
/// Else: 404
#[utoipa::path(
    get, path = "/api/users/{user}",
    security(("service" = []), ("browser" = [])),
    responses((status = 200, body = AccountInfo))
)]
pub async fn get(app: Data<App>, _reader: Reader, id: Path<UserId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(store::find(&app.db, *id).await?.or_not_found()?))
}

/// Gives an account another role; its sessions have ended then. By an administrator who proved who they are within
/// ten minutes; or by a service with `users:role` that sends such an administrator's session token in
/// `X-Session-Token`.
///
/// Else: 403 not such an administrator (`reauthentication_url` where the proof is too old); 404; 409 the last active
/// administrator; 422 there is no such role
#[utoipa::path(
    post, path = "/api/users/{user}/role",
    security(("service" = []), ("browser" = [])),
    request_body = RoleBody,
    responses((status = 200, body = AccountInfo))
)]
pub async fn change_role(
    app: Data<App>,
    writer: RoleWriter,
    request: HttpRequest,
    id: Path<UserId>,
    body: Bytes,
) -> Result<HttpResponse> {
    csrf::expect_type(&request, "application/json")?;
    let body: RoleBody = serde_json::from_slice(&body)
        .map_err(|error| Error::BadRequest(format!("The request can't be understood: {error}")))?;
    let role = parse_role(&body.role)?;
    let account = Deeds::new(&app, writer.0, &request).change_role(*id, role).await?;
    Ok(HttpResponse::Ok().json(account))
}
