//! The page `/mail-sent`: a mail is on its way to the address that somebody typed, and what to do if it does not come.
//! It says the same whatever the mail says, and also where none was sent.

use actix_session::Session as BrowserState;
use actix_web::{HttpResponse, web::Data};
use common::{
    Result, return_to,
    view::{Page, View},
    web::see_other,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{App, users::EmailAddress, way::keeping};

const KEY: &str = "mail_sent";

/// What somebody asked for.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum About {
    /// An account.
    Registration,
    /// A new password.
    Reset,
}

#[derive(Serialize, Deserialize)]
struct Sent {
    about: About,
    to: String,
    return_to: String,
}

#[derive(Serialize)]
struct MailSentPage {
    to: String,
    is_reset: bool,
    again_url: String,
    sign_in_url: String,
}

impl Page for MailSentPage {
    const TEMPLATE: &'static str = "mail_sent.html";

    fn title(&self) -> String {
        "Check your mail".to_owned()
    }
}

/// Goes to the page after a form.
pub fn redirect(
    state: &BrowserState,
    about: About,
    to: &EmailAddress,
    back: Option<&Url>,
) -> Result<HttpResponse> {
    let return_to = back.map(ToString::to_string).unwrap_or_default();
    state.insert(KEY, Sent { about, to: to.as_str().to_owned(), return_to })?;
    Ok(see_other("/mail-sent"))
}

/// Shows the page to the browser that asked; to others it says nothing.
pub async fn get(app: Data<App>, state: BrowserState, view: View) -> Result<HttpResponse> {
    let Some(sent) = state.get::<Sent>(KEY)? else { return Ok(see_other("/login")) };
    let back = return_to::absolute(&app.config.site, &sent.return_to);
    let is_reset = sent.about == About::Reset;
    let again = if is_reset { "/forgot-password" } else { "/register" };
    view.ok(&MailSentPage {
        to: sent.to,
        is_reset,
        again_url: keeping(again, back.as_ref()),
        sign_in_url: keeping("/login", back.as_ref()),
    })
}
