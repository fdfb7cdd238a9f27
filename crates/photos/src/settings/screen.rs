//! `/admin/settings`: two forms, because the first one also changes the auth-service, and what was changed lately.

use actix_session::Session;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::CONTENT_SECURITY_POLICY},
    web::Data,
};
use common::{
    Error, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    flash, headers,
    identity::Role,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};

use super::{Change, Given, change, store};
use crate::{
    admin::accounts::{self, RegistrationSettings},
    app::App,
    config::BYTES_PER_MB,
    galleries::day_text,
    identity::Administrator,
    quotas::{NO_GIGABYTES, gigabytes, gigabytes_text},
};

/// The page.
pub const SETTINGS: &str = "/admin/settings";

/// As many changes as are listed.
const CHANGES: i64 = 20;
const MODES: [(&str, &str); 3] = [
    ("open", "Everybody who can read mail at their address"),
    ("invitation", "Whoever an administrator invites"),
    ("closed", "Nobody"),
];

/// What the site is called and who may make an account, as it was typed.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct SiteForm {
    #[serde(default)]
    site_name: String,
    #[serde(default)]
    registration: String,
    #[serde(default)]
    registration_role: String,
}

/// Everything else, as it was typed; an empty field is as the environment says.
#[derive(Clone, Default, Deserialize, Serialize)]
pub struct WorkForm {
    #[serde(default)]
    upload_max_files: String,
    #[serde(default)]
    upload_max_file_mb: String,
    #[serde(default)]
    quota_gb: String,
    #[serde(default)]
    watermark_text: String,
    #[serde(default)]
    trash_days: String,
    #[serde(default)]
    event_days: String,
}

#[derive(Serialize)]
struct SettingsPage {
    site: SiteForm,
    work: WorkForm,
    errors: FieldErrors,
    /// False while the auth-service can't be asked.
    knows_registration: bool,
    modes: Vec<Choice>,
    roles: Vec<Choice>,
    usual: Usual,
    changes: Vec<ChangeRow>,
}

#[derive(Serialize)]
struct Choice {
    value: &'static str,
    label: &'static str,
}

/// What holds where a field is empty, and the most that may be set.
#[derive(Serialize)]
struct Usual {
    site_name: String,
    max_files: String,
    max_file_mb: String,
    quota: String,
    watermark: String,
    trash_days: String,
    event_days: String,
}

#[derive(Serialize)]
struct ChangeRow {
    setting: String,
    before: String,
    after: String,
    by: String,
    when_text: String,
}

impl Page for SettingsPage {
    const TEMPLATE: &'static str = "admin/settings.html";

    fn title(&self) -> String {
        "Settings".to_owned()
    }
}

/// The page.
pub async fn get(app: Data<App>, _admin: Administrator, view: View) -> Result<HttpResponse> {
    shown(&app, &view, None, None, FieldErrors::new()).await
}

/// `POST /admin/settings/site`: what the site is called and who may make an account.
pub async fn post_site(
    app: Data<App>,
    admin: Administrator,
    request: HttpRequest,
    session: Session,
    view: View,
    form: CsrfForm<SiteForm>,
) -> Result<HttpResponse> {
    let wanted = Change {
        site_name: Some(filled(&form.0.site_name)),
        registration: filled(&form.0.registration).map(Some),
        registration_role: filled(&form.0.registration_role).map(Some),
        ..Change::default()
    };
    match change(&app, &request, &admin.0, wanted).await {
        Ok(()) => saved(&session),
        Err(Error::Invalid(errors)) => shown(&app, &view, Some(form.0), None, errors).await,
        Err(other) => Err(other),
    }
}

/// `POST /admin/settings`: everything else.
pub async fn post(
    app: Data<App>,
    admin: Administrator,
    request: HttpRequest,
    session: Session,
    view: View,
    form: CsrfForm<WorkForm>,
) -> Result<HttpResponse> {
    let done = match form.0.parse() {
        Ok(wanted) => change(&app, &request, &admin.0, wanted).await,
        Err(errors) => Err(Error::Invalid(errors)),
    };
    match done {
        Ok(()) => saved(&session),
        Err(Error::Invalid(mut errors)) => {
            if let Some(fault) = errors.remove("quota_bytes") {
                errors.insert("quota_gb", fault);
            }
            shown(&app, &view, None, Some(form.0), errors).await
        }
        Err(other) => Err(other),
    }
}

fn saved(session: &Session) -> Result<HttpResponse> {
    flash::success(session, "Saved. It holds from now on.")?;
    Ok(see_other(SETTINGS))
}

async fn shown(
    app: &App,
    view: &View,
    site: Option<SiteForm>,
    work: Option<WorkForm>,
    errors: FieldErrors,
) -> Result<HttpResponse> {
    let given = store::find(&app.db).await?;
    let registration = accounts::find_settings(&app.auth).await;
    if let Err(error) = &registration {
        tracing::warn!(%error, "who may register can't be asked");
    }
    let registration = registration.ok();
    let config = &app.config;
    let roles = Role::ALL.into_iter().filter(|role| *role != Role::Admin);
    let page = SettingsPage {
        site: site.unwrap_or_else(|| SiteForm::of(&given, registration.as_ref())),
        work: work.unwrap_or_else(|| WorkForm::of(&given)),
        knows_registration: registration.is_some(),
        modes: MODES.map(|(value, label)| Choice { value, label }).into(),
        roles: roles.map(|role| Choice { value: role.as_str(), label: role.label() }).collect(),
        usual: Usual {
            site_name: config.site.name.clone(),
            max_files: config.upload.max_files.to_string(),
            max_file_mb: (config.upload.max_file_bytes / BYTES_PER_MB).to_string(),
            quota: config.quota_bytes.map_or_else(|| "No limit".to_owned(), gigabytes_text),
            watermark: config.watermark_text.clone().unwrap_or_else(|| "Their name".to_owned()),
            trash_days: config.trash_days.to_string(),
            event_days: config.event_days.to_string(),
        },
        changes: store::list_changes(&app.db, CHANGES).await?.into_iter().map(ChangeRow::of).collect(),
        errors,
    };
    let status = if page.errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut response = view.status(status, &page)?;
    // The first form may end at the auth-service, which asks for the password when the last time was long ago.
    let policy = headers::policy_with_forms_to(&config.auth_public_url.origin().ascii_serialization());
    let policy = policy.parse().map_err(anyhow::Error::from)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

impl SiteForm {
    fn of(given: &Given, registration: Option<&RegistrationSettings>) -> Self {
        Self {
            site_name: given.site_name.clone().unwrap_or_default(),
            registration: registration.map(|known| known.mode.clone()).unwrap_or_default(),
            registration_role: registration.map(|known| known.role.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

impl WorkForm {
    fn of(given: &Given) -> Self {
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        Self {
            upload_max_files: number(given.upload_max_files),
            upload_max_file_mb: number(given.upload_max_file_mb),
            quota_gb: given.quota_bytes.map(gigabytes_text).unwrap_or_default(),
            watermark_text: given.watermark_text.clone().unwrap_or_default(),
            trash_days: number(given.trash_days),
            event_days: number(given.event_days),
        }
    }

    fn parse(&self) -> Result<Change, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut number = |field, text: &str| {
            let parsed = filled(text).map(|text| text.parse::<i32>());
            parsed.transpose().unwrap_or_else(|_| {
                errors.insert(field, "Please give a whole number, or leave this empty.".to_owned());
                None
            })
        };
        let wanted = Change {
            upload_max_files: Some(number("upload_max_files", &self.upload_max_files)),
            upload_max_file_mb: Some(number("upload_max_file_mb", &self.upload_max_file_mb)),
            trash_days: Some(number("trash_days", &self.trash_days)),
            event_days: Some(number("event_days", &self.event_days)),
            watermark_text: Some(filled(&self.watermark_text)),
            ..Change::default()
        };
        let quota = filled(&self.quota_gb).map(|text| gigabytes(&text).ok_or(()));
        let quota = quota.transpose().unwrap_or_else(|()| {
            errors.insert("quota_gb", NO_GIGABYTES.to_owned());
            None
        });
        if errors.is_empty() { Ok(Change { quota_bytes: Some(quota), ..wanted }) } else { Err(errors) }
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl ChangeRow {
    fn of(changed: store::Changed) -> Self {
        let store::Changed { at, by, setting, before, after } = changed;
        Self { setting, before, after, by, when_text: day_text(at.naive_utc()) }
    }
}
