//! A photographer's own watermark: what is drawn over the marked renditions of their photos instead of their name.

pub mod api;
pub mod preview;
pub mod store;

use std::ops::RangeInclusive;

use common::error::FieldErrors;
use imaging::{Logo, Mark, Place, Subject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WatermarkKind)]
pub enum Shown {
    /// The photographer's name.
    Name,
    /// A text of their own.
    Text,
    /// A PNG of their own.
    Image,
}

/// The pixels of a watermark's PNG, without its empty border.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImageSize {
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
}

/// How a photographer's marked renditions look.
#[derive(Clone, Debug, PartialEq)]
pub struct Watermark {
    /// What is drawn.
    pub shown: Shown,
    /// The text, where one was given.
    pub text: Option<String>,
    /// The PNG, where one was given.
    pub image: Option<ImageSize>,
    /// All over the picture, or in one of nine places.
    pub position: Place,
    /// Height of the letters, or mean edge of the PNG, as a share of the picture's mean edge.
    pub size: f64,
    /// 0.2 to 1.
    pub opacity: f64,
    /// By how many degrees tiled lines rise.
    pub angle: f64,
    /// From the edges, as a share of the picture's mean edge.
    pub margin: f64,
}

/// What is to be different; absent fields stay.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WatermarkChange)]
pub struct Change {
    pub(crate) kind: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) position: Option<String>,
    pub(crate) size: Option<f64>,
    pub(crate) opacity: Option<f64>,
    pub(crate) angle: Option<f64>,
    pub(crate) margin: Option<f64>,
}

/// Less could not be seen, more would be a picture of its own.
const SIZES: RangeInclusive<f64> = 0.02..=0.5;
const OPACITIES: RangeInclusive<f64> = 0.2..=1.0;
const ANGLES: RangeInclusive<f64> = -90.0..=90.0;
const MARGINS: RangeInclusive<f64> = 0.0..=0.2;

impl Shown {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Text => "text",
            Self::Image => "image",
        }
    }

    /// Reads a word.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Name, Self::Text, Self::Image].into_iter().find(|shown| shown.as_str() == word)
    }
}

/// Reads the stored word of a place.
pub fn place_named(word: &str) -> Option<Place> {
    Place::all().iter().copied().find(|place| place.name() == word)
}

impl Default for Watermark {
    fn default() -> Self {
        let usual = Mark::default();
        let (size, opacity) = usual_look(Shown::Name, Place::Tiled);
        Self {
            shown: Shown::Name,
            text: None,
            image: None,
            position: Place::Tiled,
            size,
            opacity,
            angle: f64::from(usual.angle),
            margin: rounded(usual.margin),
        }
    }
}

impl Watermark {
    /// Of those who chose none: this text, else their name.
    pub fn usual(text: Option<String>) -> Self {
        let shown = if text.is_some() { Shown::Text } else { Shown::Name };
        Self { shown, text, ..Self::default() }
    }

    /// What imaging draws; the PNG is the one that belongs to `image`.
    #[expect(clippy::cast_possible_truncation, reason = "shares and degrees")]
    pub fn mark(&self, photographer: &str, png: Option<Vec<u8>>) -> Mark {
        let subject = match (self.shown, &self.text, png) {
            (Shown::Image, _, png) => Subject::Logo(Logo::stored(png.unwrap_or_default())),
            (Shown::Text, Some(text), _) => Subject::Text(text.clone()),
            _ => Subject::Text(photographer.to_owned()),
        };
        Mark {
            subject,
            place: self.position,
            opacity: self.opacity as f32,
            size: self.size as f32,
            angle: self.angle as f32,
            margin: self.margin as f32,
        }
    }

    /// With another PNG, which is then what is drawn.
    #[must_use]
    pub fn with_image(self, size: ImageSize) -> Self {
        let held = Self { image: Some(size), ..self.clone() };
        held.showing(self.shown, Shown::Image, self.position)
    }

    /// With a change, or what is wrong with it, by field.
    pub fn changed(self, change: Change) -> Result<Self, FieldErrors> {
        let mut faults = FieldErrors::new();
        let asked = change.text.is_some().then_some(Shown::Text);
        let shown =
            known(change.kind, Shown::named, "kind", KINDS, &mut faults).or(asked).unwrap_or(self.shown);
        let position = known(change.position, place_named, "position", POSITIONS, &mut faults);
        let (size, opacity) = (
            within(change.size, &SIZES, "size", &mut faults),
            within(change.opacity, &OPACITIES, "opacity", &mut faults),
        );
        let (angle, margin) = (
            within(change.angle, &ANGLES, "angle", &mut faults),
            within(change.margin, &MARGINS, "margin", &mut faults),
        );
        let text = change.text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        let (before, before_at) = (self.shown, self.position);
        let mut wanted = Self {
            text: text.or(self.text),
            angle: angle.unwrap_or(self.angle),
            margin: margin.unwrap_or(self.margin),
            ..self
        };
        if let Some(fault) = unfit(shown, &wanted) {
            faults.insert(fault.0, fault.1.to_owned());
        }
        wanted.position = position.unwrap_or(before_at);
        wanted = wanted.showing(before, shown, before_at);
        wanted.size = size.unwrap_or(wanted.size);
        wanted.opacity = opacity.unwrap_or(wanted.opacity);
        if faults.is_empty() { Ok(wanted) } else { Err(faults) }
    }

    /// The word for what is drawn and whether it is tiled; size and opacity go with it.
    pub fn look(shown: Shown, position: Place) -> &'static str {
        match (shown == Shown::Image, position == Place::Tiled) {
            (false, true) => "letters_tiled",
            (false, false) => "letters_placed",
            (true, true) => "image_tiled",
            (true, false) => "image_placed",
        }
    }

    /// What was right for letters all over the picture is too faint for a logo in its corner: another subject or
    /// place begins with its usual look.
    fn showing(self, before: Shown, shown: Shown, before_at: Place) -> Self {
        let same = Self::look(before, before_at) == Self::look(shown, self.position);
        let (size, opacity) = if same { (self.size, self.opacity) } else { usual_look(shown, self.position) };
        Self { shown, size, opacity, ..self }
    }
}

const KINDS: &str = "Choose name, text or image.";
const POSITIONS: &str =
    "Choose tiled, top_left, top, top_right, left, center, right, bottom_left, bottom or bottom_right.";

/// Size and opacity that look well, by what is drawn and whether it is tiled.
pub fn usual_look(shown: Shown, position: Place) -> (f64, f64) {
    match (shown == Shown::Image, position == Place::Tiled) {
        (false, true) => (rounded(Mark::default().size), rounded(Mark::default().opacity)),
        (false, false) => (0.038, 0.75),
        (true, true) => (0.16, 0.4),
        (true, false) => (0.18, 0.8),
    }
}

fn unfit(shown: Shown, wanted: &Watermark) -> Option<(&'static str, &'static str)> {
    let text = wanted.text.as_deref().unwrap_or_default();
    match shown {
        Shown::Text if text.is_empty() => Some(("text", "Give the text of the watermark.")),
        Shown::Text if !Mark::can_draw(text) => Some((
            "text",
            "This text can't be drawn. A watermark has up to 60 letters, Latin, Greek or Cyrillic; a PNG can show any.",
        )),
        Shown::Image if wanted.image.is_none() => Some(("kind", "Upload a PNG first.")),
        _ => None,
    }
}

fn known<T>(
    word: Option<String>,
    named: fn(&str) -> Option<T>,
    field: &'static str,
    choices: &str,
    faults: &mut FieldErrors,
) -> Option<T> {
    let found = word.map(|word| named(&word));
    if matches!(found, Some(None)) {
        faults.insert(field, choices.to_owned());
    }
    found.flatten()
}

fn within(
    number: Option<f64>,
    range: &RangeInclusive<f64>,
    field: &'static str,
    faults: &mut FieldErrors,
) -> Option<f64> {
    if number.is_some_and(|number| !range.contains(&number)) {
        faults.insert(field, format!("This may be from {} to {}.", range.start(), range.end()));
    }
    number
}

/// A share as people write it.
fn rounded(share: f32) -> f64 {
    (f64::from(share) * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(json: serde_json::Value) -> Change {
        serde_json::from_value(json).expect("a change")
    }

    #[test]
    fn without_a_choice_the_mark_is_the_one_that_always_was() {
        assert_eq!(Watermark::default().mark("Ana", None), Mark::new("Ana"));
    }

    #[test]
    fn another_place_begins_with_its_usual_look_and_what_is_said_holds() {
        let corner = Watermark::default().changed(change(serde_json::json!({ "position": "top" })));
        let corner = corner.expect("a watermark");
        assert!(corner.opacity > 0.7 && corner.shown == Shown::Name);
        let said = serde_json::json!({ "position": "bottom", "opacity": 0.3, "text": " My \n name " });
        let said = corner.changed(change(said)).expect("a watermark");
        assert_eq!((said.opacity, said.shown, said.text.as_deref()), (0.3, Shown::Text, Some("My name")));
        let large = Watermark::default().with_image(ImageSize { width: 9, height: 9 });
        assert!(large.size > 0.1 && large.shown == Shown::Image);
    }

    #[test]
    fn what_would_not_be_seen_or_drawn_is_refused_by_field() {
        for (json, field) in [
            (serde_json::json!({ "opacity": 0.01 }), "opacity"),
            (serde_json::json!({ "size": 3 }), "size"),
            (serde_json::json!({ "angle": 400 }), "angle"),
            (serde_json::json!({ "margin": -1 }), "margin"),
            (serde_json::json!({ "position": "everywhere" }), "position"),
            (serde_json::json!({ "kind": "sound" }), "kind"),
            (serde_json::json!({ "kind": "image" }), "kind"),
            (serde_json::json!({ "kind": "text" }), "text"),
            (serde_json::json!({ "text": "山田 太郎" }), "text"),
            (serde_json::json!({ "text": "a".repeat(61) }), "text"),
        ] {
            let faults = Watermark::default().changed(change(json)).expect_err(field);
            assert_eq!(faults.keys().copied().collect::<Vec<_>>(), [field]);
        }
    }
}
