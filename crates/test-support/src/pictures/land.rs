//! Land as a height above each place of a plane, seen from a place above it.

use super::canvas::Canvas;
use super::colour::{Rgb, rgb};
use super::noise::{count, real};

/// Where one stands. The picture's verticals stay vertical, as with a view camera.
pub struct View {
    /// How high the eye is.
    pub eye: f32,
    /// The horizon's place in the picture, in picture heights from the top.
    pub horizon: f32,
    /// The length of the lens in picture heights: more sees less, but larger.
    pub lens: f32,
    /// From what distance to what other land is looked for.
    pub reach: (f32, f32),
}

/// A point of the land that shows, as it is shown.
#[derive(Clone, Copy)]
pub struct Point {
    /// To the right of the middle.
    pub x: f32,
    /// Upward from the plane.
    pub y: f32,
    /// Away from the eye.
    pub z: f32,
    /// What a pixel measures there.
    pub pixel: f32,
}

impl View {
    /// Paints the land over a canvas that shows the sky.
    pub fn paint(&self, canvas: &mut Canvas, land: impl Fn(f32, f32) -> f32, shade: impl Fn(Point) -> Rgb) {
        let (width, height) = (canvas.width, canvas.height);
        let size = real(height);
        let mut depths = vec![0.0; height];
        let mut crests = Vec::new();
        for column in 0..width {
            let aside = ((real(column) + 0.5) / size - canvas.aspect() * 0.5) / self.lens;
            crests.clear();
            let top = self.survey(aside, size, &land, &mut depths, &mut crests);
            for (row, &z) in depths.iter().enumerate().skip(top) {
                let drop = (self.horizon - (real(row) + 0.5) / size) / self.lens;
                let point = Point { x: aside * z, y: self.eye + drop * z, z, pixel: z / self.lens / size };
                let light = shade(point);
                canvas.pixels[row * width + column] = [light.r, light.g, light.b, 1.0];
            }
            for &(row, cover) in &crests {
                soften(canvas, column, row, cover);
            }
        }
    }

    /// Walks away from the eye along a column; answers the first row that shows land.
    fn survey(
        &self,
        aside: f32,
        size: f32,
        land: &impl Fn(f32, f32) -> f32,
        depths: &mut [f32],
        crests: &mut Vec<(usize, f32)>,
    ) -> usize {
        let shown = |z: f32| (self.horizon - (land(aside * z, z) - self.eye) / z * self.lens) * size;
        let bottom = real(depths.len());
        let stride = 1.0 + 3.2 / size;
        let mut z = self.reach.0;
        let (mut before, mut filled) = (shown(z), bottom);
        while z < self.reach.1 && filled > 0.0 {
            let z_before = z;
            z *= stride;
            let mut now = shown(z);
            if now > before && before <= filled && before < bottom {
                // Past a crest that shows: its top is between the strides, and it must not look like a saw.
                let top =
                    (1..8_u8).map(|part| z_before + (z - z_before / stride) * (f32::from(part) / 4.0 - 1.0));
                let top =
                    top.map(|z| (shown(z), z)).fold((before, z_before), |a, b| if b.0 < a.0 { b } else { a });
                fill(depths, (before, z_before), top, &mut filled);
            } else if now < filled {
                if before > filled + 0.5 && filled < bottom {
                    crests.push((count(filled), 1.0 - filled.fract()));
                }
                fill(depths, (before, z_before), (now, z), &mut filled);
            }
            std::mem::swap(&mut before, &mut now);
        }
        crests.push((count(filled), 1.0 - filled.fract()));
        row_of(filled)
    }
}

/// Notes the distance for the rows that come into sight between two places on a column, nearest first.
fn fill(depths: &mut [f32], (before, z_before): (f32, f32), (now, z): (f32, f32), filled: &mut f32) {
    let (mut from, mut start) = (before, z_before);
    if before > *filled {
        start += (z - z_before) * ((before - *filled) / (before - now)).clamp(0.0, 1.0);
        from = *filled;
    }
    let rise = (from - now).max(1e-3);
    for row in row_of(now)..row_of(*filled).min(depths.len()) {
        depths[row] = start + (z - start) * ((from - real(row) - 0.5) / rise).clamp(0.0, 1.0);
    }
    *filled = now.clamp(0.0, *filled);
}

/// The first row whose middle is below a place.
fn row_of(place: f32) -> usize {
    count(place + 0.5)
}

/// Mixes what is behind a crest and what is before it, in the pixel where they meet.
fn soften(canvas: &mut Canvas, column: usize, row: usize, cover: f32) {
    let behind = if cover < 0.5 { row } else { row.saturating_sub(1) };
    let front = if cover < 0.5 { row + 1 } else { row };
    if front < canvas.height {
        let (a, b) =
            (canvas.pixels[behind * canvas.width + column], canvas.pixels[front * canvas.width + column]);
        canvas.pixels[row * canvas.width + column] = std::array::from_fn(|i| a[i] + (b[i] - a[i]) * cover);
    }
}

/// A direction or the slope of a face; always of length 1.
#[derive(Clone, Copy)]
pub struct Way {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

impl Way {
    pub fn new(x: f32, y: f32, z: f32) -> Self {
        let length = (x * x + y * y + z * z).sqrt();
        Self { x: x / length, y: y / length, z: z / length }
    }

    /// How squarely light that comes from here falls on that face.
    pub fn on(self, face: Self) -> f32 {
        (self.x * face.x + self.y * face.y + self.z * face.z).max(0.0)
    }
}

/// The way that the land faces at a point of it, felt over so much of it on the side that is seen.
pub fn face(land: impl Fn(f32, f32) -> f32, (x, y, z): (f32, f32, f32), reach: f32) -> Way {
    Way::new(y - land(x + reach, z), reach, land(x, z - reach) - y)
}

/// Heights measured once on a grid, for land that takes long to work out.
pub struct Relief {
    left: f32,
    near: f32,
    spacing: f32,
    wide: usize,
    heights: Vec<f32>,
}

impl Relief {
    /// Of land from `(left, near)` to `(right, far)`.
    pub fn measure(
        (left, near): (f32, f32),
        (right, far): (f32, f32),
        spacing: f32,
        land: impl Fn(f32, f32) -> f32,
    ) -> Self {
        let (wide, deep) = (count((right - left) / spacing) + 1, count((far - near) / spacing) + 1);
        let mut heights = Vec::with_capacity(wide * deep);
        for row in 0..deep {
            let z = near + real(row) * spacing;
            heights.extend((0..wide).map(|column| land(left + real(column) * spacing, z)));
        }
        Self { left, near, spacing, wide, heights }
    }

    /// The height at a place; beyond the border as at the border.
    pub fn at(&self, x: f32, z: f32) -> f32 {
        let deep = self.heights.len() / self.wide;
        let u = ((x - self.left) / self.spacing).clamp(0.0, real(self.wide - 2));
        let v = ((z - self.near) / self.spacing).clamp(0.0, real(deep - 2));
        let (column, row) = (count(u), count(v));
        let (u, v) = (u - real(column), v - real(row));
        let i = row * self.wide + column;
        let (a, b) = (self.heights[i], self.heights[i + 1]);
        let (c, d) = (self.heights[i + self.wide], self.heights[i + self.wide + 1]);
        (a + (b - a) * u) * (1.0 - v) + (c + (d - c) * u) * v
    }

    /// The shadows that this land casts on itself: above each place the height from which on the sun is seen.
    pub fn shadows(&self, sun: Way) -> Self {
        let deep = self.heights.len() / self.wide;
        let mut heights = self.heights.clone();
        let sideways = sun.x.abs() > sun.z.abs();
        let (major, minor) = if sideways { (sun.x, sun.z) } else { (sun.z, sun.x) };
        let (long, wide) = if sideways { (self.wide, deep) } else { (deep, self.wide) };
        let place = |along: usize, across: usize| {
            let along = if major < 0.0 { along } else { long - 1 - along };
            if sideways { across * self.wide + along } else { along * self.wide + across }
        };
        let (aside, fall) = (minor / major.abs(), sun.y / major.abs() * self.spacing);
        for along in 1..long {
            for across in 0..wide {
                let from = (real(across) + aside).clamp(0.0, real(wide - 1));
                let (low, part) = (count(from), from.fract());
                let a = heights[place(along - 1, low)];
                let b = heights[place(along - 1, (low + 1).min(wide - 1))];
                let height = &mut heights[place(along, across)];
                *height = height.max(a + (b - a) * part - fall);
            }
        }
        Self { heights, ..*self }
    }
}

/// Light seen through air that has a light of its own.
pub fn through_air(light: Rgb, air: Rgb, distance: f32, density: Rgb) -> Rgb {
    let left =
        rgb((-distance * density.r).exp(), (-distance * density.g).exp(), (-distance * density.b).exp());
    light.times(left) + air.times(rgb(1.0 - left.r, 1.0 - left.g, 1.0 - left.b))
}
