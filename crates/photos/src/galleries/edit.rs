//! `/gallery/{id}/edit`: what a gallery is called, who may see it, what they may take, and for whom it is.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use chrono::NaiveDate;
use common::{
    Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    Change, DownloadPolicy, Gallery, GalleryId,
    appearance::{self, Appearance},
    find_for, store,
};
use crate::{
    app::App,
    customers::{self, Customer, CustomerId},
    identity::CurrentUser,
    policy::{Access, Viewer},
};

/// What was typed.
#[derive(Deserialize, Serialize)]
pub struct EditForm {
    name: String,
    #[serde(default)]
    description: String,
    /// A day, or empty for none.
    #[serde(default)]
    event_date: String,
    #[serde(default)]
    is_public: bool,
    #[serde(default)]
    marks_public: bool,
    #[serde(default)]
    download_policy: DownloadPolicy,
    #[serde(default)]
    gives_metadata: bool,
}

#[derive(Serialize)]
pub(super) struct EditPage {
    gallery: Heading,
    form: EditForm,
    appearance: Appearance,
    errors: FieldErrors,
    may_own: bool,
    trash_days: u32,
    customers: Vec<Row>,
    suggestions: Vec<Suggestion>,
    customer: String,
}

#[derive(Serialize)]
struct Heading {
    id: GalleryId,
    name: String,
}

/// A customer whom the gallery is for.
#[derive(Serialize)]
struct Row {
    id: CustomerId,
    title: String,
    email: String,
}

/// A customer who is offered while one types.
#[derive(Serialize)]
struct Suggestion {
    email: String,
    name: String,
}

impl Page for EditPage {
    const TEMPLATE: &'static str = "gallery/edit.html";

    fn title(&self) -> String {
        format!("Settings of {}", self.gallery.name)
    }
}

/// The form.
pub async fn get(app: Data<App>, id: Path<GalleryId>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    let (gallery, access) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    let form = EditForm::of(&gallery);
    view.ok(&page(&app, &gallery, access, form, FieldErrors::new(), String::new()).await?)
}

/// Saves it.
pub async fn post(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    view: View,
    session: Session,
    form: CsrfForm<EditForm>,
) -> Result<HttpResponse> {
    let (gallery, access) = find_for(&app.db, Viewer::Person(&user), *id, Access::Edit).await?;
    match form.0.change(access) {
        Ok(change) => {
            store::update_details(&app.db, gallery.id, &change).await?;
            flash::success(&session, "The gallery is saved.")?;
            Ok(see_other(&format!("/gallery/{}", gallery.id)))
        }
        Err(errors) => {
            let page = page(&app, &gallery, access, form.0, errors, String::new()).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// The page, with what was typed as a customer to be added.
pub(super) async fn page(
    app: &App,
    gallery: &Gallery,
    access: Access,
    form: EditForm,
    errors: FieldErrors,
    customer: String,
) -> Result<EditPage> {
    let may_own = access >= Access::Own;
    let (mut assigned, mut suggestions) = (Vec::new(), Vec::new());
    if let Some(owner) = gallery.owner.filter(|_| may_own) {
        assigned = customers::store::list_of_gallery(&app.db, gallery.id).await?;
        suggestions = customers::store::list_names(&app.db, owner).await?;
        suggestions.retain(|known| !assigned.iter().any(|customer| customer.email == known.email));
    }
    let row = |customer: Customer| Row {
        id: customer.id,
        title: customer.title().to_owned(),
        email: customer.email,
    };
    Ok(EditPage {
        gallery: Heading { id: gallery.id, name: gallery.name.clone() },
        form,
        appearance: appearance::store::find(&app.db, gallery.id).await?.unwrap_or_default(),
        errors,
        may_own,
        trash_days: app.settings.current().trash_days,
        customers: assigned.into_iter().map(row).collect(),
        suggestions: suggestions
            .into_iter()
            .map(|known| Suggestion { name: known.name.unwrap_or_default(), email: known.email })
            .collect(),
        customer,
    })
}

impl EditForm {
    /// What the gallery is now.
    pub(super) fn of(gallery: &Gallery) -> Self {
        Self {
            name: gallery.name.clone(),
            description: gallery.description.clone().unwrap_or_default(),
            event_date: gallery.event_date.map(|day| day.to_string()).unwrap_or_default(),
            is_public: gallery.is_public,
            marks_public: gallery.marks_public,
            download_policy: gallery.downloads,
            gives_metadata: gallery.gives_metadata,
        }
    }

    /// Who may see a gallery and take what from it is for its owner alone to say.
    fn change(&self, access: Access) -> Result<Change, FieldErrors> {
        let owns = access >= Access::Own;
        let change = Change::parse(Some(&self.name), Some(&self.description), owns.then_some(self.is_public));
        let day = match self.event_date.trim() {
            "" => Ok(None),
            day => {
                day.parse::<NaiveDate>().map(Some).map_err(|_| "Give a day, such as 2026-06-12.".to_owned())
            }
        };
        match (change, day) {
            (Ok(change), Ok(day)) => Ok(Change {
                event_date: Some(day),
                marks_public: owns.then_some(self.marks_public),
                downloads: owns.then_some(self.download_policy),
                gives_metadata: owns.then_some(self.gives_metadata),
                ..change
            }),
            (change, day) => {
                let mut errors = change.err().unwrap_or_default();
                if let Err(fault) = day {
                    errors.insert("event_date", fault);
                }
                Err(errors)
            }
        }
    }
}
