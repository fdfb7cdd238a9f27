//! Why a way to a provider ended without success: what the record keeps, and the page that says how to go on.

use std::error::Error as StdError;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use common::{
    Error, Result,
    identity::User,
    view::{Page, View},
};
use oauth2::{ErrorResponse, RequestTokenError};
use openidconnect::{DiscoveryError, UserInfoError};
use serde::Serialize;
use serde_json::json;

use super::{Provider, account::PATH, calls::CallError, flow::Purpose};
use crate::{
    App,
    audit::{self, Entry, Event, Origin},
};

/// Why it ended.
#[derive(Debug)]
pub enum Failure {
    /// Nothing was begun in this browser that the answer belongs to, or too long ago, or it was answered already.
    NotBegun,
    /// The person said no at the provider.
    Cancelled,
    /// The provider says that something went wrong on its side.
    Declined,
    /// No answer in time, or none that can be used.
    Away,
    /// The answer proves nothing; the word says which check failed.
    Untrusted(&'static str),
    /// The provider vouches for no address.
    NoVerifiedAddress,
    /// Nobody here has this address, and new accounts are not made this way.
    Closed,
    /// The account may not be used.
    Disabled(Box<User>),
    /// There is an account with this address, and only its own ways of signing in can show whose it is.
    SignInFirst,
    /// Another account has this account of the provider.
    LinkedElsewhere,
    /// This account has another account of the provider.
    LinkedAlready,
    /// The provider proved somebody else, or proved it too long ago.
    NotReauthenticated,
    /// Something that is no matter of providers.
    Fault(Error),
}

impl Failure {
    /// Notes the cause in the log; nobody but the operator can do anything about it.
    pub fn away(cause: &dyn StdError) -> Self {
        let reason = chain(cause);
        tracing::warn!(reason, "a provider of sign-in can't be used");
        Self::Away
    }

    /// Of the exchange of a code.
    pub fn of_token<T: ErrorResponse + 'static>(error: &RequestTokenError<CallError, T>) -> Self {
        let failure = Self::away(error);
        match error {
            // A code that was used before, was made for somebody else, or comes without its verifier.
            RequestTokenError::ServerResponse(_) => Self::Untrusted("code"),
            RequestTokenError::Parse(..) => Self::Untrusted("token"),
            _ => failure,
        }
    }

    /// Of the facts about a person.
    pub fn of_userinfo(error: &UserInfoError<CallError>) -> Self {
        let failure = Self::away(error);
        if matches!(error, UserInfoError::ClaimsVerification(_)) {
            Self::Untrusted("userinfo")
        } else {
            failure
        }
    }

    /// Of what an issuer says of itself.
    pub fn of_discovery(error: &DiscoveryError<CallError>) -> Self {
        let failure = Self::away(error);
        if matches!(error, DiscoveryError::Validation(_)) { Self::Untrusted("discovery") } else { failure }
    }

    /// The word for the record; none where nobody tried anything.
    fn word(&self) -> Option<&'static str> {
        match self {
            Self::Untrusted(check) => Some(check),
            Self::NoVerifiedAddress => Some("no_verified_address"),
            Self::Closed => Some("registration_closed"),
            Self::Disabled(_) => Some("disabled"),
            Self::LinkedElsewhere => Some("linked_elsewhere"),
            Self::NotReauthenticated => Some("not_reauthenticated"),
            Self::NotBegun
            | Self::Cancelled
            | Self::Declined
            | Self::Away
            | Self::SignInFirst
            | Self::LinkedAlready
            | Self::Fault(_) => None,
        }
    }

    /// Records a refusal and shows its page.
    pub async fn answer(
        self,
        app: &App,
        request: &HttpRequest,
        provider: &Provider,
        way: &Way,
    ) -> Result<HttpResponse> {
        if let Some(word) = self.word() {
            let origin = Origin::of(request);
            let account = match &self {
                Self::Disabled(user) => Some((user.id, user.username.as_str())),
                _ => None,
            };
            let entry = Entry { account, ..Entry::about_nobody(Event::SignInFailed, &origin) };
            let details = json!({ "provider": provider.kind().as_str(), "reason": word });
            audit::store::create(&app.db, &entry.with(details)).await?;
        }
        let Some((status, title, message)) = self.wording(provider.name()) else {
            return Err(self.fault());
        };
        let page = FailurePage { title, message, back: way.back() };
        View::of(request).status(status, &page)
    }

    fn fault(self) -> Error {
        match self {
            Self::Fault(error) => error,
            other => Error::Internal(anyhow::anyhow!("{other:?} has no page")),
        }
    }

    fn wording(&self, name: &str) -> Option<(StatusCode, &'static str, String)> {
        let (status, title, message) = match self {
            Self::NotBegun => (
                StatusCode::BAD_REQUEST,
                "Please begin once more",
                format!(
                    "This way through {name} was not begun in this browser, took longer than ten minutes, or was \
                     used already. Nothing was changed."
                ),
            ),
            Self::Cancelled => (
                StatusCode::BAD_REQUEST,
                "Cancelled",
                format!("You did not allow it at {name}, so nothing was changed."),
            ),
            Self::Declined => (
                StatusCode::BAD_GATEWAY,
                "That did not work",
                format!(
                    "{name} says that something went wrong there. Please try again, or sign in another way."
                ),
            ),
            Self::Away => (
                StatusCode::SERVICE_UNAVAILABLE,
                "No answer just now",
                format!(
                    "{name} can't be reached at this moment. Please try again soon, or sign in another way."
                ),
            ),
            Self::Untrusted(_) => (
                StatusCode::BAD_GATEWAY,
                "That did not work",
                format!(
                    "What {name} answered does not prove who you are, so we did not take it. Please begin once \
                     more; if it happens again, tell the people who run this site."
                ),
            ),
            Self::NoVerifiedAddress => (
                StatusCode::FORBIDDEN,
                "Your address is not verified",
                format!(
                    "{name} does not confirm an e-mail address of yours. Verify one there, then try again."
                ),
            ),
            Self::Closed => (
                StatusCode::FORBIDDEN,
                "There is no account for you yet",
                format!(
                    "No account here has the address that {name} confirms, and new accounts are made by invitation \
                     only. Ask the people who run this site, or sign in with an account that you have."
                ),
            ),
            Self::Disabled(_) => (
                StatusCode::FORBIDDEN,
                "This account can't be used",
                "It has been disabled. Please ask the people who run this site.".to_owned(),
            ),
            Self::SignInFirst => (
                StatusCode::FORBIDDEN,
                "Sign in another way first",
                format!(
                    "There is already an account with the address that {name} confirms. Sign in to it as you did \
                     before, and link {name} on the page of your account."
                ),
            ),
            Self::LinkedElsewhere => (
                StatusCode::CONFLICT,
                "Linked to another account",
                format!("Another account here signs in with that account at {name}. Unlink it there first."),
            ),
            Self::LinkedAlready => (
                StatusCode::CONFLICT,
                "Linked already",
                format!("Your account is linked to another account at {name}. Unlink that one first."),
            ),
            Self::NotReauthenticated => (
                StatusCode::FORBIDDEN,
                "That was not confirmed",
                format!("{name} did not confirm just now that it is you. Please try once more."),
            ),
            Self::Fault(_) => return None,
        };
        Some((status, title, message))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// The way that somebody was on: where its page leads back to.
#[derive(Clone, Default)]
pub struct Way {
    /// What it was for; none if that isn't known.
    pub purpose: Option<Purpose>,
    /// Where it was to end.
    pub return_to: Option<String>,
}

impl Way {
    /// The page of ours from which it was begun, with a label.
    pub fn back(&self) -> Back {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let query = self.return_to.as_deref().map(|back| format!("?return_to={}", encode(back)));
        let with_query = |path: &str| format!("{path}{}", query.unwrap_or_default());
        match self.purpose {
            Some(Purpose::Link { .. }) => Back { label: "Back to your account", href: PATH.to_owned() },
            Some(Purpose::Reauthenticate { .. }) => {
                Back { label: "Try once more", href: with_query("/reauthenticate") }
            }
            Some(Purpose::SignIn) | None => Back { label: "Back to sign-in", href: with_query("/login") },
        }
    }
}

/// A link back.
#[derive(Serialize)]
pub struct Back {
    label: &'static str,
    /// Where it goes; on this host.
    pub href: String,
}

#[derive(Serialize)]
struct FailurePage {
    title: &'static str,
    message: String,
    back: Back,
}

impl Page for FailurePage {
    const TEMPLATE: &'static str = "providers/failure.html";

    fn title(&self) -> String {
        self.title.to_owned()
    }
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
