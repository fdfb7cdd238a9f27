//! `/admin/users/{id}`: one account, its sessions, what happened to it lately, and what can be done about it.

use actix_session::SessionExt;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use common::{
    Error, OrNotFound, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    identity::{AccountInfo, AccountState, UserId},
    view::{Page, View},
    web::{initials, see_other},
};
use serde::{Deserialize, Serialize};

use super::{
    Actor, Choice, Deeds, parse_role, role_choices, short_moment,
    store::{self, SessionRow},
};
use crate::{
    App,
    audit::{self, list::EventRow},
    identity::{AdminUser, RecentAdmin},
    sessions::Session,
    words,
};

/// As many events as the page shows.
const EVENTS: i64 = 20;

/// The forms of the page as they were sent: one field is the deed's own.
#[derive(Default, Deserialize)]
pub struct DeedForm {
    #[serde(default)]
    role: String,
    #[serde(default)]
    state: String,
    /// Given by somebody who knows that the account is their own.
    confirm: Option<String>,
}

#[derive(Serialize)]
struct ShowPage {
    account: AccountFacts,
    is_self: bool,
    sessions: Vec<SessionFacts>,
    events: Vec<EventRow>,
    events_href: String,
    roles: Vec<Choice>,
    errors: FieldErrors,
}

#[derive(Serialize)]
struct AccountFacts {
    id: UserId,
    name: String,
    initials: String,
    email: String,
    role: &'static str,
    role_text: &'static str,
    state: AccountState,
    state_text: &'static str,
    created_text: String,
    last_sign_in_text: String,
}

#[derive(Serialize)]
struct SessionFacts {
    device: String,
    client_address: String,
    created_text: String,
    last_seen_text: String,
    is_this_one: bool,
}

impl Page for ShowPage {
    const TEMPLATE: &'static str = "admin/show.html";

    fn title(&self) -> String {
        self.account.name.clone()
    }
}

/// The page.
pub async fn get(app: Data<App>, admin: AdminUser, id: Path<UserId>, view: View) -> Result<HttpResponse> {
    view.ok(&page(&app, &admin.0, *id, FieldErrors::new()).await?)
}

/// Gives the account another role.
pub async fn change_role(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    id: Path<UserId>,
    form: CsrfForm<DeedForm>,
) -> Result<HttpResponse> {
    let done = async {
        confirmed(&admin.0, *id, &form.0)?;
        let account = deeds(&app, &admin.0, &request).change_role(*id, parse_role(&form.0.role)?).await?;
        let role = account.role.label();
        Ok(format!("{} has the role {role} now.", account.username))
    };
    finish(&app, &request, &admin.0, *id, done.await).await
}

/// Closes the account, or opens it again.
pub async fn change_state(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    id: Path<UserId>,
    form: CsrfForm<DeedForm>,
) -> Result<HttpResponse> {
    let done = async {
        confirmed(&admin.0, *id, &form.0)?;
        let is_active = match form.0.state.as_str() {
            "active" => true,
            "disabled" => false,
            _ => return Err(Error::invalid("state", "Please choose active or disabled.")),
        };
        let account = deeds(&app, &admin.0, &request).change_active(*id, is_active).await?;
        let now = if is_active { "is enabled and can sign in" } else { "is disabled and signed out" };
        Ok(format!("{} {now}.", account.username))
    };
    finish(&app, &request, &admin.0, *id, done.await).await
}

/// Signs the person out everywhere.
pub async fn end_sessions(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    id: Path<UserId>,
    form: CsrfForm<DeedForm>,
) -> Result<HttpResponse> {
    let done = async {
        confirmed(&admin.0, *id, &form.0)?;
        let ended = deeds(&app, &admin.0, &request).end_sessions(*id).await?;
        Ok(if ended == 1 { "One session ended.".to_owned() } else { format!("{ended} sessions ended.") })
    };
    finish(&app, &request, &admin.0, *id, done.await).await
}

/// Sends the person a link for choosing a new password.
pub async fn start_reset(
    app: Data<App>,
    admin: RecentAdmin,
    request: HttpRequest,
    id: Path<UserId>,
    _form: CsrfForm<DeedForm>,
) -> Result<HttpResponse> {
    let sent = deeds(&app, &admin.0, &request).start_reset(*id).await;
    let done = sent.map(|account| format!("A link for a new password is on its way to {}.", account.email));
    finish(&app, &request, &admin.0, *id, done).await
}

fn deeds<'a>(app: &'a App, session: &Session, request: &HttpRequest) -> Deeds<'a> {
    Deeds::new(app, Actor::of(session), request)
}

/// Whoever acts on the own account has to say that they know it.
fn confirmed(session: &Session, id: UserId, form: &DeedForm) -> Result<()> {
    if session.user.id != id || form.confirm.is_some() {
        return Ok(());
    }
    Err(Error::invalid("confirm", "This is your own account. Please tick the box beside the button first."))
}

/// Back to the page with a sentence, or the page with what is wrong.
async fn finish(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    id: UserId,
    done: Result<String>,
) -> Result<HttpResponse> {
    let state = request.get_session();
    match done {
        Ok(sentence) => flash::success(&state, sentence)?,
        Err(Error::Conflict(sentence)) => flash::warning(&state, sentence)?,
        Err(Error::Invalid(errors)) => {
            let page = page(app, session, id, errors).await?;
            return View::of(request).status(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
        Err(other) => return Err(other),
    }
    Ok(see_other(&format!("/admin/users/{id}")))
}

async fn page(app: &App, session: &Session, id: UserId, errors: FieldErrors) -> Result<ShowPage> {
    let account = store::find(&app.db, id).await?.or_not_found()?;
    let sessions = store::list_sessions(&app.db, id).await?;
    let filter = audit::Filter { account: Some(id), ..audit::Filter::default() };
    let events = audit::store::list(&app.db, &filter, None, EVENTS).await?;
    Ok(ShowPage {
        account: AccountFacts::from(account),
        is_self: session.user.id == id,
        sessions: sessions.into_iter().map(|row| session_facts(row, session)).collect(),
        events: events.into_iter().map(EventRow::from).collect(),
        events_href: format!("/admin/audit?person=%23{id}"),
        roles: role_choices(),
        errors,
    })
}

fn session_facts(row: SessionRow, own: &Session) -> SessionFacts {
    SessionFacts {
        device: row.user_agent.unwrap_or_else(|| "Unknown device".to_owned()),
        client_address: row.client_address.unwrap_or_default(),
        created_text: short_moment(row.created_at),
        last_seen_text: short_moment(row.last_seen_at),
        is_this_one: row.id == own.id,
    }
}

impl From<AccountInfo> for AccountFacts {
    fn from(account: AccountInfo) -> Self {
        Self {
            id: account.id,
            initials: initials(&account.username),
            name: account.username,
            email: account.email,
            role: account.role.as_str(),
            role_text: account.role.label(),
            state: account.state,
            state_text: account.state.label(),
            created_text: account.created_at.map(words::moment).unwrap_or_default(),
            last_sign_in_text: account.last_sign_in_at.map(words::moment).unwrap_or_default(),
        }
    }
}
