//! RAW files, shown by the largest picture that the camera laid into them.

use crate::containers::raw::{self, RawKind};
use crate::error::Error;
use crate::jpeg;
use crate::recipe::Limits;
use crate::render::Source;

/// A smaller picture is a thumbnail for the camera's own screen, and would disappoint as the photo.
const SMALLEST_EDGE: u32 = 1000;

/// Decodes the embedded picture of a RAW file to at least `edge` pixels on its long edge, or to all it has.
pub(crate) fn decode(bytes: &[u8], kind: RawKind, limits: &Limits, edge: u32) -> Result<Source, Error> {
    let large = |found: &raw::Embedded<'_>| found.size.long_edge() >= SMALLEST_EDGE;
    let found = raw::pictures(bytes, kind).largest.filter(large);
    let found = found.or_else(|| raw::search(bytes).filter(large)).ok_or(Error::NoPreview)?;
    jpeg::decode(found.jpeg, limits, edge)
}
