//! A change of settings and the rules for it, the same for the page and for programs.

use std::ops::RangeInclusive;

use common::{error::FieldErrors, forms::required_text};
use imaging::Mark;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::SiteSettings;
use crate::{
    config::{BYTES_PER_MB, UploadLimits},
    statistics::chart::bytes_text,
};

/// A longer name would not fit into the header of a phone.
const LONGEST_NAME: usize = 60;
/// A trash that is emptied at once would be none; ten years are for ever.
const TRASH_DAYS: RangeInclusive<i64> = 1..=3650;
/// The dashboard tells of the last week.
const EVENT_DAYS: RangeInclusive<i64> = 7..=3650;
/// A petabyte.
const MOST_QUOTA: i64 = 1_000_000_000_000_000;

/// What was set; what is `None` is as the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// What the site is called.
    pub site_name: Option<String>,
    /// Files in one request.
    pub upload_max_files: Option<i32>,
    /// Megabytes (2²⁰ bytes) a file.
    pub upload_max_file_mb: Option<i32>,
    /// The mark of photographers who chose none.
    pub watermark_text: Option<String>,
    /// For how long what was deleted can be brought back.
    pub trash_days: Option<i32>,
    /// For how long it is told one by one who looked and downloaded.
    pub event_days: Option<i32>,
    /// Bytes of originals that each photographer may have; 0 without a limit.
    pub quota_bytes: Option<i64>,
}

/// What is to be different; absent fields stay, null goes back to what the environment says.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SettingsChange)]
pub struct Change {
    /// 1 to 60 characters; at the auth-service too.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub site_name: Option<Option<String>>,
    /// Who may make an account: `open`, `invitation` or `closed`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub registration: Option<Option<String>>,
    /// Of accounts that people make for themselves: `photographer`, `user` or `viewer`.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub registration_role: Option<Option<String>>,
    /// From 1; not more than `limits` says.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    pub upload_max_files: Option<Option<i32>>,
    /// From 1; not more than `limits` says.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    pub upload_max_file_mb: Option<Option<i32>>,
    /// As in a watermark: up to 60 letters, Latin, Greek or Cyrillic.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub watermark_text: Option<Option<String>>,
    /// 1 to 3650.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    pub trash_days: Option<Option<i32>>,
    /// 7 to 3650.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    pub event_days: Option<Option<i32>>,
    /// 0: no limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    pub quota_bytes: Option<Option<i64>>,
}

/// A field that was sent, be it null.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

impl Change {
    /// What the auth-service is told of it, as its API takes it; empty for nothing.
    pub fn for_auth_service(&self) -> Map<String, Value> {
        let fields = [
            ("site_name", &self.site_name),
            ("registration", &self.registration),
            ("registration_role", &self.registration_role),
        ];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        given.map(|(name, value)| (name.to_owned(), json!(value))).collect()
    }

    /// What is set afterwards, or what is wrong with the change, by field.
    pub fn on(self, before: Given, most: &UploadLimits) -> Result<Given, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut within = |field, wanted: Option<Option<i32>>, range: RangeInclusive<i64>, before| {
            let Some(wanted) = wanted else { return before };
            if wanted.is_some_and(|number| !range.contains(&number.into())) {
                errors.insert(field, format!("This may be from {} to {}.", range.start(), range.end()));
            }
            wanted
        };
        let most_files = i64::try_from(most.max_files).unwrap_or(i64::MAX);
        let most_mb = i64::try_from(most.max_file_bytes / BYTES_PER_MB).unwrap_or(i64::MAX);
        let mut after = Given {
            upload_max_files: within(
                "upload_max_files",
                self.upload_max_files,
                1..=most_files,
                before.upload_max_files,
            ),
            upload_max_file_mb: within(
                "upload_max_file_mb",
                self.upload_max_file_mb,
                1..=most_mb,
                before.upload_max_file_mb,
            ),
            trash_days: within("trash_days", self.trash_days, TRASH_DAYS, before.trash_days),
            event_days: within("event_days", self.event_days, EVENT_DAYS, before.event_days),
            ..before
        };
        if let Some(name) = self.site_name {
            after.site_name = name.map(|name| required_text(&mut errors, "site_name", &name, LONGEST_NAME));
        }
        if let Some(text) = self.watermark_text {
            let text = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
            after.watermark_text = text.filter(|text| !text.is_empty());
            if after.watermark_text.as_ref().is_some_and(|text| !Mark::can_draw(text)) {
                errors.insert("watermark_text", CANNOT_DRAW.to_owned());
            }
        }
        if let Some(quota) = self.quota_bytes {
            if quota.is_some_and(|bytes| !(0..=MOST_QUOTA).contains(&bytes)) {
                errors.insert("quota_bytes", "This may be from 0 to a million gigabytes.".to_owned());
            }
            after.quota_bytes = quota;
        }
        if errors.is_empty() { Ok(after) } else { Err(errors) }
    }
}

const CANNOT_DRAW: &str =
    "This text can't be drawn. A watermark has up to 60 letters, Latin, Greek or Cyrillic.";

/// A setting that changed, in words: its name, before, after.
pub type Difference = (String, String, String);

/// What is different between two states.
pub fn differences(before: &SiteSettings, after: &SiteSettings) -> Vec<Difference> {
    let (before, after) = (words(before), words(after));
    let pairs =
        before.into_iter().zip(after).map(|((name, before), (_, after))| (name.to_owned(), before, after));
    pairs.filter(|(_, before, after)| before != after).collect()
}

fn words(settings: &SiteSettings) -> [(&'static str, String); 7] {
    let megabytes = settings.upload.max_file_bytes / BYTES_PER_MB;
    [
        ("Site name", settings.site_name.clone()),
        ("Files at once", settings.upload.max_files.to_string()),
        ("Largest file", format!("{megabytes} MB")),
        (
            "Default watermark",
            settings.watermark_text.clone().unwrap_or_else(|| "the photographer’s name".to_owned()),
        ),
        ("Days in the trash", settings.trash_days.to_string()),
        ("Days of activity", settings.event_days.to_string()),
        (
            "Room for each photographer",
            settings.quota_bytes.map_or_else(|| "no limit".to_owned(), bytes_text),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: UploadLimits = UploadLimits {
        max_files: 50,
        max_file_bytes: 50 << 20,
        max_request_bytes: None,
        max_megapixels: 250,
    };

    fn change(json: serde_json::Value) -> Change {
        serde_json::from_value(json).expect("a change")
    }

    #[test]
    fn what_is_absent_stays_and_null_goes_back_to_the_environment() {
        let before = Given { trash_days: Some(7), event_days: Some(30), ..Given::default() };
        let after = change(serde_json::json!({ "trash_days": null, "quota_bytes": 0 })).on(before, &MOST);
        let expected = Given { event_days: Some(30), quota_bytes: Some(0), ..Given::default() };
        assert_eq!(after.expect("a good change"), expected);
    }

    #[test]
    fn nothing_goes_beyond_its_bounds_and_every_fault_is_told() {
        for wrong in [
            serde_json::json!({ "upload_max_files": 51, "upload_max_file_mb": 51, "trash_days": 0, "event_days": 6 }),
            serde_json::json!({ "upload_max_files": 0, "site_name": " ", "watermark_text": "水", "quota_bytes": -1 }),
        ] {
            let errors = change(wrong.clone()).on(Given::default(), &MOST).expect_err("faults");
            assert_eq!(errors.len(), 4, "{wrong}: {errors:?}");
        }
    }
}
