//! `GET /api/view/{token}`: what the client's page shows, for scripts.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use common::{Error, Result};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Opening, open, page};
use crate::{
    app::App,
    galleries::walk::Place,
    media::Signer,
    photos::{PhotoId, Placeholder, tile::Pictures},
    policy::LinkLevel,
};

/// A page of what a link shows.
#[derive(Serialize, ToSchema)]
#[schema(as = View)]
struct ViewBody {
    gallery: GalleryBody,
    access_level: LinkLevel,
    items: Vec<ItemBody>,
    /// Where the next page begins; null at the end.
    next: Option<String>,
}

/// The gallery of a link.
#[derive(Serialize, ToSchema)]
#[schema(as = ViewedGallery)]
struct GalleryBody {
    name: String,
    description: Option<String>,
    /// A name.
    photographer: String,
    /// How many are shown.
    photos: i64,
}

/// A photo that a link shows.
#[derive(Serialize, ToSchema)]
#[schema(as = ViewedPhoto)]
struct ItemBody {
    id: PhotoId,
    title: Option<String>,
    width: Option<i32>,
    height: Option<i32>,
    #[serde(flatten)]
    placeholder: Placeholder,
    renditions: Pictures,
}

/// From which place on.
#[derive(Deserialize, IntoParams)]
pub struct From {
    /// The `next` of the page before.
    after: Option<String>,
}

/// A page of what the link's page shows. The first call counts a view and begins a visit.
///
/// Else: 403 a password or a counted visit comes first; 404; 410 the link is closed
#[utoipa::path(
    get, path = "/api/view/{token}",
    security(()),
    params(From),
    responses((status = 200, body = ViewBody))
)]
pub async fn get(
    app: Data<App>,
    token: Path<String>,
    from: Query<From>,
    request: HttpRequest,
    session: Session,
) -> Result<HttpResponse> {
    let after = from.after.as_deref().map(str::parse::<Place>).transpose();
    let after = after.map_err(|fault| Error::BadRequest(fault.to_owned()))?;
    let visit = match open(&app, &request, &session, &token).await? {
        Opening::Open(visit) => visit,
        Opening::Closed(_, photographer) => {
            return Err(Error::Gone(format!(
                "This link no longer opens. Please ask {photographer} for a new one."
            )));
        }
        Opening::Locked(_) => {
            return Err(Error::Forbidden(
                "This link asks for its password: open it in a browser, or send it to /view/{token}/unlock."
                    .to_owned(),
            ));
        }
        Opening::Waiting(_) => {
            return Err(Error::Forbidden(
                "Visits of this link are numbered: begin one with POST /view/{token}/visits.".to_owned(),
            ));
        }
    };
    let mut body = ViewBody {
        gallery: GalleryBody {
            name: visit.gallery.name.clone(),
            description: visit.gallery.description.clone(),
            photographer: visit.gallery.owner_name.clone(),
            photos: visit.gallery.photo_count,
        },
        access_level: visit.power.level,
        items: Vec::new(),
        next: None,
    };
    if let Some(grant) = visit.grant {
        let (photos, renditions, next) = page(&app, &visit, after.as_ref()).await?;
        let signer = Signer::new(&app.config.secrets, grant);
        let marked = visit.power.level == LinkLevel::Preview;
        body.next = next.map(|next| next.to_string());
        body.items = photos
            .into_iter()
            .map(|photo| ItemBody {
                renditions: Pictures::of(photo.id, &renditions, &signer, marked),
                id: photo.id,
                title: photo.title,
                width: photo.width,
                height: photo.height,
                placeholder: photo.placeholder,
            })
            .collect();
    }
    Ok(HttpResponse::Ok().json(body))
}
