//! What is written when the ways of signing in to an account change: the record, and a mail to its owner.

use actix_web::HttpRequest;
use common::{Result, identity::User, mailer::Letter};
use serde::Serialize;
use serde_json::json;
use sqlx::PgTransaction;

use super::{Provider, account};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
};

#[derive(Serialize)]
struct Notice<'a> {
    username: &'a str,
    provider: &'a str,
    linked: bool,
    url: String,
}

impl Letter for Notice<'_> {
    const FOLDER: &'static str = "identity_changed";
}

/// A provider was linked.
pub async fn linked(
    app: &App,
    request: &HttpRequest,
    transaction: &mut PgTransaction<'_>,
    user: &User,
    provider: &Provider,
) -> Result<()> {
    let details = json!({ "provider": provider.kind().as_str() });
    record(request, transaction, Event::IdentityLinked, user, details).await?;
    mail(app, transaction, user, provider.name(), true).await
}

/// A link was taken away; `name` is what people call the provider.
pub async fn unlinked(
    app: &App,
    request: &HttpRequest,
    transaction: &mut PgTransaction<'_>,
    user: &User,
    name: &str,
) -> Result<()> {
    record(request, transaction, Event::IdentityUnlinked, user, json!({ "provider": name })).await?;
    mail(app, transaction, user, name, false).await
}

async fn record(
    request: &HttpRequest,
    transaction: &mut PgTransaction<'_>,
    event: Event,
    user: &User,
    details: serde_json::Value,
) -> Result<()> {
    let origin = Origin::of(request);
    let entry = Entry::about(event, user.id, &user.username, &origin).with(details);
    Ok(audit::store::create(&mut **transaction, &entry).await?)
}

async fn mail(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    user: &User,
    provider: &str,
    linked: bool,
) -> Result<()> {
    let notice = Notice { username: &user.username, provider, linked, url: app.web.link(account::PATH) };
    let mail = app.web.letter(&notice, &user.email)?;
    Ok(app.outbox.create(&mut **transaction, Notice::FOLDER, &mail).await?)
}
