//! `/shares`: everything a photographer shared, with whom, and whether they looked.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use common::{
    Result,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::{
    ShareLink, ShareLinkId, State, store,
    words::{access_text, views_text},
};
use crate::{
    app::App,
    galleries::{GalleryId, day_text},
    identity::Photographer,
    photos::{Listing, PAGE},
};

/// Where the page begins.
#[derive(Deserialize)]
pub struct From {
    after: Option<ShareLinkId>,
}

#[derive(Serialize)]
struct HistoryPage {
    links: Vec<Row>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Row {
    id: ShareLinkId,
    gallery_id: Option<GalleryId>,
    gallery_name: String,
    recipient: String,
    access_text: &'static str,
    state: State,
    created_text: String,
    views_text: String,
    first_text: String,
    last_text: String,
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "shares.html";

    fn title(&self) -> String {
        "Shared".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, from: Query<From>, user: Photographer, view: View) -> Result<HttpResponse> {
    let found = store::list_history(&app.db, user.0.account, from.after, PAGE + 1).await?;
    let found = Listing::of(found, PAGE);
    let next = found.items.last().filter(|_| found.more).map(|last| format!("/shares?after={}", last.id));
    view.ok(&HistoryPage { links: found.items.iter().map(Row::of).collect(), next })
}

impl Row {
    fn of(link: &ShareLink) -> Self {
        let day = |time: Option<chrono::NaiveDateTime>| time.map_or_else(|| "Never".to_owned(), day_text);
        Self {
            id: link.id,
            gallery_id: link.gallery,
            gallery_name: link.gallery_name.clone(),
            recipient: link.recipient_email.clone().unwrap_or_default(),
            access_text: access_text(link.level),
            state: link.state(),
            created_text: day_text(link.created_at),
            views_text: views_text(link),
            first_text: day(link.first_opened_at),
            last_text: day(link.last_opened_at),
        }
    }
}
