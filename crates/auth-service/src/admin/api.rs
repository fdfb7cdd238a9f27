//! Accounts for programs: scripts of our own pages, and services that keep a record of accounts.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Path, Query},
};
use common::{Error, OrNotFound, Result, csrf, identity::UserId};
use serde::Deserialize;

use super::{
    Deeds, Filter, ListBody, Listing, PAGE, PAGE_MOST,
    caller::{Reader, RoleWriter},
    parse_role, store,
};
use crate::App;

/// Which accounts are asked for.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    state: String,
    after: Option<i32>,
    limit: Option<u32>,
}

#[derive(Deserialize)]
struct RoleBody {
    role: String,
}

/// `GET /api/users`: accounts, the newest first.
pub async fn list(app: Data<App>, _reader: Reader, wanted: Query<Wanted>) -> Result<HttpResponse> {
    let filter = Filter::parse(&wanted.q, &wanted.role, &wanted.state)?;
    let limit =
        wanted.limit.map_or(PAGE, |limit| u16::try_from(limit).unwrap_or(PAGE_MOST).clamp(1, PAGE_MOST));
    let found = store::list(&app.db, &filter, wanted.after, i64::from(limit) + 1).await?;
    let listing = Listing::of(found, limit, |account| account.id.0.into());
    Ok(HttpResponse::Ok().json(ListBody::from(listing)))
}

/// `GET /api/users/{id}`.
pub async fn get(app: Data<App>, _reader: Reader, id: Path<UserId>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(store::find(&app.db, *id).await?.or_not_found()?))
}

/// `POST /api/users/{id}/role`: `{role}`; the account as it is then.
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
