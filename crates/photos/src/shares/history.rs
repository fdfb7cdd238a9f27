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
    ShareLinkId,
    row::{Expiry, LinkRow, expiries},
    store,
};
use crate::{
    app::App,
    identity::Photographer,
    photos::{Listing, PAGE},
};

/// What is searched, and where the page begins.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    after: Option<ShareLinkId>,
}

#[derive(Serialize)]
struct HistoryPage {
    links: Vec<LinkRow>,
    next: Option<String>,
    expiries: Vec<Expiry>,
    q: String,
    here: String,
}

impl Page for HistoryPage {
    const TEMPLATE: &'static str = "shares.html";

    fn title(&self) -> String {
        "Shared".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    wanted: Query<Wanted>,
    user: Photographer,
    view: View,
) -> Result<HttpResponse> {
    let q = wanted.q.trim().replace('\0', "");
    let found = store::list_history(&app.db, user.0.account, &q, wanted.after, PAGE + 1).await?;
    let found = Listing::of(found, PAGE);
    let last = found.items.last().filter(|_| found.more);
    view.ok(&HistoryPage {
        next: last.map(|last| address(&q, Some(last.id))),
        links: found.items.iter().map(|link| LinkRow::of(&app, link)).collect(),
        expiries: expiries(),
        here: address(&q, None),
        q,
    })
}

fn address(q: &str, after: Option<ShareLinkId>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !q.is_empty() {
        query.append_pair("q", q);
    }
    if let Some(after) = after {
        query.append_pair("after", &after.to_string());
    }
    let query = query.finish();
    if query.is_empty() { "/shares".to_owned() } else { format!("/shares?{query}") }
}
