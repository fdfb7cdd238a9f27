//! `/admin/audit`: the record, the newest first, with filters.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use common::{
    Result,
    error::FieldErrors,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    FilterForm,
    store::{self, Record},
};
use crate::{
    App,
    admin::{Listing, PAGE, short_moment},
    identity::AdminUser,
};

/// From where the list goes on.
#[derive(Deserialize)]
pub struct Way {
    after: Option<i64>,
}

#[derive(Serialize)]
struct RecordPage {
    rows: Vec<EventRow>,
    form: FilterForm,
    errors: FieldErrors,
    events: Vec<EventChoice>,
    is_filtered: bool,
    first: String,
    next: String,
}

#[derive(Serialize)]
struct EventChoice {
    label: String,
    value: String,
}

/// A row, ready to print.
#[derive(Serialize)]
pub struct EventRow {
    event_text: String,
    when_text: String,
    name: String,
    href: String,
    by_text: String,
    client_address: String,
    user_agent: String,
    details_text: String,
}

impl Page for RecordPage {
    const TEMPLATE: &'static str = "admin/record.html";

    fn title(&self) -> String {
        "Record".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    _admin: AdminUser,
    form: Query<FilterForm>,
    way: Query<Way>,
    view: View,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let (mut errors, mut found) = (FieldErrors::new(), Vec::new());
    match form.parse() {
        Ok(filter) => found = store::list(&app.db, &filter, way.after, i64::from(PAGE) + 1).await?,
        Err(faults) => errors = faults,
    }
    let listing = Listing::of(found, PAGE, |record| record.id);
    let events = store::list_events(&app.db).await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = RecordPage {
        rows: listing.items.into_iter().map(EventRow::from).collect(),
        is_filtered: !form.filled().is_empty(),
        first: way.after.map(|_| address(&form, None)).unwrap_or_default(),
        next: listing.next.map(|key| address(&form, Some(key))).unwrap_or_default(),
        events: events.into_iter().map(|value| EventChoice { label: event_text(&value), value }).collect(),
        form,
        errors,
    };
    view.status(status, &page)
}

fn address(form: &FilterForm, after: Option<i64>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(form.filled());
    if let Some(after) = after {
        query.append_pair("after", &after.to_string());
    }
    format!("/admin/audit?{}", query.finish())
}

/// “Sign in failed” for `sign_in_failed`.
fn event_text(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + &letters.as_str().replace('_', " ")
}

/// Who did it: nobody in particular, an administrator, perhaps through a service, or a command.
pub fn by_text(details: &Value) -> String {
    let by = &details["by"];
    match (by.as_str(), by["username"].as_str(), by["service"].as_str()) {
        (Some(word), _, _) => word.to_owned(),
        (_, Some(name), Some(service)) => format!("{name}, through {service}"),
        (_, Some(name), None) => name.to_owned(),
        _ => String::new(),
    }
}

/// “from: viewer, to: user”.
pub fn details_text(details: &Value) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let plain = |value: &Value| match value.as_array() {
        Some(items) => items.iter().map(word).collect::<Vec<_>>().join(" and "),
        None => word(value),
    };
    let members = details.as_object().into_iter().flatten().filter(|(name, _)| *name != "by");
    members.map(|(name, value)| format!("{name}: {}", plain(value))).collect::<Vec<_>>().join(", ")
}

impl From<Record> for EventRow {
    fn from(record: Record) -> Self {
        Self {
            event_text: record
                .event
                .as_deref()
                .map_or_else(|| "Of the earlier system".to_owned(), event_text),
            when_text: short_moment(record.occurred_at),
            name: record.username.unwrap_or_default(),
            href: record.user_id.map(|id| format!("/admin/users/{id}")).unwrap_or_default(),
            by_text: by_text(&record.details),
            details_text: details_text(&record.details),
            client_address: record.client_address.unwrap_or_default(),
            user_agent: record.user_agent.unwrap_or_default(),
        }
    }
}
