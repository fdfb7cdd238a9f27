//! The page `/login/join`: nobody here has the address that a provider vouches for, so the person chooses a name and gets
//! an account. Never without asking: they may have another account with another address.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use common::{
    Result, client_address,
    csrf::CsrfForm,
    error::FieldErrors,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    METHOD, NO_PASSWORD, Provider,
    callback::{link_or_fail, onward},
    failure::{Failure, Way},
    flow::Purpose,
    link::pending,
    notice,
    pending::Pending,
    store, suggested_username,
};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
    registration::Mode,
    sessions::start::start,
    users::{self, Account, EmailAddress, NewAccount, Username},
};

const TAKEN: &str = "This name is taken. Please choose another one.";

/// The form as it was sent.
#[derive(Deserialize)]
pub struct JoinForm {
    #[serde(default)]
    username: String,
}

#[derive(Serialize)]
struct JoinPage {
    provider: String,
    email: String,
    username: String,
    errors: FieldErrors,
}

impl Page for JoinPage {
    const TEMPLATE: &'static str = "providers/join.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Create your account".to_owned()
    }
}

/// Asks for a name.
pub async fn get(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let (pending, provider) = pending(&app, &request)?;
    let username = suggested_username(&pending.name);
    View::of(&request).ok(&page(&pending, provider, username, FieldErrors::new()))
}

/// Makes the account, links it and signs in.
pub async fn post(app: Data<App>, request: HttpRequest, form: CsrfForm<JoinForm>) -> Result<HttpResponse> {
    app.limits.register.check(client_address::of(&request))?;
    let (pending, provider) = pending(&app, &request)?;
    let username = match Username::parse(&form.0.username) {
        Ok(username) => username,
        Err(message) => return refused(&request, &pending, provider, form.0.username, message),
    };
    let way = Way { purpose: Some(Purpose::SignIn), return_to: pending.return_to.clone() };
    let account = match create(&app, &request, provider, &pending, username).await {
        Ok(Some(account)) => account,
        Ok(None) => return refused(&request, &pending, provider, form.0.username, TAKEN.to_owned()),
        Err(failure) => return failure.answer(&app, &request, provider, &way).await,
    };
    match start(&app, &request, account, &[METHOD]).await? {
        Some(signed_in) => onward(&app, &signed_in.cookies(), pending.return_to.as_deref()),
        None => Failure::SignInFirst.answer(&app, &request, provider, &way).await,
    }
}

/// The new account, linked; `None` if its name is taken.
async fn create(
    app: &App,
    request: &HttpRequest,
    provider: &Provider,
    pending: &Pending,
    username: Username,
) -> Result<Option<Account>, Failure> {
    let registration = app.registration();
    if registration.mode != Mode::Open {
        return Err(Failure::Closed);
    }
    let email = EmailAddress::parse(&pending.email).map_err(|_| Failure::NoVerifiedAddress)?;
    let new = NewAccount { username, email, role: registration.role, email_verified: true };
    let mut transaction = app.db.begin().await?;
    // The address may belong to somebody by now, in any case.
    if !users::store::list_by_email(&mut *transaction, new.email.as_str()).await?.is_empty() {
        return Err(Failure::SignInFirst);
    }
    let Some(id) = users::store::create(&mut *transaction, &new, NO_PASSWORD).await? else { return Ok(None) };
    let link = store::Link {
        user: id,
        kind: pending.kind,
        issuer: &pending.issuer,
        subject: &pending.subject,
        email: &pending.email,
    };
    link_or_fail(&mut transaction, &link).await?;
    let origin = Origin::of(request);
    let entry = Entry::about(Event::AccountCreated, id, new.username.as_str(), &origin)
        .with(json!({ "role": registration.role, "by": "provider", "provider": provider.kind().as_str() }));
    audit::store::create(&mut *transaction, &entry).await?;
    let account = users::store::find_account(&mut *transaction, id).await?.ok_or(Failure::SignInFirst)?;
    notice::linked(app, request, &mut transaction, &account.user, provider).await?;
    transaction.commit().await?;
    Ok(Some(account))
}

fn page(pending: &Pending, provider: &Provider, username: String, errors: FieldErrors) -> JoinPage {
    JoinPage { provider: provider.name().to_owned(), email: pending.email.clone(), username, errors }
}

fn refused(
    request: &HttpRequest,
    pending: &Pending,
    provider: &Provider,
    username: String,
    message: String,
) -> Result<HttpResponse> {
    let errors = FieldErrors::from([("username", message)]);
    let page = page(pending, provider, username, errors);
    View::of(request).status(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
