//! Colour profiles: which are kept, and what becomes of pictures in printing inks.

use std::borrow::Cow;
use std::sync::Arc;

use moxcms::{ColorProfile, Layout, Transform8BitExecutor, TransformOptions};

use crate::containers::bytes::{be32, slice};
use crate::containers::jpeg::ProfilePart;
use crate::render::contained;
use crate::turbo::Pixels;

/// No profile of a camera or an editor for screens is larger; each rendition carries it.
const LARGEST: usize = 1024 * 1024;

/// What profiles that are made here say when that was (ICC.1:2022, 4.2): 1 January 2026.
const DATE: [u8; 12] = [0x07, 0xEA, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0];

/// The profile that is spread over a JPEG's segments, when all of them are there.
pub(crate) fn joined(parts: &[ProfilePart<'_>]) -> Option<Vec<u8>> {
    let count = parts.first()?.count;
    let mut whole = Vec::new();
    for number in 1..=count {
        let part = parts.iter().find(|part| part.number == number && part.count == count)?;
        whole.extend_from_slice(part.data);
    }
    Some(whole)
}

/// The profile when it is sound and made for such pictures: only then is it worth keeping. Browsers show
/// pictures with a broken one in wrong colours, or not at all.
pub(crate) fn fitting(profile: Vec<u8>, grayscale: bool) -> Option<Vec<u8>> {
    let wanted: &[u8] = if grayscale { b"GRAY" } else { b"RGB " };
    (is_sound(&profile) && slice(&profile, 16, 4) == Some(wanted)).then_some(profile)
}

/// A profile for a picture whose colours only a number of ITU-T H.273 describes, where they are wider than those of a
/// picture without a profile; what else such numbers say could not be seen.
pub(crate) fn of_primaries(primaries: u16) -> Option<Vec<u8>> {
    let profile = match primaries {
        9 => {
            let usual = ColorProfile::new_srgb();
            let (red_trc, green_trc, blue_trc) = (usual.red_trc, usual.green_trc, usual.blue_trc);
            let mut wide = ColorProfile::new_bt2020();
            (wide.red_trc, wide.green_trc, wide.blue_trc, wide.cicp) = (red_trc, green_trc, blue_trc, None);
            wide
        }
        12 => ColorProfile::new_display_p3(),
        _ => return None,
    };
    let mut encoded = profile.encode().ok()?;
    // Not the time of day, so that one photo always gives the same bytes.
    encoded.get_mut(24..36)?.copy_from_slice(&DATE);
    Some(encoded)
}

/// Whether the header and the table of tags hold together (ICC.1:2022, section 7).
fn is_sound(profile: &[u8]) -> bool {
    let length = profile.len();
    let declared = be32(profile, 0).and_then(|size| usize::try_from(size).ok());
    if length > LARGEST || slice(profile, 36, 4) != Some(b"acsp") || declared.is_none_or(|size| size > length)
    {
        return false;
    }
    let Some(count) = be32(profile, 128).and_then(|count| usize::try_from(count).ok()) else { return false };
    (1..=200).contains(&count)
        && (0..count).all(|index| {
            let entry = 132 + index * 12;
            let (at, size) = (be32(profile, entry + 4), be32(profile, entry + 8));
            at.zip(size).is_some_and(|(at, size)| u64::from(at) + u64::from(size) <= length as u64)
        })
}

/// Pixels of red, green and blue (three bytes each) that a profile describes, as a picture without a profile has
/// them (sRGB). A profile for gray takes their red. `None` where the profile can't be used: such a picture is best
/// taken as sRGB.
pub fn to_srgb(rgb: &[u8], profile: &[u8]) -> Option<Vec<u8>> {
    let gray = slice(profile, 16, 4) == Some(b"GRAY");
    contained(|| {
        let source = ColorProfile::new_from_slice(profile).ok()?;
        let (layout, from) = if gray {
            (Layout::Gray, Cow::Owned(rgb.chunks_exact(3).map(|pixel| pixel[0]).collect::<Vec<u8>>()))
        } else {
            (Layout::Rgb, Cow::Borrowed(rgb))
        };
        let transform = source
            .create_transform_8bit(
                layout,
                &ColorProfile::new_srgb(),
                Layout::Rgb,
                TransformOptions::default(),
            )
            .ok()?;
        let mut data = vec![0; rgb.len() / 3 * 3];
        transform.transform(&from, &mut data).ok()?;
        Some(data)
    })
    .flatten()
}

/// What each of the 256 tones of a grayscale profile is in sRGB, when the profile can be used.
pub(crate) fn tones(profile: &[u8]) -> Option<[u8; 256]> {
    let all: Vec<u8> = (0..=u8::MAX).flat_map(|tone| [tone; 3]).collect();
    let rgb = to_srgb(&all, profile)?;
    let mut tones = [0; 256];
    for (tone, pixel) in tones.iter_mut().zip(rgb.chunks_exact(3)) {
        *tone = pixel[1];
    }
    Some(tones)
}

/// Red, green and blue (sRGB) of pixels in cyan, magenta, yellow and black, through their profile when
/// it is there and can be used. Adobe's programs store the inks inverted.
pub(crate) fn inks_to_rgb(mut inks: Pixels, inverted: bool, profile: Option<&[u8]>) -> Pixels {
    if inverted {
        for ink in &mut inks.data {
            *ink = 255 - *ink;
        }
    }
    Pixels { data: Inks::new(profile).to_rgb(&inks.data), ..inks }
}

/// A way from printing inks to colours.
pub(crate) struct Inks {
    through: Option<Arc<Transform8BitExecutor>>,
}

impl Inks {
    /// Through a profile when it can be used, else by what is left of white light after each ink.
    pub(crate) fn new(profile: Option<&[u8]>) -> Self {
        let through = contained(|| {
            let source = ColorProfile::new_from_slice(profile?).ok()?;
            let target = ColorProfile::new_srgb();
            source.create_transform_8bit(Layout::Rgba, &target, Layout::Rgb, TransformOptions::default()).ok()
        });
        Self { through: through.flatten() }
    }

    /// Three bytes a pixel of four.
    pub(crate) fn to_rgb(&self, inks: &[u8]) -> Vec<u8> {
        let transformed = self.through.as_ref().and_then(|transform| {
            let mut data = vec![0; inks.len() / 4 * 3];
            contained(|| transform.transform(inks, &mut data).is_ok()).filter(|done| *done).map(|_| data)
        });
        transformed.unwrap_or_else(|| plain(inks))
    }
}

/// Red, green, blue and alpha in sRGB, of pixels in a profile; `None` when it can't be used.
pub(crate) fn rgba_to_srgb(pixels: &[u8], profile: &[u8]) -> Option<Vec<u8>> {
    contained(|| converted(pixels, &ColorProfile::new_from_slice(profile).ok()?, &ColorProfile::new_srgb()))
        .flatten()
}

/// Red, green, blue and alpha in a profile, of pixels in sRGB; `None` when it can't be used.
pub(crate) fn rgba_from_srgb(pixels: &[u8], profile: &[u8]) -> Option<Vec<u8>> {
    contained(|| converted(pixels, &ColorProfile::new_srgb(), &ColorProfile::new_from_slice(profile).ok()?))
        .flatten()
}

fn converted(pixels: &[u8], from: &ColorProfile, to: &ColorProfile) -> Option<Vec<u8>> {
    let options = TransformOptions::default();
    let transform = from.create_transform_8bit(Layout::Rgba, to, Layout::Rgba, options).ok()?;
    let mut data = vec![0; pixels.len()];
    transform.transform(pixels, &mut data).ok()?;
    Some(data)
}

/// What is left of white light after each ink.
fn plain(inks: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| {
        let product = u32::from(255 - ink) * u32::from(255 - black);
        u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
    };
    let pixel = |ink: &[u8]| [light(ink[0], ink[3]), light(ink[1], ink[3]), light(ink[2], ink[3])];
    inks.chunks_exact(4).flat_map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_a_wide_profile_become_those_of_srgb() {
        let p3 = ColorProfile::new_display_p3().encode().expect("a profile");
        let found = to_srgb(&[128, 128, 128, 200, 100, 100, 255, 255, 255], &p3).expect("a sound profile");
        // As littleCMS says, relative colorimetric.
        for (sample, expected) in found.iter().zip([128, 128, 128, 215, 93, 97, 255, 255, 255]) {
            assert!(sample.abs_diff(expected) <= 1, "{found:?}");
        }
    }

    #[test]
    fn wide_colours_alone_get_a_profile_by_their_number() {
        let sound = |profile: &Vec<u8>| fitting(profile.clone(), false).is_some();
        assert!(of_primaries(9).as_ref().is_some_and(sound) && of_primaries(12).as_ref().is_some_and(sound));
        assert!(of_primaries(1).is_none() && of_primaries(2).is_none());
        let dated = of_primaries(12).is_some_and(|profile| profile[24..36] == DATE);
        assert!(dated, "the time of day would make each rendition another");
    }

    #[test]
    fn gray_profiles_and_broken_ones_have_an_answer() {
        let gray = ColorProfile::new_gray_with_gamma(1.0).encode().expect("a profile");
        let found = to_srgb(&[55, 55, 55], &gray).expect("a sound profile");
        assert!(found.iter().all(|sample| sample.abs_diff(128) <= 2), "{found:?}");
        assert_eq!(to_srgb(&[1, 2, 3], b"no profile"), None);
    }
}
