//! `/auth/change-email?token=`: where both links lead. Opening the page changes nothing, because mail scanners do that
//! too; the button does.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Query},
};
use common::{
    Result,
    csrf::CsrfForm,
    view::{Page, View},
};
use serde::{Deserialize, Serialize};

use super::{Agreed, agree, find};
use crate::{
    App, dead_link,
    mail_tokens::{MailToken, Purpose},
};

/// The query of the page and the form's field.
#[derive(Deserialize)]
pub struct Way {
    #[serde(default)]
    token: String,
}

#[derive(Serialize)]
struct ConfirmEmailPage {
    token: String,
    username: String,
    new_email: String,
    is_leaving: bool,
}

#[derive(Serialize)]
struct EmailConfirmedPage {
    changed: bool,
}

impl Page for ConfirmEmailPage {
    const TEMPLATE: &'static str = "account/email_confirm.html";
    const HAS_FORM: bool = true;

    fn title(&self) -> String {
        "Confirm the change of address".to_owned()
    }
}

impl Page for EmailConfirmedPage {
    const TEMPLATE: &'static str = "account/email_confirmed.html";

    fn title(&self) -> String {
        if self.changed { "Your address is changed".to_owned() } else { "Thank you".to_owned() }
    }
}

/// Shows what the link is about, and the button.
pub async fn get(app: Data<App>, way: Query<Way>, view: View) -> Result<HttpResponse> {
    let Some(token) = MailToken::parse(&way.token) else { return dead_link::change_of_address(&view) };
    let Some((purpose, proof, change)) = find(&app, &token).await? else {
        return dead_link::change_of_address(&view);
    };
    view.ok(&ConfirmEmailPage {
        token: token.reveal().to_owned(),
        username: proof.username,
        new_email: change.new_email,
        is_leaving: purpose == Purpose::LeaveEmail,
    })
}

/// Agrees. Whoever has the link may, signed in or not: mail is often read on another device.
pub async fn post(
    app: Data<App>,
    request: HttpRequest,
    view: View,
    form: CsrfForm<Way>,
) -> Result<HttpResponse> {
    let Some(token) = MailToken::parse(&form.0.token) else { return dead_link::change_of_address(&view) };
    let Some(agreed) = agree(&app, &request, &token).await? else {
        return dead_link::change_of_address(&view);
    };
    view.ok(&EmailConfirmedPage { changed: agreed == Agreed::Changed })
}
