//! The photos of the benchmark: drawn by itself, kept in a folder from one run to the next.

use std::{
    fs,
    path::{Path, PathBuf},
};

use image::RgbImage;
use imaging::Size;
use moxcms::ColorProfile;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

use super::draw;
pub use super::draw::Focus;
use crate::figures::say;

/// Grows with every change of what is drawn.
const VERSION: u32 = 1;

/// What an aim is stated for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// 24 megapixels, baseline.
    Baseline,
    /// 24 megapixels, progressive.
    Progressive,
    /// 45 megapixels.
    Large,
    /// Sizes at which a scaled decode is only just large enough: for their likeness alone.
    Edge,
}

/// One file and what it is.
pub struct Photo {
    /// What it is called in the tables.
    pub name: &'static str,
    /// What it counts for.
    pub group: Group,
    /// EXIF orientation, 1 to 8.
    pub orientation: u8,
    /// Where it lies.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
}

struct Plan {
    name: &'static str,
    group: Group,
    size: (u32, u32),
    sampling: Subsamp,
    progressive: bool,
    orientation: u8,
}

const fn plan(name: &'static str, group: Group, size: (u32, u32)) -> Plan {
    Plan { name, group, size, sampling: Subsamp::Sub2x2, progressive: false, orientation: 1 }
}

const PLANS: [Plan; 8] = [
    plan("24 MP 4:2:0", Group::Baseline, (6000, 4000)),
    Plan { orientation: 6, ..plan("24 MP 4:2:0 turned", Group::Baseline, (6000, 4000)) },
    Plan { sampling: Subsamp::Sub2x1, ..plan("24 MP 4:2:2", Group::Baseline, (6000, 4000)) },
    Plan { progressive: true, ..plan("24 MP progressive", Group::Progressive, (6000, 4000)) },
    plan("45 MP 4:2:0", Group::Large, (8256, 5504)),
    plan("long edge 4128", Group::Edge, (4128, 2752)),
    plan("long edge 6240", Group::Edge, (6240, 4160)),
    plan("long edge 8192", Group::Edge, (8192, 5464)),
];

/// All photos; those that lie in the folder from an earlier run are not drawn again.
pub fn all(folder: &Path, quick: bool) -> anyhow::Result<Vec<Photo>> {
    fs::create_dir_all(folder)?;
    let mut drawn: Option<((u32, u32), RgbImage)> = None;
    let mut photos = Vec::new();
    for plan in &PLANS {
        // Large enough to be scaled while decoding.
        let part = if quick { 2 } else { 1 };
        let size = (plan.size.0 / part, plan.size.1 / part);
        let file = format!("{VERSION}-{part}-{}.jpg", plan.name.replace([' ', ':'], "-"));
        let path = folder.join(file);
        if !path.is_file() {
            say(format_args!("Drawing {} ({} x {}).", plan.name, size.0, size.1));
            let picture = match drawn.take() {
                Some((same, picture)) if same == size => picture,
                _ => draw::photograph(size.0, size.1),
            };
            fs::write(&path, encoded(&picture, plan)?)?;
            drawn = Some((size, picture));
        }
        let bytes = fs::metadata(&path)?.len();
        photos.push(Photo { name: plan.name, group: plan.group, orientation: plan.orientation, path, bytes });
    }
    Ok(photos)
}

/// A photo of this size, upright, baseline at 4:2:0; another number makes it a little different.
pub fn like_a_camera(size: (u32, u32), number: u32, focus: Focus) -> anyhow::Result<Vec<u8>> {
    let (width, height) = (size.0 - 16 * number, size.1);
    let mut picture = draw::photograph(width, height);
    if focus == Focus::Subject {
        picture = draw::with_background(&picture);
    }
    encoded(&picture, &plan("", Group::Baseline, (width, height)))
}

/// As a camera writes it: at a high quality, with its orientation and a colour profile.
fn encoded(picture: &RgbImage, plan: &Plan) -> anyhow::Result<Vec<u8>> {
    let mut compressor = Compressor::new()?;
    compressor.set_quality(92)?;
    compressor.set_subsamp(plan.sampling)?;
    compressor.set_progressive(plan.progressive)?;
    let size = Size::new(picture.width(), picture.height());
    let (width, height) = (size.width as usize, size.height as usize);
    let pixels = picture.as_raw().as_slice();
    let jpeg = compressor.compress_to_vec(Image {
        pixels,
        width,
        pitch: width * 3,
        height,
        format: PixelFormat::RGB,
    })?;
    let exif = [
        &b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..],
        &[plan.orientation, 0, 0, 0, 0, 0, 0, 0],
    ];
    let profile = ColorProfile::new_display_p3().encode()?;
    let profile = [&b"ICC_PROFILE\0\x01\x01"[..], &profile];
    let segments = [segment(0xE1, &exif.concat())?, segment(0xE2, &profile.concat())?];
    Ok([&jpeg[..2], &segments.concat(), &jpeg[2..]].concat())
}

fn segment(marker: u8, body: &[u8]) -> anyhow::Result<Vec<u8>> {
    let length = u16::try_from(body.len() + 2)?;
    Ok([&[0xFF, marker][..], &length.to_be_bytes(), body].concat())
}
