//! The mails of this service: what each says, and how many of them one address gets.

pub mod store;

use common::{
    Result,
    identity::Role,
    mailer::{Letter, Mail},
};
use serde::Serialize;
use sqlx::PgTransaction;

use crate::App;

/// So many mails of one kind go to one address within an hour, whoever asks for them. No link lives shorter, so the
/// newest one still works when the next would be held back.
const MOST_AN_HOUR: i64 = 5;

/// To an address without an account: the link with which its owner makes one.
#[derive(Serialize)]
pub struct FinishRegistration {
    /// The link.
    pub url: String,
}

/// To an address that has an account: somebody tried to register with it.
#[derive(Serialize)]
pub struct AddressTaken {
    /// The name of the account.
    pub username: String,
    /// The page to sign in.
    pub sign_in_url: String,
    /// The page to ask for a new password.
    pub forgot_url: String,
}

/// To the address of an account that nobody proved yet.
#[derive(Serialize)]
pub struct VerifyEmail {
    /// The name of the account.
    pub username: String,
    /// The link.
    pub url: String,
}

/// To somebody who forgot the password.
#[derive(Serialize)]
pub struct ResetPassword {
    /// The name of the account.
    pub username: String,
    /// The link.
    pub url: String,
}

/// In place of a link, where the account is disabled.
#[derive(Serialize)]
pub struct AccountDisabled {
    /// The name of the account.
    pub username: String,
}

/// After the password was changed, by whatever way.
#[derive(Serialize)]
pub struct PasswordChanged {
    /// The name of the account.
    pub username: String,
    /// When, in words.
    pub when: String,
    /// By which device, from where.
    pub from: String,
    /// The page to ask for a new password, for whoever did not do it.
    pub reset_url: String,
}

/// To somebody whom an administrator invites.
#[derive(Serialize)]
pub struct Invitation {
    /// The name of the administrator.
    pub inviter: String,
    /// What the account will be for, in words.
    pub purpose: &'static str,
    /// The link.
    pub url: String,
    /// The last day on which the link works, in words.
    pub until: String,
}

impl Letter for FinishRegistration {
    const FOLDER: &'static str = "finish_registration";
}

impl Letter for AddressTaken {
    const FOLDER: &'static str = "address_taken";
}

impl Letter for VerifyEmail {
    const FOLDER: &'static str = "verify_email";
}

impl Letter for ResetPassword {
    const FOLDER: &'static str = "reset_password";
}

impl Letter for AccountDisabled {
    const FOLDER: &'static str = "account_disabled";
}

impl Letter for PasswordChanged {
    const FOLDER: &'static str = "password_changed";
}

impl Letter for Invitation {
    const FOLDER: &'static str = "invitation";
}

/// Puts a letter into the outbox: it goes out when the transaction commits.
pub async fn send<L: Letter>(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    letter: &L,
    to: &str,
) -> Result<()> {
    let mail: Mail = app.web.letter(letter, to)?;
    Ok(app.outbox.create(&mut **transaction, L::FOLDER, &mail).await?)
}

/// Whether an address may get another letter of this kind now. Asked before a link is made, because a new link ends the
/// one before.
pub async fn may_send<L: Letter>(transaction: &mut PgTransaction<'_>, to: &str) -> Result<bool> {
    Ok(store::count_within_hour(&mut **transaction, L::FOLDER, to).await? < MOST_AN_HOUR)
}

/// What somebody with this role will do here.
pub fn purpose(role: Role) -> &'static str {
    match role {
        Role::Admin => "to look after the site as an administrator",
        Role::Photographer => "to upload photos and share galleries",
        Role::User => "to see the galleries that are shared with you",
        Role::Viewer => "to look at galleries",
    }
}
