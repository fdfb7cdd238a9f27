//! What administrators do here: they see who has an account and what it owns, and say what it may do. Accounts belong to
//! the auth-service; each of these questions and wishes is passed on to it.

pub mod accounts;
pub mod role;
pub mod store;
pub mod users;

use common::{
    identity::{AccountState, Role},
    return_to,
};

use crate::app::App;

/// The list of people.
pub const USERS: &str = "/admin/users";

/// What a role is called on a page.
pub fn role_text(role: Role) -> &'static str {
    match role {
        Role::Admin => "Administrator",
        Role::Photographer => "Photographer",
        Role::User => "User",
        Role::Viewer => "Viewer",
    }
}

/// What a state is called on a page.
pub fn state_text(state: AccountState) -> &'static str {
    match state {
        AccountState::Active => "Active",
        AccountState::Unverified => "Address not verified",
        AccountState::Disabled => "Disabled",
    }
}

/// The list as the person saw it, or its beginning: a form may lead nowhere else.
pub fn way_back(app: &App, wanted: &str) -> String {
    let path = return_to::local(&app.config.public_url, wanted);
    path.filter(|path| path.split('?').next() == Some(USERS)).unwrap_or_else(|| USERS.to_owned())
}
