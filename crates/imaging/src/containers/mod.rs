//! What a file says of itself before any pixel is decoded: its kind, size, orientation and metadata blocks.

pub(crate) mod boxes;
pub(crate) mod bytes;
pub(crate) mod distilled;
pub(crate) mod foreign;
pub(crate) mod heif;
pub(crate) mod joined;
pub(crate) mod jpeg;
pub(crate) mod photoshop;
pub(crate) mod plain;
pub(crate) mod png;
pub(crate) mod png_text;
pub(crate) mod raw;
pub(crate) mod scans;
pub(crate) mod tiff;
pub(crate) mod webp;

use std::borrow::Cow;

use crate::format::Format;

/// The format that the first bytes announce.
pub(crate) fn format_of(bytes: &[u8]) -> Option<Format> {
    // Most RAW files are TIFFs too.
    if let Some(kind) = raw::kind(bytes) {
        Some(Format::Raw(kind))
    } else if jpeg::announced(bytes) {
        Some(Format::Jpeg)
    } else if png::announced(bytes) {
        Some(Format::Png)
    } else if webp::announced(bytes) {
        Some(Format::WebP)
    } else if plain::gif_announced(bytes) {
        Some(Format::Gif)
    } else if tiff::announced(bytes) {
        Some(Format::Tiff)
    } else if plain::bmp_announced(bytes) {
        Some(Format::Bmp)
    } else {
        heif::format(bytes)
    }
}

/// The EXIF block inside a file, which has the form of a small TIFF.
pub(crate) fn exif_block(format: Format, bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    let block = match format {
        Format::Jpeg => jpeg::Head::read(bytes).exif,
        Format::Png => png::read(bytes).exif,
        Format::WebP => webp::read(bytes).exif,
        Format::Tiff => Some(bytes),
        Format::Heic | Format::Avif => heif::read(bytes).exif,
        Format::Raw(kind) => return raw::exif(bytes, kind),
        Format::Gif | Format::Bmp => None,
    };
    block.map(Cow::Borrowed)
}

/// The XMP packet inside a file.
pub(crate) fn xmp_block(format: Format, bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    match format {
        Format::Jpeg => jpeg::Head::read(bytes).xmp.map(Cow::Borrowed),
        Format::Png => png::read(bytes).xmp?.xmp(),
        Format::WebP => webp::read(bytes).xmp.map(Cow::Borrowed),
        Format::Tiff => tiff::xmp(bytes).map(Cow::Borrowed),
        Format::Heic | Format::Avif => heif::read(bytes).xmp.map(Cow::Borrowed),
        Format::Raw(kind) => raw::xmp(bytes, kind).map(Cow::Borrowed),
        Format::Gif | Format::Bmp => None,
    }
}

/// The second XMP packet inside a file, which the first announces by a name.
pub(crate) fn extended_xmp_block(format: Format, bytes: &[u8], name: &str) -> Vec<u8> {
    match format {
        Format::Jpeg => jpeg::Head::read(bytes).extended_xmp(name.as_bytes()),
        _ => Vec::new(),
    }
}

/// The IPTC data (IIM) inside a file.
pub(crate) fn iptc_block(format: Format, bytes: &[u8]) -> Option<Cow<'_, [u8]>> {
    match format {
        Format::Jpeg => match jpeg::Head::read(bytes).resources()? {
            Cow::Borrowed(resources) => photoshop::iptc(resources).map(Cow::Borrowed),
            Cow::Owned(resources) => photoshop::iptc(&resources).map(|data| Cow::Owned(data.to_vec())),
        },
        Format::Png => png::read(bytes).iptc?.iptc().map(Cow::Owned),
        Format::Tiff | Format::Raw(_) => tiff::iptc(bytes).map(Cow::Borrowed),
        Format::WebP | Format::Gif | Format::Bmp | Format::Heic | Format::Avif => None,
    }
}
