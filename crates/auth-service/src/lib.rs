//! The auth-service: signs people in once for every application under a domain.

pub mod account;
pub mod accounts;
mod admin;
pub mod api_tokens;
pub mod audit;
mod bearer;
pub mod commands;
pub mod config;
mod dead_link;
pub mod events;
mod forward_auth;
mod health;
mod home;
mod housekeeping;
pub mod identity;
pub mod invitations;
pub mod letters;
pub mod limits;
pub mod lockout;
mod login;
mod logout;
mod mail_sent;
pub mod mail_tokens;
mod mailbox;
mod new_account;
pub mod openapi;
pub mod password_reset;
pub mod passwords;
pub mod providers;
mod reauthentication;
pub mod registration;
mod routes;
mod server;
pub mod services;
mod session_api;
pub mod sessions;
pub mod settings;
pub mod takeover;
mod timing;
pub mod users;
pub mod verification;
pub mod verify;
mod way;
pub mod words;

use std::sync::Arc;

use actix_web::{HttpRequest, web::Data};
use common::{
    live::Live,
    mailer::{Courier, Outbox},
    pulse::Pulse,
    verdicts::Verdicts,
    web::Web,
};
use sqlx::PgPool;

pub use config::Config;
pub use server::{migrate, start};

/// What every handler can reach.
pub struct App {
    /// The settings of the environment.
    pub config: Config,
    /// What administrators set since.
    pub settings: Live<settings::SiteSettings>,
    /// The database.
    pub db: PgPool,
    /// Whether it is there.
    pub pulse: Pulse,
    /// Our face on the web.
    pub web: Data<Web>,
    /// The pool that hashes passwords.
    pub passwords: passwords::Passwords,
    /// How often each client address may try.
    pub limits: limits::Limits,
    /// The good answers of `verify-session` that may be given again.
    pub verdicts: Verdicts<Arc<verify::Known>>,
    /// Tells the streams of events that there is something new.
    pub events: events::Bell,
    /// Signs of life that wait to be written.
    pub last_seen: sessions::last_seen::LastSeen,
    /// Mails on their way.
    pub outbox: Outbox,
    /// Uses of API tokens that wait to be written.
    pub last_used: api_tokens::last_used::LastUsed,
    /// Sends them.
    pub courier: Courier,
    /// Outside providers of sign-in.
    pub providers: providers::Providers,
}

impl App {
    /// Who may make an account at this moment, and with which role.
    pub fn registration(&self) -> registration::Registration {
        self.settings.current().registration
    }

    /// The state of the service that answers this request.
    pub fn of(request: &HttpRequest) -> Data<Self> {
        request.app_data::<Data<Self>>().expect("the service registers its state at start").clone()
    }
}
