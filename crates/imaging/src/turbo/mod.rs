//! The one door to libjpeg-turbo: safe calls on slices and planes around its C interface.
#![expect(
    unsafe_code,
    reason = "the only module that calls C; every pointer it passes comes from a sized Vec"
)]

mod decode;
mod encode;

use std::ffi::{CStr, c_int};

use turbojpeg::raw;

pub(crate) use decode::{Colours, Decompressor, Header};
pub(crate) use encode::{encode, planes_of};

use crate::error::Error;

/// The channels of decoded pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channels {
    Rgb,
    Cmyk,
}

impl Channels {
    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Pixels side by side, rows without gaps.
pub(crate) struct Pixels {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) data: Vec<u8>,
}

/// A warning of the decoder: the picture came out, though not all of it may be right.
pub(crate) type Warning = Option<String>;

struct Handle(raw::tjhandle);

impl Handle {
    fn new(purpose: raw::TJINIT) -> Result<Self, Error> {
        // SAFETY: takes a number and returns null or a handle that is destroyed once, in `drop`.
        let handle = unsafe { raw::tj3Init(number(purpose)) };
        if handle.is_null() { Err(Error::TooMuchMemory) } else { Ok(Self(handle)) }
    }

    fn set(&mut self, parameter: raw::TJPARAM, value: c_int) -> Result<(), Error> {
        // SAFETY: the handle is live; unknown parameters and values are answered with an error.
        let answer = unsafe { raw::tj3Set(self.0, number(parameter), value) };
        if answer == 0 { Ok(()) } else { Err(Error::EncodingFailed) }
    }

    fn get(&self, parameter: raw::TJPARAM) -> c_int {
        // SAFETY: the handle is live.
        unsafe { raw::tj3Get(self.0, number(parameter)) }
    }

    /// The end of a call: fatal faults are errors, warnings are passed on.
    fn outcome(&self, answer: c_int) -> Result<Warning, Error> {
        if answer == 0 {
            return Ok(None);
        }
        // SAFETY: the handle is live, and its text is a C string that lives until the next call.
        let text = unsafe { CStr::from_ptr(raw::tj3GetErrorStr(self.0)) }.to_string_lossy().into_owned();
        // SAFETY: the handle is live.
        let code = unsafe { raw::tj3GetErrorCode(self.0) };
        if code == number(raw::TJERR_TJERR_WARNING) {
            Ok(Some(text))
        } else if text.contains("more than") && text.contains("scans") {
            Err(Error::TooManyScans)
        } else if text.contains("Memory limit")
            || text.contains("Memory allocation")
            || text.contains("Insufficient memory")
        {
            Err(Error::TooMuchMemory)
        } else {
            Err(Error::Damaged)
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle came from `tj3Init` and is not used again.
        unsafe { raw::tj3Destroy(self.0) }
    }
}

/// The exact size as the extent of a decoded picture.
pub(crate) fn extent(width: usize, height: usize) -> (f64, f64) {
    (f64::from(clamped(width)), f64::from(clamped(height)))
}

/// The edges of one plane as the library has them: luma is padded to whole chroma samples.
fn plane_edges(index: usize, width: usize, height: usize, sampling: c_int) -> Result<(usize, usize), Error> {
    // SAFETY: both take numbers alone, and answer 0 to those that have no meaning.
    let (across, down) = unsafe {
        (
            raw::tj3YUVPlaneWidth(clamped(index), clamped(width), sampling),
            raw::tj3YUVPlaneHeight(clamped(index), clamped(height), sampling),
        )
    };
    match (usize::try_from(across), usize::try_from(down)) {
        (Ok(across), Ok(down)) if across > 0 && down > 0 => Ok((across, down)),
        _ => Err(Error::Damaged),
    }
}

fn clamped(value: usize) -> c_int {
    c_int::try_from(value).unwrap_or(c_int::MAX)
}

/// The constants of the binding are unsigned, its parameters are not.
fn number(constant: u32) -> c_int {
    c_int::try_from(constant).unwrap_or(-1)
}
