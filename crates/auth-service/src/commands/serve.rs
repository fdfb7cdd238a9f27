//! `serve` and `migrate`: the service itself.

use std::{net::TcpListener, process::ExitCode};

use anyhow::Context;
use common::{
    config::Settings,
    figures::{Figures, gather},
    telemetry,
};

use crate::{
    config::{self, Config},
    server::{self, start},
};

/// Brings the database up to date.
pub async fn migrate(mut settings: Settings) -> anyhow::Result<ExitCode> {
    let database_url = config::database_url(&mut settings);
    let timezone = config::legacy_timezone(&mut settings);
    server::migrate(&settings.finish(database_url)?, &timezone).await?;
    Ok(ExitCode::SUCCESS)
}

/// Brings the database up to date and answers requests until it is told to stop.
pub async fn run(mut settings: Settings) -> anyhow::Result<ExitCode> {
    let config = Config::from_settings(&mut settings);
    let timezone = config::legacy_timezone(&mut settings);
    telemetry::start(&mut settings);
    let config = settings.finish(config)?;
    server::migrate(&config.database_url, &timezone).await?;
    let figures = config.metrics_bind.map(Figures::start).transpose()?;
    let listener =
        TcpListener::bind(config.bind).with_context(|| format!("{} can't be listened at", config.bind))?;
    let public_url = config.public_url.to_string();
    let (server, app) = start(config, listener).await?;
    if let Some(figures) = figures {
        let db = app.db.clone();
        figures.tell(move || {
            let db = db.clone();
            async move { gather(&db).await }
        })?;
    }
    tracing::info!(%public_url, "ready");
    let (handle, state) = (server.handle(), app.clone());
    tokio::spawn(async move {
        stop_signal().await;
        state.events.stop();
        tracing::info!("stopping: requests under way are finished first");
        handle.stop(true).await;
    });
    server.await?;
    app.courier.stop().await;
    app.last_seen.write(&app).await?;
    Ok(ExitCode::SUCCESS)
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("a process may listen to its signals");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
