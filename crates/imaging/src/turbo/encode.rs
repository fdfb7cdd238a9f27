//! Encoding planes as a JPEG, and making planes of pixels.

use std::ptr;

use turbojpeg::raw;

use super::{Channels, Handle, Pixels, clamped, extent, plane_edges};
use crate::error::Error;
use crate::planes::{Decoded, Picture, Plane};

/// Writes a baseline JPEG, 4:2:0 or grayscale, with a colour profile when one is given. Huffman tables that are
/// fitted to the picture take a second pass over it.
pub(crate) fn encode(
    picture: &Picture,
    quality: u8,
    fitted_tables: bool,
    profile: Option<&[u8]>,
) -> Result<Vec<u8>, Error> {
    let sampling = if picture.chroma.is_some() { raw::TJSAMP_TJSAMP_420 } else { raw::TJSAMP_TJSAMP_GRAY };
    let mut handle = Handle::new(raw::TJINIT_TJINIT_COMPRESS)?;
    handle.set(raw::TJPARAM_TJPARAM_QUALITY, quality.clamp(1, 100).into())?;
    handle.set(raw::TJPARAM_TJPARAM_SUBSAMP, sampling)?;
    handle.set(raw::TJPARAM_TJPARAM_OPTIMIZE, fitted_tables.into())?;
    if let Some(profile) = profile {
        // SAFETY: the library only reads the slice, and copies it.
        let answer = unsafe {
            raw::tj3SetICCProfile(handle.0, profile.as_ptr().cast_mut(), profile.len() as raw::size_t)
        };
        handle.outcome(answer)?;
    }
    let (width, height) = (picture.luma.width, picture.luma.height);
    let (across, down) = plane_edges(0, width, height, sampling)?;
    let padded = ((across, down) != (width, height)).then(|| picture.luma.padded(across, down));
    let luma = padded.as_ref().unwrap_or(&picture.luma);
    let mut pointers = [luma.data.as_ptr(), ptr::null(), ptr::null()];
    if let Some(chroma) = &picture.chroma {
        for (index, plane) in chroma.iter().enumerate() {
            if (plane.width, plane.height) != plane_edges(index + 1, width, height, sampling)? {
                return Err(Error::EncodingFailed);
            }
            pointers[index + 1] = plane.data.as_ptr();
        }
    }
    let mut output = ptr::null_mut();
    let mut length: raw::size_t = 0;
    // SAFETY: every plane has the edges that the library reads at this size and sampling, without gaps; the
    // output is allocated by the library.
    let answer = unsafe {
        raw::tj3CompressFromYUVPlanes8(
            handle.0,
            pointers.as_ptr(),
            clamped(width),
            ptr::null(),
            clamped(height),
            &raw mut output,
            &raw mut length,
        )
    };
    let outcome = handle.outcome(answer);
    let mut jpeg = Vec::new();
    if !output.is_null() {
        if outcome.is_ok() {
            let written = usize::try_from(length).unwrap_or(0);
            // SAFETY: the library says that it wrote so many bytes there.
            jpeg.extend_from_slice(unsafe { std::slice::from_raw_parts(output, written) });
        }
        // SAFETY: allocated by the library, and freed once.
        unsafe { raw::tj3Free(output.cast()) };
    }
    match outcome {
        Ok(None) if !jpeg.is_empty() => Ok(jpeg),
        Err(Error::TooMuchMemory) => Err(Error::TooMuchMemory),
        _ => Err(Error::EncodingFailed),
    }
}

/// Planes at 4:2:0 of red, green and blue pixels.
pub(crate) fn planes_of(pixels: &Pixels) -> Result<Decoded, Error> {
    let mut handle = Handle::new(raw::TJINIT_TJINIT_COMPRESS)?;
    handle.set(raw::TJPARAM_TJPARAM_SUBSAMP, raw::TJSAMP_TJSAMP_420)?;
    let (width, height) = (pixels.width, pixels.height);
    if pixels.data.len() < width * height * Channels::Rgb.count() {
        return Err(Error::Damaged);
    }
    let plane = |index| -> Result<Plane, Error> {
        let (across, down) = plane_edges(index, width, height, raw::TJSAMP_TJSAMP_420)?;
        Ok(Plane::filled(across, down, 128))
    };
    let (mut luma, mut blue, mut red) = (plane(0)?, plane(1)?, plane(2)?);
    let mut pointers = [luma.data.as_mut_ptr(), blue.data.as_mut_ptr(), red.data.as_mut_ptr()];
    // SAFETY: the input holds width by height pixels of three bytes, which was checked; the planes have the
    // edges that the library asks for at this size, without gaps between rows.
    let answer = unsafe {
        raw::tj3EncodeYUVPlanes8(
            handle.0,
            pixels.data.as_ptr(),
            clamped(width),
            0,
            clamped(height),
            raw::TJPF_TJPF_RGB,
            pointers.as_mut_ptr(),
            ptr::null_mut(),
        )
    };
    handle.outcome(answer)?;
    Ok(Decoded { extent: extent(width, height), luma, chroma: Some([blue, red]), sampling: (2, 2) })
}
