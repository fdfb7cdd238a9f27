//! `GET /api/stats`: the figures of the dashboard.

use actix_web::{
    HttpResponse,
    web::{Data, Query},
};
use chrono::{DateTime, Utc};
use common::Result;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Activity, Overview, Part, RecentGallery, Whose, overview};
use crate::{
    app::App,
    galleries::GalleryId,
    identity::Photographer,
    quotas,
    statistics::{Asked, Range, api::DayBody, total},
};

/// The figures of a dashboard.
#[derive(Serialize, ToSchema)]
#[schema(as = Stats)]
struct StatsBody {
    photos: i64,
    customers: i64,
    /// Of all time.
    views: i64,
    /// Photos, of all time.
    downloads: i64,
    /// Of originals.
    storage_bytes: i64,
    /// How much there may be; null without a limit, and for an administrator.
    quota_bytes: Option<i64>,
    /// How far back the days go.
    days: u16,
    views_in_range: i64,
    visitors_in_range: i64,
    downloads_in_range: i64,
    /// Every day; the last is today.
    views_by_day: Vec<DayBody>,
    /// By gallery; for an administrator by photographer.
    storage: Vec<PartBody>,
    /// What happened lately, the newest first.
    activity: Vec<Activity>,
    /// The newest first.
    galleries: Vec<GalleryBody>,
}

/// A part of the storage.
#[derive(Serialize, ToSchema)]
#[schema(as = StoragePart)]
struct PartBody {
    name: String,
    bytes: i64,
}

/// A gallery with how often it was looked at.
#[derive(Serialize, ToSchema)]
#[schema(as = RecentGallery)]
struct GalleryBody {
    id: GalleryId,
    name: String,
    /// A name.
    owner: String,
    photos: i64,
    views: i64,
    created_at: DateTime<Utc>,
}

/// One's own figures, an administrator's of all.
///
/// Else: 422 there is no such range
#[utoipa::path(get, path = "/api/stats", params(Asked), responses((status = 200, body = StatsBody)))]
pub async fn get(app: Data<App>, asked: Query<Asked>, user: Photographer) -> Result<HttpResponse> {
    let range = asked.range()?;
    let whose = Whose::of(&user.0);
    let quota = match whose.account() {
        Some(account) => quotas::find(&app, account).await?.quota,
        None => None,
    };
    let found = overview(&app.db, whose, range).await?;
    Ok(HttpResponse::Ok().json(StatsBody::of(found, range, quota)))
}

impl StatsBody {
    fn of(found: Overview, range: Range, quota_bytes: Option<i64>) -> Self {
        let in_range = total(&found.days);
        Self {
            photos: found.counts.photos,
            customers: found.counts.customers,
            views: found.total.views,
            downloads: found.total.downloads,
            storage_bytes: found.storage_bytes,
            quota_bytes,
            days: range.days(),
            views_in_range: in_range.views,
            visitors_in_range: in_range.visitors,
            downloads_in_range: in_range.downloads,
            views_by_day: found.days.into_iter().map(DayBody::from).collect(),
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
