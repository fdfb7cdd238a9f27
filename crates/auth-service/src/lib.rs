//! The auth-service: signs people in once for every application under a domain.

pub mod accounts;
mod admin;
pub mod audit;
mod bearer;
pub mod commands;
pub mod config;
mod health;
mod home;
mod housekeeping;
pub mod identity;
mod login;
mod logout;
pub mod mail_tokens;
pub mod passwords;
mod reauthentication;
mod routes;
mod server;
pub mod services;
mod session_api;
pub mod sessions;
pub mod users;
mod verify;

use actix_web::{HttpRequest, web::Data};
use common::{limits::Limit, mailer::Outbox, web::Web};
use sqlx::PgPool;

pub use config::Config;
pub use server::{migrate, start};

/// What every handler can reach.
pub struct App {
    /// The settings.
    pub config: Config,
    /// The database.
    pub db: PgPool,
    /// Our face on the web.
    pub web: Data<Web>,
    /// The pool that hashes passwords.
    pub passwords: passwords::Passwords,
    /// Sign-ins of each client address.
    pub login_limit: Limit,
    /// Signs of life that wait to be written.
    pub last_seen: sessions::last_seen::LastSeen,
    /// Mails on their way.
    pub outbox: Outbox,
}

impl App {
    /// The state of the service that answers this request.
    pub fn of(request: &HttpRequest) -> Data<Self> {
        request.app_data::<Data<Self>>().expect("the service registers its state at start").clone()
    }
}
