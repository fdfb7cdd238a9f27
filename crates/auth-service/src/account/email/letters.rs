//! The mails of a change of address: a link to each side, a word to whoever owns the new address already, a notice.

use common::{Result, identity::User, mailer::Letter};
use serde::Serialize;
use sqlx::PgTransaction;

use crate::{
    App,
    account::{
        Profile,
        letters::{self, EmailChanged},
    },
    mail_tokens::MailToken,
    users::EmailAddress,
};

/// To the address so far: agree that the account leaves it.
#[derive(Serialize)]
struct LeaveEmail {
    username: String,
    new_email: String,
    url: String,
    account_url: String,
}

/// To the new address: agree that the account comes to it.
#[derive(Serialize)]
struct EnterEmail {
    username: String,
    url: String,
}

/// To the new address, where somebody has an account already.
#[derive(Serialize)]
struct EmailTaken {
    login_url: String,
}

impl Letter for LeaveEmail {
    const FOLDER: &'static str = "leave_email";
}

impl Letter for EnterEmail {
    const FOLDER: &'static str = "enter_email";
}

impl Letter for EmailTaken {
    const FOLDER: &'static str = "email_taken";
}

pub async fn send_leave(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    user: &User,
    new: &EmailAddress,
    token: &MailToken,
) -> Result<()> {
    let letter = LeaveEmail {
        username: user.username.clone(),
        new_email: new.as_str().to_owned(),
        url: address(app, token),
        account_url: app.web.link("/account"),
    };
    letters::send(app, &mut **transaction, &letter, &user.email).await
}

pub async fn send_enter(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    user: &User,
    new: &EmailAddress,
    token: &MailToken,
) -> Result<()> {
    let letter = EnterEmail { username: user.username.clone(), url: address(app, token) };
    letters::send(app, &mut **transaction, &letter, new.as_str()).await
}

pub async fn send_taken(app: &App, transaction: &mut PgTransaction<'_>, to: &str) -> Result<()> {
    letters::send(app, &mut **transaction, &EmailTaken { login_url: app.web.link("/login") }, to).await
}

pub async fn send_changed(
    app: &App,
    transaction: &mut PgTransaction<'_>,
    before: &Profile,
    new_email: &str,
) -> Result<()> {
    let letter = EmailChanged {
        username: before.username.clone(),
        new_email: new_email.to_owned(),
        when: letters::now(),
    };
    letters::send(app, &mut **transaction, &letter, &before.email).await
}

fn address(app: &App, token: &MailToken) -> String {
    app.web.link(&format!("/auth/change-email?token={}", token.reveal()))
}
