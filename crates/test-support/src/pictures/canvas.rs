//! A plane of light and cover to paint on.

use super::colour::{Rgb, rgb};
use super::noise::{count, real};

/// What a pixel holds: light already weighed by its cover, and the cover, 0 to 1.
type Pixel = [f32; 4];

/// A picture or a sheet of one. Places are measured in picture heights from the top left corner.
#[derive(Clone)]
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<Pixel>,
}

impl Canvas {
    /// Covers nothing.
    pub fn clear(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![[0.0; 4]; width * height] }
    }

    /// Each pixel's light by its place.
    pub fn paint(width: usize, height: usize, light: impl Fn(f32, f32) -> Rgb) -> Self {
        Self::compose(width, height, |x, y| solid(light(x, y)))
    }

    /// Each pixel's light and cover by its place.
    pub fn compose(width: usize, height: usize, pixel: impl Fn(f32, f32) -> Pixel) -> Self {
        let step = 1.0 / real(height);
        let mut pixels = Vec::with_capacity(width * height);
        for row in 0..height {
            let y = (real(row) + 0.5) * step;
            pixels.extend((0..width).map(|column| pixel((real(column) + 0.5) * step, y)));
        }
        Self { width, height, pixels }
    }

    /// The same at another size.
    pub fn enlarged(&self, width: usize, height: usize) -> Self {
        Self::compose(width, height, |x, y| self.at(x, y))
    }

    /// Width over height.
    pub fn aspect(&self) -> f32 {
        real(self.width) / real(self.height)
    }

    /// The height of a pixel.
    pub fn step(&self) -> f32 {
        1.0 / real(self.height)
    }

    /// The light at a place, between the pixels too; the border goes on for ever.
    pub fn light(&self, x: f32, y: f32) -> Rgb {
        let [r, g, b, _] = self.at(x, y);
        rgb(r, g, b)
    }

    /// Light and cover at a place.
    pub fn at(&self, x: f32, y: f32) -> Pixel {
        let size = real(self.height);
        let (x, y) = ((x * size - 0.5).max(0.0), (y * size - 0.5).max(0.0));
        let (left, top) = (count(x).min(self.width - 1), count(y).min(self.height - 1));
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (u, v) = ((x - real(left)).min(1.0), (y - real(top)).min(1.0));
        let pixel = |column, row| self.pixels[row * self.width + column];
        let (a, b, c, d) = (pixel(left, top), pixel(right, top), pixel(left, bottom), pixel(right, bottom));
        std::array::from_fn(|i| {
            let (top, bottom) = (a[i] + (b[i] - a[i]) * u, c[i] + (d[i] - c[i]) * u);
            top + (bottom - top) * v
        })
    }

    /// Goes over the pixels in a box of places; `paint` gets the place and answers colour and cover.
    pub fn fill(
        &mut self,
        (left, top): (f32, f32),
        (right, bottom): (f32, f32),
        paint: impl Fn(f32, f32) -> (Rgb, f32),
    ) {
        let size = real(self.height);
        let step = self.step();
        let (columns, rows) = (
            count(left * size)..count((right * size).ceil() + 1.0).min(self.width),
            count(top * size)..count((bottom * size).ceil() + 1.0).min(self.height),
        );
        for row in rows {
            let y = (real(row) + 0.5) * step;
            for column in columns.clone() {
                let (colour, cover) = paint((real(column) + 0.5) * step, y);
                if cover > 0.0 {
                    over(&mut self.pixels[row * self.width + column], colour, cover.min(1.0));
                }
            }
        }
    }

    /// Adds light around a place, without cover.
    pub fn glow(&mut self, x: f32, y: f32, radius: f32, light: impl Fn(f32, f32) -> Rgb) {
        let size = real(self.height);
        let step = self.step();
        for row in count((y - radius) * size)..count((y + radius) * size + 1.0).min(self.height) {
            for column in count((x - radius) * size)..count((x + radius) * size + 1.0).min(self.width) {
                let light = light((real(column) + 0.5) * step - x, (real(row) + 0.5) * step - y);
                let pixel = &mut self.pixels[row * self.width + column];
                *pixel = plus(*pixel, [light.r, light.g, light.b, 0.0]);
            }
        }
    }

    /// Changes each pixel's light, given its place.
    pub fn change(&mut self, change: impl Fn(f32, f32, Rgb) -> Rgb) {
        let step = self.step();
        for (i, pixel) in self.pixels.iter_mut().enumerate() {
            let (x, y) = (real(i % self.width) + 0.5, real(i / self.width) + 0.5);
            let [r, g, b, cover] = *pixel;
            let colour = change(x * step, y * step, rgb(r, g, b));
            *pixel = [colour.r, colour.g, colour.b, cover];
        }
    }

    /// Lays a sheet of the same size upon this.
    pub fn lay(&mut self, sheet: &Self) {
        for (below, above) in self.pixels.iter_mut().zip(&sheet.pixels) {
            let rest = 1.0 - above[3];
            *below = std::array::from_fn(|i| above[i] + below[i] * rest);
        }
    }

    /// A stroke from one place to another, its width changing on the way; finer than a pixel it turns faint.
    pub fn stroke(&mut self, from: Dot, to: Dot, colour: Rgb, cover: f32) {
        let step = self.step();
        let widest = from.radius.max(to.radius).max(step) + step;
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let length = (dx * dx + dy * dy).max(1e-12);
        self.fill(
            (from.x.min(to.x) - widest, from.y.min(to.y) - widest),
            (from.x.max(to.x) + widest, from.y.max(to.y) + widest),
            |x, y| {
                let along = (((x - from.x) * dx + (y - from.y) * dy) / length).clamp(0.0, 1.0);
                let (ox, oy) = (x - from.x - dx * along, y - from.y - dy * along);
                let radius = from.radius + (to.radius - from.radius) * along;
                let thick = radius.max(step * 0.5);
                let edge = (thick - (ox * ox + oy * oy).sqrt()) / step + 0.5;
                (colour, edge.clamp(0.0, 1.0) * cover * (radius / thick))
            },
        );
    }

    /// Out of focus by about this radius.
    pub fn blurred(self, radius: f32) -> Self {
        let reach = count(radius * real(self.height) * 0.6 + 0.5);
        if reach == 0 {
            return self;
        }
        let once = (0..3).fold(self, |canvas, _| canvas.swept(reach)).turned();
        (0..3).fold(once, |canvas, _| canvas.swept(reach)).turned()
    }

    /// Each pixel the average of its row's neighbours as far as `reach`.
    fn swept(mut self, reach: usize) -> Self {
        let share = 1.0 / real(2 * reach + 1);
        let mut before = vec![[0.0; 4]; self.width];
        for row in self.pixels.chunks_exact_mut(self.width) {
            before.copy_from_slice(row);
            let last = before.len() - 1;
            let mut sum = before[0].map(|part| part * real(reach));
            for i in 0..reach {
                sum = plus(sum, before[i.min(last)]);
            }
            for (i, pixel) in row.iter_mut().enumerate() {
                sum = plus(sum, before[(i + reach).min(last)]);
                *pixel = sum.map(|part| part * share);
                sum = plus(sum, before[i.saturating_sub(reach)].map(|part| -part));
            }
        }
        self
    }

    /// Rows for columns.
    fn turned(self) -> Self {
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for column in 0..self.width {
            pixels.extend((0..self.height).map(|row| self.pixels[row * self.width + column]));
        }
        Self { width: self.height, height: self.width, pixels }
    }
}

/// The end of a stroke.
#[derive(Clone, Copy)]
pub struct Dot {
    pub x: f32,
    pub y: f32,
    pub radius: f32,
}

pub const fn dot(x: f32, y: f32, radius: f32) -> Dot {
    Dot { x, y, radius }
}

fn solid(colour: Rgb) -> Pixel {
    [colour.r, colour.g, colour.b, 1.0]
}

fn plus(a: Pixel, b: Pixel) -> Pixel {
    std::array::from_fn(|i| a[i] + b[i])
}

fn over(below: &mut Pixel, colour: Rgb, cover: f32) {
    let above = solid(colour).map(|part| part * cover);
    *below = std::array::from_fn(|i| above[i] + below[i] * (1.0 - cover));
}
