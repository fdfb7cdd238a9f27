//! Permissions for programs.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use common::{
    OrNotFound, Result,
    csrf::{CsrfChecked, CsrfJson},
    identity::UserId,
};
use serde::{Deserialize, Serialize};

use super::{Level, Permission, grant, store};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::CurrentUser,
    photos::api::ListBody,
    policy::{Access, Viewer},
};

/// Whom to give what.
#[derive(Deserialize)]
pub struct Wanted {
    user: String,
    permission_level: String,
}

#[derive(Serialize)]
struct PermissionBody {
    user_id: Option<UserId>,
    pending_id: Option<i64>,
    name: String,
    permission_level: Level,
    granted_at: Option<DateTime<Utc>>,
}

/// `GET /api/galleries/{id}/permissions`.
pub async fn list(app: Data<App>, id: Path<GalleryId>, user: CurrentUser) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let items = store::list(&app.db, gallery.id).await?.into_iter().map(PermissionBody::from).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// `POST /api/galleries/{id}/permissions`: by name or address.
pub async fn post(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    body: CsrfJson<Wanted>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    grant(&app, &gallery, &user, &body.0.user, &body.0.permission_level).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /api/galleries/{id}/permissions/{user_id}`.
pub async fn delete(
    app: Data<App>,
    path: Path<(GalleryId, UserId)>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (id, grantee) = path.into_inner();
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), id, Access::Own).await?;
    store::delete(&app.db, gallery.id, grantee).await?.then_some(()).or_not_found()?;
    Ok(HttpResponse::NoContent().finish())
}

/// `DELETE /api/galleries/{id}/pending-permissions/{pending_id}`.
pub async fn delete_pending(
    app: Data<App>,
    path: Path<(GalleryId, i64)>,
    user: CurrentUser,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (id, pending) = path.into_inner();
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), id, Access::Own).await?;
    store::delete_pending(&app.db, gallery.id, pending).await?.then_some(()).or_not_found()?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<Permission> for PermissionBody {
    fn from(permission: Permission) -> Self {
        Self {
            user_id: permission.user,
            pending_id: permission.pending,
            name: permission.name,
            permission_level: permission.level,
            granted_at: permission.granted_at,
        }
    }
}
