//! A photo as the database gives it.

use super::{Camera, Photo, PhotoId, Status, Words};
use crate::{galleries::GalleryId, identity::AccountId};

/// The columns of `select_photos!` in the store.
pub(super) struct Row {
    pub(super) id: PhotoId,
    pub(super) owner: Option<AccountId>,
    pub(super) gallery: Option<GalleryId>,
    pub(super) filename: String,
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) rating: f64,
    pub(super) status: Status,
    pub(super) failure: Option<String>,
    pub(super) failure_detail: Option<String>,
    pub(super) damaged: bool,
    pub(super) width: Option<i32>,
    pub(super) height: Option<i32>,
    pub(super) make: Option<String>,
    pub(super) model: Option<String>,
    pub(super) lens: Option<String>,
    pub(super) iso: Option<i32>,
    pub(super) exposure_seconds: Option<f64>,
    pub(super) aperture: Option<f64>,
    pub(super) focal_length_mm: Option<f64>,
    pub(super) taken_at: Option<chrono::NaiveDateTime>,
    pub(super) taken_at_offset: Option<String>,
    pub(super) copyright: Option<String>,
    pub(super) credit: Option<String>,
    pub(super) creator: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) label: Option<String>,
    pub(super) views: i32,
    pub(super) download_count: i32,
    pub(super) archived: bool,
    pub(super) locked: bool,
    pub(super) uploaded_at: chrono::NaiveDateTime,
    pub(super) sorted_at: chrono::NaiveDateTime,
}

impl From<Row> for Photo {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            owner: row.owner,
            gallery: row.gallery,
            filename: row.filename,
            title: row.title,
            description: row.description,
            rating: row.rating,
            status: row.status,
            failure: row.failure,
            failure_detail: row.failure_detail,
            damaged: row.damaged,
            width: row.width,
            height: row.height,
            camera: Camera {
                make: row.make,
                model: row.model,
                lens: row.lens,
                iso: row.iso,
                exposure_seconds: row.exposure_seconds,
                aperture: row.aperture,
                focal_length_mm: row.focal_length_mm,
                taken_at: row.taken_at,
                taken_at_offset: row.taken_at_offset,
            },
            words: Words {
                copyright: row.copyright,
                credit: row.credit,
                creator: row.creator,
                keywords: row.keywords,
                label: row.label,
            },
            views: row.views,
            download_count: row.download_count,
            archived: row.archived,
            locked: row.locked,
            uploaded_at: row.uploaded_at,
            sorted_at: row.sorted_at,
        }
    }
}
