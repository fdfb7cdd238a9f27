//! `GET /auth/provider/{provider}/callback`: the provider's answer, and what becomes of it.

use actix_session::{Session as BrowserState, SessionExt};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    web::{Data, Path, Query},
};
use common::{Error, OrNotFound, Result, flash, web::see_other};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    METHOD, Proven, Provider, account,
    failure::{Failure, Way},
    flow::{Flow, Purpose},
    has_password, notice, oidc,
    pending::Pending,
    store,
};
use crate::{
    App,
    identity::Visitor,
    registration::Mode,
    sessions::{
        Session,
        start::{renew, start},
    },
    users,
};

/// What the provider sends along (RFC 6749, section 4.1.2; RFC 9207).
#[derive(Default, Deserialize)]
pub struct Answer {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// Takes the answer. Whatever comes of it, it can't be used again.
pub async fn get(
    app: Data<App>,
    request: HttpRequest,
    provider: Path<String>,
    answer: Query<Answer>,
    visitor: Visitor,
) -> Result<HttpResponse> {
    let provider = app.providers.find(&provider).or_not_found()?;
    let browser = request.get_session();
    let flow = Flow::take(&app.config.secrets, &browser, provider.kind(), &answer.state);
    let Some(flow) = flow else {
        return Failure::NotBegun.answer(&app, &request, provider, &Way::default()).await;
    };
    let way = Way { purpose: Some(flow.purpose), return_to: flow.return_to.clone() };
    let arrival = Arrival { app: &app, request: &request, browser: &browser, provider };
    match arrival.take(flow, answer.0, visitor.session).await {
        Ok(response) => Ok(response),
        Err(failure) => failure.answer(&app, &request, provider, &way).await,
    }
}

struct Arrival<'a> {
    app: &'a App,
    request: &'a HttpRequest,
    browser: &'a BrowserState,
    provider: &'a Provider,
}

impl Arrival<'_> {
    async fn take(
        &self,
        flow: Flow,
        answer: Answer,
        session: Option<Session>,
    ) -> Result<HttpResponse, Failure> {
        let providers = &self.app.providers;
        providers.check_issuer(self.provider, answer.iss.as_deref()).await?;
        match answer.error.as_deref() {
            None => {}
            Some("access_denied") => return Err(Failure::Cancelled),
            Some(_) => return Err(Failure::Declined),
        }
        let proven = providers.prove(self.provider, &flow, answer.code).await?;
        match flow.purpose {
            Purpose::SignIn => self.sign_in(proven, flow.return_to).await,
            Purpose::Link { session: id } => self.link(proven, same_session(session, id)?).await,
            Purpose::Reauthenticate { session: id } => {
                let session = same_session(session, id)?;
                if !oidc::is_fresh(proven.kind, proven.auth_time, flow.begun_at) {
                    return Err(Failure::NotReauthenticated);
                }
                self.reauthenticate(proven, session, flow.return_to).await
            }
        }
    }

    /// A linked account is signed in. Nothing is ever linked here: for that a password or a choice is missing.
    async fn sign_in(&self, proven: Proven, return_to: Option<String>) -> Result<HttpResponse, Failure> {
        let app = self.app;
        let linked = store::find_account(&app.db, &proven.issuer, &proven.subject).await?;
        if let Some(account) = linked {
            if !account.is_active {
                return Err(Failure::Disabled(Box::new(account.user)));
            }
            let user = account.user.clone();
            let signed_in = start(app, self.request, account, &[METHOD]).await?;
            // Disabled in this very moment.
            let signed_in = signed_in.ok_or(Failure::Disabled(Box::new(user)))?;
            store::update_last_used(&app.db, &proven.issuer, &proven.subject).await?;
            return Ok(onward(app, &signed_in.cookies(), return_to.as_deref())?);
        }
        let email = proven.email.as_ref().ok_or(Failure::NoVerifiedAddress)?;
        let next = match users::store::list_by_email(&app.db, email.as_str()).await?.as_slice() {
            [] if app.registration().mode == Mode::Open => "/login/join",
            [] => return Err(Failure::Closed),
            [account] if has_password(&account.password_hash) => "/login/link",
            _ => return Err(Failure::SignInFirst),
        };
        Pending::new(&proven, email, return_to).keep(&app.config.secrets, self.browser)?;
        Ok(see_other(next))
    }

    /// Links to the account of somebody who is signed in and proved it a moment before the way began.
    async fn link(&self, proven: Proven, session: Session) -> Result<HttpResponse, Failure> {
        let email = proven.email.as_ref().ok_or(Failure::NoVerifiedAddress)?;
        let account = users::store::find_account(&self.app.db, session.user.id).await?;
        let account = account.ok_or(Failure::SignInFirst)?;
        let mut transaction = self.app.db.begin().await?;
        // The provider took its time to answer: the session may be over, and with it this person's word.
        if !store::is_unchanged_locked(&mut transaction, &account, Some(session.id)).await? {
            return Err(Failure::SignInFirst);
        }
        let link = store::Link {
            user: session.user.id,
            kind: proven.kind,
            issuer: &proven.issuer,
            subject: &proven.subject,
            email: email.as_str(),
        };
        link_or_fail(&mut transaction, &link).await?;
        notice::linked(self.app, self.request, &mut transaction, &session.user, self.provider).await?;
        transaction.commit().await?;
        flash::success(self.browser, format!("From now on you can sign in with {}.", self.provider.name()))?;
        Ok(see_other(account::PATH))
    }

    /// The same session under a new token, because the same person was there just now.
    async fn reauthenticate(
        &self,
        proven: Proven,
        session: Session,
        return_to: Option<String>,
    ) -> Result<HttpResponse, Failure> {
        let app = self.app;
        let linked = store::find_account(&app.db, &proven.issuer, &proven.subject).await?;
        let same = linked.filter(|account| account.user.id == session.user.id && account.is_active);
        let account = same.ok_or(Failure::NotReauthenticated)?;
        if has_password(&account.password_hash) {
            return Err(Failure::NotReauthenticated);
        }
        let renewed = renew(app, self.request, &session, &account, &[METHOD]).await?;
        let cookie = renewed.ok_or(Failure::NotReauthenticated)?;
        store::update_last_used(&app.db, &proven.issuer, &proven.subject).await?;
        let back = return_to.unwrap_or_else(|| app.web.link("/account"));
        Ok(onward(app, &[&cookie], Some(&back))?)
    }
}

/// Sends somebody who just proved who they are on, with the cookie.
pub fn onward(app: &App, cookies: &[&Cookie<'static>], return_to: Option<&str>) -> Result<HttpResponse> {
    let mut response = see_other(return_to.unwrap_or(app.config.home_url.as_str()));
    for cookie in cookies {
        response.add_cookie(cookie).map_err(|error| Error::Internal(error.into()))?;
    }
    Ok(response)
}

/// Makes a link, or says why it can't be.
pub async fn link_or_fail(
    transaction: &mut sqlx::PgTransaction<'_>,
    link: &store::Link<'_>,
) -> Result<(), Failure> {
    if store::create(&mut **transaction, link).await? {
        return Ok(());
    }
    let elsewhere = store::find_account(&mut **transaction, link.issuer, link.subject).await?;
    match elsewhere {
        Some(account) if account.user.id == link.user => Ok(()),
        Some(_) => Err(Failure::LinkedElsewhere),
        None => Err(Failure::LinkedAlready),
    }
}

/// The session in which the way began, if it is still the one of this browser.
fn same_session(session: Option<Session>, begun_in: Uuid) -> Result<Session, Failure> {
    session.filter(|session| session.id == begun_in).ok_or(Failure::NotBegun)
}
