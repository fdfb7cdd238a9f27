//! The running service: what its handlers share, and the layers every request passes.

use std::{net::TcpListener, sync::Arc};

use actix_web::{
    App as ActixApp, HttpResponse, HttpServer,
    dev::Server,
    middleware::{Compress, from_fn},
    web::Data,
};
use common::{
    Error, Result, assets, browser_session, cookies, database, error_pages, headers,
    identity::Role,
    live::Live,
    mailer::{Courier, Outbox},
    pulse::{self, Pulse},
    telemetry,
    templates::Templates,
    web::{self, Link, Person, Web},
};
use rust_embed::RustEmbed;
use secrecy::ExposeSecret;
use sqlx::PgPool;

use crate::{
    config::Config,
    downloads, health,
    identity::{self, AuthService},
    media::delivery::Delivery,
    photos::events::{self, PhotoEvents},
    routes,
    settings::{self, Given, SiteSettings},
    shares::{adopt, password::LinkPasswords},
    site,
    statistics::{self, Recorder},
    storage::Storage,
    trash, upload,
    watermarks::preview::Previews,
};

#[derive(RustEmbed)]
#[folder = "templates"]
struct OwnTemplates;

/// What the handlers of photos share.
pub struct App {
    /// The settings of the environment.
    pub config: Config,
    /// What administrators set since.
    pub settings: Live<SiteSettings>,
    /// The database of photos.
    pub db: PgPool,
    /// Originals and renditions.
    pub storage: Storage,
    /// The auth-service.
    pub auth: AuthService,
    /// What happens to photos, as it happens.
    pub events: PhotoEvents,
    /// What pages and mails have in common.
    pub web: Data<Web>,
    /// Mails that are to be sent.
    pub outbox: Outbox,
    /// Sends them.
    pub courier: Courier,
    /// Hashes and compares the passwords of share links.
    pub link_passwords: LinkPasswords,
    /// Counts views and downloads.
    pub statistics: Recorder,
    /// Samples of watermarks.
    pub previews: Previews,
    /// How large galleries are.
    pub gallery_sizes: downloads::panel::Sizes,
}

/// Starts the service on a listening socket; the database must be migrated. With the server, what its handlers share.
pub async fn start(config: Config, listener: TcpListener) -> anyhow::Result<(Server, Data<App>)> {
    assets::check()?;
    let db = database::connect(config.data.database_url.expose_secret(), 20).await?;
    let storage = Storage::at(&config.data.storage, upload::store::is_empty(&db).await?).await?;
    let converted = adopt::adopt(&db, &config.secrets).await?;
    if converted > 0 {
        tracing::info!(converted, "share links of the earlier system are hashed and sealed");
    }
    let state = Data::new(web_state(&config)?);
    let pulse = Data::new(Pulse::feel(&db));
    let outbox = Outbox::new(db.clone(), config.secrets.clone());
    let own_name = config.public_url.host_str().unwrap_or_default().to_owned();
    let app = Data::new(App {
        courier: Courier::start(outbox.clone(), config.mail.clone(), &own_name),
        outbox,
        web: state.clone(),
        link_passwords: LinkPasswords::default(),
        auth: AuthService::new(&config)?,
        events: events::listen(db.clone()),
        statistics: Recorder::start(db.clone(), config.secrets.clone()),
        previews: Previews::new(&config.render_program, config.watermark_limit_per_minute),
        gallery_sizes: downloads::panel::Sizes::default(),
        settings: Live::new(SiteSettings::of(&config, &Given::default())),
        config,
        db,
        storage,
    });
    settings::begin(&app).await?;
    tokio::spawn(settings::follow(Arc::downgrade(&app.clone().into_inner())));
    tokio::spawn(identity::follow::run(Arc::downgrade(&app.clone().into_inner())));
    tokio::spawn(trash::keep_for_ever(app.db.clone(), app.storage.clone(), app.settings.clone()));
    tokio::spawn(statistics::keep_for_ever(app.db.clone(), app.settings.clone()));
    tokio::spawn(downloads::selections::purge_for_ever(app.db.clone()));
    let sessions = browser_session::Store::new(app.db.clone(), &browser_session::PHOTOS);
    tokio::spawn(health::purge_for_ever(sessions.clone(), app.db.clone(), app.config.mail_days));

    let shared = app.clone();
    let server = HttpServer::new(move || {
        // The layer registered last sees a request first.
        ActixApp::new()
            .app_data(state.clone())
            .app_data(app.clone())
            .app_data(pulse.clone())
            .configure(routes::all)
            .wrap(from_fn(web::head_as_get))
            .wrap(from_fn(browser_session::require_read))
            .wrap(from_fn(error_pages::render))
            .wrap(browser_session::middleware(&state, sessions.clone()))
            .wrap(from_fn(pulse::gate))
            .wrap(Compress::default())
            .wrap(from_fn(headers::add))
            .wrap(telemetry::logger())
            .wrap(from_fn(cookies::canonicalise_request))
    });
    Ok((server.listen(listener)?.shutdown_timeout(30).run(), shared))
}

/// `default_service`: whatever no route knows.
pub async fn unknown() -> Result<HttpResponse> {
    Err(Error::NotFound)
}

fn web_state(config: &Config) -> anyhow::Result<Web> {
    Ok(Web {
        service: "photos",
        site: config.site.clone(),
        site_name: Live::new(config.site.name.clone()),
        public_url: config.public_url.clone(),
        templates: templates(config)?,
        secrets: config.secrets.clone(),
        host_cookie: config.site.host_cookie("photos"),
        sign_in_path: "/auth/login",
        sign_out_path: "/auth/logout",
        headers: match &config.delivery {
            Delivery::Presigned(origin) => {
                headers::Fixed::new("photos", &config.site).with_images_from(origin)
            }
            Delivery::Stream | Delivery::Proxy(_) => headers::Fixed::new("photos", &config.site),
        },
        account_url: config.auth_public_url.join("/account").map(String::from)?,
        start_url: "/".to_owned(),
        secret_paths: &["/view/", "/api/view/"],
        navigation,
        menu,
    })
}

/// Our templates, with the operator's own texts in them.
fn templates(config: &Config) -> anyhow::Result<Templates> {
    let mut templates = Templates::load::<OwnTemplates>()?;
    if let Some(folder) = &config.texts_dir {
        templates.replace_from(folder, site::TEXTS)?;
    }
    Ok(templates)
}

fn menu(person: &Person) -> Vec<Link> {
    if person.owns_galleries { vec![Link::new("Branding", "/branding", "palette")] } else { Vec::new() }
}

fn navigation(person: Option<&Person>) -> Vec<Link> {
    let galleries = Link::new("Galleries", "/gallery", "images");
    match person {
        Some(person) if person.role == Role::Admin.as_str() => {
            vec![
                Link::new("Dashboard", "/dashboard", "speedometer2"),
                Link::new("Photos", "/photos", "grid-3x3-gap"),
                galleries,
                Link::new("Customers", "/customers", "person"),
                Link::new("Shared", "/shares", "send"),
                Link::new("Admin", "/admin", "people"),
            ]
        }
        Some(person) if person.owns_galleries => {
            vec![
                Link::new("Dashboard", "/dashboard", "speedometer2"),
                Link::new("Photos", "/photos", "grid-3x3-gap"),
                galleries,
                Link::new("Customers", "/customers", "people"),
                Link::new("Shared", "/shares", "send"),
            ]
        }
        Some(_) => vec![galleries],
        None => vec![
            galleries,
            Link::new("Features", "/features", ""),
            Link::new("Pricing", "/pricing", ""),
            Link::new("About", "/about", ""),
        ],
    }
}
