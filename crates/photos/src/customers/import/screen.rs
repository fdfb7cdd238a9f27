//! `/customers/import`: a table is chosen or pasted, looked at, and then taken.

use actix_multipart::Multipart;
use actix_session::Session;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use common::{
    Error, Result, csrf,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use futures_util::StreamExt;
use serde::Serialize;

use super::{MOST_BYTES, Plan, carry_out, plan};
use crate::{app::App, identity::Photographer};

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

/// A file wins over pasted text. Nothing is read before the token is checked.
async fn read(request: &HttpRequest, mut body: Multipart) -> Result<Sent> {
    let (mut sent, mut checked) = (Sent::default(), false);
    while let Some(field) = body.next().await {
        let unreadable = || Error::BadRequest("The form can't be understood.".to_owned());
        let is_token = field.as_ref().is_ok_and(|field| field.name() == Some("csrf_token"));
        if !checked && !is_token {
            csrf::verify(request, None)?;
        }
        let mut field = field.map_err(|_| unreadable())?;
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes(MOST_BYTES + 1024).await;
        let bytes = bytes
            .map_err(|_| Error::TooLarge("This table is larger than 2 MB. Please split it.".to_owned()))?;
        let bytes = bytes.map_err(|_| unreadable())?;
        match name.as_str() {
            "csrf_token" => {
                csrf::verify(request, Some(&String::from_utf8_lossy(&bytes)))?;
                checked = true;
            }
            "file" | "csv" if !bytes.is_empty() && (name == "file" || sent.csv.is_empty()) => {
                sent.csv = bytes.to_vec();
            }
            "confirmed" => sent.confirmed = true,
            _ => {}
        }
    }
    if !checked {
        csrf::verify(request, None)?;
    }
    Ok(sent)
}
