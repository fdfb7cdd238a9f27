//! `GET /api/view/{token}`: what the client's page shows, for scripts.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use common::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Opening, open, page};
use crate::{
    app::App,
    galleries::walk::Place,
    media::Signer,
    photos::{PhotoId, Placeholder, tile::Pictures},
    policy::LinkLevel,
};

#[derive(Serialize)]
struct ViewBody {
    gallery: GalleryBody,
    access_level: LinkLevel,
    items: Vec<ItemBody>,
    next: Option<String>,
}

#[derive(Serialize)]
struct GalleryBody {
    name: String,
    description: Option<String>,
    photographer: String,
    photos: i64,
}

#[derive(Serialize)]
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
#[derive(Deserialize)]
pub struct From {
    after: Option<String>,
}

/// A page of the gallery.
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
