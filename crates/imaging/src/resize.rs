//! Making planes smaller, all with one filter (Lanczos).

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{Filter, FilterType, ResizeAlg, ResizeOptions, Resizer};

use crate::error::Error;
use crate::planes::{Decoded, Picture, Plane, edges};
use crate::size::Size;

/// Keeps its working memory from one plane to the next.
pub(crate) struct Scaler {
    resizer: Resizer,
    filter: FilterType,
}

impl Scaler {
    pub(crate) fn new() -> Self {
        let filter = Filter::new("lanczos", lanczos, LOBES).map_or(FilterType::Lanczos3, FilterType::Custom);
        Self { resizer: Resizer::new(), filter }
    }

    /// The picture that a decoder gave, at the wanted size.
    pub(crate) fn fit(&mut self, decoded: &Decoded, size: Size) -> Result<Picture, Error> {
        let (across, down) = (f64::from(decoded.sampling.0), f64::from(decoded.sampling.1));
        self.resample(&decoded.luma, decoded.chroma.as_ref(), decoded.extent, (across, down), size)
    }

    /// A smaller picture from a larger one.
    pub(crate) fn shrink(&mut self, picture: &Picture, size: Size) -> Result<Picture, Error> {
        let from = picture.size();
        let extent = (f64::from(from.width), f64::from(from.height));
        self.resample(&picture.luma, picture.chroma.as_ref(), extent, (2.0, 2.0), size)
    }

    fn resample(
        &mut self,
        luma: &Plane,
        chroma: Option<&[Plane; 2]>,
        extent: (f64, f64),
        sampling: (f64, f64),
        size: Size,
    ) -> Result<Picture, Error> {
        let (width, height) = edges(size);
        let luma = self.plane(luma, extent, width, height)?;
        let Some([blue, red]) = chroma else { return Ok(Picture { luma, chroma: None }) };
        // A chroma sample stands for two luma samples each way, also where the second lies outside.
        let covered = |extent: f64, edge: u32| extent / f64::from(edge) * f64::from(edge.next_multiple_of(2));
        let part = (covered(extent.0, size.width) / sampling.0, covered(extent.1, size.height) / sampling.1);
        let (across, down) = (width.div_ceil(2), height.div_ceil(2));
        let chroma = [self.plane(blue, part, across, down)?, self.plane(red, part, across, down)?];
        Ok(Picture { luma, chroma: Some(chroma) })
    }

    /// One plane: the part from its upper left corner, at the wanted size.
    #[expect(clippy::cast_precision_loss, reason = "edges of a plane fit a double exactly")]
    fn plane(
        &mut self,
        plane: &Plane,
        part: (f64, f64),
        width: usize,
        height: usize,
    ) -> Result<Plane, Error> {
        let beyond = part.0 > plane.width as f64 + 0.01 || part.1 > plane.height as f64 + 0.01;
        let padded = beyond.then(|| plane.padded(plane.width + 1, plane.height + 1));
        let plane = padded.as_ref().unwrap_or(plane);
        let (across, down) = (part.0.min(plane.width as f64), part.1.min(plane.height as f64));
        if (across - width as f64).abs() < 0.01 && (down - height as f64).abs() < 0.01 {
            return Ok(cut(plane, width, height));
        }
        let options =
            ResizeOptions::new().resize_alg(ResizeAlg::Convolution(self.filter)).crop(0.0, 0.0, across, down);
        let mut data = vec![0; width * height];
        let source = TypedImageRef::<U8>::from_buffer(edge(plane.width), edge(plane.height), &plane.data)
            .map_err(|_| Error::Damaged)?;
        let mut target = TypedImage::<U8>::from_buffer(edge(width), edge(height), &mut data)
            .map_err(|_| Error::Damaged)?;
        self.resizer.resize_typed(&source, &mut target, &options).map_err(|_| Error::Damaged)?;
        Ok(Plane { width, height, data })
    }
}

/// How far the filter reaches.
const LOBES: f64 = 3.0;

/// Lanczos with three lobes. The sine of the threefold angle follows from that of the single one, which halves
/// what computing the weights costs.
fn lanczos(x: f64) -> f64 {
    if x.abs() >= LOBES {
        return 0.0;
    }
    let angle = x * std::f64::consts::PI;
    if angle.abs() < 1e-9 {
        return 1.0;
    }
    let slow = (angle / LOBES).sin();
    let fast = slow * (3.0 - 4.0 * slow * slow);
    LOBES * fast * slow / (angle * angle)
}

/// The upper left part, sample by sample.
fn cut(plane: &Plane, width: usize, height: usize) -> Plane {
    let mut part = Plane::filled(width, height, 0);
    for y in 0..height {
        part.row_mut(y).copy_from_slice(&plane.row(y)[..width]);
    }
    part
}

fn edge(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::lanczos;

    #[test]
    fn the_filter_is_lanczos() {
        let sinc = |x: f64| {
            if x == 0.0 { 1.0 } else { (x * std::f64::consts::PI).sin() / (x * std::f64::consts::PI) }
        };
        for step in -35_i32..=35 {
            let x = f64::from(step) / 10.0;
            let expected = if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
            assert!((lanczos(x) - expected).abs() < 1e-12, "{x}");
        }
    }
}
