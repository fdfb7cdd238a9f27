//! What a new link is to be, and what is wrong about that.

use common::{error::FieldErrors, forms};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{EXPIRIES, password};
use crate::{galleries::SectionId, policy::LinkLevel};

/// What a link allows, checked.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How the pictures look.
    pub level: LinkLevel,
    /// At least 1.
    pub max_views: Option<i32>,
    /// At least 1.
    pub max_downloads: Option<i32>,
    /// At most 2,000 characters.
    pub message: Option<String>,
    /// Whether its sender hears of the first visit.
    pub tells_sender: bool,
    /// The parts of the gallery that it shows; all of it without.
    pub sections: Option<Vec<SectionId>>,
}

/// What a new link is to be, checked.
#[derive(Clone, Debug)]
pub struct NewLink {
    pub(super) policy: Policy,
    pub(super) expires_in_days: Option<u16>,
    pub(super) recipient_email: Option<String>,
    pub(super) password: Option<String>,
    /// Whether the recipient gets it by mail.
    pub(super) send: bool,
}

/// What was asked for.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewShareLink)]
pub struct Wanted {
    /// `preview` or `full`.
    #[serde(default)]
    pub access_level: String,
    /// 1, 3, 7, 14, 30 or 90, counted from now; without, it never ends.
    #[serde(default)]
    pub expires_in_days: Option<u16>,
    /// For whom it is.
    #[serde(default)]
    pub recipient_email: Option<String>,
    /// The most visits.
    #[serde(default)]
    pub max_views: Option<i32>,
    /// The most photos to download.
    #[serde(default)]
    pub max_downloads: Option<i32>,
    /// Asked for when it is opened.
    #[serde(default)]
    pub password: Option<String>,
    /// For the recipient.
    #[serde(default)]
    pub message: Option<String>,
    /// The parts of the gallery that it shows.
    #[serde(default)]
    pub section_ids: Option<Vec<SectionId>>,
    /// Whether its sender hears of the first visit.
    #[serde(default)]
    pub tells_sender: bool,
    /// Whether the recipient gets it by mail.
    #[serde(default)]
    pub send: bool,
}

impl Wanted {
    /// Checks what was asked for.
    pub fn parse(self) -> Result<NewLink, FieldErrors> {
        let mut errors = FieldErrors::new();
        if !["preview", "full"].contains(&self.access_level.as_str()) {
            errors.insert("access_level", "Choose marked previews or clean pictures.".to_owned());
        }
        check_days(&mut errors, self.expires_in_days);
        check_count(&mut errors, "max_views", self.max_views);
        check_count(&mut errors, "max_downloads", self.max_downloads);
        let recipient_email =
            forms::email(&mut errors, "recipient_email", self.recipient_email.as_deref().unwrap_or_default());
        if self.send && recipient_email.is_none() {
            errors.entry("recipient_email").or_insert_with(|| "Say where to send it.".to_owned());
        }
        if self.section_ids.as_ref().is_some_and(Vec::is_empty) {
            errors.insert("section_ids", "Choose at least one section, or the whole gallery.".to_owned());
        }
        let password = password::checked(&mut errors, self.password.as_deref().unwrap_or_default());
        let message =
            forms::optional_text(&mut errors, "message", self.message.as_deref().unwrap_or_default(), 2_000);
        let policy = Policy {
            level: LinkLevel::from_stored(Some(&self.access_level)),
            max_views: self.max_views,
            max_downloads: self.max_downloads,
            message,
            tells_sender: self.tells_sender,
            sections: self.section_ids,
        };
        let new = NewLink {
            policy,
            expires_in_days: self.expires_in_days,
            recipient_email,
            password,
            send: self.send,
        };
        if errors.is_empty() { Ok(new) } else { Err(errors) }
    }
}

pub(super) fn check_days(errors: &mut FieldErrors, days: Option<u16>) {
    if days.is_some_and(|days| !EXPIRIES.contains(&days)) {
        errors.insert("expires_in_days", "Choose 1, 3, 7, 14, 30 or 90 days, or never.".to_owned());
    }
}

pub(super) fn check_count(errors: &mut FieldErrors, field: &'static str, count: Option<i32>) {
    if count.is_some_and(|count| !(1..=1_000_000).contains(&count)) {
        errors.insert(field, "Give a number from 1 on, or leave it empty for no limit.".to_owned());
    }
}
