//! `POST /api/register`: the same two steps for a program. With an `email` it asks for the mail; with the `token` of the
//! mail's link, a `username` and a `password` it makes the account.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use common::{Error, Result, client_address, csrf::OwnJson};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;

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
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Body {
    /// The second step.
    Finish {
        /// The secret of the link.
        token: String,
        /// The name that was chosen.
        username: String,
        /// The password that was chosen.
        password: SecretString,
    },
    /// The first step.
    Begin {
        /// The address to write to.
        email: String,
    },
}

/// Does one of the two steps.
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
            Ok(HttpResponse::Ok().json(json!({ "message": message })))
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
                    Ok(HttpResponse::Created().json(json!({ "user": user })))
                }
                Finished::DeadLink => Err(gone()),
                Finished::NameTaken => Err(new_account::name_taken()),
                Finished::AddressTaken => Err(Error::Conflict(dead_link::ADDRESS_TAKEN.to_owned())),
            }
        }
    }
}
