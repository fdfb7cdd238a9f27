//! Times in words. The server does not know a visitor's clock, so what is long ago is told in UTC.

use chrono::{DateTime, TimeDelta, Utc};

/// A moment: `22 November 2026, 09:05 UTC`.
pub fn moment(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// A day: `22 November 2026`.
pub fn day(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y").to_string()
}

/// How long ago something was: `just now`, `5 minutes ago`, `3 hours ago`, `2 days ago`; further back the day.
pub fn ago(time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = now - time;
    let several = |count: i64, unit: &str| format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" });
    match passed {
        passed if passed < TimeDelta::minutes(2) => "just now".to_owned(),
        passed if passed < TimeDelta::hours(1) => several(passed.num_minutes(), "minute"),
        passed if passed < TimeDelta::days(1) => several(passed.num_hours(), "hour"),
        passed if passed < TimeDelta::days(14) => several(passed.num_days(), "day"),
        _ => format!("on {}", day(time)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn what_is_near_is_told_by_how_long_ago_and_what_is_far_by_its_day() {
        let now = Utc.with_ymd_and_hms(2026, 11, 22, 9, 5, 30).single().expect("a moment");
        let told = |delta: TimeDelta| ago(now - delta, now);
        assert_eq!(told(TimeDelta::seconds(-5)), "just now");
        assert_eq!(told(TimeDelta::minutes(2)), "2 minutes ago");
        assert_eq!(told(TimeDelta::minutes(61)), "1 hour ago");
        assert_eq!(told(TimeDelta::hours(49)), "2 days ago");
        assert_eq!(told(TimeDelta::days(30)), "on 23 October 2026");
        assert_eq!(moment(now), "22 November 2026, 09:05 UTC");
    }
}
