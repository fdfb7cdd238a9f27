//! Progressive photos that become much smaller are decoded without the passes that nobody would see.

use imaging::{Kind, Recipe, Sharpening, render};
use turbojpeg::Subsamp;

use crate::fixtures::{difference, fine, jpeg, pixels, rendition, textured};

#[test]
fn a_progressive_photo_looks_like_the_same_photo_in_one_pass() {
    // Wide enough for the last bits to be left out, and not.
    for width in [4200, 3000] {
        let picture = textured(width, 300);
        let recipe = Recipe { sharpening: Sharpening::Off, ..fine() };
        let [one, other] = [false, true].map(|progressive| {
            let file = jpeg(&picture, Subsamp::Sub2x2, progressive);
            render(&file, &recipe).expect("renditions")
        });
        assert!(!other.damaged);
        assert_eq!(one.renditions == other.renditions, width < 4096, "{width}: the last bits");
        for kind in Kind::all() {
            let [one, other] = [&one, &other].map(|made| pixels(rendition(made, *kind, false)));
            let off = difference(&one, &other);
            assert!(off < 1.5, "{width} {}: {off}", kind.name());
        }
    }
}

#[test]
fn a_large_progressive_photo_without_its_end_is_still_called_damaged() {
    let whole = jpeg(&textured(4200, 300), Subsamp::Sub2x2, true);
    let rendered = render(&whole[..whole.len() * 9 / 10], &Recipe::default());
    assert!(rendered.is_ok_and(|rendered| rendered.damaged));
}
