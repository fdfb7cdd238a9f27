//! The answer to an upload of which nothing was stored.

use actix_web::{HttpResponse, http::StatusCode};
use common::{error::FieldErrors, error_pages::Problem, openapi};
use serde::Serialize;
use utoipa::ToSchema;

use super::Refused;

#[derive(Serialize)]
struct RefusedOnly {
    refused: Vec<Refused>,
}

/// The problem document of an upload of which nothing was stored.
#[derive(ToSchema)]
#[schema(as = UploadProblem)]
#[expect(dead_code, reason = "written by `Problem`; this is its shape for the description")]
pub(super) struct NothingStored {
    #[serde(flatten)]
    problem: openapi::Problem,
    /// Absent where no file was sent.
    #[schema(nullable = false)]
    refused: Option<Vec<Refused>>,
}

/// The answer to an upload of which nothing was stored.
pub(super) fn nothing_stored(refused: Vec<Refused>) -> HttpResponse {
    let full = refused.iter().all(Refused::is_for_room);
    let status = if full { StatusCode::INSUFFICIENT_STORAGE } else { StatusCode::UNPROCESSABLE_ENTITY };
    let detail = match refused.as_slice() {
        [only] => only.detail.clone(),
        all => format!("None of the {} files could be taken.", all.len()),
    };
    Problem::new(status, detail, FieldErrors::new(), Some(RefusedOnly { refused })).response()
}
