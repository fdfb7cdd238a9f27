//! `POST /admin/audit/export`: the record as a table for spreadsheets, sent row by row however long it is.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CONTENT_DISPOSITION, ContentDisposition},
    web::{Bytes, Data},
};
use chrono::{SecondsFormat, Utc};
use common::{Error, Result, csrf::CsrfForm, csv};
use futures_util::{Stream, stream};
use serde_json::json;
use sqlx::PgPool;

use super::{
    Entry, Event, Filter, FilterForm, Origin,
    list::{by_text, details_text},
    store::{self, Record},
};
use crate::{App, admin::Actor, identity::RecentAdmin};

/// Rows of one question to the database.
const BATCH: u16 = 500;
const HEAD: [&str; 9] =
    ["id", "occurred_at", "event", "user_id", "username", "by", "client_address", "user_agent", "details"];

/// Sends the rows that fit the filters of the page, and notes in the record that they were sent. A form and not a link,
/// so that no other page can make an administrator's browser do it.
pub async fn post(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    form: CsrfForm<FilterForm>,
) -> Result<HttpResponse> {
    let filter = form.0.parse().map_err(Error::Invalid)?;
    let filters: Vec<&str> = form.0.filled().into_iter().map(|(name, _)| name).collect();
    let (actor, origin) = (Actor::of(&admin.0), Origin::of(&request));
    let entry = Entry::about(Event::RecordExported, actor.id, &actor.username, &origin)
        .with(json!({ "filters": filters, "by": actor.by() }));
    store::create(&app.db, &entry).await?;
    let name = format!("record-{}.csv", Utc::now().format("%Y-%m-%d"));
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, ContentDisposition::attachment(name)))
        .streaming(rows(app.db.clone(), filter)))
}

/// Each batch goes on below the last id, so the end comes although rows are added meanwhile.
fn rows(db: PgPool, filter: Filter) -> impl Stream<Item = Result<Bytes>> {
    stream::try_unfold(Some((None, csv::row(HEAD))), move |place| {
        let (db, filter) = (db.clone(), filter.clone());
        async move {
            let Some((below, mut text)) = place else { return Ok(None) };
            let records = store::list(&db, &filter, below, BATCH.into()).await?;
            text.extend(records.iter().map(row));
            let more = records.len() == usize::from(BATCH);
            let next = records.last().filter(|_| more).map(|last| (Some(last.id), String::new()));
            Ok(Some((Bytes::from(text), next)))
        }
    })
}

fn row(record: &Record) -> String {
    let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        record.id.to_string(),
        record.occurred_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        text(&record.event),
        number(record.user_id),
        text(&record.username),
        by_text(&record.details),
        text(&record.client_address),
        text(&record.user_agent),
        details_text(&record.details),
    ];
    csv::row(cells.iter().map(String::as_str))
}
