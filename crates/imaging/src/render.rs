//! From a photo's bytes to its six renditions.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::format::Format;
use crate::general;
use crate::heif;
use crate::jpeg;
use crate::mark;
use crate::metadata::{Metadata, read_metadata};
use crate::orient::upright;
use crate::planes::Decoded;
use crate::probe::probe;
use crate::raw;
use crate::recipe::{Kind, Recipe};
use crate::resize::Scaler;
use crate::size::Size;
use crate::turbo;

/// One derived picture: an upright baseline JPEG that carries a colour profile and no other metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// What it is for.
    pub kind: Kind,
    /// Whether the mark is drawn over it.
    pub marked: bool,
    /// Its size in pixels.
    pub size: Size,
    /// The file. Serialised forms leave it out: it travels beside them as raw bytes.
    #[serde(skip)]
    pub jpeg: Vec<u8>,
}

/// All that is made of one photo.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    /// The size of the photo as people see it.
    pub displayed: Size,
    /// Whether parts of the picture are missing or wrong.
    pub damaged: bool,
    /// Each kind without and with the mark: always six, the smallest first.
    pub renditions: Vec<Rendition>,
    /// What the camera wrote beside the picture.
    pub metadata: Metadata,
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
    let probed = probe(bytes, &recipe.limits)?;
    let largest = Kind::Preview.edge();
    let source = match probed.format {
        Format::Jpeg => jpeg::decode(bytes, &recipe.limits, largest)?,
        Format::Raw(kind) => raw::decode(bytes, kind, &recipe.limits, largest)?,
        format @ (Format::Heic | Format::Avif) => heif::decode(bytes, format, &recipe.limits, largest)?,
        other => general::decode(bytes, other, &recipe.limits, largest)?,
    };
    let displayed = source.size.oriented(probed.orientation);
    let profile = source.profile.as_deref();
    let mut scaler = Scaler::new();
    let mut picture = upright(scaler.fit(&source.planes, source.size.fitted(largest))?, probed.orientation);
    drop(source.planes);

    let mut renditions = Vec::with_capacity(Kind::all().len() * 2);
    for kind in Kind::all().iter().rev() {
        picture = scaler.shrink(&picture, displayed.fitted(kind.edge()))?;
        let marked = mark::applied(&recipe.mark, &picture)?;
        for (marked, picture) in [(true, &marked), (false, &picture)] {
            let jpeg = turbo::encode(picture, recipe.quality, profile)?;
            renditions.push(Rendition { kind: *kind, marked, size: picture.size(), jpeg });
        }
    }
    renditions.reverse();
    Ok(Rendered { displayed, damaged: source.damaged, renditions, metadata: read_metadata(bytes) })
}

/// Runs a decoder of someone else's; one that panics has found nothing.
pub(crate) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
