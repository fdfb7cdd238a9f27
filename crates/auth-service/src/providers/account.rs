//! The page `/account/providers`: which providers sign this person in, and the buttons that link and unlink them.

use actix_session::{Session as BrowserState, SessionExt};
use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use common::{
    OrNotFound, Result,
    csrf::{CsrfChecked, CsrfForm},
    flash,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{
    Button, Provider, Providers, begin::begin, flow::Purpose, has_password, notice, store, store::Identity,
};
use crate::{
    App,
    identity::{CurrentUser, RecentUser},
    sessions, users, words,
};

/// Where it is.
pub const PATH: &str = "/account/providers";

/// The form that unlinks.
#[derive(Deserialize)]
pub struct UnlinkForm {
    issuer: String,
}

#[derive(Serialize)]
struct ProvidersPage {
    linked: Vec<Linked>,
    others: Vec<Button>,
    has_password: bool,
}

#[derive(Serialize)]
struct Linked {
    name: String,
    icon: &'static str,
    issuer: String,
    email: String,
    since: String,
    last_used: String,
    /// Whether another way of signing in is left without it.
    removable: bool,
}

impl Page for ProvidersPage {
    const TEMPLATE: &'static str = "providers/account.html";

    fn title(&self) -> String {
        "Sign-in with other accounts".to_owned()
    }
}

/// Shows the page.
pub async fn get(app: Data<App>, person: CurrentUser, view: View) -> Result<HttpResponse> {
    let user = person.0.user.id;
    let identities = store::list_of_user(&app.db, user).await?;
    let account = users::store::find_account(&app.db, user).await?.or_not_found()?;
    let has_password = has_password(&account.password_hash);
    let is_linked = |provider: &Provider| identities.iter().any(|other| other.issuer == provider.issuer());
    let others = app.providers.iter().filter(|provider| !is_linked(provider)).map(Provider::button).collect();
    let linked = identities.iter().map(|identity| {
        let button = app.providers.find_by_issuer(&identity.issuer).map(Provider::button);
        Linked {
            name: name(&app.providers, &identity.issuer),
            icon: button.map_or("dash-circle", |button| button.icon),
            issuer: identity.issuer.clone(),
            email: identity.email.clone(),
            since: words::day(identity.created_at),
            last_used: words::day(identity.last_used_at),
            removable: another_way(&app.providers, has_password, &identities, &identity.issuer),
        }
    });
    view.ok(&ProvidersPage { linked: linked.collect(), others, has_password })
}

/// Begins to link a provider.
pub async fn link(
    app: Data<App>,
    person: RecentUser,
    request: HttpRequest,
    provider: Path<String>,
    _checked: CsrfChecked,
) -> Result<HttpResponse> {
    let provider = app.providers.find(&provider).or_not_found()?;
    begin(&app, &request, provider, Purpose::Link { session: person.0.id }, None).await
}

/// Takes a link away, unless it is the last way to sign in. Whoever was signed in elsewhere has to sign in anew: the
/// provider's account may have been somebody else's.
pub async fn unlink(
    app: Data<App>,
    person: RecentUser,
    request: HttpRequest,
    form: CsrfForm<UnlinkForm>,
) -> Result<HttpResponse> {
    let (session, issuer) = (person.0, form.0.issuer);
    let browser: BrowserState = request.get_session();
    let mut transaction = app.db.begin().await?;
    let stored = store::find_password_locked(&mut transaction, session.user.id).await?.or_not_found()?;
    let identities = store::list_of_user(&mut *transaction, session.user.id).await?;
    let name = name(&app.providers, &issuer);
    if !another_way(&app.providers, has_password(&stored), &identities, &issuer) {
        let sentence = format!("{name} is your only way to sign in. Set a password first.");
        flash::warning(&browser, sentence)?;
        return Ok(see_other(PATH));
    }
    if store::delete(&mut *transaction, session.user.id, &issuer).await? {
        sessions::store::delete_of_user(&mut transaction, session.user.id, Some(session.id)).await?;
        notice::unlinked(&app, &request, &mut transaction, &session.user, &name).await?;
        flash::success(&browser, format!("{name} no longer signs you in. Other devices were signed out."))?;
    }
    transaction.commit().await?;
    Ok(see_other(PATH))
}

/// Whether somebody can still sign in without this link: with a password, or a provider that is still configured.
fn another_way(providers: &Providers, has_password: bool, links: &[Identity], without: &str) -> bool {
    let usable = |link: &Identity| link.issuer != without && providers.find_by_issuer(&link.issuer).is_some();
    has_password || links.iter().any(usable)
}

fn name(providers: &Providers, issuer: &str) -> String {
    providers.find_by_issuer(issuer).map_or(issuer, Provider::name).to_owned()
}
