//! A chart as pages show it: a table that says everything, from which a script draws the picture.

use serde::Serialize;

use super::{Day, Range, total};

/// Longer ranges are shown by week, so that the table stays readable.
const MOST_DAYS: u16 = 90;

/// What the component `chart` shows.
#[derive(Clone, Debug, Serialize)]
pub struct Chart {
    kind: Kind,
    title: &'static str,
    /// What the picture says, for who can't see it.
    summary: String,
    columns: Vec<&'static str>,
    rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Line,
    Doughnut,
}

#[derive(Clone, Debug, Serialize)]
struct Row {
    label: String,
    cells: Vec<Cell>,
}

#[derive(Clone, Debug, Serialize)]
struct Cell {
    value: i64,
    text: String,
}

/// A choice of range above a chart.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    label: String,
    href: String,
    current: bool,
}

/// The ranges of a page.
pub fn choices(path: &str, chosen: Range) -> Vec<Choice> {
    let choice = |range: Range| Choice {
        label: range.label(),
        href: format!("{path}?days={}", range.days()),
        current: range == chosen,
    };
    Range::ALL.into_iter().map(choice).collect()
}

impl Chart {
    /// Views, visitors and downloads over time.
    pub fn over_time(days: &[Day], range: Range) -> Self {
        let by_week = range.days() > MOST_DAYS;
        let shown = if by_week { weeks(days) } else { days.to_vec() };
        let sum = total(days);
        let cell = |value: i64| Cell { value, text: grouped(value) };
        let rows = shown.iter().map(|day| Row {
            label: day.date.format(if by_week { "%-d %b %Y" } else { "%-d %b" }).to_string(),
            cells: [day.figures.views, day.figures.visitors, day.figures.downloads].map(cell).into(),
        });
        Self {
            kind: Kind::Line,
            title: "Views over time",
            summary: format!(
                "{} views and {} downloads in {} days",
                grouped(sum.views),
                grouped(sum.downloads),
                range.days()
            ),
            columns: vec![if by_week { "Week from" } else { "Day" }, "Views", "Visitors", "Downloads"],
            rows: rows.collect(),
        }
    }

    /// Bytes by name.
    pub fn storage(parts: &[(String, i64)], first_column: &'static str) -> Self {
        let sum: i64 = parts.iter().map(|(_, bytes)| bytes).sum();
        let rows = parts.iter().map(|(name, bytes)| Row {
            label: name.clone(),
            cells: vec![Cell { value: *bytes, text: bytes_text(*bytes) }],
        });
        Self {
            kind: Kind::Doughnut,
            title: "Storage",
            summary: format!("{} in {} parts", bytes_text(sum), parts.len()),
            columns: vec![first_column, "Size of the originals"],
            rows: rows.collect(),
        }
    }
}

fn weeks(days: &[Day]) -> Vec<Day> {
    days.chunks(7).filter_map(|week| Some(Day { date: week.first()?.date, figures: total(week) })).collect()
}

/// “12,345”.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if number < 0 { format!("−{text}") } else { text }
}

/// “1.2 GB”, in thousands as disks are sold.
pub fn bytes_text(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    if tenths >= 100 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, Utc};

    use super::*;
    use crate::statistics::{Figures, every_day};

    #[test]
    fn numbers_and_sizes_are_ready_to_read() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1200, "−1,200")]
        {
            assert_eq!(grouped(number), text);
        }
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (12_345, "12 kB"),
            (999_999, "999 kB"),
            (1_000_000, "1.0 MB"),
            (7_260_000_000, "7.2 GB"),
            (123_456_789_012, "123 GB"),
        ] {
            assert_eq!(bytes_text(bytes), text);
        }
    }

    #[test]
    fn a_year_is_shown_by_week_and_loses_no_view() {
        let seen = |back: u64| Day {
            date: Utc::now().date_naive() - Days::new(back),
            figures: Figures { views: 1, visitors: 1, downloads: 0 },
        };
        let year = Range::ALL[3];
        let days = every_day(&[seen(364), seen(200), seen(0)], year);
        let chart = Chart::over_time(&days, year);
        assert_eq!(chart.rows.len(), 53);
        assert_eq!(chart.rows.iter().map(|row| row.cells[0].value).sum::<i64>(), 3);
        assert_eq!(Chart::over_time(&days[335..], Range::default()).rows.len(), 30);
    }
}
