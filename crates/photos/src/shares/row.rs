//! A link as a row of a page: what it opens and for whom, until when, who looked, and what can be done with it.

use serde::Serialize;

use super::{
    EXPIRIES, ShareLink, ShareLinkId, State,
    words::{access_text, limits_text, mail_text, state_text, views_text},
};
use crate::{
    app::App,
    galleries::{GalleryId, day_text},
};

/// A link in a list.
#[derive(Serialize)]
pub struct LinkRow {
    id: ShareLinkId,
    gallery_id: Option<GalleryId>,
    gallery_name: String,
    /// Where it opens.
    url: Option<String>,
    access_text: &'static str,
    state: State,
    state_text: &'static str,
    recipient: String,
    created_text: String,
    expires_text: String,
    views_text: String,
    opened_text: String,
    limits_text: String,
    mail_text: &'static str,
}

/// For how long a link may be opened, as a choice.
#[derive(Serialize)]
pub struct Expiry {
    value: String,
    label: String,
}

impl LinkRow {
    /// The row of a link.
    pub fn of(app: &App, link: &ShareLink) -> Self {
        let state = link.state();
        let opened = match (link.first_opened_at, link.last_opened_at) {
            (Some(first), Some(last)) if first.date() == last.date() => format!("Opened {}", day_text(last)),
            (Some(first), Some(last)) => format!("First opened {}, last {}", day_text(first), day_text(last)),
            (_, Some(last)) => format!("Last opened {}", day_text(last)),
            _ => "Not opened yet".to_owned(),
        };
        Self {
            id: link.id,
            gallery_id: link.gallery,
            gallery_name: link.gallery_name.clone(),
            url: link.url(app).filter(|_| state == State::Active),
            access_text: access_text(link.level),
            state_text: state_text(state),
            recipient: link.recipient_email.clone().unwrap_or_default(),
            created_text: day_text(link.created_at),
            expires_text: match (state, link.expires_at) {
                (State::Revoked, _) => String::new(),
                (State::Expired, Some(end)) => format!("Expired {}", day_text(end)),
                (_, Some(end)) => format!("Until {}", day_text(end)),
                (_, None) => "Never expires".to_owned(),
            },
            views_text: views_text(link),
            opened_text: opened,
            limits_text: limits_text(link),
            mail_text: mail_text(link.mail_state.as_deref()),
            state,
        }
    }
}

/// The choices, with the longest at the end.
pub fn expiries() -> Vec<Expiry> {
    let never = Expiry { value: String::new(), label: "Never".to_owned() };
    let days = EXPIRIES.iter().map(|days| Expiry {
        value: days.to_string(),
        label: if *days == 1 { "After 1 day".to_owned() } else { format!("After {days} days") },
    });
    days.chain([never]).collect()
}
