//! Trees from strokes.

use super::canvas::{Canvas, dot};
use super::colour::{Rgb, mix};
use super::noise::{Dice, count, real};

/// A spruce that stands at `(x, foot)`; `lit` is the colour of what the sky sees of it.
pub fn spruce(canvas: &mut Canvas, (x, foot): (f32, f32), tall: f32, colour: Rgb, lit: Rgb, dice: &mut Dice) {
    let pixels = tall / canvas.step();
    let rows = count((pixels / 2.6).clamp(9.0, 95.0));
    let (slim, lean) = (dice.between(0.15, 0.22), dice.swing() * 0.02 * tall);
    canvas.stroke(dot(x, foot, tall * 0.010), dot(x + lean, foot - tall, tall * 0.0015), colour, 1.0);
    for row in 0..rows {
        let down = (real(row) + dice.throw()) / real(rows);
        let y = foot - tall * (1.0 - down * 0.94);
        let trunk = x + lean * (1.0 - down);
        // A bough now and then is missing or hangs far out.
        let whorl = slim * tall * down.powf(0.85) * dice.between(0.7, 1.0);
        for side in [-1.0, 1.0] {
            let y = y + tall * dice.swing() * 0.012;
            let reach = whorl * dice.between(0.4, 1.1) + tall * 0.005;
            let droop = reach * mix(0.15, 0.62, down) * dice.between(0.6, 1.3);
            let thick = tall * mix(0.0030, 0.0075, down) * (60.0 / real(rows)).clamp(0.8, 1.5);
            let bough = Bough { from: (trunk, y), to: (trunk + side * reach, y + droop), thick };
            bough.paint(canvas, colour, lit, pixels, dice);
        }
    }
}

struct Bough {
    from: (f32, f32),
    to: (f32, f32),
    thick: f32,
}

impl Bough {
    /// Falls from the trunk and lifts its tip.
    fn at(&self, along: f32) -> (f32, f32) {
        let sag = (self.to.1 - self.from.1) * (along * 1.9 - along * along * 0.9);
        (mix(self.from.0, self.to.0, along), self.from.1 + sag)
    }

    fn paint(&self, canvas: &mut Canvas, colour: Rgb, lit: Rgb, pixels: f32, dice: &mut Dice) {
        let (middle, thick) = (self.at(0.5), self.thick);
        canvas.stroke(
            dot(self.from.0, self.from.1, thick * 1.6),
            dot(middle.0, middle.1, thick * 1.1),
            colour,
            1.0,
        );
        canvas.stroke(
            dot(middle.0, middle.1, thick * 1.1),
            dot(self.to.0, self.to.1, thick * 0.3),
            colour,
            1.0,
        );
        let twigs =
            if pixels > 45.0 { count((self.to.0 - self.from.0).abs() / thick * 0.9).min(22) } else { 0 };
        for _ in 0..twigs {
            let (x, y) = self.at(dice.between(0.12, 1.0));
            let hang = thick * dice.between(1.2, 4.2);
            let aside = hang * (dice.swing() * 0.4 + 0.35 * (self.to.0 - self.from.0).signum());
            canvas.stroke(dot(x, y, thick * 0.45), dot(x + aside, y + hang, thick * 0.12), colour, 1.0);
        }
        if pixels > 60.0 && dice.throw() < 0.75 {
            let start = dice.between(0.2, 0.7);
            let (a, b) = (self.at(start), self.at((start + dice.between(0.1, 0.4)).min(1.0)));
            let raised = thick * 0.7;
            canvas.stroke(
                dot(a.0, a.1 - raised, thick * 0.5),
                dot(b.0, b.1 - raised * 0.6, thick * 0.25),
                lit,
                0.75,
            );
        }
    }
}
