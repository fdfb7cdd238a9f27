//! `/admin`: how much there is here, what is being worked on, and what went wrong.

use actix_web::{HttpResponse, web::Data};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use super::{failed::FAILED, mails::MAILS, storage::STORAGE, store, work::JOBS};
use crate::{
    app::App,
    identity::Administrator,
    jobs::listing,
    renditions::progress::{self, Progress},
    statistics::{
        chart::{bytes_text, grouped},
        screen::Card,
    },
};

#[derive(Serialize)]
struct OverviewPage {
    cards: Vec<Card>,
    work: Vec<Card>,
    progress: Vec<Progress>,
    mail_fault: String,
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
    let jobs = listing::list_counts(&app.db).await?;
    let waiting: i64 = jobs.iter().map(|count| count.waiting + count.running).sum();
    let troubled: i64 = jobs.iter().map(|count| count.trying + count.given_up).sum();
    let free = app.storage.volume();
    let card = |label, value: i64, note: String, href: &str| Card {
        label,
        value: grouped(value),
        note,
        href: href.to_owned(),
    };
    let storage = Card {
        label: "Storage",
        value: bytes_text(sums.bytes),
        note: free
            .map_or_else(String::new, |volume| format!("of originals, {} free", bytes_text(volume.free))),
        href: STORAGE.to_owned(),
    };
    view.ok(&OverviewPage {
        cards: vec![
            card("People", sums.people, "who have signed in here".to_owned(), super::USERS),
            card("Galleries", sums.galleries, "of everybody".to_owned(), super::galleries::GALLERIES),
            card("Photos", sums.photos, format!("{} in the trash", grouped(sums.in_trash)), ""),
            storage,
        ],
        work: vec![
            card("Jobs", waiting, "waiting or in work".to_owned(), JOBS),
            card("Jobs in trouble", troubled, "tried again by themselves".to_owned(), JOBS),
            card("Failed photos", sums.failed, "no picture came of them".to_owned(), FAILED),
            card(
                "Mail waiting",
                mails.waiting,
                format!("{} given up in 30 days", grouped(mails.failed)),
                MAILS,
            ),
        ],
        progress: progress::list(&app.db, None).await?,
        mail_fault: mails.last_error.unwrap_or_default(),
    })
}
