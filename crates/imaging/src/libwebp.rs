//! The one door to libwebp: planes in, a lossy WebP file out, with its colour profile and no other metadata.
#![expect(
    unsafe_code,
    reason = "binds C; every pointer it passes comes from a Vec of the size that the library reads"
)]

use std::mem::MaybeUninit;
use std::{ptr, slice};

use libwebp_sys as raw;

use crate::error::Error;
use crate::icc;
use crate::planes::{Picture, Plane};

/// Added to JPEG's quality: at 80 the previews of seven camera photos were then as much like their originals as the
/// JPEGs (mean SSIM 0.980), with 0.77 of their bytes.
const QUALITY_MORE: u8 = 6;

/// Effort, 0 to 6. From here on every step costs twice the time for a few bytes in a hundred.
const METHOD: i32 = 4;

/// The `VP8X` flag that says that there is a profile (RFC 9649, section 2.7.1).
const HAS_PROFILE: u8 = 0x20;

/// Writes a lossy WebP; `quality` as JPEG counts it, 1 to 100.
pub(crate) fn encode(picture: &Picture, quality: u8, profile: Option<&[u8]>) -> Result<Vec<u8>, Error> {
    let Some([blue, red]) = &picture.chroma else {
        // The format knows no grayscale, so a profile for it would not fit: its tones are written as sRGB.
        let tones = profile.and_then(icc::tones);
        let luma =
            mapped(&picture.luma, |tone| limited_luma(tones.map_or(tone, |tones| tones[usize::from(tone)])));
        let (across, down) = (luma.width.div_ceil(2), luma.height.div_ceil(2));
        let chroma = Plane::filled(across, down, 128);
        return written(&luma, [&chroma, &chroma], quality);
    };
    let luma = mapped(&picture.luma, limited_luma);
    let (blue, red) = (mapped(blue, limited_chroma), mapped(red, limited_chroma));
    let file = written(&luma, [&blue, &red], quality)?;
    match profile {
        Some(profile) => with_profile(&file, picture.size(), profile).ok_or(Error::EncodingFailed),
        None => Ok(file),
    }
}

/// JPEG's luma uses all 256 steps, that of VP8 those from 16 to 235 (RFC 6386, section 9.2, ITU-R BT.601).
fn limited_luma(sample: u8) -> u8 {
    narrowed(u32::from(sample) * 219, 16)
}

/// The same for chroma: 16 to 240, around 128.
fn limited_chroma(sample: u8) -> u8 {
    // 128 × 224 / 255 is not whole; from 0 the middle comes out in the middle.
    let from_middle = i32::from(sample) - 128;
    let rounded = (from_middle * 224 + 127 * from_middle.signum()) / 255;
    u8::try_from(128 + rounded).unwrap_or(u8::MAX)
}

fn narrowed(share: u32, least: u8) -> u8 {
    u8::try_from((share + 127) / 255).unwrap_or(u8::MAX).saturating_add(least)
}

fn mapped(plane: &Plane, level: impl Fn(u8) -> u8) -> Plane {
    let mut table = [0; 256];
    for (sample, mapped) in (0..=u8::MAX).zip(&mut table) {
        *mapped = level(sample);
    }
    let data = plane.data.iter().map(|sample| table[usize::from(*sample)]).collect();
    Plane { width: plane.width, height: plane.height, data }
}

fn written(luma: &Plane, chroma: [&Plane; 2], quality: u8) -> Result<Vec<u8>, Error> {
    let edge = |length: usize| i32::try_from(length).map_err(|_| Error::EncodingFailed);
    let halves = (luma.width.div_ceil(2), luma.height.div_ceil(2));
    let holds = |plane: &Plane| plane.data.len() >= plane.width * plane.height;
    if !holds(luma) || !chroma.iter().all(|plane| holds(plane) && (plane.width, plane.height) == halves) {
        return Err(Error::EncodingFailed);
    }
    let config = config(quality)?;
    let mut picture = picture()?;
    (picture.width, picture.height) = (edge(luma.width)?, edge(luma.height)?);
    (picture.y_stride, picture.uv_stride) = (edge(luma.width)?, edge(halves.0)?);
    (picture.y, picture.u, picture.v) = (
        luma.data.as_ptr().cast_mut(),
        chroma[0].data.as_ptr().cast_mut(),
        chroma[1].data.as_ptr().cast_mut(),
    );
    let mut writer = MaybeUninit::uninit();
    // SAFETY: fills in every field, with no memory of its own.
    let mut writer: raw::WebPMemoryWriter = unsafe {
        raw::WebPMemoryWriterInit(writer.as_mut_ptr());
        writer.assume_init()
    };
    picture.writer = Some(raw::WebPMemoryWrite);
    picture.custom_ptr = (&raw mut writer).cast();
    // SAFETY: the planes have the edges that the library reads at this size, which was checked, and are only
    // read; the writer outlives the call. What the picture allocates besides is freed below.
    let encoded = unsafe { raw::WebPEncode(&raw const config, &raw mut picture) } != 0;
    let mut file = Vec::new();
    if encoded && !writer.mem.is_null() {
        // SAFETY: the library says that it wrote so many bytes there.
        file.extend_from_slice(unsafe { slice::from_raw_parts(writer.mem, writer.size) });
    }
    // SAFETY: both were filled in above; the planes that we lent are not the library's to free.
    unsafe {
        raw::WebPMemoryWriterClear(&raw mut writer);
        (picture.y, picture.u, picture.v) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        raw::WebPPictureFree(&raw mut picture);
    }
    if file.is_empty() { Err(Error::EncodingFailed) } else { Ok(file) }
}

fn config(quality: u8) -> Result<raw::WebPConfig, Error> {
    let mut config = MaybeUninit::uninit();
    let quality = f32::from(quality.saturating_add(QUALITY_MORE).clamp(1, 100));
    let preset = raw::WebPPreset::WEBP_PRESET_DEFAULT;
    let version = raw::WEBP_ENCODER_ABI_VERSION.cast_signed();
    // SAFETY: fills in every field, or answers 0 and is not used.
    let mut config: raw::WebPConfig = unsafe {
        if raw::WebPConfigInitInternal(config.as_mut_ptr(), preset, quality, version) == 0 {
            return Err(Error::EncodingFailed);
        }
        config.assume_init()
    };
    config.method = METHOD;
    Ok(config)
}

fn picture() -> Result<raw::WebPPicture, Error> {
    let mut picture = MaybeUninit::uninit();
    let version = raw::WEBP_ENCODER_ABI_VERSION.cast_signed();
    // SAFETY: fills in every field, or answers 0 and is not used.
    unsafe {
        if raw::WebPPictureInitInternal(picture.as_mut_ptr(), version) == 0 {
            return Err(Error::EncodingFailed);
        }
        Ok(picture.assume_init())
    }
}

/// The plain file in the extended form, which may carry a profile (RFC 9649, section 2.7).
fn with_profile(file: &[u8], size: crate::size::Size, profile: &[u8]) -> Option<Vec<u8>> {
    let picture = file.get(12..)?;
    let edge = |edge: u32| -> Option<[u8; 3]> { edge.checked_sub(1)?.to_le_bytes()[..3].try_into().ok() };
    let header = [&[HAS_PROFILE, 0, 0, 0][..], &edge(size.width)?, &edge(size.height)?].concat();
    let body = [&b"WEBP"[..], &chunk(*b"VP8X", &header)?, &chunk(*b"ICCP", profile)?, picture].concat();
    chunk(*b"RIFF", &body)
}

/// A name, a length and the bytes, padded to an even number.
fn chunk(name: [u8; 4], bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(bytes.len()).ok()?.to_le_bytes();
    let mut chunk = [&name[..], &length, bytes].concat();
    if bytes.len() % 2 == 1 {
        chunk.push(0);
    }
    Some(chunk)
}

#[cfg(test)]
mod tests {
    use super::{limited_chroma, limited_luma};

    #[test]
    fn levels_keep_their_ends_and_their_middle() {
        assert_eq!([0, 128, 255].map(limited_luma), [16, 126, 235]);
        assert_eq!([0, 64, 128, 255].map(limited_chroma), [16, 72, 128, 240]);
    }
}
