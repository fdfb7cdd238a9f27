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

use super::{carry_out, plan};
use crate::{app::App, identity::Photographer};

/// Whether to look only.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    preview: bool,
}

/// What would happen, or happened.
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
