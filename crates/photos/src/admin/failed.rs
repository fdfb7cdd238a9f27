//! `/admin/failed`: photos of anybody that could not be processed, each with its reason, and another try for some or all.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use common::{
    Result,
    csrf::CsrfForm,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::store::failed as store;
use crate::{
    app::App,
    galleries::day_text,
    identity::Administrator,
    jobs,
    photos::{Listing, PAGE, PhotoId},
    statistics::chart::grouped,
};

/// The page.
pub const FAILED: &str = "/admin/failed";
/// So many photos are tried again by one click at most.
const MOST_AT_ONCE: i64 = 10_000;

/// Where a page of the list begins.
#[derive(Deserialize)]
pub struct From {
    after: Option<PhotoId>,
}

/// What is to be tried again.
#[derive(Deserialize)]
pub struct RetryForm {
    #[serde(default)]
    photo_ids: Vec<PhotoId>,
    /// `all` or `selected`.
    #[serde(default)]
    which: String,
}

#[derive(Serialize)]
struct FailedPage {
    photos: Vec<Row>,
    count_text: String,
    next: String,
}

#[derive(Serialize)]
struct Row {
    id: PhotoId,
    filename: String,
    owner_name: String,
    detail: String,
    when_text: String,
}

impl Page for FailedPage {
    const TEMPLATE: &'static str = "admin/failed.html";

    fn title(&self) -> String {
        "Failed photos".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    _admin: Administrator,
    from: Query<From>,
    view: View,
) -> Result<HttpResponse> {
    let found = Listing::of(store::list(&app.db, from.after, PAGE + 1).await?, PAGE);
    let count = super::store::find_sums(&app.db).await?.failed;
    view.ok(&FailedPage {
        next: found
            .items
            .last()
            .filter(|_| found.more)
            .map(|last| format!("{FAILED}?after={}", last.id))
            .unwrap_or_default(),
        photos: found.items.into_iter().map(Row::of).collect(),
        count_text: grouped(count),
    })
}

/// `POST /admin/failed`: another try.
pub async fn post(
    app: Data<App>,
    _admin: Administrator,
    session: Session,
    form: CsrfForm<RetryForm>,
) -> Result<HttpResponse> {
    let chosen: Vec<i32> = form.0.photo_ids.iter().map(|photo| photo.0).collect();
    let all = form.0.which == "all";
    if chosen.is_empty() && !all {
        flash::warning(&session, "Choose some photos first.")?;
        return Ok(see_other(FAILED));
    }
    let mut transaction = app.db.begin().await?;
    let chosen = (!all).then_some(chosen.as_slice());
    let photos = store::update_to_pending(&mut transaction, chosen, MOST_AT_ONCE).await?;
    jobs::add_renders(&mut transaction, &photos).await?;
    transaction.commit().await?;
    match photos.len() {
        0 => flash::warning(&session, "None of them waits for another try any more.")?,
        1 => flash::success(&session, "1 photo is being tried again. Reload to see what became of it.")?,
        count => flash::success(
            &session,
            format!("{count} photos are being tried again. Reload to see what became of them."),
        )?,
    }
    Ok(see_other(FAILED))
}

impl Row {
    fn of(photo: store::Failed) -> Self {
        Self {
            id: photo.id,
            filename: photo.filename,
            owner_name: photo.owner_name,
            detail: photo.detail,
            when_text: photo.processed_at.map(|at| day_text(at.naive_utc())).unwrap_or_default(),
        }
    }
}
