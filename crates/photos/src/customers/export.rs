//! `GET /customers/export.csv`: all customers of a photographer, for a spreadsheet.

use actix_web::{
    HttpResponse,
    http::header::{CONTENT_DISPOSITION, ContentDisposition},
    web::{Bytes, Data},
};
use common::{Error, Result, csv};
use futures_util::stream;

use super::{Cursor, store};
use crate::{app::App, identity::Photographer};

const HEAD: [&str; 7] = ["email", "name", "phone", "notes", "status", "created", "last access"];
const PAGE: u16 = 500;

/// The table, a page of rows at a time.
pub async fn get(app: Data<App>, user: Photographer) -> Result<HttpResponse> {
    let owner = user.0.account;
    // The mark tells spreadsheets that this is UTF-8.
    let head = format!("\u{feff}{}", csv::row(HEAD));
    let rows = stream::try_unfold(Some((None::<Cursor>, head)), move |place| {
        let app = app.clone();
        async move {
            let Some((after, mut text)) = place else { return Ok::<_, Error>(None) };
            let found = store::list(&app.db, owner, "", after.as_ref(), PAGE).await?;
            for listed in &found {
                text.push_str(&row(&listed.customer));
            }
            let full = found.len() == usize::from(PAGE);
            let next = found.last().filter(|_| full).map(|last| (Some(Cursor::at(last)), String::new()));
            Ok(Some((Bytes::from(text), next)))
        }
    });
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, ContentDisposition::attachment("customers.csv")))
        .streaming(rows))
}

fn row(customer: &super::Customer) -> String {
    let time = |time: chrono::NaiveDateTime| time.format("%Y-%m-%d %H:%M").to_string();
    csv::row([
        customer.email.as_str(),
        customer.name.as_deref().unwrap_or_default(),
        customer.phone.as_deref().unwrap_or_default(),
        customer.notes.as_deref().unwrap_or_default(),
        customer.status.as_str(),
        &time(customer.created_at),
        &customer.last_accessed.map(time).unwrap_or_default(),
    ])
}
