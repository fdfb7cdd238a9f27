//! `/account/sessions`: where somebody is signed in, and the end of it.

use actix_session::Session as BrowserState;
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use chrono::{DateTime, TimeDelta, Utc};
use common::{
    Error, OrNotFound, Result,
    csrf::CsrfChecked,
    flash,
    identity::Role,
    view::{Page, View},
    web::see_other,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    device,
    store::{self, SessionRow},
};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    config::Lifetimes,
    identity::CurrentUser,
    sessions::{self, Session, cookie},
    words,
};

/// Nobody has more devices; whoever has, ends the rest with one button.
const MOST_SHOWN: i64 = 50;

#[derive(Serialize)]
struct SessionsPage {
    sessions: Vec<Row>,
    /// How many there are beyond those shown.
    more: i64,
    others: i64,
}

#[derive(Serialize)]
struct Row {
    id: Uuid,
    device: String,
    icon: &'static str,
    address: Option<String>,
    signed_in_text: String,
    seen_text: String,
    is_this: bool,
}

impl Page for SessionsPage {
    const TEMPLATE: &'static str = "account/sessions.html";

    fn title(&self) -> String {
        "Where you are signed in".to_owned()
    }
}

/// How long a session of this person lives without a sign of life.
pub fn idle(lifetimes: &Lifetimes, session: &Session) -> TimeDelta {
    if session.user.role == Role::Admin { lifetimes.idle_admin } else { lifetimes.idle }
}

/// Shows the list.
pub async fn get(app: Data<App>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    let session = &user.0;
    let idle = idle(&app.config.lifetimes, session);
    let found = store::list_sessions(&app.db, session.user.id, idle, MOST_SHOWN).await?;
    let count = store::count_sessions(&app.db, session.user.id, idle).await?;
    let now = Utc::now();
    let mut rows: Vec<Row> = found.iter().map(|found| row(found, session.id, now)).collect();
    rows.sort_by_key(|row| !row.is_this);
    let shown = i64::try_from(rows.len()).unwrap_or(MOST_SHOWN);
    view.ok(&SessionsPage { sessions: rows, more: (count - shown).max(0), others: (count - 1).max(0) })
}

/// `POST /account/sessions/{id}/end`: one of them; the one of this browser is a sign-out.
pub async fn end(
    app: Data<App>,
    id: Path<Uuid>,
    request: HttpRequest,
    user: CurrentUser,
    state: BrowserState,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let (user, own) = (user.0.user, user.0.id);
    let mut transaction = app.db.begin().await?;
    store::delete_session(&mut transaction, user.id, *id).await?.then_some(()).or_not_found()?;
    let origin = Origin::of(&request);
    let entry =
        Entry::about(Event::SessionEnded, user.id, &user.username, &origin).with(json!({ "session": *id }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    if *id == own {
        return signed_out(&app, &state);
    }
    flash::success(&state, "That device is signed out.")?;
    Ok(see_other("/account/sessions"))
}

/// `POST /account/sessions/end-others`.
pub async fn end_others(
    app: Data<App>,
    request: HttpRequest,
    user: CurrentUser,
    state: BrowserState,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    end_several(&app, &request, &user.0, Some(user.0.id)).await?;
    flash::success(&state, "Every other device is signed out.")?;
    Ok(see_other("/account/sessions"))
}

/// `POST /account/sessions/end-all`: signs out everywhere, here too.
pub async fn end_all(
    app: Data<App>,
    request: HttpRequest,
    user: CurrentUser,
    state: BrowserState,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    end_several(&app, &request, &user.0, None).await?;
    signed_out(&app, &state)
}

async fn end_several(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    except: Option<Uuid>,
) -> Result<()> {
    let (user, origin) = (&session.user, Origin::of(request));
    let mut transaction = app.db.begin().await?;
    let ended = sessions::store::delete_of_user(&mut transaction, user.id, except).await?;
    let entry = Entry::about(Event::SessionsEnded, user.id, &user.username, &origin)
        .with(json!({ "sessions_ended": ended.len(), "this_one_too": except.is_none() }));
    audit::store::create(&mut *transaction, &entry).await?;
    Ok(transaction.commit().await?)
}

/// Takes the cookies away, and says on the next page what happened.
pub fn signed_out(app: &App, state: &BrowserState) -> Result<HttpResponse> {
    state.clear();
    state.renew();
    flash::success(state, "You are signed out.")?;
    let mut response = see_other("/login");
    response.add_cookie(&cookie::expire(&app.config.site)).map_err(|error| Error::Internal(error.into()))?;
    Ok(response)
}

fn row(session: &SessionRow, own: Uuid, now: DateTime<Utc>) -> Row {
    let device = device::of(session.user_agent.as_deref());
    Row {
        id: session.id,
        device: device.name,
        icon: device.icon,
        address: session.client_address.clone(),
        signed_in_text: words::moment(session.created_at),
        seen_text: words::ago(session.last_seen_at, now),
        is_this: session.id == own,
    }
}
