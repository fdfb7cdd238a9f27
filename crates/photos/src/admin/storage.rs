//! `/admin/storage`: what originals and renditions take, how much room is left, and who takes how much of it.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use common::{
    OrNotFound, Result,
    csrf::CsrfForm,
    flash,
    identity::UserId,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::store::storage as store;
use crate::{
    app::App,
    identity::{AccountId, Administrator},
    photos::{Listing, PAGE},
    quotas::{self, NO_GIGABYTES, gigabytes, gigabytes_text},
    settings::store as settings,
    statistics::{
        chart::{bytes_text, grouped},
        screen::Card,
    },
};

/// The page.
pub const STORAGE: &str = "/admin/storage";

/// The query of the page.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct ListForm {
    #[serde(default)]
    q: String,
    /// Bytes and id of the last row of the page before.
    #[serde(default)]
    after: String,
}

/// How much room somebody is to have.
#[derive(Deserialize)]
pub struct QuotaForm {
    /// Gigabytes; 0 without a limit, empty for what everybody has.
    #[serde(default)]
    quota_gb: String,
}

#[derive(Serialize)]
struct StoragePage {
    cards: Vec<Card>,
    owners: Vec<OwnerRow>,
    form: ListForm,
    usual_text: String,
    next: String,
}

#[derive(Serialize)]
struct OwnerRow {
    user: Option<UserId>,
    name: String,
    files_text: String,
    used_text: String,
    quota_text: String,
    /// As it is typed; empty for what everybody has.
    quota_gb: String,
    /// In use, of 100; for the bar.
    percent: i64,
    has_limit: bool,
}

impl Page for StoragePage {
    const TEMPLATE: &'static str = "admin/storage.html";

    fn title(&self) -> String {
        "Storage".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    _admin: Administrator,
    form: Query<ListForm>,
    view: View,
) -> Result<HttpResponse> {
    let form = form.into_inner();
    let found = store::list(&app.db, form.q.trim(), form.place(), PAGE + 1).await?;
    let found = Listing::of(found, PAGE);
    let usual = app.settings.current().quota_bytes;
    let next = found.items.last().filter(|_| found.more).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &form.q).append_pair("after", &format!("{}.{}", last.used, last.id.0));
        format!("{STORAGE}?{}", query.finish())
    });
    view.ok(&StoragePage {
        cards: cards(&app).await?,
        owners: found.items.into_iter().map(|owner| OwnerRow::of(owner, usual)).collect(),
        usual_text: usual.map_or_else(
            || "There is no limit".to_owned(),
            |bytes| format!("Everybody has {}", bytes_text(bytes)),
        ),
        next: next.unwrap_or_default(),
        form,
    })
}

async fn cards(app: &App) -> Result<Vec<Card>> {
    let taken = store::find_taken(&app.db).await?;
    let volume = app.storage.volume();
    let card = |label, value, note: String| Card { label, value, note, href: String::new() };
    let files = |count| format!("{} files", grouped(count));
    Ok(vec![
        card("Originals", bytes_text(taken.originals), files(taken.original_files)),
        card("Pictures made of them", bytes_text(taken.renditions), files(taken.rendition_files)),
        card(
            "Free",
            volume.map_or_else(|| "unknown".to_owned(), |volume| bytes_text(volume.free)),
            volume
                .map_or_else(String::new, |volume| format!("of {} on this volume", bytes_text(volume.size))),
        ),
        card("Waiting to be removed", files(taken.leaving), "a day after the last use".to_owned()),
    ])
}

/// `POST /admin/storage/{user}/quota`: more or less room for one.
pub async fn post_quota(
    app: Data<App>,
    admin: Administrator,
    id: Path<UserId>,
    session: Session,
    form: CsrfForm<QuotaForm>,
) -> Result<HttpResponse> {
    let (account, name) = store::find_account(&app.db, *id).await?.or_not_found()?;
    let text = form.0.quota_gb.trim();
    let wanted = if text.is_empty() { None } else { Some(gigabytes(text)) };
    if wanted == Some(None) {
        flash::warning(&session, NO_GIGABYTES)?;
        return Ok(see_other(STORAGE));
    }
    let mut transaction = app.db.begin().await?;
    let before = quotas::store::find(&mut *transaction, account).await?;
    let after = wanted.flatten();
    match after {
        Some(bytes) => quotas::store::update(&mut *transaction, account, bytes).await?,
        None => quotas::store::delete(&mut *transaction, account).await?,
    }
    if before != after {
        let change = [(format!("Room of {name}"), room_text(before), room_text(after))];
        settings::create_changes(&mut *transaction, &admin.0.name, &change).await?;
    }
    transaction.commit().await?;
    flash::success(&session, format!("Room of {name}: {}.", room_text(after)))?;
    Ok(see_other(STORAGE))
}

fn room_text(own: Option<i64>) -> String {
    match own {
        None => "as everybody".to_owned(),
        Some(0) => "no limit".to_owned(),
        Some(bytes) => bytes_text(bytes),
    }
}

impl ListForm {
    fn place(&self) -> Option<(i64, AccountId)> {
        let (used, id) = self.after.split_once('.')?;
        Some((used.parse().ok()?, AccountId(id.parse().ok()?)))
    }
}

impl OwnerRow {
    fn of(owner: store::Owner, usual: Option<i64>) -> Self {
        let quota = quotas::in_force(owner.quota, usual);
        Self {
            user: owner.user,
            name: owner.name,
            files_text: grouped(owner.files),
            used_text: bytes_text(owner.used),
            quota_text: quota.map_or_else(|| "no limit".to_owned(), bytes_text),
            quota_gb: owner.quota.map(gigabytes_text).unwrap_or_default(),
            percent: quota.map_or(0, |quota| (owner.used.saturating_mul(100) / quota).min(100)),
            has_limit: quota.is_some(),
        }
    }
}
