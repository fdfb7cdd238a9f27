//! The page `/register/finish`: whoever opened the link in the mail chooses name and password and is signed in.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query},
};
use common::{Result, client_address, csrf::CsrfForm, error::OrNotFound, view::View};

use super::{Finished, finish, require_open, store};
use crate::{
    App,
    audit::Origin,
    dead_link,
    new_account::{self, NewAccountForm, NewAccountPage},
    users::EmailAddress,
    way::{MailLink, Way},
};

const LEAD: &str = "Your address is confirmed. Choose the name and the password with which you will sign in.";

/// Shows the form. Looking at a link never uses it up.
pub async fn get(app: Data<App>, link: Query<MailLink>, view: View) -> Result<HttpResponse> {
    require_open(&app)?;
    match proven(&app, &link).await? {
        Some(email) if new_account::is_address_taken(&app, &email).await? => dead_link::address_taken(&view),
        Some(email) => view.ok(&page(&email, &link)),
        None => dead_link::registration(&view),
    }
}

/// Makes the account and signs its person in.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    form: CsrfForm<NewAccountForm>,
) -> Result<HttpResponse> {
    require_open(&app)?;
    let view = View::of(&request);
    let NewAccountForm { link, username, password } = form.0;
    let Some(email) = proven(&app, &link).await? else { return dead_link::registration(&view) };
    let page = page(&email, &link);
    let (name, password) = match new_account::check(&app, &username, &password, &email).await {
        Ok(chosen) => chosen,
        Err(error) => return page.refused(&view, username, error),
    };
    // Who mistypes has a link that nobody can guess, and is not counted.
    app.limits.register.check(client_address::of(&request))?;
    let token = link.token().or_not_found()?;
    match finish(&app, &Origin::of(&request), &token, name, &password).await? {
        Finished::Account(id) => new_account::sign_in(&app, &request, id, &link.way).await,
        Finished::DeadLink => dead_link::registration(&view),
        Finished::NameTaken => page.refused(&view, username, new_account::name_taken()),
        Finished::AddressTaken => dead_link::address_taken(&view),
    }
}

async fn proven(app: &App, link: &MailLink) -> Result<Option<EmailAddress>> {
    let Some(token) = link.token() else { return Ok(None) };
    store::find(&app.db, &token).await
}

fn page(email: &EmailAddress, link: &MailLink) -> NewAccountPage {
    let MailLink { token, way: Way { return_to } } = link;
    NewAccountPage::new("/register/finish", LEAD, email, token, return_to)
}
