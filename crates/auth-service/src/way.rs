//! What the pages around signing in hand on to each other: the way back to where a person was, and the links of mails.

use common::return_to;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::{App, mail_tokens::MailToken};

/// The query of a page that knows the way back.
#[derive(Default, Deserialize)]
pub struct Way {
    /// As it was sent; only `back` says whether anybody may be sent there.
    #[serde(default)]
    pub return_to: String,
}

impl Way {
    /// The way back, if it lies on this site.
    pub fn back(&self, app: &App) -> Option<Url> {
        return_to::absolute(&app.config.site, &self.return_to)
    }
}

/// The query of a page that a mail's link opens.
#[derive(Deserialize)]
pub struct MailLink {
    /// The secret.
    #[serde(default)]
    pub token: String,
    /// The way back.
    #[serde(flatten)]
    pub way: Way,
}

impl MailLink {
    /// The secret, if it has the shape of one.
    pub fn token(&self) -> Option<MailToken> {
        MailToken::parse(&self.token)
    }
}

/// A path of ours that keeps the way back.
pub fn keeping(path: &str, back: Option<&Url>) -> String {
    let Some(back) = back else { return path.to_owned() };
    let query: String = form_urlencoded::byte_serialize(back.as_str().as_bytes()).collect();
    format!("{path}?return_to={query}")
}

/// The address for a mail, built from the configured public address alone.
pub fn mail_link(app: &App, path: &str, token: &MailToken, back: Option<&Url>) -> String {
    link(&app.config.public_url, path, token, back)
}

/// The same for a command, which has no service running.
pub fn link(public_url: &Url, path: &str, token: &MailToken, back: Option<&Url>) -> String {
    let mut url = public_url.join(path).expect("a constant path joins");
    url.query_pairs_mut().append_pair("token", token.reveal());
    if let Some(back) = back {
        url.query_pairs_mut().append_pair("return_to", back.as_str());
    }
    url.into()
}
