//! Decoding a JPEG, scaled, into planes or pixels.

use std::ffi::c_uchar;
use std::ptr;

use turbojpeg::raw;

use super::{Channels, Handle, Pixels, Warning, clamped, number, plane_edges};
use crate::error::Error;
use crate::planes::Plane;
use crate::recipe::Limits;
use crate::size::Size;

/// How the colours of a JPEG are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// One channel.
    Gray,
    /// Luma and two differences, with the luma samples that a chroma sample spans across and down; `None`
    /// for samplings that have no planes here.
    YCbCr(Option<(u8, u8)>),
    /// Red, green and blue as they are.
    Rgb,
    /// Printing inks.
    Cmyk,
}

/// What the frame header says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header {
    pub(crate) size: Size,
    pub(crate) colours: Colours,
    /// Bits of a sample.
    pub(crate) precision: i32,
    pub(crate) lossless: bool,
}

/// Decodes one JPEG, whose header it has read.
pub(crate) struct Decompressor<'a> {
    handle: Handle,
    jpeg: &'a [u8],
    header: Header,
}

impl<'a> Decompressor<'a> {
    /// Reads the header.
    pub(crate) fn new(jpeg: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let mut handle = Handle::new(raw::TJINIT_TJINIT_DECOMPRESS)?;
        handle.set(raw::TJPARAM_TJPARAM_SCANLIMIT, clamped(limits.max_jpeg_scans as usize))?;
        handle.set(raw::TJPARAM_TJPARAM_MAXMEMORY, clamped((limits.max_decoded_bytes >> 20).max(1)))?;
        handle.set(raw::TJPARAM_TJPARAM_SAVEMARKERS, 0)?;
        // SAFETY: pointer and length are those of one slice, which outlives the call.
        let answer = unsafe { raw::tj3DecompressHeader(handle.0, jpeg.as_ptr(), jpeg.len() as raw::size_t) };
        handle.outcome(answer)?;
        let edge = |parameter| u32::try_from(handle.get(parameter)).unwrap_or(0);
        let size = Size::new(edge(raw::TJPARAM_TJPARAM_JPEGWIDTH), edge(raw::TJPARAM_TJPARAM_JPEGHEIGHT));
        if size.is_empty() {
            return Err(Error::Damaged);
        }
        let header = Header {
            size,
            colours: colours(&handle),
            precision: handle.get(raw::TJPARAM_TJPARAM_PRECISION),
            lossless: handle.get(raw::TJPARAM_TJPARAM_LOSSLESS) == 1,
        };
        Ok(Self { handle, jpeg, header })
    }

    pub(crate) fn header(&self) -> Header {
        self.header
    }

    /// Scales while decoding: `eighths` of the size, which a lossless JPEG can't.
    pub(crate) fn scale(&mut self, eighths: u8) -> Result<(), Error> {
        let divisor = match eighths {
            1 | 3 | 5 | 7 => 1,
            2 | 6 => 2,
            4 => 4,
            _ => 8,
        };
        let factor = raw::tjscalingfactor { num: (eighths / divisor).into(), denom: (8 / divisor).into() };
        // SAFETY: the handle is live; factors that are not supported are answered with an error.
        let answer = unsafe { raw::tj3SetScalingFactor(self.handle.0, factor) };
        self.handle.outcome(answer).map(|_| ())
    }

    /// Decodes into planes; only for `Gray` and for `YCbCr` with a known sampling.
    pub(crate) fn planes(&mut self, width: usize, height: usize) -> Result<(Vec<Plane>, Warning), Error> {
        let count = match self.header.colours {
            Colours::Gray => 1,
            Colours::YCbCr(Some(_)) => 3,
            _ => return Err(Error::Damaged),
        };
        let sampling = self.handle.get(raw::TJPARAM_TJPARAM_SUBSAMP);
        let mut planes = Vec::with_capacity(count);
        for index in 0..count {
            let (across, down) = plane_edges(index, width, height, sampling)?;
            // Every sample will be written; zeros come from the system without a pass of our own.
            planes.push(Plane::filled(across, down, 0));
        }
        let mut pointers = [ptr::null_mut::<c_uchar>(); 3];
        for (pointer, plane) in pointers.iter_mut().zip(&mut planes) {
            *pointer = plane.data.as_mut_ptr();
        }
        // SAFETY: the input is one slice; each plane has exactly the edges that the library writes for this
        // size and sampling (both were asked from it), and null strides mean rows without gaps.
        let answer = unsafe {
            raw::tj3DecompressToYUVPlanes8(
                self.handle.0,
                self.jpeg.as_ptr(),
                self.jpeg.len() as raw::size_t,
                pointers.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        let warning = self.handle.outcome(answer)?;
        Ok((planes, warning))
    }

    /// Decodes into pixels of `width` by `height`, which must be the scaled size.
    pub(crate) fn pixels(
        &mut self,
        channels: Channels,
        width: usize,
        height: usize,
    ) -> Result<(Pixels, Warning), Error> {
        let format = match channels {
            Channels::Rgb => raw::TJPF_TJPF_RGB,
            Channels::Cmyk => raw::TJPF_TJPF_CMYK,
        };
        let mut data = vec![0; width * height * channels.count()];
        // SAFETY: the input is one slice; the output holds the scaled size in this pixel format, rows
        // without gaps (pitch 0).
        let answer = unsafe {
            raw::tj3Decompress8(
                self.handle.0,
                self.jpeg.as_ptr(),
                self.jpeg.len() as raw::size_t,
                data.as_mut_ptr(),
                0,
                format,
            )
        };
        let warning = self.handle.outcome(answer)?;
        Ok((Pixels { width, height, data }, warning))
    }
}

fn colours(handle: &Handle) -> Colours {
    let space = handle.get(raw::TJPARAM_TJPARAM_COLORSPACE);
    if space == number(raw::TJCS_TJCS_GRAY) {
        Colours::Gray
    } else if space == number(raw::TJCS_TJCS_YCbCr) {
        Colours::YCbCr(match handle.get(raw::TJPARAM_TJPARAM_SUBSAMP) {
            raw::TJSAMP_TJSAMP_444 => Some((1, 1)),
            raw::TJSAMP_TJSAMP_422 => Some((2, 1)),
            raw::TJSAMP_TJSAMP_420 => Some((2, 2)),
            raw::TJSAMP_TJSAMP_440 => Some((1, 2)),
            raw::TJSAMP_TJSAMP_411 => Some((4, 1)),
            raw::TJSAMP_TJSAMP_441 => Some((1, 4)),
            _ => None,
        })
    } else if space == number(raw::TJCS_TJCS_RGB) {
        Colours::Rgb
    } else {
        Colours::Cmyk
    }
}
