//! What administrators do here: they see who has an account and what it owns, and say what it may do. Accounts belong to
//! the auth-service; each of these questions and wishes is passed on to it.

pub mod accounts;
pub mod failed;
pub mod galleries;
pub mod handover;
pub mod mails;
pub mod overview;
pub mod role;
pub mod storage;
pub mod store;
pub mod users;
pub mod work;

use common::return_to;

use crate::app::App;

/// The list of people.
pub const USERS: &str = "/admin/users";

/// The list as the person saw it, or its beginning: a form may lead nowhere else.
pub fn way_back(app: &App, wanted: &str) -> String {
    let path = return_to::local(&app.config.public_url, wanted);
    path.filter(|path| path.split('?').next() == Some(USERS)).unwrap_or_else(|| USERS.to_owned())
}
