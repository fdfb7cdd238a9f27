//! `POST /api/register`: the same two steps for a program. With an `email` it asks for the mail; with the `token` of the
//! mail's link, a `username` and a `password` it makes the account.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Error, Result, client_address, csrf::OwnJson, identity::User};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Finished, begin, finish, require_open, store};
use crate::{
    App,
    audit::Origin,
    dead_link,
    mail_tokens::MailToken,
    new_account,
    users::{self, EmailAddress},
};

/// What a program sends.
#[derive(Deserialize, ToSchema)]
#[serde(untagged, deny_unknown_fields)]
#[schema(as = Registration)]
pub enum Body {
    /// The second step.
    Finish {
        /// The secret of the link.
        token: String,
        /// The name that was chosen.
        username: String,
        /// The password that was chosen.
        #[schema(value_type = String)]
        password: SecretString,
    },
    /// The first step.
    Begin {
        /// The address to write to.
        email: String,
    },
}

/// What happened, in words.
#[derive(Serialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageBody {
    /// A sentence.
    pub message: String,
}

/// The account that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = NewAccount)]
struct AccountBody {
    user: Option<User>,
}

/// With an address: a mail goes to it, and the answer is the same whether or not it has an account. With the token of
/// that mail's link, a name and a password: makes the account.
///
/// Else: 403 registration is not open, or sent by a page of another site; 409 the address got an account meanwhile;
/// 410 the link works no more; 422; 429
#[utoipa::path(
    post, path = "/api/register",
    security(()),
    request_body = Body,
    responses((status = 200, description = "a mail is on its way", body = MessageBody), (status = 201, description = "the account is made", body = AccountBody))
)]
pub async fn post(app: Data<App>, request: HttpRequest, body: OwnJson<Body>) -> Result<HttpResponse> {
    require_open(&app)?;
    app.limits.register.check(client_address::of(&request))?;
    match body.0 {
        Body::Begin { email } => {
            let email = EmailAddress::parse(&email).map_err(|message| Error::invalid("email", message))?;
            begin(&app, &Origin::of(&request), &email, None).await?;
            let message = format!(
                "We have sent a mail to {}. The link in it leads on: there you choose a name and a password.",
                email.as_str()
            );
            Ok(HttpResponse::Ok().json(MessageBody { message }))
        }
        Body::Finish { token, username, password } => {
            let gone = || Error::Gone(dead_link::SENTENCE.to_owned());
            let token = MailToken::parse(&token).ok_or_else(gone)?;
            let email = store::find(&app.db, &token).await?.ok_or_else(gone)?;
            let (name, password) = new_account::check(&app, &username, &password, &email).await?;
            match finish(&app, &Origin::of(&request), &token, name, &password).await? {
                Finished::Account(id) => {
                    let account = users::store::find_account(&app.db, id).await?;
                    let user = account.map(|account| account.user);
                    Ok(HttpResponse::Created().json(AccountBody { user }))
                }
                Finished::DeadLink => Err(gone()),
                Finished::NameTaken => Err(new_account::name_taken()),
                Finished::AddressTaken => Err(Error::Conflict(dead_link::ADDRESS_TAKEN.to_owned())),
            }
        }
    }
}
