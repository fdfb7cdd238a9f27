//! `/gallery/{id}/shares`: the links of a gallery, and the form for a new one.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use common::{
    Error, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash, return_to,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    Change, EXPIRIES, ShareLinkId, Wanted, change, create, end_of, revoke_for,
    row::{Expiry, LinkRow, expiries},
    store,
};
use crate::{
    app::App,
    customers,
    galleries::{Gallery, GalleryId, SectionId, find_for, sections},
    identity::CurrentUser,
    policy::{Access, Viewer},
};

/// Under this key the id of a new link waits for the page after the redirect.
const CREATED: &str = "created_share";

/// For whom a link is to be made, where that is known beforehand.
#[derive(Deserialize)]
pub struct Wish {
    #[serde(default, rename = "for")]
    recipient: String,
}

/// What was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct ShareForm {
    #[serde(default)]
    access_level: String,
    /// Days, or empty for never.
    #[serde(default)]
    expires_in_days: String,
    #[serde(default)]
    recipient_email: String,
    #[serde(default)]
    send: bool,
    #[serde(default)]
    message: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    max_views: String,
    #[serde(default)]
    max_downloads: String,
    #[serde(default)]
    section_ids: Vec<i64>,
    #[serde(default)]
    tells_sender: bool,
}

/// For how long a link is to be open from now on.
#[derive(Deserialize)]
pub struct ExtendForm {
    #[serde(default)]
    expires_in_days: String,
    #[serde(default)]
    return_to: String,
}

/// The page to go back to.
#[derive(Deserialize)]
pub struct RevokeForm {
    #[serde(default)]
    return_to: String,
}

impl ShareForm {
    fn wanted(&self) -> Wanted {
        // Anything that is no number is no choice of ours, and is said so beside the field.
        let count = |text: &str| (!text.trim().is_empty()).then(|| text.trim().parse().unwrap_or(-1));
        let sections: Vec<SectionId> = self.section_ids.iter().copied().map(SectionId).collect();
        Wanted {
            access_level: self.access_level.clone(),
            expires_in_days: days(&self.expires_in_days),
            recipient_email: Some(self.recipient_email.clone()),
            max_views: count(&self.max_views),
            max_downloads: count(&self.max_downloads),
            password: Some(self.password.clone()),
            message: Some(self.message.clone()),
            section_ids: (!sections.is_empty()).then_some(sections),
            tells_sender: self.tells_sender,
            // Ticked beforehand: without an address there is simply nothing to send.
            send: self.send && !self.recipient_email.trim().is_empty(),
        }
    }
}

fn days(text: &str) -> Option<u16> {
    (!text.is_empty()).then(|| text.parse().unwrap_or(u16::MAX))
}

#[derive(Serialize)]
struct SharesPage {
    gallery: Heading,
    links: Vec<LinkRow>,
    form: ShareForm,
    errors: FieldErrors,
    expiries: Vec<Expiry>,
    sections: Vec<SectionChoice>,
    suggestions: Vec<Suggestion>,
    has_more: bool,
    created: Option<LinkRow>,
    here: String,
}

#[derive(Serialize)]
struct SectionChoice {
    id: SectionId,
    name: String,
    chosen: bool,
}

#[derive(Serialize)]
struct Heading {
    id: GalleryId,
    name: String,
}

/// A customer who is offered while one types.
#[derive(Serialize)]
struct Suggestion {
    email: String,
    name: String,
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
    wish: Query<Wish>,
    user: CurrentUser,
    session: Session,
    view: View,
) -> Result<HttpResponse> {
    let (gallery, _) = find_for(&app.db, Viewer::Person(&user), *id, Access::Own).await?;
    let form = ShareForm {
        recipient_email: wish.into_inner().recipient,
        access_level: "preview".into(),
        expires_in_days: "30".into(),
        send: true,
        ..ShareForm::default()
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
    match form.wanted().parse() {
        Ok(new) => {
            let (link, _) = create(&app, &gallery, &user, &new).await?;
            session.insert(CREATED, link.id)?;
            Ok(see_other(&format!("/gallery/{}/shares", gallery.id)))
        }
        Err(errors) => {
            let page = page(&app, &gallery, form, errors, None).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// `POST /shares/{id}/extend`: opens a link for so many days from now, also one whose time was over.
pub async fn extend(
    app: Data<App>,
    id: Path<ShareLinkId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<ExtendForm>,
) -> Result<HttpResponse> {
    let days = days(&form.0.expires_in_days);
    if days.is_some_and(|days| !EXPIRIES.contains(&days)) {
        return Err(Error::invalid("expires_in_days", "Choose 1, 3, 7, 14, 30 or 90 days, or never."));
    }
    let wanted = Change { expires_at: Some(end_of(days)), ..Change::default() };
    let link = change(&app, &user, *id, &wanted).await?;
    flash::success(&session, "The link is open for that long from now on.")?;
    let back = return_to::local(&app.config.public_url, &form.0.return_to);
    let back = back.or_else(|| link.gallery.map(|id| format!("/gallery/{id}/shares")));
    Ok(see_other(back.as_deref().unwrap_or("/shares")))
}

/// `POST /shares/{id}/revoke`.
pub async fn revoke(
    app: Data<App>,
    id: Path<ShareLinkId>,
    user: CurrentUser,
    session: Session,
    form: CsrfForm<RevokeForm>,
) -> Result<HttpResponse> {
    let gallery = revoke_for(&app, &user, *id).await?;
    flash::success(&session, "The link no longer opens. What was downloaded from it can't be called back.")?;
    let back = return_to::local(&app.config.public_url, &form.0.return_to);
    Ok(see_other(&back.unwrap_or_else(|| format!("/gallery/{gallery}/shares"))))
}

async fn page(
    app: &App,
    gallery: &Gallery,
    form: ShareForm,
    errors: FieldErrors,
    created: Option<ShareLinkId>,
) -> Result<SharesPage> {
    let links = store::list(&app.db, gallery.id).await?;
    let sections = sections::store::list(&app.db, gallery.id).await?;
    let known = match gallery.owner {
        Some(owner) => customers::store::list_names(&app.db, owner).await?,
        None => Vec::new(),
    };
    let created = links.iter().find(|link| Some(link.id) == created).map(|link| LinkRow::of(app, link));
    Ok(SharesPage {
        gallery: Heading { id: gallery.id, name: gallery.name.clone() },
        links: links.iter().map(|link| LinkRow::of(app, link)).collect(),
        sections: sections
            .into_iter()
            .map(|section| SectionChoice {
                chosen: form.section_ids.contains(&section.id.0),
                id: section.id,
                name: section.name,
            })
            .collect(),
        suggestions: known
            .into_iter()
            .map(|known| Suggestion { name: known.name.unwrap_or_default(), email: known.email })
            .collect(),
        // What is filled in, or wrong, is not hidden.
        has_more: !errors.is_empty() || !form.password.is_empty(),
        form,
        errors,
        expiries: expiries(),
        created,
        here: format!("/gallery/{}/shares", gallery.id),
    })
}
