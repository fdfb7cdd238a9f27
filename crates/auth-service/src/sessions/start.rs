//! How a session begins and how its token changes: every proof of who somebody is makes a new token, and the old one
//! dies in the same transaction.

use actix_session::{Session as BrowserState, SessionExt};
use actix_web::{HttpRequest, cookie::Cookie};
use common::{Result, browser_session, csrf, identity::User};
use serde_json::json;
use uuid::Uuid;

use super::{Session, Token, cookie, store};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    lockout::device,
    users::{self, Account},
};

/// Somebody who just signed in.
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// What to give the browser.
    pub cookie: Cookie<'static>,
    /// What makes the browser known to the account: nobody else can lock it out there.
    pub device: Cookie<'static>,
}

impl SignedIn {
    /// Both, for an answer.
    pub fn cookies(&self) -> [&Cookie<'static>; 2] {
        [&self.cookie, &self.device]
    }
}

/// Begins a session of somebody who proved just now, by these methods (RFC 8176), who they are. `None` if the account
/// was disabled or its password changed meanwhile. Sessions whose tokens the browser sent end.
pub async fn start(
    app: &App,
    request: &HttpRequest,
    account: Account,
    methods: &[&str],
) -> Result<Option<SignedIn>> {
    let origin = Origin::of(request);
    let (presented, _) = cookie::presented(request, &app.config.site);
    let token = Token::generate();
    let lifetimes = &app.config.lifetimes;
    let mut transaction = app.db.begin().await?;
    let ended: Vec<String> = presented.iter().map(Token::hash).collect();
    // Whoever ends the sessions of an account locks the account first; so does whoever begins one.
    users::store::lock(&mut transaction, account.user.id).await?;
    store::delete_by_hashes(&mut transaction, &ended).await?;
    let created = store::create(&mut transaction, &token, &account, methods, lifetimes, &origin).await?;
    let Some(id) = created else { return Ok(None) };
    users::store::update_last_login(&mut *transaction, account.user.id).await?;
    let entry = Entry::about(Event::SignIn, account.user.id, &account.user.username, &origin)
        .with(json!({ "session": id, "methods": methods }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    renew_browser_state(&request.get_session(), id)?;
    let cookie = cookie::set(&app.config.site, &token, lifetimes.absolute);
    let device = device::cookie(app, request, account.user.id);
    Ok(Some(SignedIn { user: account.user, cookie, device }))
}

/// Gives a session a new token after its person proved anew who they are; returns the cookie for it. `None` if the
/// session ended, or its account was disabled or got another password, meanwhile.
pub async fn renew(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    account: &Account,
    methods: &[&str],
) -> Result<Option<Cookie<'static>>> {
    let origin = Origin::of(request);
    let token = Token::generate();
    let mut transaction = app.db.begin().await?;
    let Some(expires_at) = store::rotate(&mut transaction, session.id, &token, account, methods).await?
    else {
        return Ok(None);
    };
    let entry = Entry::about(Event::Reauthenticated, session.user.id, &session.user.username, &origin)
        .with(json!({ "session": session.id, "methods": methods }));
    audit::store::create(&mut *transaction, &entry).await?;
    transaction.commit().await?;
    renew_browser_state(&request.get_session(), session.id)?;
    Ok(Some(cookie::set(&app.config.site, &token, expires_at - chrono::Utc::now())))
}

/// Nothing of the time before survives: a new key, a new CSRF secret, bound to the session.
pub fn renew_browser_state(state: &BrowserState, id: Uuid) -> Result<()> {
    state.clear();
    state.renew();
    csrf::renew(state)?;
    Ok(state.insert(browser_session::SSO_SESSION, id)?)
}
