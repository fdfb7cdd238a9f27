//! `/shares/{id}/preview`: a share link as its client sees it, for its owner. Nothing is counted, no password asked for.

use actix_web::{
    HttpResponse,
    web::{Data, Path, Query},
};
use common::{OrNotFound, Result, view::View};

use super::{
    Visit,
    client_page::{From, Showing, client_page},
    photo, screen,
};
use crate::{
    app::App,
    identity::CurrentUser,
    media::Grant,
    photos::PhotoId,
    policy::Viewer,
    shares::{ShareLinkId, find_own},
};

/// The gallery.
pub async fn get(
    app: Data<App>,
    id: Path<ShareLinkId>,
    from: Query<From>,
    user: CurrentUser,
    view: View,
) -> Result<HttpResponse> {
    let visit = visit(&app, &user, *id).await?;
    let page = client_page::<false>(&app, &showing(&visit), &from).await?;
    view.ok(&page.tried_from(format!("/gallery/{}/shares", visit.gallery.id)))
}

/// One photo of it.
pub async fn get_photo(
    app: Data<App>,
    address: Path<(ShareLinkId, PhotoId)>,
    user: CurrentUser,
    view: View,
) -> Result<HttpResponse> {
    let (id, photo) = address.into_inner();
    let visit = visit(&app, &user, id).await?;
    view.ok(&photo::page(&app, &showing(&visit), Viewer::Link(&visit.power), photo).await?)
}

/// As if the link were opened, also one that is closed; its pictures are the owner's own to see, so that nobody's visit
/// is counted.
async fn visit(app: &App, user: &CurrentUser, id: ShareLinkId) -> Result<Visit> {
    let (link, gallery) = find_own(app, user, id).await?;
    let power = link.power().or_not_found()?;
    Ok(Visit { gallery, power, link, grant: Some(Grant::Person(user.account)) })
}

/// What the client is shown; downloads are had from one's own pages.
fn showing(visit: &Visit) -> Showing<'_> {
    let address = format!("/shares/{}/preview", visit.link.id);
    Showing { address, downloads: None, ..screen::showing(visit, "") }
}
