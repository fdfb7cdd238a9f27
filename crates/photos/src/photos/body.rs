//! A photo, and a page of a list, as the API shows them.

use chrono::{DateTime, NaiveDateTime, Timelike, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Camera, Photo, PhotoId, Placeholder, Rendition, Status, Words,
    tile::{Look, Pictures},
};
use crate::{
    galleries::{GalleryId, SectionId},
    originals::Withheld,
};

/// A photo as the API shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = Photo)]
pub struct PhotoBody {
    id: PhotoId,
    /// As given at upload, unaltered.
    filename: String,
    title: Option<String>,
    description: Option<String>,
    /// 0 to 5.
    rating: f64,
    /// `pending` also while the pictures are those of the version before.
    status: Status,
    /// Why it failed.
    failure: Option<FailureBody>,
    /// Whether a part of the picture was missing in the file.
    damaged: bool,
    /// As displayed, once known.
    width: Option<i32>,
    /// As displayed, once known.
    height: Option<i32>,
    #[serde(flatten)]
    placeholder: Placeholder,
    /// The time of the camera's clock, such as `2026-05-09T14:03:12`.
    #[schema(value_type = Option<String>)]
    taken_at: Option<NaiveDateTime>,
    /// Its offset from UTC, such as `+02:00`, where the camera wrote one.
    taken_at_offset: Option<String>,
    camera: CameraBody,
    /// As the file says.
    copyright: Option<String>,
    /// As the file says.
    credit: Option<String>,
    /// As the file says.
    creator: Option<String>,
    /// As the file says; at most 100.
    keywords: Vec<String>,
    /// As the file says.
    label: Option<String>,
    gallery_id: Option<GalleryId>,
    section_id: Option<SectionId>,
    views: i32,
    download_count: i32,
    archived: bool,
    locked: bool,
    uploaded_at: DateTime<Utc>,
    renditions: Pictures,
    /// Null where the original is not the caller's to fetch.
    original_url: Option<String>,
    /// Why it would be, and can't be given.
    original_withheld: Option<Withheld>,
}

/// Why a photo failed.
#[derive(Serialize, ToSchema)]
#[schema(as = Failure)]
struct FailureBody {
    /// A fixed word.
    reason: String,
    /// A sentence.
    detail: Option<String>,
}

/// What the camera wrote.
#[derive(Serialize, ToSchema)]
#[schema(as = Camera)]
struct CameraBody {
    make: Option<String>,
    model: Option<String>,
    lens: Option<String>,
    iso: Option<i32>,
    /// Seconds.
    exposure: Option<f64>,
    /// The f-number.
    aperture: Option<f64>,
    /// Millimetres.
    focal_length: Option<f64>,
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct ListBody<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Where the next page begins; null at the end.
    pub next: Option<String>,
}

impl PhotoBody {
    /// The photo with signed addresses of its renditions, marked or clean, and of what is offered of its original.
    pub fn of(photo: &Photo, renditions: &[Rendition], look: &Look<'_>) -> Self {
        let Look { signer, originals, .. } = look;
        let Camera { make, model, lens, iso, exposure_seconds, aperture, focal_length_mm, .. } =
            photo.camera.clone();
        let Words { copyright, credit, creator, keywords, label } = photo.words.clone();
        let failure =
            photo.failure.clone().map(|reason| FailureBody { reason, detail: photo.failure_detail.clone() });
        Self {
            id: photo.id,
            filename: photo.filename.clone(),
            title: photo.title.clone(),
            description: photo.description.clone(),
            rating: photo.rating,
            status: photo.progress(),
            failure,
            damaged: photo.damaged,
            width: photo.width,
            height: photo.height,
            placeholder: photo.placeholder.clone(),
            taken_at: photo.camera.taken_at.and_then(|time| time.with_nanosecond(0)),
            taken_at_offset: photo.camera.taken_at_offset.clone(),
            camera: CameraBody {
                make,
                model,
                lens,
                iso,
                exposure: exposure_seconds,
                aperture,
                focal_length: focal_length_mm,
            },
            copyright,
            credit,
            creator,
            keywords,
            label,
            gallery_id: photo.gallery,
            section_id: photo.section,
            views: photo.views,
            download_count: photo.download_count,
            archived: photo.archived,
            locked: photo.locked,
            uploaded_at: photo.uploaded_at.and_utc(),
            renditions: Pictures::of(photo.id, renditions, signer, look.marked),
            original_url: originals
                .variant(photo.id)
                .map(|variant| signer.address(photo.id, variant, photo.original_version())),
            original_withheld: originals.withheld(photo.id).cloned(),
        }
    }
}
