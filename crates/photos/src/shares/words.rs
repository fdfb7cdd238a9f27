//! Links in words, for pages.

use super::{ShareLink, State};
use crate::policy::LinkLevel;

/// “3 of 10 visits, 2 downloads”.
pub fn views_text(link: &ShareLink) -> String {
    let visits = match (link.views, link.max_views) {
        (views, Some(most)) => format!("{views} of {most} visits"),
        (1, None) => "1 visit".to_owned(),
        (views, None) => format!("{views} visits"),
    };
    match (link.downloads, link.max_downloads) {
        (0, None) => visits,
        (count, Some(most)) => format!("{visits}, {count} of {most} downloads"),
        (1, None) => format!("{visits}, 1 download"),
        (count, None) => format!("{visits}, {count} downloads"),
    }
}

/// What else is special about a link, in words.
pub fn limits_text(link: &ShareLink) -> String {
    let parts = [
        link.password_hash.is_some().then_some("Asks for a password"),
        link.sections.is_some().then_some("Shows some sections"),
        link.tells_sender.then_some("Tells you of the first visit"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How the pictures of a link look, in words.
pub fn access_text(level: LinkLevel) -> &'static str {
    match level {
        LinkLevel::Preview => "Marked previews",
        LinkLevel::Full => "Clean pictures",
    }
}

/// Whether a link opens, in words.
pub fn state_text(state: State) -> &'static str {
    match state {
        State::Active => "Open",
        State::Expired => "Expired",
        State::Revoked => "Revoked",
        State::UsedUp => "Used up",
    }
}

/// What became of the mail that carried a link, in words.
pub fn mail_text(state: Option<&str>) -> &'static str {
    match state {
        Some("sent") => "Mail sent",
        Some("failed") => "The mail could not be delivered",
        Some(_) => "Mail on its way",
        None => "",
    }
}
