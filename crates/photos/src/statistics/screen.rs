//! `/gallery/{id}/stats` and `/shares/{id}/stats`: who looked at a gallery, or came through a link, and what they liked.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use super::{
    Asked, Range, Statistics,
    chart::{Chart, Choice, choices, grouped},
    of_gallery, of_link,
    store::TopPhoto,
    total,
};
use crate::{
    app::App,
    galleries::{GalleryId, day_text, find_for},
    identity::CurrentUser,
    media::{Grant, Signer},
    photos::{PhotoId, Placeholder, Rendition, picture::Picture, store as photos, tile::Pictures},
    policy::{Access, Viewer},
    shares::{ShareLink, ShareLinkId, find_own},
};

#[derive(Serialize)]
struct StatisticsPage {
    title: String,
    back: Back,
    lead: String,
    cards: Vec<Card>,
    ranges: Vec<Choice>,
    chart: Chart,
    top: Vec<TopRow>,
    csv_href: String,
    empty: bool,
    share_href: String,
}

#[derive(Serialize)]
struct Back {
    href: String,
    name: String,
}

/// A figure in large letters.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// What it is.
    pub label: &'static str,
    /// The figure.
    pub value: String,
    /// What else there is to say of it.
    pub note: String,
    /// Where to see more; empty for nowhere.
    pub href: String,
}

#[derive(Serialize)]
struct TopRow {
    id: PhotoId,
    name: String,
    views_text: String,
    downloads_text: String,
    picture: Option<Picture>,
}

impl Page for StatisticsPage {
    const TEMPLATE: &'static str = "statistics.html";

    fn title(&self) -> String {
        self.title.clone()
    }
}

/// The page of a gallery.
pub async fn gallery(
    app: Data<App>,
    id: Path<GalleryId>,
    asked: Query<Asked>,
    user: CurrentUser,
    view: View,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let range = asked.range()?;
    let found = of_gallery(&app.db, gallery.id, range).await?;
    let back = Back { href: format!("/gallery/{id}"), name: gallery.name.clone() };
    let lead = "Visits through your links, and of people who see the gallery by their account or because it is public. \
        You yourself are not counted.";
    let path = format!("/gallery/{id}/stats");
    let page = StatisticsPage {
        title: format!("Statistics of {}", gallery.name),
        lead: lead.to_owned(),
        share_href: format!("/gallery/{id}/shares"),
        csv_href: format!("/api/galleries/{id}/stats?format=csv&days={}", range.days()),
        ..page(&app, &user, found, range, &path, back).await?
    };
    view.ok(&page)
}

/// The page of a share link.
pub async fn link(
    app: Data<App>,
    id: Path<ShareLinkId>,
    asked: Query<Asked>,
    user: CurrentUser,
    view: View,
) -> Result<HttpResponse> {
    let (link, gallery) = find_own(&app, &user, *id).await?;
    let range = asked.range()?;
    let found = of_link(&app.db, link.id, range).await?;
    let back =
        Back { href: format!("/gallery/{}/shares", gallery.id), name: format!("Links of {}", gallery.name) };
    let path = format!("/shares/{id}/stats");
    let page = StatisticsPage {
        title: link.recipient_email.as_ref().map_or_else(
            || format!("A link to {}", gallery.name),
            |recipient| format!("The link for {recipient}"),
        ),
        lead: history(&link),
        share_href: format!("/gallery/{}/shares", gallery.id),
        csv_href: format!("/api/shares/{id}/stats?format=csv&days={}", range.days()),
        ..page(&app, &user, found, range, &path, back).await?
    };
    view.ok(&page)
}

/// “Made 1 June 2026. First opened 2 June 2026, last 3 June 2026.”
fn history(link: &ShareLink) -> String {
    let made = format!("Made {}.", day_text(link.created_at));
    match (link.first_opened_at, link.last_opened_at) {
        (Some(first), Some(last)) => {
            format!("{made} First opened {}, last {}.", day_text(first), day_text(last))
        }
        _ => format!("{made} Not opened yet."),
    }
}

async fn page(
    app: &App,
    user: &CurrentUser,
    found: Statistics,
    range: Range,
    path: &str,
    back: Back,
) -> Result<StatisticsPage> {
    let shown: Vec<PhotoId> = found.top.iter().map(|photo| photo.id).collect();
    let renditions = photos::list_renditions_of(&app.db, &shown).await?;
    let signer = Signer::new(&app.config.secrets, Grant::Person(user.account));
    let in_range = total(&found.days);
    let note = |count: i64| format!("{} in all", grouped(count));
    let card = |label, value: i64, note| Card { label, value: grouped(value), note, href: String::new() };
    Ok(StatisticsPage {
        title: String::new(),
        back,
        lead: String::new(),
        cards: vec![
            card("Views", in_range.views, note(found.total.views)),
            card("Visitors", in_range.visitors, "each counted once a day".to_owned()),
            card("Downloads", in_range.downloads, note(found.total.downloads)),
        ],
        ranges: choices(path, range),
        chart: Chart::over_time(&found.days, range),
        top: found.top.into_iter().map(|photo| TopRow::of(photo, &renditions, &signer)).collect(),
        csv_href: String::new(),
        empty: found.total.views + found.total.downloads == 0,
        share_href: String::new(),
    })
}

impl TopRow {
    fn of(photo: TopPhoto, renditions: &[Rendition], signer: &Signer<'_>) -> Self {
        let plural = |count: i64, word: &str| {
            if count == 1 { format!("1 {word}") } else { format!("{} {word}s", grouped(count)) }
        };
        let thumbnail = Pictures::of(photo.id, renditions, signer, false).thumbnail;
        Self {
            id: photo.id,
            views_text: plural(photo.views, "view"),
            downloads_text: plural(photo.downloads, "download"),
            picture: thumbnail.map(|thumbnail| Picture::of(&thumbnail, None, Placeholder::default())),
            name: photo.name,
        }
    }
}
