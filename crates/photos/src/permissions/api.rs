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
use utoipa::ToSchema;

use super::{Level, Permission, grant, store};
use crate::{
    app::App,
    galleries::{GalleryId, find_for},
    identity::CurrentUser,
    photos::api::ListBody,
    policy::{Access, Viewer},
};

/// Whom to give what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPermission)]
pub struct Wanted {
    /// A name or an address; one that no account has proved waits until one does.
    user: String,
    /// `view`, `copy` or `edit`.
    permission_level: String,
}

/// A permission.
#[derive(Serialize, ToSchema)]
#[schema(as = Permission)]
struct PermissionBody {
    user_id: Option<UserId>,
    /// Where the address has no account yet.
    pending_id: Option<i64>,
    name: String,
    permission_level: Level,
    granted_at: Option<DateTime<Utc>>,
}

/// Who may do what with a gallery.
///
/// Else: 404
#[utoipa::path(
    get, path = "/api/galleries/{gallery}/permissions",
    responses((status = 200, body = ListBody<PermissionBody>))
)]
pub async fn list(app: Data<App>, id: Path<GalleryId>, user: CurrentUser) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let items = store::list(&app.db, gallery.id).await?.into_iter().map(PermissionBody::from).collect();
    Ok(HttpResponse::Ok().json(ListBody { items, next: None }))
}

/// Gives somebody a permission, or changes the one they have, and tells them by mail.
///
/// Else: 404; 422
#[utoipa::path(
    post, path = "/api/galleries/{gallery}/permissions",
    request_body = Wanted,
    responses((status = 204))
)]
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

/// Takes a permission away.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/galleries/{gallery}/permissions/{user}", responses((status = 204)))]
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

/// Takes a waiting permission away.
///
/// Else: 404
#[utoipa::path(delete, path = "/api/galleries/{gallery}/pending-permissions/{id}", responses((status = 204)))]
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
