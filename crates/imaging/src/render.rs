//! From a photo's bytes to its renditions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::encoding::{Encoding, Settings, encode};
use crate::error::Error;
use crate::format::Format;
use crate::general;
use crate::heif;
use crate::jpeg;
use crate::mark::Stamps;
use crate::metadata::{Metadata, read_metadata};
use crate::notice::with_notice;
use crate::orient::upright;
use crate::placeholder::{self, Placeholder};
use crate::planes::Decoded;
use crate::probe::probe;
use crate::raw;
use crate::recipe::{Kind, Recipe};
use crate::resize::Scaler;
use crate::scrub::{Scrubbed, scrub};
use crate::sharpen;
use crate::size::Size;
use crate::timings::{Stopwatch, Timings};

/// One derived picture: an upright file that carries a colour profile, in a JPEG a copyright notice where the recipe
/// wishes it, and no other metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// What it is for.
    pub kind: Kind,
    /// Whether the mark is drawn over it.
    pub marked: bool,
    /// How the file is written.
    pub encoding: Encoding,
    /// Its size in pixels.
    pub size: Size,
    /// The file. Serialised forms leave it out: it travels beside them as raw bytes.
    #[serde(skip)]
    pub file: Vec<u8>,
}

/// All that is made of one photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// The size of the photo as people see it.
    pub displayed: Size,
    /// Whether parts of the picture are missing or wrong.
    pub damaged: bool,
    /// Each kind, the smallest first: without the mark, then with it where the recipe wants that;
    /// in each of its encodings.
    pub renditions: Vec<Rendition>,
    /// What stands in the picture's place until it has loaded.
    pub placeholder: Placeholder,
    /// What the camera and people wrote beside the picture.
    pub metadata: Metadata,
    /// How the original is given to others, where the recipe asks for it.
    pub original: Option<Scrubbed>,
    /// Where the time went.
    pub timings: Timings,
}

/// A decoded photo as it is stored, not yet turned.
pub(crate) struct Source {
    /// The size of the whole photo, of which the planes may be a smaller form.
    pub(crate) size: Size,
    pub(crate) planes: Decoded,
    /// The colour profile to keep.
    pub(crate) profile: Option<Vec<u8>>,
    pub(crate) damaged: bool,
}

/// Makes every rendition of a photo, or none.
pub fn render(bytes: &[u8], recipe: &Recipe) -> Result<Rendered, Error> {
    render_with(bytes, recipe, &mut Stamps::new())
}

/// The same, one of many photos: stamps of the mark that were drawn for others are used again.
pub fn render_with(bytes: &[u8], recipe: &Recipe, stamps: &mut Stamps) -> Result<Rendered, Error> {
    let (mut watch, mut timings) = (Stopwatch::start(), Timings::default());
    let probed = probe(bytes, &recipe.limits)?;
    let largest = Kind::Preview.edge();
    let source = match probed.format {
        Format::Jpeg => jpeg::decode(bytes, &recipe.limits, largest)?,
        Format::Raw(kind) => raw::decode(bytes, kind, &recipe.limits, largest)?,
        format @ (Format::Heic | Format::Avif) => heif::decode(bytes, format, &recipe.limits, largest)?,
        other => general::decode(bytes, other, &recipe.limits, largest)?,
    };
    watch.lap(&mut timings.decoding);
    let displayed = source.size.oriented(probed.orientation);
    let profile = source.profile.as_deref();
    let mut scaler = Scaler::new();
    let mut picture = upright(scaler.fit(&source.planes, source.size.fitted(largest))?, probed.orientation);
    drop(source.planes);

    watch.lap(&mut timings.resizing);
    let metadata = read_metadata(bytes);
    watch.lap(&mut timings.reading);
    let notice = metadata.copyright.as_deref().filter(|_| recipe.keep_copyright);
    let mut renditions = Vec::with_capacity(Kind::all().len() * 2 * recipe.encodings.len());
    for kind in Kind::all().iter().rev() {
        picture = scaler.shrink(&picture, displayed.fitted(kind.edge()))?;
        watch.lap(&mut timings.resizing);
        // A copy at the photo's own size is as sharp as the photo.
        let made_smaller = picture.size() != displayed;
        let sharp = if made_smaller { sharpen::applied(&picture, recipe.sharpening) } else { None };
        let clean = sharp.as_ref().unwrap_or(&picture);
        let wanted = recipe.marked.contains(kind);
        let marked = wanted.then(|| stamps.marked(&recipe.mark, clean, profile)).transpose()?;
        let fitted_tables = recipe.fitted_tables.contains(kind);
        let settings = Settings { quality: recipe.quality, fitted_tables, profile };
        watch.lap(&mut timings.marking);
        for (marked, picture) in [(true, marked.as_ref()), (false, Some(clean))] {
            let Some(picture) = picture else { continue };
            for encoding in recipe.encodings.iter().rev().copied() {
                let written = encode(picture, encoding, settings)?;
                let notice = notice.filter(|_| encoding == Encoding::Jpeg);
                let file = with_notice(written, notice);
                renditions.push(Rendition { kind: *kind, marked, encoding, size: picture.size(), file });
            }
        }
        watch.lap(&mut timings.encoding);
    }
    renditions.reverse();
    let placeholder = placeholder::of(&mut scaler, &picture, profile)?;
    watch.lap(&mut timings.reading);
    let original = recipe.original.then(|| scrub(bytes));
    Ok(Rendered { displayed, damaged: source.damaged, renditions, placeholder, metadata, original, timings })
}

/// Runs a decoder of someone else's; one that panics has found nothing.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
