//! What the numbers of ITU-T H.273 say of colours, and how decoded samples become those that are shown.

use crate::containers::heif::Signal;

const PQ: u16 = 16;
const HLG: u16 = 18;

/// White of a page, in candela a square metre, and the brightest light in pictures of this kind (ITU-R BT.2408).
const WHITE: f32 = 203.0;
const BRIGHTEST: f32 = 1000.0;

/// How samples as they are decoded become samples of 16 bits as they are shown.
pub(crate) struct Samples {
    /// By the sample.
    wide: Vec<u16>,
    light: Option<Light>,
}

/// Tables that bring light beyond white into what a page can show.
struct Light {
    /// Light in units of white, by the sample.
    linear: Vec<f32>,
    /// The sample of sRGB, by light up to white.
    shown: Vec<u16>,
}

impl Samples {
    /// For samples of so many bits.
    pub(crate) fn new(bits: u32, full_range: bool, signal: Option<Signal>) -> Self {
        let bits = bits.clamp(8, 16);
        let step = f32::from(1_u16 << (bits - 8));
        let most = u16::try_from((1_u32 << bits) - 1).unwrap_or(u16::MAX);
        let (black, white) = if full_range { (0.0, f32::from(most)) } else { (16.0 * step, 235.0 * step) };
        let wide = (0..=most).map(|sample| wide((f32::from(sample) - black) / (white - black))).collect();
        let transfer = signal.map_or(2, |signal| signal.transfer);
        Self { wide, light: matches!(transfer, PQ | HLG).then(|| Light::new(transfer)) }
    }

    /// One row, in place.
    pub(crate) fn show(&self, row: &mut [u16], channels: usize) {
        for sample in row.iter_mut() {
            *sample = self.wide[usize::from(*sample).min(self.wide.len() - 1)];
        }
        if let Some(light) = &self.light {
            for pixel in row.chunks_exact_mut(channels) {
                light.show(pixel);
            }
        }
    }
}

impl Light {
    const STEPS: u16 = 16_383;

    fn new(transfer: u16) -> Self {
        let every = || (0..=Self::STEPS).map(|step| f32::from(step) / f32::from(Self::STEPS));
        let light = if transfer == PQ { pq } else { hlg };
        Self {
            linear: every().map(light).collect(),
            // By the square root of light, so that shadows have steps enough.
            shown: every().map(|root| wide(srgb(root * root))).collect(),
        }
    }

    /// All samples of a pixel are dimmed alike, by what the brightest of them needs, so that colours keep their hue.
    fn show(&self, pixel: &mut [u16]) {
        let linear = |sample: u16| self.linear[usize::from(sample >> 2)];
        let most = pixel.iter().map(|sample| linear(*sample)).fold(0.0, f32::max);
        let peak = BRIGHTEST / WHITE;
        let dimmed = (1.0 + most / (peak * peak)) / (1.0 + most);
        for sample in pixel {
            *sample = self.shown[step((linear(*sample) * dimmed).min(1.0).sqrt())];
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the steps there are")]
fn step(value: f32) -> usize {
    (value.clamp(0.0, 1.0) * f32::from(Light::STEPS)).round() as usize
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to sixteen bits")]
fn wide(value: f32) -> u16 {
    (value.clamp(0.0, 1.0) * 65_535.0).round() as u16
}

/// Light in units of white (SMPTE ST 2084).
fn pq(signal: f32) -> f32 {
    let (m1, m2) = (2610.0 / 16_384.0, 2523.0 / 32.0);
    let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 128.0, 2392.0 / 128.0);
    let root = signal.powf(1.0 / m2);
    10_000.0 / WHITE * ((root - c1).max(0.0) / (c2 - c3 * root)).powf(1.0 / m1)
}

/// Light in units of white, on a screen of the usual brightness (ITU-R BT.2100); the screen's curve is applied to each
/// colour by itself.
fn hlg(signal: f32) -> f32 {
    let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_7);
    let scene: f32 =
        if signal <= 0.5 { signal * signal / 3.0 } else { (((signal - c) / a).exp() + b) / 12.0 };
    BRIGHTEST / WHITE * scene.powf(1.2)
}

fn srgb(linear: f32) -> f32 {
    if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(samples: &Samples, mut row: Vec<u16>) -> Vec<u16> {
        samples.show(&mut row, 3);
        row
    }

    #[test]
    fn every_range_and_depth_has_the_same_black_and_white() {
        for (full_range, bits, black, white) in [
            (true, 8, 0, 255),
            (false, 8, 16, 235),
            (true, 10, 0, 1023),
            (false, 10, 64, 940),
            (true, 12, 0, 4095),
            (true, 16, 0, 65_535),
        ] {
            let samples = Samples::new(bits, full_range, None);
            assert_eq!(shown(&samples, vec![black, white, white]), [0, 65_535, 65_535], "{bits}");
        }
    }

    #[test]
    fn light_beyond_white_is_dimmed_and_keeps_its_hue() {
        let signal = Signal { primaries: 12, transfer: PQ, full_range: true };
        let samples = Samples::new(10, true, Some(signal));
        // 100, 203 and 1000 candela a square metre in the numbers of PQ.
        let gray = [520, 594, 769].map(|sample| shown(&samples, vec![sample; 3])[0]);
        assert!(gray[0] < gray[1] && gray[1] < gray[2] && gray[2] > 65_000, "{gray:?}");
        assert_eq!(shown(&samples, vec![0; 3]), [0; 3]);
        let red = shown(&samples, vec![700, 300, 300]);
        assert!(red[0] > 3 * red[1] && red[1] == red[2], "{red:?}");
    }
}
