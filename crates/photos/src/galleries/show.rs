//! `GET /gallery/{id}`: for its owner and editors the place to work on a gallery, for everybody else who may see it the
//! page of those who only look.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path, Query},
};
use common::{Error, Result, view::View};
use serde::de::DeserializeOwned;

use super::{GalleryId, find_for, work};
use crate::{
    app::App,
    downloads::panel::Panel,
    identity::MaybeUser,
    media::Grant,
    policy::{Access, Viewer, downloads},
    statistics::Visitor,
    viewing::{
        client_page::{From, Showing, client_page},
        is_robot,
    },
};

/// The page.
pub async fn get(
    app: Data<App>,
    id: Path<GalleryId>,
    request: HttpRequest,
    user: MaybeUser,
    view: View,
) -> Result<HttpResponse> {
    let user = user.0;
    let viewer = user.as_ref().map_or(Viewer::Nobody, Viewer::Person);
    let (gallery, access) = find_for(&app.db, viewer, *id, Access::Marked).await?;
    if let Some(user) = user.as_ref().filter(|_| access >= Access::Edit) {
        return view.ok(&work::page(&app, user, gallery, access, asked(&request)?).await?);
    }
    let from: From = asked(&request)?;
    if from.is_beginning() && !is_robot(&request) {
        let visitor = Visitor::of(&request, user.as_ref().map(|user| user.account));
        app.statistics.view(visitor, gallery.id, None);
    }
    let showing = Showing {
        sections: None,
        grant: Some(user.as_ref().map_or(Grant::Public, |user| Grant::Person(user.account))),
        access,
        address: format!("/gallery/{}", gallery.id),
        is_link: false,
        downloads: Panel::of(&app, downloads(viewer, &gallery.subject()), gallery.id, None, None).await?,
        gallery: &gallery,
    };
    match showing.downloads {
        Some(_) => view.ok(&client_page::<true>(&app, &showing, &from).await?),
        None => view.ok(&client_page::<false>(&app, &showing, &from).await?),
    }
}

/// The query, which has other words for those who work here than for those who look.
fn asked<T: DeserializeOwned>(request: &HttpRequest) -> Result<T> {
    let query = Query::from_query(request.query_string());
    query.map(Query::into_inner).map_err(|fault| Error::BadRequest(fault.to_string()))
}
