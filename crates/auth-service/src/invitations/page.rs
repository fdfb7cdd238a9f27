//! The page `/invitation`: whoever was invited chooses name and password and is signed in.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query},
};
use common::{Error, Result, client_address, csrf::CsrfForm, error::OrNotFound, view::View};

use super::{Accepted, Offer, accept, is_possible, store};
use crate::{
    App,
    audit::Origin,
    dead_link, letters,
    new_account::{self, NewAccountForm, NewAccountPage},
    way::{MailLink, Way},
};

/// Shows the form. Looking at a link never uses it up.
pub async fn get(app: Data<App>, link: Query<MailLink>, view: View) -> Result<HttpResponse> {
    require_possible(&app)?;
    match offered(&app, &link).await? {
        Some(offer) if new_account::is_address_taken(&app, &offer.email).await? => {
            dead_link::address_taken(&view)
        }
        Some(offer) => view.ok(&page(&offer, &link)),
        None => dead_link::invitation(&view),
    }
}

/// Makes the account and signs its person in.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    form: CsrfForm<NewAccountForm>,
) -> Result<HttpResponse> {
    require_possible(&app)?;
    let view = View::of(&request);
    let NewAccountForm { link, username, password } = form.0;
    let Some(offer) = offered(&app, &link).await? else { return dead_link::invitation(&view) };
    let page = page(&offer, &link);
    let (name, password) = match new_account::check(&app, &username, &password, &offer.email).await {
        Ok(chosen) => chosen,
        Err(error) => return page.refused(&view, username, error),
    };
    // Who mistypes has a link that nobody can guess, and is not counted.
    app.limits.register.check(client_address::of(&request))?;
    let token = link.token().or_not_found()?;
    match accept(&app, &Origin::of(&request), &token, name, &password).await? {
        Accepted::Account(id) => new_account::sign_in(&app, &request, id, &link.way).await,
        Accepted::DeadLink => dead_link::invitation(&view),
        Accepted::NameTaken => page.refused(&view, username, new_account::name_taken()),
        Accepted::AddressTaken => dead_link::address_taken(&view),
    }
}

async fn offered(app: &App, link: &MailLink) -> Result<Option<Offer>> {
    let Some(token) = link.token() else { return Ok(None) };
    store::find(&app.db, &token).await
}

fn require_possible(app: &App) -> Result<()> {
    if is_possible(app) {
        return Ok(());
    }
    Err(Error::Forbidden("Nobody can make an account here at the moment.".to_owned()))
}

fn page(offer: &Offer, link: &MailLink) -> NewAccountPage {
    let lead = format!(
        "{} invited you {}. Choose the name and the password with which you will sign in.",
        offer.invited_by,
        letters::purpose(offer.role)
    );
    let MailLink { token, way: Way { return_to } } = link;
    NewAccountPage::new("/invitation", &lead, &offer.email, token, return_to)
}
