//! Which rows of the record are asked for, as an administrator types it.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use common::{error::FieldErrors, identity::UserId};
use serde::{Deserialize, Serialize};

/// Longer than any event, name or address.
const LONGEST: usize = 255;

/// Rows that fit all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The word of an event.
    pub event: Option<String>,
    /// The account that the row is about, or that did it.
    pub account: Option<UserId>,
    /// The same by name, in any case.
    pub name: Option<String>,
    /// The beginning of the client's address.
    pub address: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct FilterForm {
    /// The word of an event.
    #[serde(default)]
    pub event: String,
    /// A name, or `#` and the number of an account.
    #[serde(default)]
    pub person: String,
    /// The beginning of a client's address.
    #[serde(default)]
    pub address: String,
    /// The first day, as 2026-11-22.
    #[serde(default)]
    pub from: String,
    /// The last day.
    #[serde(default)]
    pub to: String,
}

impl FilterForm {
    /// Checks what was typed; days are those of UTC, and the last one counts whole.
    pub fn parse(&self) -> Result<Filter, FieldErrors> {
        let mut errors = FieldErrors::new();
        let person = given(&self.person);
        let account = person.as_deref().and_then(|text| text.strip_prefix('#'));
        let account = account.and_then(|number| {
            let number = number.trim().parse().map(UserId).ok();
            if number.is_none() {
                errors.insert("person", "After # comes the number of an account.".to_owned());
            }
            number
        });
        let from = day(&mut errors, "from", &self.from);
        let to = day(&mut errors, "to", &self.to).and_then(|day| day.checked_add_days(Days::new(1)));
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let filter = Filter {
            event: given(&self.event),
            account,
            name: person.filter(|text| !text.starts_with('#')),
            address: given(&self.address),
            from: from.map(midnight),
            until: to.map(midnight),
        };
        if errors.is_empty() { Ok(filter) } else { Err(errors) }
    }

    /// The fields that hold something, with their names.
    pub fn filled(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("event", &self.event),
            ("person", &self.person),
            ("address", &self.address),
            ("from", &self.from),
            ("to", &self.to),
        ];
        all.into_iter()
            .map(|(name, value)| (name, value.trim()))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

/// PostgreSQL has no text with a zero character.
fn given(text: &str) -> Option<String> {
    let text: String = text.trim().replace('\0', "\u{fffd}").chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

fn day(errors: &mut FieldErrors, field: &'static str, text: &str) -> Option<NaiveDate> {
    let text = given(text)?;
    // Four digits a year keep the day inside what PostgreSQL can hold.
    let day = text.parse().ok().filter(|_| text.len() == 10);
    if day.is_none() {
        errors.insert(field, "Please write the day as 2026-11-22.".to_owned());
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_counts_whole_and_a_number_means_an_account() {
        let form = FilterForm {
            person: " #7 ".to_owned(),
            from: "2026-11-21".to_owned(),
            to: "2026-11-22".to_owned(),
            ..FilterForm::default()
        };
        let filter = form.parse().expect("good");
        assert_eq!((filter.account, filter.name), (Some(UserId(7)), None));
        assert_eq!(filter.from.expect("a day").to_rfc3339(), "2026-11-21T00:00:00+00:00");
        assert_eq!(filter.until.expect("a day").to_rfc3339(), "2026-11-23T00:00:00+00:00");
    }

    #[test]
    fn what_is_no_day_and_no_number_is_told_beside_its_field() {
        for wrong in ["yesterday", "2026-13-01", "+262142-12-31", "22.11.2026"] {
            let form = FilterForm { from: wrong.to_owned(), ..FilterForm::default() };
            assert!(form.parse().expect_err("no day").contains_key("from"), "{wrong}");
        }
        let form = FilterForm { person: "#ana".to_owned(), ..FilterForm::default() };
        assert!(form.parse().expect_err("no number").contains_key("person"));
    }
}
