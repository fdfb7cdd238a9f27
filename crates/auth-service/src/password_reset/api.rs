//! `POST /api/forgot-password` and `POST /api/reset-password`, for programs.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Error, Result, client_address, csrf::OwnJson};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ask, choose, find, set};
use crate::{
    App, audit::Origin, dead_link, mail_tokens::MailToken, registration::api::MessageBody,
    users::EmailAddress,
};

/// What is needed to ask for a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForgottenPassword)]
pub struct Forgot {
    email: String,
}

/// What is needed to set a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPassword)]
pub struct Reset {
    /// Of the mail's link.
    token: String,
    #[schema(value_type = String)]
    password: SecretString,
}

/// Has a link sent. The answer is the same whether or not there is such an account.
///
/// Else: 403 sent by a page of another site; 422 this is no address; 429
#[utoipa::path(
    post, path = "/api/forgot-password",
    security(()),
    request_body = Forgot,
    responses((status = 200, body = MessageBody))
)]
pub async fn forgot(app: Data<App>, request: HttpRequest, body: OwnJson<Forgot>) -> Result<HttpResponse> {
    app.limits.forgot.check(client_address::of(&request))?;
    let email = EmailAddress::parse(&body.0.email).map_err(|message| Error::invalid("email", message))?;
    ask(&app, &Origin::of(&request), &email, None).await?;
    let message = format!("If there is an account for {}, a mail is on its way to it.", email.as_str());
    Ok(HttpResponse::Ok().json(MessageBody { message }))
}

/// Sets the password. Every session and API token of the account ends, and nobody is signed in.
///
/// Else: 403 sent by a page of another site; 410 the link works no more; 422; 429
#[utoipa::path(
    post, path = "/api/reset-password",
    security(()),
    request_body = Reset,
    responses((status = 204))
)]
pub async fn reset(app: Data<App>, request: HttpRequest, body: OwnJson<Reset>) -> Result<HttpResponse> {
    app.limits.reset.check(client_address::of(&request))?;
    let Reset { token, password } = body.0;
    let gone = || Error::Gone(dead_link::SENTENCE.to_owned());
    let token = MailToken::parse(&token).ok_or_else(gone)?;
    let proof = find(&app, Some(&token)).await?.ok_or_else(gone)?;
    let password = choose(&app, &proof, password.expose_secret())
        .map_err(|message| Error::invalid("password", message))?;
    set(&app, &Origin::of(&request), &token, &password).await?.ok_or_else(gone)?;
    Ok(HttpResponse::NoContent().finish())
}
