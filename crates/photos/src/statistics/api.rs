//! The statistics of a gallery and of a share link for programs and spreadsheets.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, ContentDisposition},
    web::{Data, Path, Query},
};
use chrono::NaiveDate;
use common::{Result, csv};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Asked, Day, Figures, Range, Statistics, of_gallery, of_link, total};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::CurrentUser,
    photos::PhotoId,
    policy::{Access, Viewer},
    shares::{ShareLinkId, find_own},
};

/// Who looked at a gallery, or came through a link.
#[derive(Serialize, ToSchema)]
#[schema(as = Statistics)]
struct StatisticsBody {
    /// How far back.
    days: u16,
    /// In these days.
    views: i64,
    /// In these days, each once a day.
    visitors: i64,
    /// Photos, in these days.
    downloads: i64,
    /// Of all time.
    total: Figures,
    /// Every day; the last is today.
    views_by_day: Vec<DayBody>,
    /// What was looked at and downloaded most, of all time.
    top_photos: Vec<TopPhotoBody>,
}

/// What was counted on one day.
#[derive(Serialize, ToSchema)]
#[schema(as = DayOfFigures)]
pub struct DayBody {
    /// Of UTC.
    date: NaiveDate,
    views: i64,
    /// Each once a day.
    visitors: i64,
    /// Photos.
    downloads: i64,
}

/// A photo with how often it was looked at, once a visitor and day, and downloaded.
#[derive(Serialize, ToSchema)]
#[schema(as = TopPhoto)]
struct TopPhotoBody {
    id: PhotoId,
    /// Its title, else its file name.
    name: String,
    views: i64,
    downloads: i64,
}

impl From<Day> for DayBody {
    fn from(day: Day) -> Self {
        let Figures { views, visitors, downloads } = day.figures;
        Self { date: day.date, views, visitors, downloads }
    }
}

/// Who looked at a gallery and what was downloaded, for its owner.
///
/// Else: 404; 422 there is no such range
#[utoipa::path(
    get, path = "/api/galleries/{gallery}/stats",
    params(Asked),
    responses((status = 200, content((StatisticsBody = "application/json"), (String = "text/csv"))))
)]
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

/// The same of a share link, for the owner of its gallery.
///
/// Else: 404; 422 there is no such range
#[utoipa::path(
    get, path = "/api/shares/{link}/stats",
    params(Asked),
    responses((status = 200, content((StatisticsBody = "application/json"), (String = "text/csv"))))
)]
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
    let Figures { views, visitors, downloads } = total(&found.days);
    let top = found.top.into_iter().map(|photo| TopPhotoBody {
        id: photo.id,
        name: photo.name,
        views: photo.views,
        downloads: photo.downloads,
    });
    HttpResponse::Ok().json(StatisticsBody {
        days: range.days(),
        views,
        visitors,
        downloads,
        total: found.total,
        top_photos: top.collect(),
        views_by_day: found.days.into_iter().map(DayBody::from).collect(),
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
