//! `GET /view/{token}`: the client's page.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use common::{
    Result,
    view::{Page, View},
};
use serde::Serialize;

use super::{
    Opening, Visit,
    client_page::{From, Showing, client_page},
    door::{DoorPage, LockedPage},
    open, require_access,
};
use crate::{
    app::App,
    downloads::panel::Panel,
    policy::{Access, LinkLevel, Viewer, downloads},
    shares::State,
};

#[derive(Serialize)]
struct GonePage {
    title: &'static str,
    reason: State,
    photographer: String,
    message: String,
}

impl Page for GonePage {
    const TEMPLATE: &'static str = "view/gone.html";

    fn title(&self) -> String {
        self.title.to_owned()
    }
}

/// The page.
pub async fn get(
    app: Data<App>,
    token: Path<String>,
    from: Query<From>,
    request: HttpRequest,
    session: Session,
    view: View,
) -> Result<HttpResponse> {
    match open(&app, &request, &session, &token).await? {
        Opening::Open(visit) => {
            require_access(&visit.power, &visit.gallery)?;
            let showing = Showing { downloads: offered(&app, &visit).await?, ..showing(&visit, &token) };
            match showing.downloads {
                Some(_) => view.ok(&client_page::<true>(&app, &showing, &from).await?),
                None => view.ok(&client_page::<false>(&app, &showing, &from).await?),
            }
        }
        Opening::Closed(state, photographer) => gone(&view, state, photographer),
        Opening::Locked(door) => view.ok(&LockedPage::of(&app, &door, &token).await?),
        Opening::Waiting(door) => view.ok(&DoorPage::of(&app, &door, &token).await?),
    }
}

/// What a person may download through the link.
async fn offered(app: &App, visit: &Visit) -> Result<Option<Panel>> {
    if visit.grant.is_none() {
        return Ok(None);
    }
    let allowed = downloads(Viewer::Link(&visit.power), &visit.gallery.subject());
    Panel::of(app, allowed, visit.gallery.id, visit.power.sections.as_deref(), Some(&visit.link)).await
}

/// What this visit is shown.
pub(super) fn showing<'a>(visit: &'a Visit, token: &str) -> Showing<'a> {
    Showing {
        gallery: &visit.gallery,
        sections: visit.power.sections.as_deref(),
        grant: visit.grant,
        access: if visit.power.level == LinkLevel::Full { Access::Clean } else { Access::Marked },
        address: format!("/view/{token}"),
        is_link: true,
        downloads: None,
    }
}

/// The friendly page about a link that does not open (any more).
pub(crate) fn gone(view: &View, state: State, photographer: String) -> Result<HttpResponse> {
    view.status(StatusCode::GONE, &gone_page(state, photographer))
}

fn gone_page(reason: State, photographer: String) -> GonePage {
    let (title, what) = match reason {
        State::Expired => ("This link has expired", "The time for which it was open is over."),
        State::UsedUp => ("This link is used up", "It was opened as often as it may be."),
        State::Revoked | State::Active => ("This link was closed", "It no longer opens the gallery."),
    };
    let message = format!("{what} Please ask {photographer} for a new one.");
    GonePage { title, reason, photographer, message }
}
