//! What both services use: configuration, errors, pages, cookies, CSRF and headers; it knows nothing of photos or passwords.

pub mod assets;
pub mod browser_session;
pub mod client_address;
pub mod config;
pub mod cookies;
pub mod csrf;
pub mod csv;
pub mod database;
pub mod error;
pub mod error_pages;
pub mod events;
pub mod figures;
pub mod flash;
pub mod forms;
pub mod headers;
pub mod identity;
pub mod limits;
pub mod live;
pub mod mailer;
pub mod openapi;
pub mod pulse;
pub mod return_to;
pub mod secrets;
pub mod takeover;
pub mod telemetry;
pub mod templates;
pub mod verdicts;
pub mod view;
pub mod web;

pub use error::{Error, OrNotFound, Result};
