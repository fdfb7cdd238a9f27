//! Pixels as decoders give them, with or without transparency, on their way to opaque rows.

use crate::rows::Sample;

/// A sample that can be mixed with white.
pub(super) trait Mixed: Sample {
    /// As near as it can be.
    fn of(value: u64) -> Self;
}

impl Mixed for u8 {
    fn of(value: u64) -> Self {
        Self::try_from(value).unwrap_or(Self::MAX)
    }
}

impl Mixed for u16 {
    fn of(value: u64) -> Self {
        Self::try_from(value).unwrap_or(Self::MAX)
    }
}

/// A row whose pixels end in an alpha, as it looks on white paper. Where colours are `premultiplied` with their alpha
/// already, white is only added.
pub(super) fn on_white<S: Mixed>(row: &[S], channels: usize, premultiplied: bool) -> Vec<S> {
    let full = u64::from(S::FULL);
    let mut opaque = Vec::with_capacity(row.len() / (channels + 1) * channels);
    for pixel in row.chunks_exact(channels + 1) {
        let alpha: u64 = pixel[channels].into().into();
        for sample in &pixel[..channels] {
            let sample: u64 = (*sample).into().into();
            let light = if premultiplied { sample } else { (sample * alpha + full / 2) / full };
            let mixed = if premultiplied {
                light + full - alpha
            } else {
                (sample * alpha + full * (full - alpha) + full / 2) / full
            };
            opaque.push(S::of(mixed.min(full)));
        }
    }
    opaque
}

/// Samples of sixteen bits, the high byte first.
pub(super) fn big_endian(row: &[u8]) -> Vec<u16> {
    row.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

/// Samples of sixteen bits in the machine's order.
pub(super) fn native(row: &[u8]) -> Vec<u16> {
    row.chunks_exact(2).map(|pair| u16::from_ne_bytes([pair[0], pair[1]])).collect()
}

/// A share of full brightness; what is no number is black.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to sixteen bits")]
pub(super) fn of_float(sample: f32) -> u16 {
    (sample.clamp(0.0, 1.0) * 65_535.0).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparency_is_laid_on_white() {
        assert_eq!(
            on_white(&[200_u8, 0, 10, 255, 200, 0, 0, 128, 9, 9, 9, 0], 3, false),
            [200, 0, 10, 227, 127, 127, 255, 255, 255]
        );
        assert_eq!(on_white(&[100_u16, 0, 65_535, 65_535], 1, false), [65_535, 65_535]);
        assert_eq!(on_white(&[100_u8, 0, 0, 128], 3, true), [227, 127, 127]);
    }

    #[test]
    fn light_that_is_no_number_is_black() {
        assert_eq!([f32::NAN, -1.0, 0.5, 2.0].map(of_float), [0, 0, 32_768, 65_535]);
    }
}
