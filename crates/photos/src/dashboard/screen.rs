//! `/dashboard`: the figures, the charts and what happened lately; for an administrator, of everybody.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use chrono::Utc;
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use super::{
    Activity, Overview, RecentGallery, Whose,
    activity::{Kind, ago, photos_text},
    overview,
};
use crate::{
    app::App,
    galleries::{GalleryId, day_text},
    identity::{AccountId, Photographer},
    media::{Grant, Signer},
    photos::{PhotoId, Placeholder, Rendition, picture::Picture, store as photos, tile::Pictures},
    quotas,
    renditions::progress::{self, Progress},
    statistics::{
        Asked, Range,
        chart::{Chart, Choice, bytes_text, choices, grouped},
        screen::Card,
        total,
    },
};

#[derive(Serialize)]
struct DashboardPage {
    everybody: bool,
    cards: Vec<Card>,
    progress: Vec<Progress>,
    ranges: Vec<Choice>,
    views: Chart,
    storage: Chart,
    has_storage: bool,
    activity: Vec<ActivityRow>,
    galleries: Vec<GalleryRow>,
    steps: Vec<Step>,
}

#[derive(Serialize)]
struct ActivityRow {
    icon: &'static str,
    text: String,
    ago_text: String,
    href: String,
}

#[derive(Serialize)]
struct GalleryRow {
    id: GalleryId,
    name: String,
    note: String,
    views_text: String,
    picture: Option<Picture>,
}

/// What somebody who has just begun does next.
#[derive(Serialize)]
struct Step {
    done: bool,
    text: &'static str,
    href: String,
    action: &'static str,
}

impl Page for DashboardPage {
    const TEMPLATE: &'static str = "dashboard.html";

    fn title(&self) -> String {
        "Dashboard".to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    asked: Query<Asked>,
    user: Photographer,
    view: View,
) -> Result<HttpResponse> {
    let range = asked.range()?;
    let whose = Whose::of(&user.0);
    let found = overview(&app.db, whose, range).await?;
    let covers: Vec<PhotoId> = found.galleries.iter().filter_map(|gallery| gallery.cover).collect();
    let renditions = photos::list_renditions_of(&app.db, &covers).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(user.0.account));
    let parts: Vec<(String, i64)> =
        found.storage.iter().map(|part| (part.name.clone(), part.bytes)).collect();
    view.ok(&DashboardPage {
        everybody: whose.is_everybody(),
        cards: cards(&found, range, storage_note(&app, whose, user.0.account).await?),
        progress: progress::list(&app.db, whose.account()).await?,
        ranges: choices("/dashboard", range),
        views: Chart::over_time(&found.days, range),
        storage: Chart::storage(&parts, if whose.is_everybody() { "Photographer" } else { "Gallery" }),
        has_storage: found.storage_bytes > 0,
        steps: steps(&found),
        activity: found.activity.into_iter().map(ActivityRow::of).collect(),
        galleries: found
            .galleries
            .into_iter()
            .map(|gallery| GalleryRow::of(gallery, whose, &renditions, &signer))
            .collect(),
    })
}

/// What there is to say of the storage that is in use.
async fn storage_note(app: &App, whose: Whose, account: AccountId) -> Result<String> {
    if whose.is_everybody() {
        return Ok("by all originals".to_owned());
    }
    let quota = quotas::find(app, account).await?.quota;
    Ok(quota.map_or_else(
        || "by your originals".to_owned(),
        |quota| format!("of {} for originals", bytes_text(quota)),
    ))
}

fn cards(found: &Overview, range: Range, storage_note: String) -> Vec<Card> {
    let counts = &found.counts;
    let in_range = total(&found.days);
    let state = match (counts.pending, counts.failed) {
        (0, 0) => format!("in {}", galleries_text(counts.galleries)),
        (pending, 0) => format!("{} being made", grouped(pending)),
        (_, failed) => format!("{} could not be shown", grouped(failed)),
    };
    let card = |label, value, note, href: &str| Card { label, value, note, href: href.to_owned() };
    let photos = if counts.failed > 0 { "/photos?filter=failed" } else { "/photos" };
    vec![
        card("Photos", grouped(counts.photos), state, photos),
        card("Customers", grouped(counts.customers), "whom you work for".to_owned(), "/customers"),
        card(
            "Views",
            grouped(found.total.views),
            format!("{} in {} days", grouped(in_range.views), range.days()),
            "/shares",
        ),
        card("Storage used", bytes_text(found.storage_bytes), storage_note, ""),
    ]
}

fn galleries_text(count: i64) -> String {
    if count == 1 { "1 gallery".to_owned() } else { format!("{} galleries", grouped(count)) }
}

/// Shown until somebody looked for the first time.
fn steps(found: &Overview) -> Vec<Step> {
    if found.total.views > 0 {
        return Vec::new();
    }
    let shared = found.activity.iter().any(|activity| activity.kind == Kind::Shared);
    let newest = found.galleries.first().map(|gallery| format!("/gallery/{}", gallery.id));
    vec![
        Step {
            done: found.counts.galleries > 0,
            text: "Make a gallery for an event.",
            href: "/gallery".to_owned(),
            action: "Make a gallery",
        },
        Step {
            done: found.counts.photos > 0,
            text: "Add its photos: drop them all at once, they sort themselves by the time they were taken.",
            href: newest.clone().unwrap_or_else(|| "/photos".to_owned()),
            action: "Add photos",
        },
        Step {
            done: shared,
            text: "Send your client a link. They need no account, and here you see when they look.",
            href: newest.map_or_else(|| "/gallery".to_owned(), |gallery| format!("{gallery}/shares")),
            action: "Share a gallery",
        },
    ]
}

impl ActivityRow {
    fn of(activity: Activity) -> Self {
        let page = match activity.kind {
            Kind::Viewed | Kind::Downloaded => "/stats",
            Kind::Shared => "/shares",
            Kind::Uploaded => "",
        };
        Self {
            icon: match activity.kind {
                Kind::Viewed => "eye",
                Kind::Downloaded => "download",
                Kind::Shared => "send",
                Kind::Uploaded => "cloud-arrow-up",
            },
            ago_text: ago(activity.at, Utc::now()),
            href: activity
                .gallery_id
                .map_or_else(|| "/photos".to_owned(), |id| format!("/gallery/{id}{page}")),
            text: activity.text,
        }
    }
}

impl GalleryRow {
    fn of(gallery: RecentGallery, whose: Whose, renditions: &[Rendition], signer: &Signer<'_>) -> Self {
        let picture = gallery.cover.and_then(|photo| {
            let thumbnail = Pictures::of(photo, renditions, signer, false).thumbnail?;
            Some(Picture::of(&thumbnail, None, Placeholder::default()))
        });
        let by = if whose.is_everybody() { format!("by {}, ", gallery.owner_name) } else { String::new() };
        Self {
            id: gallery.id,
            note: format!("{by}{}, {}", photos_text(gallery.photos), day_text(gallery.created_at)),
            views_text: if gallery.views == 1 {
                "1 view".to_owned()
            } else {
                format!("{} views", grouped(gallery.views))
            },
            name: gallery.name,
            picture,
        }
    }
}
