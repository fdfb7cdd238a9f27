//! `/gallery/{id}/shares`: the links of a gallery, and the form for a new one.

use actix_session::Session;
use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Error, Result,
    csrf::{CsrfChecked, CsrfForm},
    error::FieldErrors,
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    Change, EXPIRIES, ShareLink, ShareLinkId, State, Wanted, change, create, end_of, revoke_for, store,
    words::{access_text, limits_text, views_text},
};
use crate::{
    app::App,
    galleries::{Gallery, GalleryId, SectionId, day_text, find_for, sections},
    identity::CurrentUser,
    policy::{Access, LinkLevel, Viewer},
};

/// Under this key the id of a new link waits for the page after the redirect.
const CREATED: &str = "created_share";

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
            send: self.send,
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
    has_more: bool,
    created: Option<Created>,
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
    limits_text: String,
    opened_text: String,
}

#[derive(Serialize)]
struct Expiry {
    value: String,
    label: String,
}

#[derive(Serialize)]
struct Created {
    id: ShareLinkId,
    url: String,
    access_text: &'static str,
    sent_to: String,
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
    let form =
        ShareForm { access_level: "preview".into(), expires_in_days: "30".into(), ..ShareForm::default() };
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
            if form.send {
                flash::success(&session, "The link is on its way by mail.")?;
            }
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
    flash::success(&session, "The link is open again for that long.")?;
    Ok(see_other(&link.gallery.map_or_else(|| "/shares".to_owned(), |id| format!("/gallery/{id}/shares"))))
}

/// `POST /shares/{id}/revoke`.
pub async fn revoke(
    app: Data<App>,
    id: Path<ShareLinkId>,
    user: CurrentUser,
    session: Session,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let gallery = revoke_for(&app, &user, *id).await?;
    flash::success(&session, "The link no longer opens. What was downloaded from it can't be called back.")?;
    Ok(see_other(&format!("/gallery/{gallery}/shares")))
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
    let created = links.iter().find(|link| Some(link.id) == created).and_then(|link| {
        let sent_to = link.recipient_email.clone().unwrap_or_default();
        Some(Created { id: link.id, url: link.url(app)?, access_text: access_text(link.level), sent_to })
    });
    let never = Expiry { value: String::new(), label: "Never".to_owned() };
    let days = EXPIRIES.iter().map(|days| Expiry {
        value: days.to_string(),
        label: if *days == 1 { "After 1 day".to_owned() } else { format!("After {days} days") },
    });
    Ok(SharesPage {
        gallery: Heading { id: gallery.id, name: gallery.name.clone() },
        links: links.iter().map(|link| row(app, link)).collect(),
        sections: sections
            .into_iter()
            .map(|section| SectionChoice {
                chosen: form.section_ids.contains(&section.id.0),
                id: section.id,
                name: section.name,
            })
            .collect(),
        // What is filled in, or wrong, is not hidden.
        has_more: !errors.is_empty() || !form.password.is_empty(),
        form,
        errors,
        expiries: days.chain([never]).collect(),
        created,
    })
}

fn row(app: &App, link: &ShareLink) -> LinkRow {
    let state = link.state();
    LinkRow {
        id: link.id,
        url: link.url(app).filter(|_| state == State::Active),
        access_level: link.level,
        access_text: access_text(link.level),
        created_text: day_text(link.created_at),
        expires_text: link
            .expires_at
            .map_or_else(|| "Never expires".to_owned(), |end| format!("Until {}", day_text(end))),
        views_text: views_text(link),
        limits_text: limits_text(link),
        opened_text: link
            .last_opened_at
            .map_or_else(|| "Not opened yet".to_owned(), |time| format!("Last opened {}", day_text(time))),
        state,
        recipient_email: link.recipient_email.clone(),
    }
}
