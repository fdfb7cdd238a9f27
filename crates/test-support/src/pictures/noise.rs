//! Chance that is the same on every run: smooth noise for clouds and stone, and dice for what is strewn.

/// The numbers 0 to 255 in a shuffled order, which is what the lattice of the noise is made of.
const SHUFFLED: [u8; 256] = shuffled();

/// Sixteen ways that a slope can point.
const WAYS: [(f32, f32); 16] = [
    (1.0, 0.0),
    (0.924, 0.383),
    (0.707, 0.707),
    (0.383, 0.924),
    (0.0, 1.0),
    (-0.383, 0.924),
    (-0.707, 0.707),
    (-0.924, 0.383),
    (-1.0, 0.0),
    (-0.924, -0.383),
    (-0.707, -0.707),
    (-0.383, -0.924),
    (0.0, -1.0),
    (0.383, -0.924),
    (0.707, -0.707),
    (0.924, -0.383),
];

#[expect(clippy::cast_possible_truncation, reason = "the table holds the numbers below 256")]
const fn shuffled() -> [u8; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = i as u8;
        i += 1;
    }
    let mut state = 0x2545_f491_u32;
    while i > 1 {
        i -= 1;
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let j = (state >> 8) as usize % (i + 1);
        (table[i], table[j]) = (table[j], table[i]);
    }
    table
}

/// The way that each corner of the lattice slopes.
const SLOPES: [(f32, f32); 256] = slopes();

const fn slopes() -> [(f32, f32); 256] {
    let mut table = [(0.0, 0.0); 256];
    let mut i = 0;
    while i < 256 {
        table[i] = WAYS[(SHUFFLED[i] & 15) as usize];
        i += 1;
    }
    table
}

/// The whole number below, and the rest.
fn split(x: f32) -> (i32, f32) {
    // Added to so large a number the fraction falls off, and the last bits count; quicker than converting.
    const LARGE: f32 = 12_582_912.0;
    let shifted = x - 0.5 + LARGE;
    (shifted.to_bits().wrapping_sub(LARGE.to_bits()).cast_signed(), x - (shifted - LARGE))
}

/// The whole number below.
pub fn whole(x: f32) -> i32 {
    split(x).0
}

/// A count as a measure.
#[expect(clippy::cast_precision_loss, reason = "pictures have far fewer than 2^24 pixels a side")]
pub fn real(count: usize) -> f32 {
    count as f32
}

/// A measure as a count; nothing is below none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating is what is wanted")]
pub fn count(measure: f32) -> usize {
    measure as usize
}

/// Where in the tables a corner of the lattice is.
#[expect(clippy::cast_sign_loss, reason = "the lattice repeats every 256")]
fn place(x: i32, y: i32) -> usize {
    let row = SHUFFLED[(y & 255) as usize];
    (x.wrapping_add(i32::from(row)) & 255) as usize
}

fn corner(x: i32, y: i32) -> u8 {
    SHUFFLED[place(x, y)]
}

#[expect(clippy::cast_sign_loss, reason = "the lattice repeats every 256")]
fn corner3(x: i32, y: i32, z: i32) -> f32 {
    let row = i32::from(corner(y, z));
    f32::from(SHUFFLED[(x.wrapping_add(row) & 255) as usize]) / 127.5 - 1.0
}

fn ease(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// Smooth noise over a plane, about -1 to 1, zero on average, with features about 1 wide.
pub fn noise(x: f32, y: f32) -> f32 {
    let ((xi, xf), (yi, yf)) = (split(x), split(y));
    let slope = |dx: i32, dy: i32, fx: f32, fy: f32| {
        let way = SLOPES[place(xi + dx, yi + dy)];
        way.0 * fx + way.1 * fy
    };
    let (u, v) = (ease(xf), ease(yf));
    let (a, b) = (slope(0, 0, xf, yf), slope(1, 0, xf - 1.0, yf));
    let (c, d) = (slope(0, 1, xf, yf - 1.0), slope(1, 1, xf - 1.0, yf - 1.0));
    let (top, bottom) = (a + (b - a) * u, c + (d - c) * u);
    (top + (bottom - top) * v) * 1.5
}

/// Smooth noise in space, about -1 to 1.
pub fn noise3(x: f32, y: f32, z: f32) -> f32 {
    let ((xi, xf), (yi, yf), (zi, zf)) = (split(x), split(y), split(z));
    let (u, v, w) = (ease(xf), ease(yf), ease(zf));
    let edge = |dy: i32, dz: i32| {
        let (a, b) = (corner3(xi, yi + dy, zi + dz), corner3(xi + 1, yi + dy, zi + dz));
        a + (b - a) * u
    };
    let side = |dz: i32| {
        let (a, b) = (edge(0, dz), edge(1, dz));
        a + (b - a) * v
    };
    let (front, back) = (side(0), side(1));
    front + (back - front) * w
}

/// Noise upon noise, each finer and fainter: clouds, bark, stone.
pub fn fbm(mut x: f32, mut y: f32, octaves: u32) -> f32 {
    let (mut sum, mut strength) = (0.0, 0.5);
    for _ in 0..octaves {
        sum += strength * noise(x, y);
        strength *= 0.5;
        // Turned at each step, else the lattice shows.
        (x, y) = (1.6 * x + 1.2 * y + 7.31, 1.6 * y - 1.2 * x + 3.17);
    }
    sum
}

/// Noise with creases for crests, 0 to about 1: mountain ridges.
pub fn ridged(mut x: f32, mut y: f32, octaves: u32) -> f32 {
    let (mut sum, mut strength, mut before) = (0.0, 0.5, 1.0);
    for _ in 0..octaves {
        let crest = 1.0 - noise(x, y).abs();
        let crest = crest * crest;
        sum += strength * crest * before;
        before = crest;
        strength *= 0.5;
        (x, y) = (1.6 * x + 1.2 * y + 7.31, 1.6 * y - 1.2 * x + 3.17);
    }
    sum
}

/// Noise whose finer parts keep to the flats, as rain leaves them on mountains; 0 to about 1.
pub fn eroded(mut x: f32, mut y: f32, octaves: u32) -> f32 {
    let (mut sum, mut strength, mut slope_x, mut slope_y) = (0.0, 0.5, 0.0, 0.0);
    for _ in 0..octaves {
        let (height, dx, dy) = sloped(x, y);
        slope_x += dx;
        slope_y += dy;
        sum += strength * height / (1.0 + slope_x * slope_x + slope_y * slope_y);
        strength *= 0.5;
        (x, y) = (1.6 * x - 1.2 * y + 7.31, 1.2 * x + 1.6 * y + 3.17);
    }
    sum
}

/// Smooth noise from 0 to 1, and how steeply it rises along both axes.
fn sloped(x: f32, y: f32) -> (f32, f32, f32) {
    let ((xi, xf), (yi, yf)) = (split(x), split(y));
    let (u, v) = (ease(xf), ease(yf));
    let (du, dv) = (ease_slope(xf), ease_slope(yf));
    let value = |dx: i32, dy: i32| f32::from(corner(xi + dx, yi + dy)) / 255.0;
    let (a, b, c, d) = (value(0, 0), value(1, 0), value(0, 1), value(1, 1));
    let (right, down, twist) = (b - a, c - a, a - b - c + d);
    (a + right * u + down * v + twist * u * v, du * (right + twist * v), dv * (down + twist * u))
}

fn ease_slope(t: f32) -> f32 {
    30.0 * t * t * (t * (t - 2.0) + 1.0)
}

/// Noise upon noise in space.
pub fn fbm3(mut x: f32, mut y: f32, mut z: f32, octaves: u32) -> f32 {
    let (mut sum, mut strength) = (0.0, 0.5);
    for _ in 0..octaves {
        sum += strength * noise3(x, y, z);
        strength *= 0.5;
        (x, y, z) = (1.6 * x + 1.2 * z + 5.3, 2.01 * y + 1.7, 1.6 * z - 1.2 * x + 9.1);
    }
    sum
}

/// A number stirred beyond recognition.
fn stir(mut n: u32) -> u32 {
    n = (n ^ (n >> 16)).wrapping_mul(0x7feb_352d);
    n = (n ^ (n >> 15)).wrapping_mul(0x846c_a68b);
    n ^ (n >> 16)
}

/// The high bits as a measure from 0 to below 1.
#[expect(clippy::cast_precision_loss, reason = "24 bits fit exactly")]
fn share(n: u32) -> f32 {
    (n >> 8) as f32 / 16_777_216.0
}

/// What chance gives to one cell of a grid, 0 to 1.
#[expect(clippy::cast_sign_loss, reason = "any bits will do")]
pub fn chance(x: i32, y: i32, seed: u32) -> f32 {
    share(stir(
        (x as u32).wrapping_mul(0x9e37_79b1) ^ stir((y as u32).wrapping_add(seed.wrapping_mul(0x51ed))),
    ))
}

/// What chance gives to one cell, as bits.
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
pub fn bits(column: usize, row: usize) -> u32 {
    stir((column as u32).wrapping_mul(0x9e37_79b1) ^ (row as u32).wrapping_mul(0x85eb_ca77))
}

/// Throws that follow one another.
pub struct Dice(u32);

impl Dice {
    pub fn new(seed: u32) -> Self {
        Self(stir(seed))
    }

    /// 0 to below 1.
    pub fn throw(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9);
        share(stir(self.0))
    }

    pub fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.throw()
    }

    /// Around zero, mostly near it, never beyond 1.
    pub fn swing(&mut self) -> f32 {
        (self.throw() + self.throw() + self.throw()) / 1.5 - 1.0
    }
}
