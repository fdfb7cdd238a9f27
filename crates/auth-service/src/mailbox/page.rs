//! `/mailbox`: the list of mails, and one mail. There is no such address outside development.

use std::path::Path;

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, Data, Query},
};
use common::{
    Error, OrNotFound, Result,
    mailer::Way,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Letter, Stretch, Summary, find, list, stretches};
use crate::{App, Config, words};

const MAILS_OF_A_PAGE: usize = 50;

/// The mail's own look is let in, scripts and everything from elsewhere are not; its links open beside it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; \
    frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/// Where the list goes on.
#[derive(Deserialize)]
pub struct Place {
    before: Option<Uuid>,
}

#[derive(Serialize)]
struct ListPage {
    mails: Vec<Row>,
    folder: String,
    older: Option<String>,
}

#[derive(Serialize)]
struct Row {
    href: String,
    to: String,
    from: String,
    subject: String,
    time: String,
}

#[derive(Serialize)]
struct MailPage {
    mail: Row,
    stretches: Vec<Stretch>,
    file: String,
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "mailbox/list.html";

    fn title(&self) -> String {
        "Mailbox".to_owned()
    }
}

impl Page for MailPage {
    const TEMPLATE: &'static str = "mailbox/show.html";

    fn title(&self) -> String {
        self.mail.subject.clone()
    }
}

/// The folder of mails, if this service may show it: in development alone, and only where mails are not sent.
pub fn folder(config: &Config) -> Option<&Path> {
    match &config.mail.way {
        Way::Folder(folder) if config.site.development => Some(folder),
        _ => None,
    }
}

/// The list, newest first.
pub async fn get_list(app: Data<App>, place: Query<Place>, view: View) -> Result<HttpResponse> {
    let folder = folder(&app.config).or_not_found()?;
    let mails = list(folder, place.before, MAILS_OF_A_PAGE).await.map_err(internal)?;
    let last = mails.last().filter(|_| mails.len() == MAILS_OF_A_PAGE);
    let older = last.map(|mail| format!("/mailbox?before={}", mail.id));
    let page = ListPage {
        mails: mails.into_iter().map(Row::from).collect(),
        folder: folder.display().to_string(),
        older,
    };
    view.ok(&page)
}

/// One mail: its text, and its HTML in a frame.
pub async fn get_mail(app: Data<App>, id: web::Path<String>, view: View) -> Result<HttpResponse> {
    let letter = letter(&app, &id).await?;
    let file = format!("{}.eml", letter.summary.id);
    view.ok(&MailPage { stretches: stretches(&letter.text), mail: letter.summary.into(), file })
}

/// The HTML of one mail as its reader sees it.
pub async fn get_html(app: Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let html = letter(&app, &id).await?.html.replacen("<head>", "<head><base target=\"_blank\">", 1);
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(html))
}

async fn letter(app: &App, id: &str) -> Result<Letter> {
    let folder = folder(&app.config).or_not_found()?;
    let id: Uuid = id.parse().ok().or_not_found()?;
    find(folder, id).await.map_err(internal)?.or_not_found()
}

fn internal(error: std::io::Error) -> Error {
    Error::Internal(error.into())
}

impl From<Summary> for Row {
    fn from(mail: Summary) -> Self {
        let Summary { id, to, from, subject, written_at } = mail;
        let time = written_at.map(words::moment).unwrap_or_default();
        Self { href: format!("/mailbox/{id}"), to, from, subject, time }
    }
}
