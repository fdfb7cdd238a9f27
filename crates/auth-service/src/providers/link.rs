//! The page `/login/link`: somebody has an account with the address that a provider vouches for, and gives its password
//! once, so that the provider signs them in from then on.

use actix_session::SessionExt;
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use common::{
    Error, OrNotFound, Result,
    csrf::CsrfForm,
    error::FieldErrors,
    view::{Page, View},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{
    METHOD, Provider,
    callback::{link_or_fail, onward},
    failure::{Failure, Way},
    flow::Purpose,
    has_password, notice,
    pending::Pending,
    store,
};
use crate::{
    App, login,
    sessions::start::start,
    users::{self, Account},
};

const REFUSED: &str = "The password is not right. After many tries one has to wait a while; \
                       setting a new password ends the wait.";

/// The form as it was sent.
#[derive(Deserialize)]
pub struct LinkForm {
    password: SecretString,
}

#[derive(Serialize)]
struct LinkPage {
    provider: String,
    email: String,
    errors: FieldErrors,
}

impl Page for LinkPage {
    const TEMPLATE: &'static str = "providers/link.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        format!("Link {}", self.provider)
    }
}

/// Asks for the password.
pub async fn get(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let (pending, provider) = pending(&app, &request)?;
    View::of(&request).ok(&page(&pending, provider, FieldErrors::new()))
}

/// Checks the password, links and signs in.
pub async fn post(app: Data<App>, request: HttpRequest, form: CsrfForm<LinkForm>) -> Result<HttpResponse> {
    let (pending, provider) = pending(&app, &request)?;
    let way = Way { purpose: Some(Purpose::SignIn), return_to: pending.return_to.clone() };
    let account = match account(&app, &pending).await {
        Ok(account) => account,
        Err(failure) => return failure.answer(&app, &request, provider, &way).await,
    };
    let account = match login::check_password(&app, &request, &account, form.0.password).await {
        Ok(Some(account)) => account,
        Ok(None) => {
            let errors = FieldErrors::from([("password", REFUSED.to_owned())]);
            return refused(&request, &page(&pending, provider, errors));
        }
        Err(Error::Invalid(errors)) => return refused(&request, &page(&pending, provider, errors)),
        Err(other) => return Err(other),
    };
    match link(&app, &request, provider, &pending, account).await {
        Ok(response) => Ok(response),
        Err(failure) => failure.answer(&app, &request, provider, &way).await,
    }
}

async fn link(
    app: &App,
    request: &HttpRequest,
    provider: &Provider,
    pending: &Pending,
    account: Account,
) -> Result<HttpResponse, Failure> {
    let link = store::Link {
        user: account.user.id,
        kind: pending.kind,
        issuer: &pending.issuer,
        subject: &pending.subject,
        email: &pending.email,
    };
    let mut transaction = app.db.begin().await?;
    if !store::is_unchanged_locked(&mut transaction, &account, None).await? {
        return Err(Failure::SignInFirst);
    }
    link_or_fail(&mut transaction, &link).await?;
    notice::linked(app, request, &mut transaction, &account.user, provider).await?;
    transaction.commit().await?;
    let signed_in = start(app, request, account, &["pwd", METHOD]).await?;
    // The password was changed in this very moment.
    let signed_in = signed_in.ok_or(Failure::SignInFirst)?;
    Ok(onward(app, &signed_in.cookies(), pending.return_to.as_deref())?)
}

/// The one account with the address, as it is now.
async fn account(app: &App, pending: &Pending) -> Result<Account, Failure> {
    let mut accounts = users::store::list_by_email(&app.db, &pending.email).await?;
    match (accounts.pop(), accounts.is_empty()) {
        (Some(account), true) if has_password(&account.password_hash) => Ok(account),
        _ => Err(Failure::SignInFirst),
    }
}

/// What this browser has proven in the last minutes. Without it there is nothing here.
pub fn pending<'a>(app: &'a App, request: &HttpRequest) -> Result<(Pending, &'a Provider)> {
    let pending = Pending::find(&app.config.secrets, &request.get_session()).or_not_found()?;
    let provider = app.providers.find_by_issuer(&pending.issuer).or_not_found()?;
    Ok((pending, provider))
}

fn page(pending: &Pending, provider: &Provider, errors: FieldErrors) -> LinkPage {
    LinkPage { provider: provider.name().to_owned(), email: pending.email.clone(), errors }
}

fn refused(request: &HttpRequest, page: &LinkPage) -> Result<HttpResponse> {
    View::of(request).status(StatusCode::UNPROCESSABLE_ENTITY, page)
}
