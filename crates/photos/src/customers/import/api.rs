//! `POST /api/customers/import`: a table as CSV; with `preview=true` it only says what would happen.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data, Query},
};
use common::{
    Result,
    csrf::{self, expect_type},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Plan, carry_out, plan};
use crate::{app::App, identity::Photographer};

/// Whether to look only.
#[derive(Deserialize, IntoParams)]
pub struct Wanted {
    /// Whether to say only what would happen.
    #[serde(default)]
    preview: bool,
}

/// Takes customers out of a table, up to 2 MB and 5,000 rows; what it leaves empty stays as it is.
///
/// Else: 422 this is no table
#[utoipa::path(
    post, path = "/api/customers/import",
    params(Wanted),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = Plan))
)]
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    wanted: Query<Wanted>,
    user: Photographer,
    body: Bytes,
) -> Result<HttpResponse> {
    csrf::verify_header(&request)?;
    expect_type(&request, "text/csv")?;
    let owner = user.0.account;
    let plan = if wanted.preview {
        plan(&app.db, owner, &body).await?
    } else {
        carry_out(&app.db, owner, &body).await?
    };
    Ok(HttpResponse::Ok().json(plan))
}
