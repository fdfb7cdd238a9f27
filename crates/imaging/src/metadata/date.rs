//! EXIF dates: local times without a zone, and their offset apart.

/// `2026:11:22 08:15:00` as `2026-11-22T08:15:00`, when it is a day that the calendar has.
pub(super) fn local(text: &str) -> Option<String> {
    let (day, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix([' ', 'T'])?.get(..8)?;
    let [year, month, date] = numbers(day)?;
    let [hour, minute, second] = numbers(time)?;
    let real = (1826..=2199).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&date)
        && hour < 24
        && minute < 60
        && second < 60;
    real.then(|| format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}"))
}

/// `+01:00` when it is an offset that is in use on earth.
pub(super) fn offset(text: &str) -> Option<String> {
    let text = if text == "Z" { "+00:00" } else { text };
    let [hours, minutes] = numbers(text.strip_prefix(['+', '-'])?)?;
    (text.len() == 6 && hours <= 14 && minutes < 60).then(|| text.to_owned())
}

/// Digits alone, at most the nine down to a billionth.
pub(super) fn fraction(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.chars().take(9).collect())
}

/// Numbers of digits alone, between colons (some programs write dashes or slashes between those of a day).
fn numbers<const N: usize>(text: &str) -> Option<[u32; N]> {
    let mut parts = text.split([':', '-', '/', '.']);
    let mut all = [0; N];
    for number in &mut all {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(all)
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::{fraction, local, offset};

    #[test]
    fn camera_times_become_iso_times() {
        assert_eq!(local("2024:02:29 23:59:59").as_deref(), Some("2024-02-29T23:59:59"));
        assert_eq!(local("2024-02-29T23:59:59+01:00").as_deref(), Some("2024-02-29T23:59:59"));
    }

    #[test]
    fn times_that_never_were_are_none() {
        for text in [
            "0000:00:00 00:00:00",
            "2023:02:29 10:00:00",
            "9999:99:99 99:99:99",
            "yesterday",
            "",
            "2024:01:01",
            "    :  :     :  :  ",
            "2024:01:01 24:00:00",
            "20é4:01:01 10:00:00",
        ] {
            assert_eq!(local(text), None, "{text}");
        }
    }

    #[test]
    fn offsets_are_checked() {
        assert_eq!(offset("+05:30").as_deref(), Some("+05:30"));
        assert_eq!(offset("Z").as_deref(), Some("+00:00"));
        for text in ["+99:99", "05:30", "+5:30", ""] {
            assert_eq!(offset(text), None, "{text}");
        }
    }

    #[test]
    fn fractions_are_digits() {
        assert_eq!(fraction(" 034 ").as_deref(), Some("034"));
        assert_eq!(fraction("1234567890123").as_deref(), Some("123456789"));
        for text in ["", "1.5", "-1", "ab"] {
            assert_eq!(fraction(text), None, "{text}");
        }
    }
}
