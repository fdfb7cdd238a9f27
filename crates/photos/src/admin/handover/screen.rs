//! `/admin/galleries/{id}/owner` and `POST /api/galleries/{id}/owner`: to whom a gallery goes.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Error, OrNotFound, Result,
    csrf::{CsrfForm, CsrfJson},
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{hand_over, store};
use crate::{admin::galleries::GALLERIES, app::App, galleries::GalleryId, identity::Administrator};

/// Who is to have it.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[schema(as = NewOwner)]
pub struct OwnerForm {
    /// A name or an address.
    #[serde(default)]
    user: String,
}

#[derive(Serialize)]
struct OwnerPage {
    id: GalleryId,
    name: String,
    owner_name: String,
    form: OwnerForm,
    errors: FieldErrors,
}

/// A gallery with its new owner.
#[derive(Serialize, ToSchema)]
#[schema(as = HandedOver)]
struct OwnerBody {
    id: GalleryId,
    /// A name.
    owner: String,
}

impl Page for OwnerPage {
    const TEMPLATE: &'static str = "admin/owner.html";

    fn title(&self) -> String {
        format!("Hand over {}", self.name)
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    id: Path<GalleryId>,
    _admin: Administrator,
    view: View,
) -> Result<HttpResponse> {
    view.ok(&page(&app, *id, OwnerForm::default(), FieldErrors::new()).await?)
}

/// The form.
pub async fn post_form(
    app: Data<App>,
    id: Path<GalleryId>,
    admin: Administrator,
    session: Session,
    view: View,
    form: CsrfForm<OwnerForm>,
) -> Result<HttpResponse> {
    match hand_over(&app, *id, &form.0.user).await {
        Ok(handed) => {
            tracing::info!(gallery = %*id, administrator = %admin.0.id, "a gallery was handed over");
            flash::success(
                &session,
                format!("“{}” belongs to {} now.", handed.gallery_name, handed.owner_name),
            )?;
            Ok(see_other(GALLERIES))
        }
        Err(Error::Invalid(errors)) => {
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page(&app, *id, form.0, errors).await?)
        }
        Err(other) => Err(other),
    }
}

/// Administrators: gives a gallery to another account, with its photos, originals, links and customers.
///
/// Else: 404; 422 nobody here has this name or address, or they are no photographer; 503 the auth-service can't be asked
#[utoipa::path(
    post, path = "/api/galleries/{gallery}/owner",
    request_body = OwnerForm,
    responses((status = 200, body = OwnerBody))
)]
pub async fn post(
    app: Data<App>,
    id: Path<GalleryId>,
    admin: Administrator,
    body: CsrfJson<OwnerForm>,
) -> Result<HttpResponse> {
    let handed = hand_over(&app, *id, &body.0.user).await?;
    tracing::info!(gallery = %*id, administrator = %admin.0.id, "a gallery was handed over");
    Ok(HttpResponse::Ok().json(OwnerBody { id: *id, owner: handed.owner_name }))
}

async fn page(app: &App, id: GalleryId, form: OwnerForm, errors: FieldErrors) -> Result<OwnerPage> {
    let mut transaction = app.db.begin().await?;
    let found = store::find(&mut transaction, id).await?.or_not_found()?;
    transaction.rollback().await?;
    Ok(OwnerPage { id, name: found.name, owner_name: found.owner_name, form, errors })
}
