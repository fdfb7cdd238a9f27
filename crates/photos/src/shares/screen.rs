//! `/gallery/{id}/shares`: the links of a gallery, and the form for a new one.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Result,
    csrf::{CsrfChecked, CsrfForm},
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{EXPIRIES, NewLink, ShareLink, ShareLinkId, State, create, revoke_for, store};
use crate::{
    app::App,
    galleries::{Gallery, GalleryId, day_text, find_for},
    identity::CurrentUser,
    policy::{Access, LinkLevel, Viewer},
};

/// Under this key the id of a new link waits for the page after the redirect.
const CREATED: &str = "created_share";

/// What was typed.
#[derive(Deserialize, Serialize)]
pub struct ShareForm {
    access_level: String,
    /// Days, or empty for never.
    #[serde(default)]
    expires_in_days: String,
    #[serde(default)]
    recipient_email: String,
}

#[derive(Serialize)]
struct SharesPage {
    gallery: Heading,
    links: Vec<LinkRow>,
    form: ShareForm,
    errors: FieldErrors,
    expiries: Vec<Expiry>,
    created: Option<Created>,
}

#[derive(Serialize)]
struct Heading {
    id: GalleryId,
    name: String,
}

#[derive(Serialize)]
struct LinkRow {
    id: ShareLinkId,
    url: Option<String>,
    access_level: LinkLevel,
    access_text: &'static str,
    created_text: String,
    expires_text: String,
    views_text: String,
    state: State,
    recipient_email: Option<String>,
}

#[derive(Serialize)]
struct Expiry {
    value: String,
    label: String,
}

#[derive(Serialize)]
struct Created {
    url: String,
    access_text: &'static str,
}

impl Page for SharesPage {
    const TEMPLATE: &'static str = "gallery/shares.html";

    fn title(&self) -> String {
        format!("Share {}", self.gallery.name)
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    view: View,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let form = ShareForm {
        access_level: "preview".into(),
        expires_in_days: "30".into(),
        recipient_email: String::new(),
    };
    let created = session.remove_as::<ShareLinkId>(CREATED).and_then(std::result::Result::ok);
    view.ok(&page(&app, &gallery, form, FieldErrors::new(), created).await?)
}

/// Makes a link and shows it.
pub async fn post(
    app: Data<App>,
    id: Path<GalleryId>,
    user: CurrentUser,
    session: Session,
    view: View,
    form: CsrfForm<ShareForm>,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let form = form.0;
    // Anything that is no number is no choice of ours, and is said so beside the field.
    let days = (!form.expires_in_days.is_empty()).then(|| form.expires_in_days.parse().unwrap_or(u16::MAX));
    match NewLink::parse(&form.access_level, days, &form.recipient_email) {
        Ok(new) => {
            let (link, _) = create(&app.db, &app.config.secrets, gallery.id, user.account, &new).await?;
            session.insert(CREATED, link.id)?;
            Ok(see_other(&format!("/gallery/{}/shares", gallery.id)))
        }
        Err(errors) => {
            let page = page(&app, &gallery, form, errors, None).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// `POST /shares/{id}/revoke`.
pub async fn revoke(
    app: Data<App>,
    id: Path<ShareLinkId>,
    user: CurrentUser,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let gallery = revoke_for(&app.db, &user, *id).await?;
    flash::success(&session, "The link no longer opens. What was downloaded from it can't be called back.")?;
    Ok(see_other(&format!("/gallery/{gallery}/shares")))
}

/// The address that is sent to a client.
pub fn absolute(app: &App, path: &str) -> String {
    app.config.public_url.join(path).map_or_else(|_| path.to_owned(), String::from)
}

async fn page(
    app: &App,
    gallery: &Gallery,
    form: ShareForm,
    errors: FieldErrors,
    created: Option<ShareLinkId>,
) -> Result<SharesPage> {
    let links = store::list(&app.db, gallery.id).await?;
    let created = links.iter().find(|link| Some(link.id) == created).and_then(|link| {
        let path = link.path(&app.config.secrets)?;
        Some(Created { url: absolute(app, &path), access_text: access_text(link.level) })
    });
    let never = Expiry { value: String::new(), label: "Never".to_owned() };
    let days = EXPIRIES.iter().map(|days| Expiry {
        value: days.to_string(),
        label: if *days == 1 { "After 1 day".to_owned() } else { format!("After {days} days") },
    });
    Ok(SharesPage {
        gallery: Heading { id: gallery.id, name: gallery.name.clone() },
        links: links.iter().map(|link| row(app, link)).collect(),
        form,
        errors,
        expiries: days.chain([never]).collect(),
        created,
    })
}

fn row(app: &App, link: &ShareLink) -> LinkRow {
    let state = link.state();
    let path = link.path(&app.config.secrets).filter(|_| state == State::Active);
    LinkRow {
        id: link.id,
        url: path.map(|path| absolute(app, &path)),
        access_level: link.level,
        access_text: access_text(link.level),
        created_text: day_text(link.created_at),
        expires_text: link
            .expires_at
            .map_or_else(|| "Never expires".to_owned(), |end| format!("Until {}", day_text(end))),
        views_text: if link.views == 1 { "1 view".to_owned() } else { format!("{} views", link.views) },
        state,
        recipient_email: link.recipient_email.clone(),
    }
}

fn access_text(level: LinkLevel) -> &'static str {
    match level {
        LinkLevel::Preview => "Marked previews",
        LinkLevel::Full => "Clean pictures",
    }
}
