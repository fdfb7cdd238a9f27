//! Downloads through a share link: `/view/{token}/photos/{id}/download`, `/view/{token}/download.zip`, and selections for it.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use common::{
    Error, OrNotFound, Result,
    view::{Page, View},
    web::{see_other, wants_page},
};
use serde::Serialize;

use super::{
    Scope, answer,
    answer::{Go, Wanted},
    limits,
    limits::{Refused, Taken},
    record::{Download, Visitor, record},
    selections,
    selections::Holder,
};
use crate::{
    app::App,
    media::sending::Asked,
    photos::{self, PhotoId},
    policy::{Access, Downloads, Subject, Viewer, access, downloads},
    shares::State,
    viewing::{self, Opening, Visit},
};

/// The page of a link that does not include so many photos.
#[derive(Serialize)]
struct LimitPage {
    name: String,
    photographer: String,
    message: String,
    back: String,
}

impl Page for LimitPage {
    const TEMPLATE: &'static str = "view/limit.html";

    fn title(&self) -> String {
        self.name.clone()
    }
}

/// What a request may see of a link, or the answer that it gets instead.
type Admitted = std::result::Result<Box<Visit>, HttpResponse>;

/// A photo under its own name, as the best that one may have or in the size that is asked for. Plain address:
/// `Range`, `If-None-Match` and `HEAD` work.
///
/// Else: 403 nothing to download here, or the link includes no more; 404; 410 the link is closed; 503 it is being
/// prepared
#[utoipa::path(
    get, path = "/view/{token}/photos/{photo}/download",
    params(Wanted),
    security(()),
    responses((status = 200, content_type = "application/octet-stream", body = String), (status = 206, description = "a part of it", content_type = "application/octet-stream", body = String))
)]
pub async fn photo(
    app: Data<App>,
    address: Path<(String, PhotoId)>,
    wanted: Query<Wanted>,
    request: HttpRequest,
    session: Session,
    view: View,
) -> Result<HttpResponse> {
    let (token, photo) = address.into_inner();
    let visit = match admit(&app, &request, &session, &view, &token).await? {
        Ok(visit) => visit,
        Err(other) => return Ok(other),
    };
    let subject = photos::store::find_subject(&app.db, photo, None).await?.or_not_found()?;
    let scope = Scope::of(allowed(&visit, &subject)?, wanted.size)?.among(vec![photo.0]);
    let before = |asked, photos| before(&app, &request, &view, &token, &visit, asked, photos);
    answer::single(&app, &request, &scope, before).await
}

/// The gallery of a link, as far as the link shows it, as ZIP; a section of it or a selection.
///
/// Else: 403 nothing to download here, or how many photos the link still includes; 404; 410 the link is closed; 503 a
/// photo is being prepared
#[utoipa::path(
    get, path = "/view/{token}/download.zip",
    params(Wanted),
    security(()),
    responses((status = 200, content_type = "application/zip", body = String), (status = 206, description = "a part of it", content_type = "application/zip", body = String))
)]
pub async fn archive(
    app: Data<App>,
    token: Path<String>,
    wanted: Query<Wanted>,
    request: HttpRequest,
    session: Session,
    view: View,
) -> Result<HttpResponse> {
    let visit = match admit(&app, &request, &session, &view, &token).await? {
        Ok(visit) => visit,
        Err(other) => return Ok(other),
    };
    let scope = scope(&visit, wanted.size)?;
    let (mut scope, name) = answer::of_section(&app, &visit.gallery, scope, wanted.section).await?;
    if let Some(key) = &wanted.selection {
        let holder = Holder::Link(visit.link.id);
        scope = scope.among(selections::find(&app.db, key, holder, Some(visit.gallery.id)).await?);
    }
    let before = |asked, photos| before(&app, &request, &view, &token, &visit, asked, photos);
    answer::archive(&app, &request, &scope, &name, before).await
}

/// Keeps a choice of the photos of a link for 7 days, for whoever has the link.
///
/// Else: 403 nothing to download here; 404; 410 the link is closed; 422
#[utoipa::path(
    post, path = "/view/{token}/selections",
    request_body = selections::ChosenBody,
    security(()),
    responses((status = 201, body = selections::Body), (status = 303, description = "for a form of a page"))
)]
pub async fn select(
    app: Data<App>,
    token: Path<String>,
    request: HttpRequest,
    session: Session,
    view: View,
    wanted: selections::Wanted,
) -> Result<HttpResponse> {
    let visit = match admit(&app, &request, &session, &view, &token).await? {
        Ok(visit) => visit,
        Err(other) => return Ok(other),
    };
    let scope = scope(&visit, wanted.chosen().size)?;
    let download = format!("/view/{token}/download.zip");
    let archive = (visit.gallery.name.as_str(), download.as_str());
    selections::create(&app.db, Holder::Link(visit.link.id), scope, &wanted, archive).await
}

fn scope(visit: &Visit, size: Option<super::Size>) -> Result<Scope> {
    let scope = Scope::of(allowed(visit, &visit.gallery.subject())?, size)?;
    Ok(Scope { gallery: Some(visit.gallery.id), sections: visit.power.sections.clone(), ..scope })
}

fn allowed(visit: &Visit, subject: &Subject) -> Result<Downloads> {
    let viewer = Viewer::Link(&visit.power);
    match downloads(viewer, subject) {
        Downloads::Nothing if access(viewer, subject) == Access::Nothing => Err(Error::NotFound),
        Downloads::Nothing => Err(Error::Forbidden(format!(
            "This link shows previews, which can't be downloaded. Please ask {} for a link with downloads.",
            visit.gallery.owner_name
        ))),
        allowed => Ok(allowed),
    }
}

/// What stands before a gallery stands before its downloads too.
async fn admit(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    view: &View,
    token: &str,
) -> Result<Admitted> {
    let is_person = wants_page(request);
    match viewing::open_for_download(app, session, token).await? {
        Opening::Open(visit) => Ok(Ok(visit)),
        Opening::Closed(state, photographer) if is_person => closed(view, state, photographer),
        Opening::Closed(_, photographer) => {
            Err(Error::Gone(format!("This link no longer opens. Please ask {photographer} for a new one.")))
        }
        Opening::Locked(_) | Opening::Waiting(_) if is_person => {
            Ok(Err(see_other(&format!("/view/{token}"))))
        }
        Opening::Locked(_) => Err(Error::Forbidden(
            "This link asks for its password: send it to /view/{token}/unlock.".to_owned(),
        )),
        Opening::Waiting(_) => Err(Error::Forbidden(
            "Visits of this link are numbered: begin one with POST /view/{token}/visits.".to_owned(),
        )),
    }
}

fn closed(view: &View, state: State, photographer: String) -> Result<Admitted> {
    viewing::screen::gone(view, state, photographer).map(Err)
}

/// Counts what goes out through the link, or refuses.
async fn before(
    app: &Data<App>,
    request: &HttpRequest,
    view: &View,
    token: &str,
    visit: &Visit,
    asked: Asked,
    photos: Vec<i32>,
) -> Result<Go> {
    let counting = match limits::take(app, &visit.link, &photos, &asked).await? {
        Taken::Counted => None,
        Taken::Counting(counting) => Some(counting),
        Taken::Refused(refused) => return refuse(request, view, token, visit, refused).map(Go::Instead),
    };
    let visitor = Visitor::Link(visit.link.id);
    record(app, &asked, Download { visitor, gallery: Some(visit.gallery.id), photos });
    Ok(Go::On(counting))
}

fn refuse(
    request: &HttpRequest,
    view: &View,
    token: &str,
    visit: &Visit,
    refused: Refused,
) -> Result<HttpResponse> {
    let message = refused.text(&visit.gallery.owner_name);
    if !wants_page(request) {
        return Err(Error::Forbidden(message));
    }
    let page = LimitPage {
        name: visit.gallery.name.clone(),
        photographer: visit.gallery.owner_name.clone(),
        message,
        back: format!("/view/{token}"),
    };
    view.status(StatusCode::FORBIDDEN, &page)
}
