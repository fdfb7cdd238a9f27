//! Small pictures made in code, in every form that a test needs.

use std::path::PathBuf;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, RgbImage};
use imaging::{Kind, Recipe, Rendered, Rendition, Size};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// A recipe whose JPEGs are good enough to compare pixels.
pub fn fine() -> Recipe {
    Recipe { quality: 97, ..Recipe::default() }
}

/// A picture whose corners differ, with gentle slopes between: red, green, blue and yellow.
pub fn corners(width: u32, height: u32) -> RgbImage {
    const CORNERS: [[f32; 3]; 4] =
        [[220.0, 30.0, 40.0], [30.0, 180.0, 60.0], [40.0, 60.0, 210.0], [230.0, 200.0, 40.0]];
    let share = |at: u32, edge: u32| (at as f32 + 0.5) / edge as f32;
    RgbImage::from_fn(width, height, |x, y| {
        let (right, down) = (share(x, width), share(y, height));
        let weights =
            [(1.0 - right) * (1.0 - down), right * (1.0 - down), (1.0 - right) * down, right * down];
        let channel = |index: usize| -> u8 {
            let sum: f32 = CORNERS.iter().zip(weights).map(|(corner, weight)| corner[index] * weight).sum();
            sum.round() as u8
        };
        image::Rgb([channel(0), channel(1), channel(2)])
    })
}

/// The same with fine detail, so that no part of a JPEG of it is flat.
pub fn textured(width: u32, height: u32) -> RgbImage {
    let mut picture = corners(width, height);
    let mut seed = 1_u32;
    for pixel in picture.pixels_mut() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = i16::try_from(seed >> 26).expect("six bits") - 32;
        pixel.0 = pixel.0.map(|sample| (i16::from(sample) + noise).clamp(0, 255) as u8);
    }
    picture
}

/// A JPEG with a chroma sampling of its own.
pub fn jpeg(picture: &RgbImage, sampling: Subsamp, progressive: bool) -> Vec<u8> {
    let mut compressor = Compressor::new().expect("compressor");
    compressor.set_quality(98).expect("quality");
    compressor.set_subsamp(sampling).expect("sampling");
    compressor.set_progressive(progressive).expect("progressive");
    let width = picture.width() as usize;
    let image = Image {
        pixels: picture.as_raw().as_slice(),
        width,
        pitch: width * 3,
        height: picture.height() as usize,
        format: PixelFormat::RGB,
    };
    compressor.compress_to_vec(image).expect("a picture that can be encoded")
}

/// The usual JPEG of a camera.
pub fn camera_jpeg(picture: &RgbImage) -> Vec<u8> {
    jpeg(picture, Subsamp::Sub2x2, false)
}

/// A JPEG with metadata: EXIF as a small TIFF, a colour profile.
pub fn described_jpeg(picture: &RgbImage, exif: Option<Vec<u8>>, profile: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 97);
    describe(&mut encoder, exif, profile);
    picture.write_with_encoder(encoder).expect("a picture that can be encoded");
    bytes
}

/// A PNG with metadata.
pub fn png(picture: &DynamicImage, exif: Option<Vec<u8>>, profile: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    describe(&mut encoder, exif, profile);
    picture.write_with_encoder(encoder).expect("a picture that can be encoded");
    bytes
}

/// A lossless WebP with metadata.
pub fn webp(picture: &DynamicImage, exif: Option<Vec<u8>>, profile: Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut bytes);
    describe(&mut encoder, exif, profile);
    picture.write_with_encoder(encoder).expect("a picture that can be encoded");
    bytes
}

fn describe(encoder: &mut impl ImageEncoder, exif: Option<Vec<u8>>, profile: Option<Vec<u8>>) {
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).expect("a format with EXIF");
    }
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile).expect("a format with profiles");
    }
}

/// Any picture in a format that carries no metadata here.
pub fn plain(picture: &DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a picture that can be encoded");
    bytes.into_inner()
}

/// An uncompressed TIFF with an orientation.
pub fn tiff(picture: &RgbImage, orientation: u16) -> Vec<u8> {
    let pixels = picture.as_raw();
    let pixels_at = 8_u32;
    let bits_at = pixels_at + u32::try_from(pixels.len()).expect("a small picture");
    let entries: [(u16, u16, u32, u32); 10] = [
        (256, 4, 1, picture.width()),
        (257, 4, 1, picture.height()),
        (258, 3, 3, bits_at),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, pixels_at),
        (274, 3, 1, orientation.into()),
        (277, 3, 1, 3),
        (278, 4, 1, picture.height()),
        (279, 4, 1, bits_at - pixels_at),
    ];
    let mut bytes = [&b"II*\0"[..], &(bits_at + 6).to_le_bytes(), pixels, &[8, 0, 8, 0, 8, 0]].concat();
    bytes.extend(directory(&entries));
    bytes
}

/// An EXIF block that holds an orientation alone.
pub fn exif_orientation(orientation: u16) -> Vec<u8> {
    [&b"II*\0\x08\0\0\0"[..], &directory(&[(274, 3, 1, orientation.into())])].concat()
}

/// A directory of a little-endian TIFF: tag, type, count, value.
pub fn directory(entries: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = u16::try_from(entries.len()).expect("few entries").to_le_bytes().to_vec();
    for (tag, kind, count, value) in entries {
        bytes.extend(
            [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()]
                .concat(),
        );
    }
    bytes.extend([0; 4]);
    bytes
}

/// One rendition out of the six.
pub fn rendition(rendered: &Rendered, kind: Kind, marked: bool) -> &Rendition {
    rendered
        .renditions
        .iter()
        .find(|rendition| rendition.kind == kind && rendition.marked == marked)
        .expect("all six renditions")
}

/// The pixels of a rendition, whose size must be what it says.
pub fn pixels(rendition: &Rendition) -> RgbImage {
    let picture = image::load_from_memory(&rendition.file).expect("a sound JPEG").into_rgb8();
    assert_eq!(Size::new(picture.width(), picture.height()), rendition.size);
    picture
}

/// The mean difference of two pictures of one size, in samples.
pub fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let sum: u64 = one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.as_raw().len() as f64
}

/// The folder of sample files beside the repository, where somebody has put one.
pub fn samples(name: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(name);
    folder.is_dir().then_some(folder)
}

/// Runs a job for each item on a few threads, and gathers what it says.
pub fn each<T: Sync, R: Send>(items: &[T], job: impl Fn(&T) -> Option<R> + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let work = || {
            let mut said = Vec::new();
            while let Some(item) = items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                said.extend(job(item));
            }
            said
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    })
}
