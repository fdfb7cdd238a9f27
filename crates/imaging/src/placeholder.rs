//! What stands in a picture's place until it has loaded: a blur of a few bytes, and its commonest colour.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::icc;
use crate::planes::Picture;
use crate::resize::Scaler;

/// The longest edge in pixels of what a thumbhash is made from; more pixels change nothing.
const EDGE: u32 = 100;

/// Bits of each channel that tell one bin of the histogram from the next: 512 bins in all.
const BITS: u32 = 3;

/// What a page shows before it has the picture; both in sRGB, made from the clean picture. No mark is drawn
/// over it: a blur of at most 32 pixels shows nothing that one would keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placeholder {
    /// A thumbhash (evanw.github.io/thumbhash) of 5 to 25 bytes.
    pub thumbhash: Vec<u8>,
    /// The commonest colour, 0xRRGGBB.
    pub dominant_colour: u32,
}

/// The placeholder of a picture whose colours are those of the profile.
pub(crate) fn of(
    scaler: &mut Scaler,
    picture: &Picture,
    profile: Option<&[u8]>,
) -> Result<Placeholder, Error> {
    let small = scaler.shrink(picture, picture.size().fitted(EDGE))?;
    let rgb = rgb(&small);
    let rgb = profile.and_then(|profile| icc::to_srgb(&rgb, profile)).unwrap_or(rgb);
    let rgba: Vec<u8> = rgb.chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    let thumbhash = thumbhash::rgba_to_thumb_hash(small.luma.width, small.luma.height, &rgba);
    Ok(Placeholder { thumbhash, dominant_colour: dominant(&rgb) })
}

/// Red, green and blue of full-range planes (JFIF, section 7).
fn rgb(picture: &Picture) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(picture.luma.data.len() * 3);
    for y in 0..picture.luma.height {
        for (x, luma) in picture.luma.row(y).iter().enumerate() {
            let difference = |index: usize| {
                let planes = picture.chroma.as_ref();
                planes.map_or(0, |planes| i32::from(planes[index].row(y / 2)[x / 2]) - 128)
            };
            let (luma, blue, red) = (i32::from(*luma) << 16, difference(0), difference(1));
            let channels = [91_881 * red, -22_554 * blue - 46_802 * red, 116_130 * blue];
            pixels.extend(channels.map(|part| sample((luma + part + (1 << 15)) >> 16)));
        }
    }
    pixels
}

fn sample(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or(u8::MAX)
}

/// The mean of the pixels in the fullest bin of a coarse histogram; of equals the darkest.
fn dominant(rgb: &[u8]) -> u32 {
    #[derive(Clone, Copy, Default)]
    struct Bin {
        pixels: u32,
        sums: [u32; 3],
    }
    let mut bins = vec![Bin::default(); 1 << (3 * BITS)];
    for pixel in rgb.chunks_exact(3) {
        let index =
            pixel.iter().fold(0, |index, channel| (index << BITS) | usize::from(channel >> (8 - BITS)));
        let bin = &mut bins[index];
        bin.pixels += 1;
        for (sum, channel) in bin.sums.iter_mut().zip(pixel) {
            *sum += u32::from(*channel);
        }
    }
    let fullest = bins.iter().rev().max_by_key(|bin| bin.pixels).copied().unwrap_or_default();
    let count = fullest.pixels.max(1);
    fullest.sums.iter().fold(0, |colour, sum| (colour << 8) | ((sum + count / 2) / count))
}

#[cfg(test)]
mod tests {
    use super::dominant;

    #[test]
    fn the_commonest_colour_is_one_that_is_there_and_no_mean_of_all() {
        let mut pixels = [200, 40, 30].repeat(60);
        pixels.extend([30, 60, 220].repeat(40));
        assert_eq!(dominant(&pixels), 0xc8_281e);
        assert_eq!(dominant(&[]), 0);
        assert_eq!(dominant(&[255, 255, 255]), 0xff_ffff);
    }

    #[test]
    fn of_equally_common_colours_always_the_same_is_taken() {
        assert_eq!(dominant(&[200, 0, 0, 0, 0, 200]), 0x00_00c8);
        assert_eq!(dominant(&[0, 0, 200, 200, 0, 0]), 0x00_00c8);
    }
}
