//! What people wrote about a photo, whichever block it stands in.

use super::text::{line, paragraphs};

/// A title, a name or a notice; the column for titles in the earlier system's table ends there.
const LONGEST_LINE: usize = 256;
/// What IPTC allows a caption.
const LONGEST_CAPTION: usize = 2000;
/// IPTC allows 64 bytes.
const LONGEST_KEYWORD: usize = 100;
const MOST_KEYWORDS: usize = 100;
/// Names in a list of creators.
const MOST_NAMES: usize = 20;

/// What cameras, phones and programs write where a person might have written a title or a caption.
const UNASKED: [&str; 40] = [
    "binary comment",
    "btf",
    "btfhdr",
    "btfmdn",
    "btr",
    "burst",
    "cof",
    "created by imlib",
    "dav",
    "dcim",
    "default",
    "digital camera",
    "digital still camera",
    "edf",
    "exif_jpeg_picture",
    "exif jpeg",
    "fbt",
    "fbthdr",
    "frem",
    "fshbty",
    "jpeg",
    "made with google",
    "mde",
    "mde_soft",
    "mon",
    "nor",
    "null",
    "olympus camera",
    "oznor",
    "oznorwo",
    "ptr",
    "qrf",
    "rbt",
    "rhdr",
    "rpt",
    "samsung",
    "samsung camera pictures",
    "scanner",
    "sdr_hdrb",
    "sony dsc",
];

/// Words that belong together; absent, empty and meaningless ones are `None`.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) title: Option<String>,
    pub(super) caption: Option<String>,
    pub(super) keywords: Vec<String>,
    pub(super) rating: Option<i8>,
    pub(super) label: Option<String>,
    pub(super) creator: Option<String>,
    pub(super) credit: Option<String>,
    pub(super) copyright: Option<String>,
}

impl Words {
    /// These, and the others' where there is nothing.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            title: self.title.or(others.title),
            caption: self.caption.or(others.caption),
            keywords: if self.keywords.is_empty() { others.keywords } else { self.keywords },
            rating: self.rating.or(others.rating),
            label: self.label.or(others.label),
            creator: self.creator.or(others.creator),
            credit: self.credit.or(others.credit),
            copyright: self.copyright.or(others.copyright),
        }
    }
}

/// A title that a person gave.
pub(super) fn title(text: &str) -> Option<String> {
    name(text).filter(|text| !is_unasked(text))
}

/// A caption that a person gave.
pub(super) fn caption(text: &str) -> Option<String> {
    paragraphs(text, LONGEST_CAPTION).filter(|text| !is_unasked(text))
}

/// A name, a notice or a word.
pub(super) fn name(text: &str) -> Option<String> {
    line(text, LONGEST_LINE)
}

/// Several names as one.
pub(super) fn names<'a>(several: impl Iterator<Item = &'a str>) -> Option<String> {
    let several: Vec<String> = several.filter_map(name).take(MOST_NAMES).collect();
    name(&several.join(", "))
}

/// Keywords, each once, in their order.
pub(super) fn keywords<'a>(several: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut kept = Vec::new();
    for keyword in several.filter_map(|text| line(text, LONGEST_KEYWORD)) {
        if kept.len() < MOST_KEYWORDS && !kept.contains(&keyword) {
            kept.push(keyword);
        }
    }
    kept
}

/// Stars: 0 to 5, or -1 for a photo that was rejected. Some programs write halves.
pub(super) fn rating(number: f64) -> Option<i8> {
    (-1..=5).find(|stars| (f64::from(*stars) - number).abs() <= 0.5)
}

fn is_unasked(text: &str) -> bool {
    let lower = text.to_lowercase();
    UNASKED.contains(&lower.as_str())
        || ["digital camera", "digital still camera"].iter().any(|ending| lower.ends_with(ending))
        // As in `<Digimax i5, Samsung #1>`.
        || (text.starts_with('<') && text.ends_with('>'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cameras_write_by_themselves_is_no_caption() {
        for text in [
            "OLYMPUS DIGITAL CAMERA         ",
            "SONY DSC",
            "KODAK Digital Still Camera",
            "<KENOX S630  / Samsung S630>",
            "oznorWO",
            "null",
            "   ",
        ] {
            assert_eq!(caption(text), None, "{text}");
            assert_eq!(title(text), None, "{text}");
        }
        assert_eq!(caption("My first digital camera!").as_deref(), Some("My first digital camera!"));
    }

    #[test]
    fn ratings_are_stars_or_nothing() {
        for (number, stars) in [(-1.0, Some(-1)), (0.0, Some(0)), (3.5, Some(3)), (5.0, Some(5))] {
            assert_eq!(rating(number), stars);
        }
        for number in [-2.0, 5.6, 99.0, f64::NAN, f64::INFINITY] {
            assert_eq!(rating(number), None);
        }
    }

    #[test]
    fn keywords_are_few_short_and_each_once() {
        let many: Vec<String> = (0..1000).map(|number| format!("word {}", number / 2)).collect();
        let kept = keywords(many.iter().map(String::as_str));
        assert_eq!((kept.len(), kept[1].as_str()), (100, "word 1"));
        assert_eq!(keywords(["x".repeat(5000).as_str(), "", "  "].into_iter()), ["x".repeat(100)]);
    }
}
