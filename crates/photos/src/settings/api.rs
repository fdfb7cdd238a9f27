//! The settings for programs of administrators.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Result, csrf::CsrfJson};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Change, change};
use crate::{
    admin::accounts::{self, RegistrationSettings},
    app::App,
    config::BYTES_PER_MB,
    identity::Administrator,
};

/// The settings of the site.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
struct SettingsBody {
    site_name: String,
    /// Null while the auth-service can't be asked.
    registration: Option<RegistrationSettings>,
    upload_max_files: usize,
    /// 2²⁰ bytes each.
    upload_max_file_mb: u64,
    /// What is drawn over the photos of those who chose no watermark; null for their name.
    watermark_text: Option<String>,
    /// For how long what was deleted can be brought back.
    trash_days: u32,
    /// For how long it is told one by one who looked and downloaded.
    event_days: u32,
    /// Of originals, for each photographer who has no quota of their own; null without a limit.
    quota_bytes: Option<i64>,
    limits: LimitsBody,
}

/// What the operator allows at most.
#[derive(Serialize, ToSchema)]
#[schema(as = SettingsLimits)]
struct LimitsBody {
    upload_max_files: usize,
    upload_max_file_mb: u64,
}

/// Administrators: the settings of the site.
#[utoipa::path(
    get, path = "/api/admin/settings",
    security(("browser" = [])),
    responses((status = 200, body = SettingsBody))
)]
pub async fn get(app: Data<App>, _admin: Administrator) -> Result<HttpResponse> {
    shown(&app).await
}

/// Administrators: changes settings; they hold at once.
///
/// Else: 403 for name and registration, who has to prove again who they are (`reauthentication_url`); 422; 503 the
/// auth-service can't be asked
#[utoipa::path(
    put, path = "/api/admin/settings",
    security(("browser" = [])),
    request_body = Change,
    responses((status = 200, body = SettingsBody))
)]
pub async fn update(
    app: Data<App>,
    admin: Administrator,
    request: HttpRequest,
    wanted: CsrfJson<Change>,
) -> Result<HttpResponse> {
    change(&app, &request, &admin.0, wanted.0).await?;
    shown(&app).await
}

async fn shown(app: &App) -> Result<HttpResponse> {
    let settings = app.settings.current();
    let most = &app.config.upload;
    Ok(HttpResponse::Ok().json(SettingsBody {
        site_name: settings.site_name.clone(),
        registration: accounts::find_settings(&app.auth).await.ok(),
        upload_max_files: settings.upload.max_files,
        upload_max_file_mb: settings.upload.max_file_bytes / BYTES_PER_MB,
        watermark_text: settings.watermark_text.clone(),
        trash_days: settings.trash_days,
        event_days: settings.event_days,
        quota_bytes: settings.quota_bytes,
        limits: LimitsBody {
            upload_max_files: most.max_files,
            upload_max_file_mb: most.max_file_bytes / BYTES_PER_MB,
        },
    }))
}
