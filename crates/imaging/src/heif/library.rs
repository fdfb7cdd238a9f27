//! The one door to libheif, which is looked for when the program runs: safe calls around its C interface.
#![expect(
    unsafe_code,
    reason = "calls C; every pointer that is kept belongs to an object that frees it, and outlives its use"
)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr;
use std::slice;
use std::sync::OnceLock;

use libloading::Library as Loaded;

use crate::error::Error;
use crate::format::Format;
use crate::refusal::Refusal;

/// The name under which Debian installs it; its interface has been compatible since 1.0.
const NAME: &str = "libheif.so.1";

/// `struct heif_error`.
#[repr(C)]
struct Fault {
    code: c_int,
    subcode: c_int,
    message: *const c_char,
}

/// The beginning of `struct heif_decoding_options`, of which only this much is touched.
#[repr(C)]
struct Options {
    _version: u8,
    ignore_transformations: u8,
}

/// The beginning of `struct heif_color_profile_nclx`.
#[repr(C)]
struct Nclx {
    _version: u8,
    _primaries: c_int,
    _transfer: c_int,
    _matrix: c_int,
    full_range: u8,
}

impl Fault {
    /// Metadata of a picture that the library does not know, such as the tone maps of phones since 2023: found when all
    /// pictures have been read, and nothing that they need. Later versions pass it over.
    fn is_about_metadata(&self) -> bool {
        const INVALID_INPUT: c_int = 2;
        if self.code != INVALID_INPUT || self.message.is_null() {
            return false;
        }
        // SAFETY: the library's messages are C strings, which live until its next call.
        let message = unsafe { CStr::from_ptr(self.message) };
        message.to_bytes().windows(8).any(|part| part == b"Metadata")
    }
}

type Context = *mut c_void;
type Handle = *mut c_void;
type Raw = *mut c_void;

/// The library with the functions that are used of it.
pub(crate) struct Library {
    have_decoder: unsafe extern "C" fn(c_int) -> c_int,
    context_alloc: unsafe extern "C" fn() -> Context,
    context_free: unsafe extern "C" fn(Context),
    limit_threads: unsafe extern "C" fn(Context, c_int),
    read: unsafe extern "C" fn(Context, *const c_void, usize, *const c_void) -> Fault,
    primary: unsafe extern "C" fn(Context, *mut Handle) -> Fault,
    release_handle: unsafe extern "C" fn(Handle),
    options_alloc: unsafe extern "C" fn() -> *mut Options,
    options_free: unsafe extern "C" fn(*mut Options),
    decode: unsafe extern "C" fn(Handle, *mut Raw, c_int, c_int, *const Options) -> Fault,
    release_image: unsafe extern "C" fn(Raw),
    width: unsafe extern "C" fn(Raw, c_int) -> c_int,
    height: unsafe extern "C" fn(Raw, c_int) -> c_int,
    bits: unsafe extern "C" fn(Raw, c_int) -> c_int,
    plane: unsafe extern "C" fn(Raw, c_int, *mut c_int) -> *const u8,
    signal: unsafe extern "C" fn(Raw, *mut *mut Nclx) -> Fault,
    signal_free: unsafe extern "C" fn(*mut Nclx),
    /// Keeps the code where it is.
    _code: Loaded,
}

/// A plane of a decoded picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Luma = 0,
    R = 3,
    G = 4,
    B = 5,
    Alpha = 6,
}

/// The samples of one channel.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    data: &'a [u8],
    stride: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Of a sample; more than eight stand in two bytes, in the machine's order.
    pub(crate) bits: u32,
}

impl<'a> View<'a> {
    /// The bytes of one row.
    pub(crate) fn row(&self, y: usize) -> &'a [u8] {
        let length = self.width * if self.bits > 8 { 2 } else { 1 };
        &self.data[y.min(self.height - 1) * self.stride..][..length]
    }
}

/// A decoded picture, freed when it is dropped.
pub(crate) struct Image<'a> {
    library: &'a Library,
    object: Raw,
    _file: PhantomData<&'a [u8]>,
}

/// The library, when it is installed on this machine; it is looked for once.
pub(crate) fn library() -> Option<&'static Library> {
    static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();
    LIBRARY.get_or_init(Library::load).as_ref()
}

impl Library {
    fn load() -> Option<Self> {
        // SAFETY: the library of this name is Debian's libheif, whose initialisers have no conditions.
        let loaded = unsafe { Loaded::new(NAME) }.ok()?;
        macro_rules! function {
            ($name:literal) => {
                // SAFETY: the types of all functions are those of heif.h, version 1.15.
                unsafe { *loaded.get($name).ok()? }
            };
        }
        let start: unsafe extern "C" fn(*const c_void) -> Fault = function!(b"heif_init\0");
        // SAFETY: null means the defaults. Without this call later versions load no decoders.
        outcome(&unsafe { start(ptr::null()) }).ok()?;
        Some(Self {
            have_decoder: function!(b"heif_have_decoder_for_format\0"),
            context_alloc: function!(b"heif_context_alloc\0"),
            context_free: function!(b"heif_context_free\0"),
            limit_threads: function!(b"heif_context_set_max_decoding_threads\0"),
            read: function!(b"heif_context_read_from_memory_without_copy\0"),
            primary: function!(b"heif_context_get_primary_image_handle\0"),
            release_handle: function!(b"heif_image_handle_release\0"),
            options_alloc: function!(b"heif_decoding_options_alloc\0"),
            options_free: function!(b"heif_decoding_options_free\0"),
            decode: function!(b"heif_decode_image\0"),
            release_image: function!(b"heif_image_release\0"),
            width: function!(b"heif_image_get_width\0"),
            height: function!(b"heif_image_get_height\0"),
            bits: function!(b"heif_image_get_bits_per_pixel_range\0"),
            plane: function!(b"heif_image_get_plane_readonly\0"),
            signal: function!(b"heif_image_get_nclx_color_profile\0"),
            signal_free: function!(b"heif_nclx_color_profile_free\0"),
            _code: loaded,
        })
    }

    /// Whether it can decode the codec of a format.
    pub(crate) fn decodes(&self, format: Format) -> bool {
        let codec = match format {
            Format::Heic => 1,
            Format::Avif => 4,
            _ => return false,
        };
        // SAFETY: takes a number, and answers to those without a meaning too.
        unsafe { (self.have_decoder)(codec) != 0 }
    }

    /// Decodes the main picture of a file to red, green and blue, or to luma if it is `gray`; turned and cut as its boxes
    /// say if `finished`.
    pub(crate) fn image<'a>(
        &'a self,
        file: &'a [u8],
        gray: bool,
        finished: bool,
    ) -> Result<Image<'a>, Error> {
        // SAFETY: takes nothing; null is refused.
        let context = unsafe { (self.context_alloc)() };
        if context.is_null() {
            return Err(Error::TooMuchMemory);
        }
        let context = Owned { object: context, free: self.context_free };
        // SAFETY: the context is live. No threads of its own: other photos have the other cores.
        unsafe { (self.limit_threads)(context.object, 0) };
        // SAFETY: the file outlives the context, which ends with this function; it is only read.
        let read = unsafe { (self.read)(context.object, file.as_ptr().cast(), file.len(), ptr::null()) };
        if !read.is_about_metadata() {
            outcome(&read)?;
        }
        let mut handle = ptr::null_mut();
        // SAFETY: the context is live, and the handle is written before it is used.
        outcome(&unsafe { (self.primary)(context.object, &raw mut handle) })?;
        let handle = Owned { object: handle, free: self.release_handle };
        // SAFETY: takes nothing; null is refused.
        let options = unsafe { (self.options_alloc)() };
        if options.is_null() {
            return Err(Error::TooMuchMemory);
        }
        let options = Owned { object: options, free: self.options_free };
        // SAFETY: the options are live and ours; the field has stood there since their first version.
        unsafe { (*options.object).ignore_transformations = u8::from(!finished) };
        let mut image = ptr::null_mut();
        // `heif_colorspace` and `heif_chroma`: monochrome, or red, green and blue in planes.
        let (space, planes) = if gray { (2, 0) } else { (1, 3) };
        // SAFETY: handle and options are live, and the image is written before it is used.
        outcome(&unsafe { (self.decode)(handle.object, &raw mut image, space, planes, options.object) })?;
        if image.is_null() {
            return Err(Error::Damaged);
        }
        Ok(Image { library: self, object: image, _file: PhantomData })
    }
}

impl Image<'_> {
    /// One channel, when the picture has it.
    pub(crate) fn channel(&self, channel: Channel) -> Option<View<'_>> {
        let number = channel as c_int;
        let mut stride: c_int = 0;
        // SAFETY: the image is live; a channel that it lacks is answered with null and sizes below one.
        let (data, width, height, bits) = unsafe {
            (
                (self.library.plane)(self.object, number, &raw mut stride),
                (self.library.width)(self.object, number),
                (self.library.height)(self.object, number),
                (self.library.bits)(self.object, number),
            )
        };
        let positive = |value: c_int| usize::try_from(value).ok().filter(|value| *value > 0);
        let (stride, width, height) = (positive(stride)?, positive(width)?, positive(height)?);
        let bits = u32::try_from(bits).ok().filter(|bits| (1..=16).contains(bits))?;
        let row = width * if bits > 8 { 2 } else { 1 };
        if data.is_null() || row > stride {
            return None;
        }
        // SAFETY: the library gives planes of at least this many bytes a row and so many rows; they live as long as
        // the image, which is borrowed for as long as the view.
        let data = unsafe { slice::from_raw_parts(data, stride * (height - 1) + row) };
        Some(View { data, stride, width, height, bits })
    }

    /// Whether luma uses all numbers that its bits have, when the picture says so.
    pub(crate) fn full_range(&self) -> Option<bool> {
        let mut found = ptr::null_mut();
        // SAFETY: the image is live, and the pointer is written before it is used.
        let fault = unsafe { (self.library.signal)(self.object, &raw mut found) };
        if fault.code != 0 || found.is_null() {
            return None;
        }
        let found = Owned { object: found, free: self.library.signal_free };
        // SAFETY: the structure is live until the end of this function.
        Some(unsafe { (*found.object).full_range } != 0)
    }
}

impl Drop for Image<'_> {
    fn drop(&mut self) {
        // SAFETY: the image came from the library and is not used again.
        unsafe { (self.library.release_image)(self.object) }
    }
}

/// An object of the library with the function that frees it.
struct Owned<T> {
    object: *mut T,
    free: unsafe extern "C" fn(*mut T),
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the object came from the library, matches its function, and is not used again.
        unsafe { (self.free)(self.object) }
    }
}

fn outcome(fault: &Fault) -> Result<(), Error> {
    const UNSUPPORTED: [c_int; 2] = [3, 4];
    const NO_MEMORY: c_int = 6;
    const SECURITY_LIMIT: c_int = 1000;
    match fault.code {
        0 => Ok(()),
        NO_MEMORY => Err(Error::TooMuchMemory),
        _ if fault.subcode == SECURITY_LIMIT => Err(Error::TooMuchMemory),
        code if UNSUPPORTED.contains(&code) => {
            Err(Refusal::UnsupportedFormat { name: "Such HEIC or AVIF" }.into())
        }
        _ => Err(Error::Damaged),
    }
}
