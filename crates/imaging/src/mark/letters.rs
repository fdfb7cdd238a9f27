//! A line of text as a stamp: white letters with a dark edge.

use swash::zeno::{Angle, Format, Join, Mask, Placement, Stroke, Style, Transform};

use super::layer::Layer;
use super::line::Line;
use super::share;
use super::stamp::{Lattice, Stamp};
use crate::planes::Plane;

/// Dark edges around the letters keep them legible on light pictures: widths as a share of the letters'
/// height, and how dark each is. Two of them look like a soft shadow.
const EDGES: [(f32, f32); 2] = [(0.14, 0.32), (0.05, 0.45)];

/// Gaps between lines and between repetitions on a line, in heights of the letters.
const LINE_GAP: f32 = 4.4;
const WORD_GAP: f32 = 2.6;

/// Draws the stamp, rising by so many degrees; `None` when nothing would be seen.
pub(super) fn stamp(line: &Line, opacity: f32, degrees: f32) -> Option<Stamp> {
    let angle = Angle::from_degrees(-degrees);
    let turn = Transform::rotation(angle);
    let draw = |style: Style<'_>| {
        Mask::new(line.commands.as_slice()).format(Format::Alpha).transform(Some(turn)).style(style).render()
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
        let dark = parts(darkness * opacity);
        bounds.each(mask, placement, |at, cover| {
            // The shadow lies around the letters, not on them.
            let outside = share(u32::from(cover) * u32::from(255 - add[at]));
            keep.data[at] = share(u32::from(keep.data[at]) * u32::from(255 - dark[usize::from(outside)]));
        });
    }
    let light = parts(opacity);
    bounds.each(&letters.0, &letters.1, |at, cover| {
        add[at] = light[usize::from(cover)];
        keep.data[at] = share(u32::from(keep.data[at]) * u32::from(255 - add[at]));
    });
    let (sin, cos) = angle.to_radians().sin_cos();
    let (step, gap) = (line.width + line.height * WORD_GAP, line.height * LINE_GAP);
    let lattice = Lattice {
        offset: (bounds.left, bounds.top),
        along: (cos * step, sin * step),
        across: (-sin * gap, cos * gap),
    };
    let luma = Layer::new(keep, add.into_iter().map(|light| 255 * u16::from(light)).collect());
    let chroma = vec![luma.fading()];
    Stamp::new(luma, chroma, lattice)
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
