//! The fuzz targets, which the tests of `imaging` include too, to replay all that was ever found.
mod containers;
mod facts;
mod marks;
mod originals;
mod pictures;

pub use facts::{metadata, probe};
pub use marks::mark;
pub use originals::scrub;
pub use pictures::{
    heif, icc, raw, render_bmp, render_gif, render_jpeg, render_png, render_tiff, render_webp,
};

/// What is done with the bytes of one try; a broken promise panics.
pub type Target = fn(&[u8]);

/// Every target under its name, which is also that of its program and of the folder of its corpus.
pub const TARGETS: [(&str, Target); 13] = [
    ("probe", probe),
    ("metadata", metadata),
    ("icc", icc),
    ("mark", mark),
    ("render_jpeg", render_jpeg),
    ("render_png", render_png),
    ("render_webp", render_webp),
    ("render_gif", render_gif),
    ("render_tiff", render_tiff),
    ("render_bmp", render_bmp),
    ("heif", heif),
    ("raw", raw),
    ("scrub", scrub),
];
