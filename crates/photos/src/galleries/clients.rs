//! For which customers a gallery is, for the forms of its settings.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Error, OrNotFound, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash::{self, Undo},
    view::View,
    web::see_other,
};
use serde::Deserialize;

use super::{
    GalleryId,
    edit::{self, EditForm},
    find_for,
};
use crate::{
    app::App,
    customers::{self, CustomerId},
    identity::CurrentUser,
    policy::{Access, Viewer},
};

/// The address of somebody who is, or becomes, a customer.
#[derive(Deserialize)]
pub struct AddForm {
    /// What takes a removal back sends it as `value`.
    #[serde(default, alias = "value")]
    customer: String,
}

/// Whom it is for no longer.
#[derive(Deserialize)]
pub struct RemoveForm {
    customer_id: CustomerId,
}

/// `POST /gallery/{id}/customers`: assigns somebody, as a new customer where the address is not known yet.
pub async fn add(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    view: View,
    form: CsrfForm<AddForm>,
) -> Result<HttpResponse> {
    let (gallery, access) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let owner = gallery.owner.or_not_found()?;
    let found = match form.0.customer.trim() {
        "" => Err(Error::invalid("customer", "Choose a customer, or type an e-mail address.")),
        text => customers::find_or_create(&app.db, owner, text).await,
    };
    match found {
        Ok(customer) => {
            customers::store::create_assignments(&app.db, gallery.id, &[customer.0]).await?;
            flash::success(&session, "Added. To let them look, make a link for them under Share.")?;
            Ok(see_other(&format!("/gallery/{}/edit#customers", gallery.id)))
        }
        Err(Error::Invalid(errors)) => {
            let said = errors.into_values().next().unwrap_or_default();
            let errors = FieldErrors::from([("customer", said)]);
            let typed = EditForm::of(&gallery);
            let page = edit::page(&app, &gallery, access, typed, errors, form.0.customer).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error),
    }
}

/// `POST /gallery/{id}/customers/remove`: they stay a customer, and links made for them go on.
pub async fn remove(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<RemoveForm>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let owner = gallery.owner.or_not_found()?;
    let customer = customers::store::find(&app.db, owner, form.0.customer_id).await?.or_not_found()?;
    customers::store::delete_assignment(&app.db, gallery.id, customer.id).await?;
    let text =
        format!("{} is taken off this gallery. Links that were made for them go on.", customer.title());
    let path = format!("/gallery/{}/customers", gallery.id);
    flash::undoable(&session, text, Some(Undo { path, value: customer.email, return_to: String::new() }))?;
    Ok(see_other(&format!("/gallery/{}/edit#customers", gallery.id)))
}
