//! What administrators set while the services run. What nobody set is as the environment says, and no upload limit goes
//! beyond what that allows.

pub mod api;
mod change;
pub mod screen;
pub mod store;

use std::{sync::Weak, time::Duration};

use actix_web::HttpRequest;
use common::{Error, Result, live};

pub use change::{Change, Given};

use crate::{
    admin::accounts,
    app::App,
    config::{BYTES_PER_MB, Config, UploadLimits},
    identity::CurrentUser,
    jobs,
};

/// The channel of the table's trigger.
const CHANNEL: &str = "site_settings";

/// What holds at this moment.
#[derive(Clone, Debug)]
pub struct SiteSettings {
    /// What the site is called.
    pub site_name: String,
    /// What may be uploaded.
    pub upload: UploadLimits,
    /// The mark of photographers who chose none, where it is not their name.
    pub watermark_text: Option<String>,
    /// For how long what was deleted can be brought back.
    pub trash_days: u32,
    /// For how long it is told one by one who looked and downloaded.
    pub event_days: u32,
    /// Bytes of originals that each photographer may have; `None` without a limit.
    pub quota_bytes: Option<i64>,
}

impl SiteSettings {
    /// What was set, else what the environment says.
    pub fn of(config: &Config, given: &Given) -> Self {
        let positive = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
        let most = config.upload;
        let max_files = positive(given.upload_max_files).map_or(most.max_files, |files| files as usize);
        let max_file_bytes = positive(given.upload_max_file_mb)
            .map_or(most.max_file_bytes, |megabytes| u64::from(megabytes) * BYTES_PER_MB);
        Self {
            site_name: given.site_name.clone().unwrap_or_else(|| config.site.name.clone()),
            upload: UploadLimits {
                max_files: max_files.min(most.max_files),
                max_file_bytes: max_file_bytes.min(most.max_file_bytes),
                max_request_bytes: most.max_request_bytes,
                max_megapixels: most.max_megapixels,
            },
            watermark_text: given.watermark_text.clone().or_else(|| config.watermark_text.clone()),
            trash_days: positive(given.trash_days).unwrap_or(config.trash_days),
            event_days: positive(given.event_days).unwrap_or(config.event_days),
            quota_bytes: given.quota_bytes.or(config.quota_bytes).filter(|bytes| *bytes > 0),
        }
    }

    /// The same as an age.
    pub fn trash_age(&self) -> Duration {
        Duration::from_hours(24) * self.trash_days
    }
}

/// Changes settings in the name of an administrator, those of the auth-service first: it may refuse.
pub async fn change(app: &App, request: &HttpRequest, by: &CurrentUser, change: Change) -> Result<()> {
    let most = &app.config.upload;
    change.clone().on(store::find(&app.db).await?, most).map_err(Error::Invalid)?;
    let told = change.for_auth_service();
    if !told.is_empty() {
        accounts::change_settings(&app.auth, request, &told).await.map_err(|error| match error {
            Error::ReauthenticationRequired(_) => {
                Error::ReauthenticationRequired(accounts::reauthentication_url(&app.config, screen::SETTINGS))
            }
            other => other,
        })?;
    }
    let mut transaction = app.db.begin().await?;
    let before = store::lock(&mut transaction).await?;
    let after = change.on(before.clone(), most).map_err(Error::Invalid)?;
    if after != before {
        store::update(&mut *transaction, &after).await?;
        let (was, is) = (SiteSettings::of(&app.config, &before), SiteSettings::of(&app.config, &after));
        store::create_changes(&mut *transaction, &by.name, &change::differences(&was, &is)).await?;
        if store::update_mark(&mut transaction, is.watermark_text.as_deref()).await? {
            jobs::add_roll_out(&mut *transaction, Duration::ZERO).await?;
        }
    }
    transaction.commit().await?;
    Ok(load(app).await?)
}

/// Takes over what the database says.
pub async fn load(app: &App) -> sqlx::Result<()> {
    let settings = SiteSettings::of(&app.config, &store::find(&app.db).await?);
    app.web.site_name.replace(settings.site_name.clone());
    app.settings.replace(settings);
    Ok(())
}

/// At the start of the service: what the environment says may have changed since the last one.
pub async fn begin(app: &App) -> Result<()> {
    let mut transaction = app.db.begin().await?;
    let settings = SiteSettings::of(&app.config, &store::lock(&mut transaction).await?);
    if store::update_mark(&mut transaction, settings.watermark_text.as_deref()).await? {
        jobs::add_roll_out(&mut *transaction, Duration::ZERO).await?;
    }
    transaction.commit().await?;
    Ok(load(app).await?)
}

/// Takes over every change for as long as the service runs.
pub async fn follow(app: Weak<App>) {
    let Some(db) = app.upgrade().map(|app| app.db.clone()) else { return };
    live::follow(db, CHANNEL, || async {
        match app.upgrade() {
            Some(app) => load(&app).await.map(|()| true),
            None => Ok(false),
        }
    })
    .await;
}
