//! The statistics of a gallery and of a share link for programs and spreadsheets.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ContentDisposition},
    web::{Data, Path, Query},
};
use common::{Result, csv};
use serde::Serialize;

use super::{Asked, Day, Figures, Range, Statistics, of_gallery, of_link, total};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::CurrentUser,
    photos::PhotoId,
    policy::{Access, Viewer},
    shares::{ShareLinkId, find_own},
};

#[derive(Serialize)]
struct StatisticsBody {
    days: u16,
    #[serde(flatten)]
    figures: Figures,
    total: Figures,
    views_by_day: Vec<Day>,
    top_photos: Vec<PhotoBody>,
}

#[derive(Serialize)]
struct PhotoBody {
    id: PhotoId,
    name: String,
    views: i64,
    downloads: i64,
}

/// `GET /api/galleries/{id}/stats?days=&format=`: for its owner.
pub async fn gallery(
    app: Data<App>,
    id: Path<GalleryId>,
    asked: Query<Asked>,
    user: CurrentUser,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let range = asked.range()?;
    let found = of_gallery(&app.db, gallery.id, range).await?;
    Ok(answer(found, range, asked.as_csv(), &format!("gallery-{id}")))
}

/// `GET /api/shares/{id}/stats?days=&format=`: for the owner of its gallery.
pub async fn link(
    app: Data<App>,
    id: Path<ShareLinkId>,
    asked: Query<Asked>,
    user: CurrentUser,
) -> Result<HttpResponse> {
    let (link, _) = find_own(&app, &user, *id).await?;
    let range = asked.range()?;
    let found = of_link(&app.db, link.id, range).await?;
    Ok(answer(found, range, asked.as_csv(), &format!("link-{id}")))
}

fn answer(found: Statistics, range: Range, as_csv: bool, name: &str) -> HttpResponse {
    if as_csv {
        return HttpResponse::Ok()
            .content_type("text/csv; charset=utf-8")
            .insert_header((CACHE_CONTROL, "private, no-store"))
            .insert_header((
                CONTENT_DISPOSITION,
                ContentDisposition::attachment(format!("{name}-statistics.csv")),
            ))
            .body(table(&found.days));
    }
    HttpResponse::Ok().json(StatisticsBody {
        days: range.days(),
        figures: total(&found.days),
        total: found.total,
        top_photos: found
            .top
            .into_iter()
            .map(|photo| PhotoBody {
                id: photo.id,
                name: photo.name,
                views: photo.views,
                downloads: photo.downloads,
            })
            .collect(),
        views_by_day: found.days,
    })
}

/// A row for each day. The mark at the beginning tells spreadsheets that this is UTF-8.
fn table(days: &[Day]) -> String {
    let mut text = format!("\u{feff}{}", csv::row(["date", "views", "visitors", "downloads"]));
    for Day { date, figures } in days {
        let numbers = [figures.views, figures.visitors, figures.downloads].map(|number| number.to_string());
        let [views, visitors, downloads] = numbers.each_ref().map(String::as_str);
        text.push_str(&csv::row([date.to_string().as_str(), views, visitors, downloads]));
    }
    text
}
