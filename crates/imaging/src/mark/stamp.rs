//! One line of the mark, turned, as it is pressed onto a picture at many places.

use swash::zeno::{Angle, Format, Join, Mask, Placement, Stroke, Style, Transform};

use super::layer::Layer;
use super::line::Line;
use super::{Mark, chroma_of, faded, share};
use crate::planes::{Picture, Plane};
use crate::size::Size;

/// Dark edges around the letters keep them legible on light pictures: widths as a share of the letters'
/// height, and how dark each is. Two of them look like a soft shadow.
const EDGES: [(f32, f32); 2] = [(0.14, 0.32), (0.05, 0.45)];

/// Gaps between lines and between repetitions on a line, in heights of the letters.
const LINE_GAP: f32 = 4.4;
const WORD_GAP: f32 = 2.6;

pub(super) struct Stamp {
    luma: Layer,
    /// What is added to the luma.
    add: Vec<u8>,
    /// At half the size.
    chroma: Layer,
    /// From a place to the upper left corner; even numbers, so that chroma fits.
    offset: (i64, i64),
    /// From one place to the next on a line, and from a line to the next.
    along: (f32, f32),
    across: (f32, f32),
}

impl Stamp {
    /// Draws the stamp; `None` when nothing would be seen.
    pub(super) fn new(line: &Line, mark: &Mark) -> Option<Self> {
        let angle = Angle::from_degrees(-mark.angle);
        let turn = Transform::rotation(angle);
        let draw = |style: Style<'_>| {
            Mask::new(line.commands.as_slice())
                .format(Format::Alpha)
                .transform(Some(turn))
                .style(style)
                .render()
        };
        let edge = |width: f32| {
            let mut stroke = Stroke::new(line.height * width);
            stroke.join(Join::Round);
            draw(Style::Stroke(stroke))
        };
        let letters = draw(Style::default());
        let [wide, narrow] = EDGES.map(|(width, _)| edge(width));
        let bounds = Bounds::around(&[&letters.1, &wide.1, &narrow.1]);
        let (width, height) = (bounds.width, bounds.height);

        let mut keep = Plane::filled(width, height, 255);
        let mut add = vec![0; width * height];
        bounds.each(&letters.0, &letters.1, |at, cover| add[at] = cover);
        for ((mask, placement), (_, darkness)) in [&wide, &narrow].into_iter().zip(EDGES) {
            let dark = parts(darkness * mark.opacity);
            bounds.each(mask, placement, |at, cover| {
                // The shadow lies around the letters, not on them.
                let outside = share(u32::from(cover) * u32::from(255 - add[at]));
                keep.data[at] = share(u32::from(keep.data[at]) * u32::from(255 - dark[usize::from(outside)]));
            });
        }
        let light = parts(mark.opacity);
        bounds.each(&letters.0, &letters.1, |at, cover| {
            add[at] = light[usize::from(cover)];
            keep.data[at] = share(u32::from(keep.data[at]) * u32::from(255 - add[at]));
        });
        if !add.iter().any(|light| *light > 0) {
            return None;
        }
        let (sin, cos) = angle.to_radians().sin_cos();
        let (step, gap) = (line.width + line.height * WORD_GAP, line.height * LINE_GAP);
        let luma = Layer::new(keep);
        Some(Self {
            chroma: luma.halved(),
            luma,
            add,
            offset: (bounds.left, bounds.top),
            along: (cos * step, sin * step),
            across: (-sin * gap, cos * gap),
        })
    }

    /// Where the stamp is pressed so that its lines cover a picture, one of them in the very middle.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "places are pixels, within a few thousand"
    )]
    pub(super) fn places(&self, size: Size) -> Vec<(i64, i64)> {
        let (width, height) = (size.width as f32, size.height as f32);
        let reach = width.hypot(height) / 2.0;
        let steps = |step: (f32, f32)| (reach / step.0.hypot(step.1)).ceil() as i64 + 2;
        let (lines, words) = (steps(self.across), steps(self.along));
        let mut places = Vec::new();
        for line in -lines..=lines {
            // Every other line is shifted, like bricks.
            let shift = if line % 2 == 0 { 0.0 } else { 0.5 };
            for word in -words..=words {
                let (line, word) = (line as f32, word as f32 + shift);
                let x = width / 2.0 + self.along.0 * word + self.across.0 * line;
                let y = height / 2.0 + self.along.1 * word + self.across.1 * line;
                let place = (
                    2 * (x / 2.0).round() as i64 + self.offset.0,
                    2 * (y / 2.0).round() as i64 + self.offset.1,
                );
                let meets = |from: i64, length: usize, edge: u32| {
                    from < i64::from(edge) && from + i64::try_from(length).unwrap_or(0) > 0
                };
                if meets(place.0, self.luma.keep.width, size.width)
                    && meets(place.1, self.luma.keep.height, size.height)
                {
                    places.push(place);
                }
            }
        }
        places
    }

    /// Presses the stamp with its corner at an even place, which may lie outside; says how many pixels
    /// clearly changed.
    pub(super) fn press(&self, picture: &mut Picture, x: i64, y: i64) -> u64 {
        let mut touched = 0;
        self.luma.over(&mut picture.luma, x, y, |into, from| {
            let add = &self.add[from.clone()];
            for ((sample, keep), add) in into.iter_mut().zip(&self.luma.keep.data[from]).zip(add) {
                *sample = share(u32::from(*sample) * u32::from(*keep)).saturating_add(*add);
                touched += u64::from(*add > 16);
            }
        });
        for plane in chroma_of(picture) {
            self.chroma.over(plane, x / 2, y / 2, |into, from| {
                for (sample, keep) in into.iter_mut().zip(&self.chroma.keep.data[from]) {
                    *sample = faded(*sample, *keep);
                }
            });
        }
        touched
    }
}

/// For every cover of a mask, how much of an opacity it is, in 255ths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn parts(opacity: f32) -> [u8; 256] {
    let mut parts = [0; 256];
    for (cover, part) in (0..=u8::MAX).zip(&mut parts) {
        *part = (f32::from(cover) * opacity.clamp(0.0, 1.0)).round() as u8;
    }
    parts
}

/// The box around several masks, with even corners.
struct Bounds {
    left: i64,
    top: i64,
    width: usize,
    height: usize,
}

impl Bounds {
    fn around(placements: &[&Placement]) -> Self {
        let low = |edge: fn(&Placement) -> i64| placements.iter().map(|place| edge(place)).min().unwrap_or(0);
        let high =
            |edge: fn(&Placement) -> i64| placements.iter().map(|place| edge(place)).max().unwrap_or(0);
        let left = low(|place| place.left.into()).div_euclid(2) * 2;
        let top = low(|place| place.top.into()).div_euclid(2) * 2;
        let right = high(|place| i64::from(place.left) + i64::from(place.width));
        let bottom = high(|place| i64::from(place.top) + i64::from(place.height));
        let even = |length: i64| usize::try_from(length).unwrap_or(0).next_multiple_of(2);
        Self { left, top, width: even(right - left), height: even(bottom - top) }
    }

    /// Every covered sample of a mask, by its place in the box.
    fn each(&self, mask: &[u8], placement: &Placement, mut visit: impl FnMut(usize, u8)) {
        let x = usize::try_from(i64::from(placement.left) - self.left).unwrap_or(0);
        let y = usize::try_from(i64::from(placement.top) - self.top).unwrap_or(0);
        let width = placement.width as usize;
        for (line, row) in mask.chunks_exact(width.max(1)).enumerate() {
            for (column, cover) in row.iter().enumerate().filter(|(_, cover)| **cover > 0) {
                visit((y + line) * self.width + x + column, *cover);
            }
        }
    }
}
