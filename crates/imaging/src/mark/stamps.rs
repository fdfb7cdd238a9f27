//! Marking a picture, with stamps that are drawn once for each mark and size and kept for the next photo.

use super::artwork::{self, Artwork};
use super::line::{self, Line};
use super::logo::Logo;
use super::place::{Place, spot, tiles};
use super::stamp::Stamp;
use super::{Mark, NEUTRAL, Subject, letters, mean_edge, veil};
use crate::error::Error;
use crate::planes::Picture;
use crate::size::Size;

/// Room for the stamps of a few large logos, or of dozens of names.
const USUAL_BUDGET: usize = 8 << 20;

/// Letters below the first height can't be read; those that have to fit may become a little smaller.
const SMALLEST_TEXT: f32 = 14.0;
const LEAST_TEXT: f32 = 9.0;

/// The same for the mean edge of a logo, and its shorter edge.
const SMALLEST_LOGO: f32 = 40.0;
const LEAST_LOGO: f32 = 24.0;
const LEAST_EDGE: f32 = 8.0;

/// Stamps that were drawn so far. Whoever renders several photos passes one value on from each to the next;
/// what it keeps is bounded, and the picture that comes out is the same with and without it.
pub struct Stamps {
    /// The one used last at the end.
    kept: Vec<Kept>,
    /// The logo decoded last.
    artwork: Option<(Logo, Artwork)>,
    budget: usize,
}

struct Kept {
    mark: Mark,
    profile: Option<Vec<u8>>,
    cut: Cut,
    /// `None`: nothing would be seen of it.
    stamp: Option<Stamp>,
}

/// The size at which a mark is drawn, in pixels, before it is turned.
#[derive(Clone, Copy, PartialEq)]
struct Cut {
    width: f32,
    height: f32,
    tiled: bool,
}

impl Default for Stamps {
    fn default() -> Self {
        Self::new()
    }
}

impl Stamps {
    /// Keeps up to 8 MiB.
    pub const fn new() -> Self {
        Self::within(USUAL_BUDGET)
    }

    /// Keeps up to so many bytes; the stamp in use is kept in any case.
    pub const fn within(budget: usize) -> Self {
        Self { kept: Vec::new(), artwork: None, budget }
    }

    /// Bytes of memory that the kept stamps and the decoded logo take.
    pub fn bytes(&self) -> usize {
        let artwork = self.artwork.as_ref().map_or(0, |(logo, artwork)| logo.png().len() + artwork.bytes());
        let known = self.artwork.as_ref().map(|(logo, _)| logo);
        artwork + self.kept.iter().map(|kept| kept.bytes(known)).sum::<usize>()
    }

    /// How many stamps are kept.
    pub fn count(&self) -> usize {
        self.kept.len()
    }

    /// The picture with the mark over it; its colours are in the profile, or in sRGB without one. A mark that
    /// can't be drawn is an error, never an unmarked picture.
    pub(crate) fn marked(
        &mut self,
        mark: &Mark,
        picture: &Picture,
        profile: Option<&[u8]>,
    ) -> Result<Picture, Error> {
        if !mark.is_sound() {
            return Err(Error::MarkFailed);
        }
        let size = picture.size();
        let mut marked = picture.clone();
        if veil::is_needed(size) {
            veil::lay(&mut marked);
            return Ok(marked);
        }
        // A name in white needs no profile, nor does a picture without colours.
        let coloured = matches!(mark.subject, Subject::Logo(_)) && picture.chroma.is_some();
        let profile = profile.filter(|_| coloured);
        if mark.place != Place::Tiled
            && let Some(cut) = standing(mark, self.aspect(mark)?, size)
            && let Some(stamp) = self.stamp(mark, cut, profile)?
            && let Some((x, y)) = whole(stamp, size, mark)
        {
            stamp.press(&mut marked, x, y);
            return Ok(marked);
        }
        let mut touched = 0;
        let cut = self.tile(mark, size)?;
        if let Some(stamp) = self.stamp(mark, cut, profile)? {
            for (x, y) in tiles(stamp, size) {
                touched += stamp.touches(size, x, y);
                stamp.press(&mut marked, x, y);
            }
        }
        // A twentieth of the usual share: the mark can't be seen, or its lines have missed the picture.
        if touched < size.pixels() / 250 {
            veil::lay(&mut marked);
        }
        Ok(marked)
    }

    /// Width by height of what is drawn.
    fn aspect(&mut self, mark: &Mark) -> Result<f32, Error> {
        match &mark.subject {
            Subject::Text(text) => Ok(line_of(text, SMALLEST_TEXT)?.width / SMALLEST_TEXT),
            Subject::Logo(logo) => Ok(self.artwork(logo)?.aspect()),
        }
    }

    /// The size of one mark of many.
    fn tile(&mut self, mark: &Mark, size: Size) -> Result<Cut, Error> {
        let wanted = mean_edge(size) * mark.size;
        if matches!(mark.subject, Subject::Text(_)) {
            // However long the line is.
            return Ok(Cut { width: 0.0, height: wanted.max(SMALLEST_TEXT), tiled: true });
        }
        let (width, height) = with_area(wanted.max(SMALLEST_LOGO), self.aspect(mark)?);
        let fit = room(size.width, 0.0, width).min(room(size.height, 0.0, height));
        Ok(Cut { width: (width * fit).round(), height: (height * fit).round(), tiled: true })
    }

    fn artwork(&mut self, logo: &Logo) -> Result<&Artwork, Error> {
        if self.artwork.as_ref().is_none_or(|(known, _)| known != logo) {
            let artwork = artwork::Artwork::of(logo).map_err(|_| Error::MarkFailed)?;
            self.artwork = Some((logo.clone(), artwork));
        }
        self.artwork.as_ref().map(|(_, artwork)| artwork).ok_or(Error::MarkFailed)
    }

    fn stamp(&mut self, mark: &Mark, cut: Cut, profile: Option<&[u8]>) -> Result<Option<&Stamp>, Error> {
        let kept = if let Some(index) = self.kept.iter().position(|kept| kept.is(mark, cut, profile)) {
            self.kept.remove(index)
        } else {
            let stamp = self.drawn(mark, cut, profile)?;
            Kept { mark: self.shared(mark), profile: profile.map(<[u8]>::to_vec), cut, stamp }
        };
        self.kept.push(kept);
        while self.kept.len() > 1 && self.bytes() > self.budget {
            self.kept.remove(0);
        }
        Ok(self.kept.last().and_then(|kept| kept.stamp.as_ref()))
    }

    /// The mark with the logo that is kept anyway.
    fn shared(&self, mark: &Mark) -> Mark {
        match (&mark.subject, &self.artwork) {
            (Subject::Logo(logo), Some((known, _))) if logo == known => {
                Mark { subject: Subject::Logo(known.clone()), ..*mark }
            }
            _ => mark.clone(),
        }
    }

    fn drawn(&mut self, mark: &Mark, cut: Cut, profile: Option<&[u8]>) -> Result<Option<Stamp>, Error> {
        let degrees = if cut.tiled { mark.angle } else { 0.0 };
        match &mark.subject {
            Subject::Text(text) => Ok(letters::stamp(&line_of(text, cut.height)?, mark.opacity, degrees)),
            Subject::Logo(logo) => {
                let artwork = self.artwork(logo)?;
                artwork.stamp((cut.width, cut.height), mark.opacity, degrees, profile)
            }
        }
    }
}

impl Kept {
    fn is(&self, mark: &Mark, cut: Cut, profile: Option<&[u8]>) -> bool {
        self.cut == cut && self.profile.as_deref() == profile && self.mark == *mark
    }

    /// Without the logo that is counted already.
    fn bytes(&self, known: Option<&Logo>) -> usize {
        let logo = match &self.mark.subject {
            Subject::Logo(logo) if known.is_none_or(|known| !logo.is_shared_with(known)) => logo.png().len(),
            _ => 0,
        };
        let profile = self.profile.as_ref().map_or(0, Vec::len);
        size_of::<Self>() + logo + profile + self.stamp.as_ref().map_or(0, Stamp::bytes)
    }
}

fn line_of(text: &str, height: f32) -> Result<Line, Error> {
    line::shaped(text, height).or_else(|| line::shaped(NEUTRAL, height)).ok_or(Error::MarkFailed)
}

/// The size of a mark in one place, made smaller where it does not fit; `None` where it would be too small.
fn standing(mark: &Mark, aspect: f32, size: Size) -> Option<Cut> {
    let margin = mean_edge(size) * mark.margin;
    let wanted = mean_edge(size) * mark.size;
    let (width, height) = match mark.subject {
        Subject::Text(_) => (aspect * wanted.max(SMALLEST_TEXT), wanted.max(SMALLEST_TEXT)),
        Subject::Logo(_) => with_area(wanted.max(SMALLEST_LOGO), aspect),
    };
    // Edges and shadows take a little more.
    let fit = room(size.width, margin, width + height * 0.3).min(room(size.height, margin, height * 1.3));
    let (width, height) = (width * fit, height * fit);
    let legible = match mark.subject {
        Subject::Text(_) => height >= LEAST_TEXT,
        Subject::Logo(_) => (width * height).sqrt() >= LEAST_LOGO && width.min(height) >= LEAST_EDGE,
    };
    let (width, height) = match mark.subject {
        Subject::Text(_) => (width, height),
        Subject::Logo(_) => (width.round(), height.round()),
    };
    legible.then_some(Cut { width, height, tiled: false })
}

/// Edges with the area of a square.
fn with_area(edge: f32, aspect: f32) -> (f32, f32) {
    (edge * aspect.sqrt(), edge / aspect.sqrt())
}

/// How much smaller a length has to be to fit between two margins; 1 where it does.
#[expect(clippy::cast_precision_loss, reason = "edges of a picture")]
fn room(edge: u32, margin: f32, length: f32) -> f32 {
    ((edge as f32 - 2.0 * margin) / length).clamp(0.0, 1.0)
}

/// Where a stamp stands in one place, if all of it is inside and it is more than a speck.
fn whole(stamp: &Stamp, size: Size, mark: &Mark) -> Option<(i64, i64)> {
    const SPECK: u64 = 40;
    #[expect(clippy::cast_possible_truncation, reason = "pixels of a margin")]
    let margin = (mean_edge(size) * mark.margin) as i64;
    let (x, y) = spot(stamp, size, mark.place, margin);
    (stamp.is_inside(size, x, y) && stamp.touches(size, x, y) >= SPECK).then_some((x, y))
}
