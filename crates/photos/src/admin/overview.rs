//! `/admin`: how much there is here, what is being worked on, and what went wrong.

use actix_web::{HttpResponse, web::Data};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use super::store;
use crate::{
    app::App,
    galleries::GalleryId,
    identity::Administrator,
    jobs,
    statistics::{
        chart::{bytes_text, grouped},
        screen::Card,
    },
};

/// As many failed photos as are named.
const FAILED: i64 = 20;

#[derive(Serialize)]
struct OverviewPage {
    cards: Vec<Card>,
    work: Vec<Card>,
    failed: Vec<FailedRow>,
    mail_fault: String,
}

#[derive(Serialize)]
struct FailedRow {
    filename: String,
    owner_name: String,
    detail: String,
    gallery_id: Option<GalleryId>,
}

impl Page for OverviewPage {
    const TEMPLATE: &'static str = "admin/overview.html";

    fn title(&self) -> String {
        "Administration".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, _admin: Administrator, view: View) -> Result<HttpResponse> {
    let sums = store::find_sums(&app.db).await?;
    let mails = store::find_mails(&app.db).await?;
    let (renders, rebuilds) = (jobs::count_renders(&app.db).await?, jobs::count_rebuilds(&app.db).await?);
    let failed = store::list_failed(&app.db, FAILED).await?;
    let card = |label, value: String, note: &str, href: &str| Card {
        label,
        value,
        note: note.to_owned(),
        href: href.to_owned(),
    };
    view.ok(&OverviewPage {
        cards: vec![
            card("People", grouped(sums.people), "who have signed in here", super::USERS),
            card("Galleries", grouped(sums.galleries), "of everybody", super::galleries::GALLERIES),
            card("Photos", grouped(sums.photos), &format!("{} in the trash", grouped(sums.in_trash)), ""),
            card("Storage", bytes_text(sums.bytes), "of originals", "/dashboard"),
        ],
        work: vec![
            card("Waiting for pictures", grouped(renders), "new photos in the queue", ""),
            card("Being made again", grouped(rebuilds), "behind the new ones", ""),
            card("Failed photos", grouped(sums.failed), "no picture came of them", ""),
            card(
                "Mail waiting",
                grouped(mails.waiting),
                &format!("{} given up in 30 days", grouped(mails.failed)),
                "",
            ),
        ],
        failed: failed
            .into_iter()
            .map(|photo| FailedRow {
                filename: photo.filename,
                owner_name: photo.owner_name,
                detail: photo.detail,
                gallery_id: photo.gallery,
            })
            .collect(),
        mail_fault: mails.last_error.unwrap_or_default(),
    })
}
