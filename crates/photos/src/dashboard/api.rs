//! `GET /api/stats`: the figures of the dashboard.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use chrono::{DateTime, Utc};
use common::Result;
use serde::Serialize;

use super::{Activity, Overview, Part, RecentGallery, Whose, overview};
use crate::{
    app::App,
    galleries::GalleryId,
    identity::Photographer,
    statistics::{Asked, Day, Range, total},
};

#[derive(Serialize)]
struct StatsBody {
    photos: i64,
    customers: i64,
    views: i64,
    downloads: i64,
    storage_bytes: i64,
    days: u16,
    views_in_range: i64,
    visitors_in_range: i64,
    downloads_in_range: i64,
    views_by_day: Vec<Day>,
    storage: Vec<PartBody>,
    activity: Vec<Activity>,
    galleries: Vec<GalleryBody>,
}

#[derive(Serialize)]
struct PartBody {
    name: String,
    bytes: i64,
}

#[derive(Serialize)]
struct GalleryBody {
    id: GalleryId,
    name: String,
    owner: String,
    photos: i64,
    views: i64,
    created_at: DateTime<Utc>,
}

/// One's own figures, an administrator's of all.
pub async fn get(app: Data<App>, asked: Query<Asked>, user: Photographer) -> Result<HttpResponse> {
    let range = asked.range()?;
    let found = overview(&app.db, Whose::of(&user.0), range).await?;
    Ok(HttpResponse::Ok().json(StatsBody::of(found, range)))
}

impl StatsBody {
    fn of(found: Overview, range: Range) -> Self {
        let in_range = total(&found.days);
        Self {
            photos: found.counts.photos,
            customers: found.counts.customers,
            views: found.total.views,
            downloads: found.total.downloads,
            storage_bytes: found.storage_bytes,
            days: range.days(),
            views_in_range: in_range.views,
            visitors_in_range: in_range.visitors,
            downloads_in_range: in_range.downloads,
            views_by_day: found.days,
            storage: found.storage.into_iter().map(|Part { name, bytes }| PartBody { name, bytes }).collect(),
            activity: found.activity,
            galleries: found.galleries.into_iter().map(GalleryBody::of).collect(),
        }
    }
}

impl GalleryBody {
    fn of(gallery: RecentGallery) -> Self {
        Self {
            id: gallery.id,
            name: gallery.name,
            owner: gallery.owner_name,
            photos: gallery.photos,
            views: gallery.views,
            created_at: gallery.created_at.and_utc(),
        }
    }
}
