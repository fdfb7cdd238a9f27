//! The stars of a clear night.

use super::colour::mix;
use super::noise::{chance, whole};

/// The light of the stars at a place: most are faint, few are bright. `rare` is the share of the sky without.
pub fn starlight(x: f32, y: f32, rare: f32) -> f32 {
    let (u, v) = (x * 95.0, y * 95.0);
    let (column, row) = (whole(u), whole(v));
    let rank = (chance(column, row, 71) - rare) / (1.0 - rare);
    if rank <= 0.0 {
        return 0.0;
    }
    let (dx, dy) =
        (u.fract() - 0.2 - 0.6 * chance(column, row, 72), v.fract() - 0.2 - 0.6 * chance(column, row, 73));
    let size = mix(420.0, 150.0, rank.powi(8));
    (-(dx * dx + dy * dy) * size).exp() * mix(0.08, 1.5, rank.powi(5))
}
