//! `/account`: the account at a glance, and how its person is called.

use actix_session::Session as BrowserState;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use common::{
    Error, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash,
    identity::UserId,
    view::{Page, View},
    web::{initials, see_other},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    DisplayName, Profile,
    email::{self, screen::Pending},
    sessions, store,
};
use crate::{
    App, api_tokens,
    audit::{self, Entry, Event, Origin},
    identity::CurrentUser,
    sessions::Session,
    users::Username,
    words,
};

/// The form as it was sent.
#[derive(Deserialize, Serialize)]
pub struct ProfileForm {
    #[serde(default)]
    username: String,
    #[serde(default)]
    display_name: String,
}

#[derive(Serialize)]
struct AccountPage {
    name: String,
    initials: String,
    role: &'static str,
    since_text: Option<String>,
    email: String,
    email_verified: bool,
    pending: Option<Pending>,
    sessions: i64,
    tokens: i64,
    has_providers: bool,
    home_url: String,
    form: ProfileForm,
    errors: FieldErrors,
}

impl Page for AccountPage {
    const TEMPLATE: &'static str = "account/overview.html";

    fn title(&self) -> String {
        "Your account".to_owned()
    }
}

/// Shows the page.
pub async fn get(app: Data<App>, user: CurrentUser, view: View) -> Result<HttpResponse> {
    let profile = find(&app, user.0.user.id).await?;
    let form = ProfileForm {
        username: profile.username.clone(),
        display_name: profile.display_name.clone().unwrap_or_default(),
    };
    view.ok(&page(&app, &user.0, &profile, form, FieldErrors::new()).await?)
}

/// Takes the names.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    user: CurrentUser,
    view: View,
    state: BrowserState,
    form: CsrfForm<ProfileForm>,
) -> Result<HttpResponse> {
    let profile = find(&app, user.0.user.id).await?;
    match rename(&app, &request, &profile, &form.0).await {
        Ok(()) => {
            flash::success(&state, "Saved.")?;
            Ok(see_other("/account"))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&app, &user.0, &profile, form.0, errors).await?;
            view.status(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(other) => Err(other),
    }
}

/// Changes what differs. A name of the earlier system that new ones could not have may stay.
async fn rename(app: &App, request: &HttpRequest, profile: &Profile, form: &ProfileForm) -> Result<()> {
    let mut errors = FieldErrors::new();
    let username = (form.username.trim() != profile.username).then(|| Username::parse(&form.username));
    let username =
        username.transpose().map_err(|message| errors.insert("username", message)).unwrap_or_default();
    let shown = DisplayName::parse(&form.display_name);
    let shown = shown.map_err(|message| errors.insert("display_name", message)).unwrap_or_default();
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let mut changed = Vec::new();
    let mut transaction = app.db.begin().await?;
    if let Some(username) = username {
        if !store::update_username(&mut *transaction, profile.id, &username).await? {
            return Err(Error::invalid(
                "username",
                "Somebody else has this name. Please choose another one.",
            ));
        }
        changed.push("username");
    }
    if shown.as_ref().map(DisplayName::as_str) != profile.display_name.as_deref() {
        store::update_display_name(&mut *transaction, profile.id, shown.as_ref()).await?;
        changed.push("display_name");
    }
    if changed.is_empty() {
        return Ok(());
    }
    let origin = Origin::of(request);
    let entry = Entry::about(Event::ProfileChanged, profile.id, &profile.username, &origin)
        .with(json!({ "changed": changed }));
    audit::store::create(&mut *transaction, &entry).await?;
    Ok(transaction.commit().await?)
}

async fn find(app: &App, id: UserId) -> Result<Profile> {
    store::find_profile(&app.db, id).await?.ok_or(Error::SignInRequired)
}

async fn page(
    app: &App,
    session: &Session,
    profile: &Profile,
    form: ProfileForm,
    errors: FieldErrors,
) -> Result<AccountPage> {
    let name = profile.display_name.as_ref().unwrap_or(&profile.username);
    let idle = sessions::idle(&app.config.lifetimes, session);
    Ok(AccountPage {
        name: name.clone(),
        initials: initials(name),
        role: profile.role.as_str(),
        since_text: profile.created_at.map(words::day),
        email: profile.email.clone(),
        email_verified: profile.email_verified,
        pending: email::store::find_waiting(&app.db, profile.id).await?.map(Pending::from),
        sessions: store::count_sessions(&app.db, profile.id, idle).await?,
        tokens: api_tokens::store::count(&app.db, profile.id).await?,
        has_providers: app.providers.iter().next().is_some(),
        home_url: app.config.home_url.to_string(),
        form,
        errors,
    })
}
