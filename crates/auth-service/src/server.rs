//! The start of the service: database, pages, middleware, server.

use std::{net::TcpListener, sync::Arc};

use actix_web::{
    App as ActixApp, HttpServer,
    dev::Server,
    middleware::from_fn,
    web::{Data, PayloadConfig, scope},
};
use anyhow::Context;
use common::{
    assets,
    browser_session::{self, Store},
    cookies, database, error_pages, headers,
    live::Live,
    mailer::{Courier, Outbox},
    pulse::{self, Pulse},
    telemetry,
    templates::Templates,
    verdicts::Verdicts,
    web::{Link, Person, Web},
};
use rust_embed::RustEmbed;
use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;

use crate::{
    App, Config, admin,
    api_tokens::last_used::LastUsed,
    config::cores,
    events, housekeeping,
    limits::Limits,
    mailbox,
    passwords::Passwords,
    providers::Providers,
    routes,
    sessions::last_seen::LastSeen,
    settings::{self, SiteSettings},
};

/// No form or document of this service is larger; what is longer is refused unread.
const LARGEST_BODY: usize = 16 * 1024;

/// Answers of `verify-session` that are kept at most, about a kilobyte each.
const MOST_VERDICTS: usize = 10_000;

#[derive(RustEmbed)]
#[folder = "templates"]
struct Pages;

/// The shape that this release needs, step by step.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/auth");

/// Brings the database to the shape that this release needs. If it is the earlier system's, its times are of this zone.
pub async fn migrate(database_url: &SecretString, legacy_timezone: &str) -> anyhow::Result<()> {
    let pool = database::connect(database_url.expose_secret(), 1).await?;
    database::convert_earlier_times(&pool, legacy_timezone).await?;
    MIGRATIONS.run(&pool).await.context("the migrations failed")?;
    pool.close().await;
    Ok(())
}

/// Starts to answer on `listener`. The server runs when it is awaited or spawned; the caller stops it by its handle.
pub async fn start(config: Config, listener: TcpListener) -> anyhow::Result<(Server, Data<App>)> {
    assets::check()?;
    let db = database::connect(config.database_url.expose_secret(), config.database_connections).await?;
    let workers = config.workers.max(1);
    let web = Data::new(Web {
        service: "auth",
        site: config.site.clone(),
        site_name: Live::new(config.site.name.clone()),
        public_url: config.public_url.clone(),
        templates: Templates::load::<Pages>()?,
        secrets: config.secrets.clone(),
        host_cookie: config.site.host_cookie("auth"),
        sign_in_path: "/login",
        sign_out_path: "/logout",
        headers: headers::Fixed::new("auth", &config.site),
        secret_paths: &[
            "/auth/reset-password",
            "/auth/verify-email",
            "/auth/change-email",
            "/invitation",
            "/auth/provider/",
            "/register/finish",
        ],
        account_url: "/account".to_owned(),
        start_url: config.home_url.to_string(),
        navigation,
        menu: |_| Vec::new(),
    });
    let pulse = Pulse::feel(&db);
    let felt = Data::new(pulse.clone());
    let outbox = Outbox::new(db.clone(), config.secrets.clone());
    let app = Data::new(App {
        passwords: Passwords::new(cores(), config.password_queue, config.password_cost)?,
        limits: Limits::new(&config.limits),
        verdicts: Verdicts::new(MOST_VERDICTS),
        events: events::Bell::default(),
        last_seen: LastSeen::default(),
        courier: Courier::start(outbox.clone(), config.mail.clone(), own_name(&config)),
        outbox,
        providers: Providers::new(&config.providers, &web)?,
        last_used: LastUsed::default(),
        settings: Live::new(SiteSettings::of(&config, &settings::Given::default())),
        db: db.clone(),
        pulse,
        web: web.clone(),
        config,
    });
    settings::load(&app).await?;
    let shared = app.clone().into_inner();
    tokio::spawn(settings::follow(app.clone().into_inner()));
    tokio::spawn(housekeeping::run(Arc::downgrade(&shared)));
    tokio::spawn(events::listener::run(Arc::downgrade(&shared)));
    let has_mailbox = mailbox::page::folder(&app.config).is_some();
    let state = app.clone();
    let server = HttpServer::new(move || {
        let browser_state = browser_session::middleware(&web, Store::new(db.clone(), &browser_session::AUTH));
        // The last one wrapped is the first one to see a request.
        let everything_else = scope("")
            .configure(|config| routes::configure(config, has_mailbox))
            .wrap(from_fn(common::web::head_as_get))
            .wrap(from_fn(browser_session::require_read))
            .wrap(from_fn(error_pages::render))
            .wrap(browser_state)
            .wrap(from_fn(pulse::gate))
            .wrap(from_fn(headers::add))
            .wrap(telemetry::logger())
            .wrap(from_fn(cookies::canonicalise_request));
        ActixApp::new()
            .app_data(web.clone())
            .app_data(state.clone())
            .app_data(felt.clone())
            .app_data(PayloadConfig::new(LARGEST_BODY))
            .service(routes::verify_session())
            .service(everything_else)
    })
    .workers(workers)
    .disable_signals()
    .shutdown_timeout(20)
    .listen(listener)
    .context("the address can't be listened at")?
    .run();
    Ok((server, app))
}

/// The words in the header. A phone has room for four, so an administrator reaches the pages of the own account from the
/// account's.
fn navigation(person: Option<&Person>) -> Vec<Link> {
    let Some(person) = person else { return Vec::new() };
    let mut links = vec![Link::new("Account", "/account", "person")];
    let administration = admin::navigation(person);
    if administration.is_empty() {
        links.push(Link::new("Devices", "/account/sessions", "laptop"));
        links.push(Link::new("Activity", "/account/activity", "clock-history"));
        links.push(Link::new("API tokens", "/account/tokens", "key"));
    }
    links.extend(administration);
    links
}

/// How this service introduces itself to a mail server.
pub fn own_name(config: &Config) -> &str {
    config.public_url.host_str().unwrap_or("localhost")
}
