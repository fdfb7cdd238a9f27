//! A line of text as outlines, shaped with the bundled font.

use swash::FontRef;
use swash::scale::ScaleContext;
use swash::shape::ShapeContext;
use swash::text::{Codepoint, Script};
use swash::zeno::{Command, PathData, Transform};

/// Inter in its semi-bold weight, see `fonts/README.md`.
static FONT: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.otf");

/// More would be a paragraph.
pub(super) const LONGEST: usize = 60;

/// Space between letters as a share of their height: marks read better when set wide.
const SPACING: f32 = 0.06;

/// Outlines around the middle of the line, y growing downwards.
pub(super) struct Line {
    pub(super) commands: Vec<Command>,
    pub(super) width: f32,
    /// The size that the font was set in.
    pub(super) height: f32,
}

/// The text at a font size in pixels; `None` when nothing is left of it, or a letter has no glyph.
pub(super) fn shaped(text: &str, height: f32) -> Option<Line> {
    let text = drawable(text)?;
    let font = FontRef::from_index(FONT, 0)?;
    let mut shaping = ShapeContext::new();
    let script = text.chars().map(Codepoint::script).find(|script| is_written(*script));
    let mut shaper = shaping.builder(font).script(script.unwrap_or(Script::Latin)).size(height).build();
    shaper.add_str(&text);
    let mut glyphs = Vec::new();
    let mut pen = 0.0;
    shaper.shape_with(|cluster| {
        for glyph in cluster.glyphs {
            glyphs.push((glyph.id, pen + glyph.x, glyph.y));
            pen += glyph.advance;
        }
        pen += height * SPACING;
    });
    if glyphs.iter().any(|(id, ..)| *id == 0) {
        return None;
    }
    let width = pen - height * SPACING;
    let rise = font.metrics(&[]).scale(height).cap_height / 2.0;
    let mut scaling = ScaleContext::new();
    let mut scaler = scaling.builder(font).size(height).hint(false).build();
    let mut commands = Vec::new();
    for (id, x, y) in glyphs {
        if let Some(outline) = scaler.scale_outline(id) {
            // Fonts count upwards, pictures downwards.
            let placed = Transform::new(1.0, 0.0, 0.0, -1.0, x - width / 2.0, rise - y);
            commands.extend(outline.path().commands().map(|command| command.transform(&placed)));
        }
    }
    (!commands.is_empty()).then_some(Line { commands, width, height })
}

/// The text on one line without what can't be drawn; `None` when a letter or digit of it has no glyph,
/// for half a name would be a wrong name.
pub(super) fn drawable(text: &str) -> Option<String> {
    let charmap = FontRef::from_index(FONT, 0)?.charmap();
    let mut line = String::new();
    for letter in text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST) {
        if charmap.map(letter) != 0 && !letter.is_control() {
            line.push(letter);
        } else if letter.is_alphanumeric() {
            return None;
        }
    }
    let line = line.trim();
    line.chars().any(|letter| !letter.is_whitespace()).then(|| line.to_owned())
}

fn is_written(script: Script) -> bool {
    !matches!(script, Script::Common | Script::Inherited | Script::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_europe_can_be_drawn() {
        for name in [
            "Ana Pérez",
            "Zoë Łukasiewicz-Öztürk",
            "Νίκος Παπαδόπουλος",
            "Ольга Їжакевич",
            "Nguyễn Thị Ánh",
            "O’Brien & Søn",
        ] {
            assert!(shaped(name, 40.0).is_some(), "{name}");
        }
    }

    #[test]
    fn what_the_font_lacks_is_not_drawn() {
        assert!(shaped("山田 太郎", 40.0).is_none());
        assert!(shaped("", 40.0).is_none());
        assert!(shaped(" \u{200B}\n\t ", 40.0).is_none());
        assert_eq!(drawable("Ana \u{1F4F7}  Pérez\u{202E}").as_deref(), Some("Ana  Pérez"));
    }

    #[test]
    fn a_longer_text_is_wider() {
        let width = |text| shaped(text, 40.0).map(|line| line.width).unwrap_or_default();
        assert!(width("Ana") > 30.0);
        assert!(width("Ana Pérez") > width("Ana"));
    }
}
