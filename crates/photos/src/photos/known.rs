//! What is known of a photo, as its page says it.

use serde::Serialize;

use super::{Camera, Photo};
use crate::galleries::day_text;

/// A line of it.
#[derive(Serialize)]
pub(super) struct Fact {
    name: &'static str,
    text: String,
}

/// What is known of the photo, in words; what is not known is left out.
pub(super) fn facts(photo: &Photo) -> Vec<Fact> {
    let Camera { make, model, lens, iso, exposure_seconds, aperture, focal_length_mm, taken_at, .. } =
        photo.camera.clone();
    let words = photo.words.clone();
    // Many cameras name their maker in the model too.
    let camera = match (make, model) {
        (Some(make), Some(model)) if !model.to_lowercase().contains(&make.to_lowercase()) => {
            Some(format!("{make} {model}"))
        }
        (make, model) => model.or(make),
    };
    let exposure = [
        exposure_seconds.map(exposure_text),
        aperture.map(|number| format!("f/{number}")),
        iso.map(|iso| format!("ISO {iso}")),
        focal_length_mm.map(|length| format!("{} mm", (length * 10.0).round() / 10.0)),
    ];
    let exposure = exposure.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let size = photo.width.zip(photo.height).map(|(width, height)| format!("{width} × {height} pixels"));
    let keywords = (!words.keywords.is_empty()).then(|| words.keywords.join(", "));
    let known = [
        ("Taken", taken_at.map(|time| time.format("%-d %B %Y, %H:%M").to_string())),
        ("Camera", camera),
        ("Lens", lens),
        ("Exposure", (!exposure.is_empty()).then_some(exposure)),
        ("Size", size),
        ("Uploaded", Some(day_text(photo.uploaded_at))),
        ("Creator", words.creator),
        ("Copyright", words.copyright),
        ("Credit", words.credit),
        ("Keywords", keywords),
        ("Label", words.label),
    ];
    known.into_iter().filter_map(|(name, text)| Some(Fact { name, text: text? })).collect()
}

/// “1/250 s”, “2.5 s”.
fn exposure_text(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 0.4 {
        format!("1/{} s", (1.0 / seconds).round())
    } else {
        format!("{} s", (seconds * 10.0).round() / 10.0)
    }
}
