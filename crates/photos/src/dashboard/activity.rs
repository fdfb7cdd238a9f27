//! What happened lately, from the events, the links and the uploads, in sentences.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use super::{
    Whose,
    store::{self, Event, Shared, Uploaded},
};
use crate::{
    galleries::{GalleryId, day_text},
    statistics::chart::grouped,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Activity {
    /// What it was.
    pub kind: Kind,
    /// When.
    pub at: DateTime<Utc>,
    /// The gallery it is about.
    pub gallery_id: Option<GalleryId>,
    /// Its name.
    pub gallery_name: Option<String>,
    /// For whom the link was, where that is known.
    pub recipient: Option<String>,
    /// How many photos it was about.
    pub photos: i64,
    /// The sentence.
    pub text: String,
}

/// Kinds of things that happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ActivityKind)]
pub enum Kind {
    /// Somebody looked at a gallery.
    Viewed,
    /// Somebody downloaded photos.
    Downloaded,
    /// A link was made.
    Shared,
    /// Photos were uploaded.
    Uploaded,
}

/// The newest first.
pub async fn list(db: &PgPool, whose: Whose, most: usize) -> sqlx::Result<Vec<Activity>> {
    let (owner, limit) = (whose.owner(), i64::try_from(most).unwrap_or(i64::MAX));
    let (events, shared, uploaded) = futures_util::try_join!(
        store::list_events(db, owner, limit),
        store::list_shared(db, owner, limit),
        store::list_uploaded(db, owner, limit),
    )?;
    let mut all: Vec<Activity> = events.into_iter().map(Activity::from).collect();
    all.extend(shared.into_iter().map(Activity::from));
    all.extend(uploaded.into_iter().map(Activity::from));
    all.sort_by_key(|activity| std::cmp::Reverse(activity.at));
    all.truncate(most);
    Ok(all)
}

/// “1 photo”, “1,200 photos”.
pub fn photos_text(count: i64) -> String {
    if count == 1 { "1 photo".to_owned() } else { format!("{} photos", grouped(count)) }
}

/// “5 minutes ago”; a day once it is longer ago.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    match minutes {
        ..=0 => "just now".to_owned(),
        1 => "a minute ago".to_owned(),
        2..=59 => format!("{minutes} minutes ago"),
        60..=119 => "an hour ago".to_owned(),
        120..=1439 => format!("{} hours ago", minutes / 60),
        1440..=2879 => "yesterday".to_owned(),
        2880..=10_079 => format!("{} days ago", minutes / 1440),
        _ => day_text(at.naive_utc()),
    }
}

impl From<Event> for Activity {
    fn from(event: Event) -> Self {
        let who = match (&event.recipient, event.visitor_kind.as_str()) {
            (Some(recipient), _) => recipient.clone(),
            (None, "link") => "Somebody with a link".to_owned(),
            (None, "account") => "Somebody with an account".to_owned(),
            (None, _) => "A visitor".to_owned(),
        };
        let photos = i64::from(event.photos);
        let (kind, text) = if event.kind == "download" {
            let what = photos_text(photos);
            (Kind::Downloaded, format!("{who} downloaded {what} of “{}”", event.gallery_name))
        } else {
            (Kind::Viewed, format!("{who} looked at “{}”", event.gallery_name))
        };
        Self {
            kind,
            at: event.at,
            gallery_id: Some(event.gallery),
            gallery_name: Some(event.gallery_name),
            recipient: event.recipient,
            photos,
            text,
        }
    }
}

impl From<Shared> for Activity {
    fn from(shared: Shared) -> Self {
        let name = &shared.gallery_name;
        let text = match &shared.recipient {
            Some(recipient) => format!("“{name}” was shared with {recipient}"),
            None => format!("A link to “{name}” was made"),
        };
        Self {
            kind: Kind::Shared,
            at: shared.at.and_utc(),
            gallery_id: Some(shared.gallery),
            gallery_name: Some(shared.gallery_name),
            recipient: shared.recipient,
            photos: 0,
            text,
        }
    }
}

impl From<Uploaded> for Activity {
    fn from(uploaded: Uploaded) -> Self {
        let what = photos_text(uploaded.photos);
        let text = match &uploaded.gallery_name {
            Some(name) => format!("{what} arrived in “{name}”"),
            None => format!("{what} arrived among the photos"),
        };
        Self {
            kind: Kind::Uploaded,
            at: uploaded.at.and_utc(),
            gallery_id: uploaded.gallery,
            gallery_name: uploaded.gallery_name,
            recipient: None,
            photos: uploaded.photos,
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn times_are_told_as_people_tell_them() {
        let now: DateTime<Utc> = "2026-06-10T12:00:00Z".parse().expect("a time");
        for (minutes, text) in [
            (-1, "just now"),
            (0, "just now"),
            (1, "a minute ago"),
            (59, "59 minutes ago"),
            (60, "an hour ago"),
            (150, "2 hours ago"),
            (1500, "yesterday"),
            (3000, "2 days ago"),
            (20_000, "27 May 2026"),
        ] {
            assert_eq!(ago(now - TimeDelta::minutes(minutes), now), text);
        }
    }
}
