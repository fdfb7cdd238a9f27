//! `/customers/import`: a table is chosen or pasted, looked at, and then taken.

use actix_multipart::Multipart;
use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Bytes, Data},
};
use common::{
    Error, Result,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::Serialize;

use super::{MOST_BYTES, Plan, carry_out, plan};
use crate::{app::App, identity::Photographer, small_forms};

/// So many rows of a plan are shown.
const SHOWN: usize = 500;

#[derive(Serialize)]
struct ImportPage {
    plan: Option<Plan>,
    hidden_rows: usize,
    csv: String,
    errors: FieldErrors,
}

impl Page for ImportPage {
    const TEMPLATE: &'static str = "customers/import.html";

    fn title(&self) -> String {
        "Import customers".to_owned()
    }
}

/// What was sent.
#[derive(Default)]
struct Sent {
    csv: Vec<u8>,
    confirmed: bool,
}

/// The form.
pub async fn get(_user: Photographer, view: View) -> Result<HttpResponse> {
    view.ok(&ImportPage { plan: None, hidden_rows: 0, csv: String::new(), errors: FieldErrors::new() })
}

/// Shows what the table would do, or does it.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: Photographer,
    session: Session,
    view: View,
    body: Multipart,
) -> Result<HttpResponse> {
    let sent = read(&request, body).await?;
    let owner = user.0.account;
    let outcome = if sent.confirmed {
        carry_out(&app.db, owner, &sent.csv).await
    } else {
        plan(&app.db, owner, &sent.csv).await
    };
    let csv = String::from_utf8_lossy(&sent.csv).into_owned();
    match outcome {
        Ok(done) if sent.confirmed => {
            flash::success(&session, format!("New customers: {}. Changed: {}.", done.created, done.updated))?;
            Ok(see_other("/customers"))
        }
        Ok(mut plan) => {
            let hidden_rows = plan.rows.len().saturating_sub(SHOWN);
            plan.rows.truncate(SHOWN);
            view.ok(&ImportPage { plan: Some(plan), hidden_rows, csv, errors: FieldErrors::new() })
        }
        Err(Error::Invalid(errors)) => view.status(
            StatusCode::UNPROCESSABLE_ENTITY,
            &ImportPage { plan: None, hidden_rows: 0, csv, errors },
        ),
        Err(error) => Err(error),
    }
}

/// A file wins over pasted text.
async fn read(request: &HttpRequest, body: Multipart) -> Result<Sent> {
    let too_large = || Error::TooLarge("This table is larger than 2 MB. Please split it.".to_owned());
    let mut sent = Sent::default();
    let take = |name: &str, bytes: Bytes| match name {
        "file" | "csv" if !bytes.is_empty() && (name == "file" || sent.csv.is_empty()) => {
            sent.csv = bytes.to_vec();
        }
        "confirmed" => sent.confirmed = true,
        _ => {}
    };
    small_forms::read(request, body, MOST_BYTES + 1024, too_large, take).await?;
    Ok(sent)
}
