//! What the site is set to, for photos and for programs of administrators.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Bytes, Data},
};
use common::{Error, Result, csrf, identity::Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Change;
use crate::{
    App,
    admin::{
        Deeds,
        caller::{SettingsReader, SettingsWriter},
    },
};

/// What the site is set to.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
struct SettingsBody {
    site_name: String,
    /// `open`, `invitation` or `closed`.
    registration: &'static str,
    /// Of accounts that people make for themselves.
    registration_role: Role,
}

/// What is to be different; absent fields stay, null goes back to what the environment says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettingsChange)]
#[expect(clippy::option_option, reason = "null goes back to the environment, absence leaves what is set")]
struct ChangeBody {
    /// 1 to 60 characters.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    site_name: Option<Option<String>>,
    /// `open`, `invitation` or `closed`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    registration: Option<Option<String>>,
    /// `photographer`, `user` or `viewer`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    registration_role: Option<Option<String>>,
}

/// A field that was sent, be it null.
fn given<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// What the site is called and who may make an account, for administrators and for services with `settings`.
#[utoipa::path(
    get, path = "/api/settings",
    security(("service" = []), ("browser" = [])),
    responses((status = 200, body = SettingsBody))
)]
pub async fn get(app: Data<App>, _reader: SettingsReader) -> HttpResponse {
    shown(&app)
}

/// Changes that. By an administrator who proved who they are within ten minutes; or by a service with `settings` that
/// sends such an administrator's session token in `X-Session-Token`.
///
/// Else: 403 not such an administrator (`reauthentication_url` where the proof is too old); 422
#[utoipa::path(
    put, path = "/api/settings",
    security(("service" = []), ("browser" = [])),
    request_body = ChangeBody,
    responses((status = 200, body = SettingsBody))
)]
pub async fn update(
    app: Data<App>,
    writer: SettingsWriter,
    request: HttpRequest,
    body: Bytes,
) -> Result<HttpResponse> {
    csrf::expect_type(&request, "application/json")?;
    let body: ChangeBody = serde_json::from_slice(&body)
        .map_err(|error| Error::BadRequest(format!("The request can't be understood: {error}")))?;
    let change = Change { name: body.site_name, mode: body.registration, role: body.registration_role };
    Deeds::new(&app, writer.0, &request).change_settings(change).await?;
    Ok(shown(&app))
}

fn shown(app: &App) -> HttpResponse {
    let settings = app.settings.current();
    HttpResponse::Ok().json(SettingsBody {
        site_name: settings.name.clone(),
        registration: settings.registration.mode.as_str(),
        registration_role: settings.registration.role,
    })
}
