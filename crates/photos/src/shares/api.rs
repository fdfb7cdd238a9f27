//! Share links for programs.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use common::{
    Error, Result,
    csrf::{CsrfChecked, CsrfJson},
};
use serde::{Deserialize, Serialize};

use super::{NewLink, ShareLink, ShareLinkId, State, create, revoke_for, screen, store};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::CurrentUser,
    photos::api::ListBody,
    policy::{Access, LinkLevel, Viewer},
};

/// A link to be made.
#[derive(Deserialize)]
pub struct Wanted {
    access_level: String,
    #[serde(default)]
    expires_in_days: Option<u16>,
    #[serde(default)]
    recipient_email: Option<String>,
}

#[derive(Serialize)]
struct LinkBody {
    id: ShareLinkId,
    gallery_id: Option<GalleryId>,
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    access_level: LinkLevel,
    state: State,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    views: i32,
    max_views: Option<i32>,
    recipient_email: Option<String>,
}

/// `GET /api/galleries/{id}/shares`.
pub async fn list(app: Data<App>, id: Path<GalleryId>, user: CurrentUser) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let links = store::list(&app.db, gallery.id).await?;
    let items = links.into_iter().map(|link| LinkBody::of(&app, link)).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// `POST /api/galleries/{id}/shares`.
pub async fn create_link(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<Wanted>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let wanted = body.0;
    let recipient = wanted.recipient_email.unwrap_or_default();
    let new =
        NewLink::parse(&wanted.access_level, wanted.expires_in_days, &recipient).map_err(Error::Invalid)?;
    let (link, path) = create(&app.db, &app.config.secrets, gallery.id, user.account, &new).await?;
    let token = path.rsplit('/').next().map(str::to_owned);
    Ok(HttpResponse::Created().json(LinkBody { token, ..LinkBody::of(&app, link) }))
}

/// `DELETE /api/shares/{id}`: ends the link.
pub async fn revoke(
    app: Data<App>,
    id: Path<ShareLinkId>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    revoke_for(&app.db, &user, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl LinkBody {
    fn of(app: &App, link: ShareLink) -> Self {
        let state = link.state();
        let path = link.path(&app.config.secrets).filter(|_| state == State::Active);
        Self {
            url: path.map(|path| screen::absolute(app, &path)),
            token: None,
            id: link.id,
            gallery_id: link.gallery,
            access_level: link.level,
            state,
            created_at: link.created_at.and_utc(),
            expires_at: link.expires_at.map(|end| end.and_utc()),
            views: link.views,
            max_views: link.max_views,
            recipient_email: link.recipient_email,
        }
    }
}
