//! Progressive JPEGs without the passes that nobody would see in a smaller picture (ITU-T T.81, annex G).
//!
//! A progressive JPEG says its coefficients in several passes. The last ones give each alternating coefficient its
//! lowest bit; they are a good part of the file and take a good part of the time. Without them the coefficients are as
//! if the quantisation were twice as coarse, which disappears when the picture is made much smaller.

use std::ops::Range;

use super::bytes::{be16, slice};
use super::jpeg::next_marker;

/// Steps of quantisation up to which the doubled step is still fine: those of libjpeg's quality 80 and more, which is
/// what cameras and editors write, not those of a strongly compressed picture.
const COARSEST: u16 = 10;

/// The low frequencies, in the zigzag order of the tables, that decide what a smaller picture looks like.
const LOW: Range<usize> = 1..10;

/// The same picture with one bit less in each alternating coefficient; `None` where that is not possible or would be
/// seen, also for files that are cut off or in any way unusual. Their faults are the decoder's to find.
pub(crate) fn without_last_bits(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plan = Plan::default();
    let mut at = 2;
    loop {
        let (marker, after) = next_marker(bytes, at)?;
        let start = after - 2;
        match marker {
            // End of image: only a whole file gets here.
            0xD9 => return plan.carried_out(bytes, start),
            0x01 | 0xD0..=0xD8 => return None,
            0xDA => {
                let body = segment(bytes, after)?;
                at = end_of_scan(bytes, after + 2 + body.len())?;
                plan.take_scan(body, start..at)?;
            }
            _ => {
                let body = segment(bytes, after)?;
                plan.take_segment(marker, body)?;
                at = after + 2 + body.len();
            }
        }
    }
}

fn segment(bytes: &[u8], at: usize) -> Option<&[u8]> {
    slice(bytes, at + 2, usize::from(be16(bytes, at)?).checked_sub(2)?)
}

/// Where the next marker that is no part of a scan begins.
fn end_of_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    memchr::memchr_iter(0xFF, rest)
        .find(|at| !matches!(rest.get(at + 1), Some(0x00 | 0xD0..=0xD7 | 0xFF)))
        .map(|at| from + at)
}

/// What is known of the file so far.
#[derive(Default)]
struct Plan {
    progressive: bool,
    fine: bool,
    /// For each component and coefficient, the lowest bit that was said; 255 for none.
    known: Vec<(u8, [u8; 64])>,
    dropped: Vec<Range<usize>>,
}

impl Plan {
    fn take_segment(&mut self, marker: u8, body: &[u8]) -> Option<()> {
        match marker {
            0xC2 => {
                let components = body.get(6..)?.chunks_exact(3);
                self.known = components.map(|component| (component[0], [255; 64])).collect();
                self.progressive = !std::mem::replace(&mut self.progressive, true);
                self.progressive.then_some(())
            }
            0xDB => {
                self.fine = is_fine(body)?;
                self.fine.then_some(())
            }
            // Huffman tables, restarts, applications, comments.
            0xC4 | 0xDD | 0xE0..=0xEF | 0xFE => Some(()),
            _ => None,
        }
    }

    /// Notes what a scan says; `None` when it does not follow from the ones before it.
    fn take_scan(&mut self, body: &[u8], range: Range<usize>) -> Option<()> {
        let count = usize::from(*body.first()?);
        let [first, last, bits] = *body.get(1 + 2 * count..)? else { return None };
        let (before, now) = (bits >> 4, bits & 15);
        if !self.progressive || first > last || last > 63 || (first == 0) != (last == 0) {
            return None;
        }
        for component in body[1..].chunks_exact(2).take(count) {
            let (_, known) = self.known.iter_mut().find(|(id, _)| *id == component[0])?;
            for bit in &mut known[usize::from(first)..=usize::from(last)] {
                let follows = if before == 0 { *bit == 255 } else { *bit == before && now + 1 == before };
                if !follows {
                    return None;
                }
                *bit = now;
            }
        }
        if first > 0 && before == 1 {
            self.dropped.push(range);
        }
        Some(())
    }

    fn carried_out(self, bytes: &[u8], end: usize) -> Option<Vec<u8>> {
        if self.dropped.is_empty() || !self.fine {
            return None;
        }
        let mut kept = Vec::with_capacity(bytes.len() - self.dropped.iter().map(Range::len).sum::<usize>());
        let mut from = 0;
        for dropped in self.dropped {
            kept.extend_from_slice(&bytes[from..dropped.start]);
            from = dropped.end;
        }
        kept.extend_from_slice(&bytes[from..end + 2]);
        Some(kept)
    }
}

/// Whether the low frequencies of every table in a segment are fine.
fn is_fine(mut body: &[u8]) -> Option<bool> {
    let mut fine = true;
    while let Some(kind) = body.first() {
        let (step, length) = if kind >> 4 == 0 { (1, 65) } else { (2, 129) };
        let table = body.get(1..length)?;
        let value = |at: usize| if step == 1 { Some(table[at].into()) } else { be16(table, 2 * at) };
        fine &= LOW.filter_map(value).all(|value| value <= COARSEST);
        body = &body[length..];
    }
    Some(fine)
}

#[cfg(test)]
mod tests {
    use turbojpeg::{Compressor, Image, PixelFormat};

    use super::*;

    const EDGE: usize = 96;

    fn jpeg(quality: i32, progressive: bool) -> Vec<u8> {
        let sample = |at: usize| 60 + at / 3 % EDGE + (at / 7 * at / 5) % 23;
        let pixels: Vec<u8> = (0..EDGE * EDGE * 3).map(|at| u8::try_from(sample(at)).unwrap_or(0)).collect();
        let mut compressor = Compressor::new().expect("compressor");
        compressor.set_quality(quality).expect("quality");
        compressor.set_progressive(progressive).expect("progressive");
        let (width, height, pitch) = (EDGE, EDGE, EDGE * 3);
        let image = Image { pixels: pixels.as_slice(), width, pitch, height, format: PixelFormat::RGB };
        compressor.compress_to_vec(image).expect("a picture that can be encoded")
    }

    fn pixels(jpeg: &[u8]) -> Vec<u8> {
        turbojpeg::decompress(jpeg, PixelFormat::RGB).expect("a picture without a warning").pixels
    }

    /// First coefficient and bits of each scan.
    fn scans(jpeg: &[u8]) -> Vec<(u8, u8)> {
        let starts = jpeg.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]);
        let said = |(at, _): (usize, &[u8])| {
            let after = at + 5 + 2 * usize::from(jpeg[at + 4]);
            (jpeg[after], jpeg[after + 2])
        };
        starts.map(said).collect()
    }

    /// Where the last scan begins.
    fn last_scan(jpeg: &[u8]) -> usize {
        jpeg.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).expect("a scan")
    }

    #[test]
    fn the_picture_stays_and_its_last_bits_go() {
        let whole = jpeg(95, true);
        let lighter = without_last_bits(&whole).expect("a lighter picture");
        assert!(lighter.len() * 10 < whole.len() * 9, "{} of {}", lighter.len(), whole.len());
        let (one, other) = (pixels(&whole), pixels(&lighter));
        let off: usize = one.iter().zip(&other).map(|(a, b)| usize::from(a.abs_diff(*b))).sum();
        assert!((1..one.len() * 6).contains(&off), "{off} of {}", one.len());
        let left = scans(&whole).into_iter().filter(|(first, bits)| *first == 0 || *bits != 0x10);
        assert_eq!(scans(&lighter), left.collect::<Vec<_>>(), "the lowest bit and no other");
        assert_eq!(without_last_bits(&lighter), None, "there is nothing left to leave out");
    }

    #[test]
    fn pictures_that_would_suffer_are_left_alone() {
        assert_eq!(without_last_bits(&jpeg(95, false)), None, "baseline");
        assert_eq!(without_last_bits(&jpeg(40, true)), None, "strongly compressed");
    }

    #[test]
    fn a_file_that_is_cut_off_is_left_alone() {
        let whole = jpeg(95, true);
        for end in 0..whole.len() - 1 {
            assert_eq!(without_last_bits(&whole[..end]), None, "{end}");
        }
    }

    #[test]
    fn scans_in_an_order_that_makes_no_sense_are_left_alone() {
        let whole = jpeg(95, true);
        let (start, end) = (last_scan(&whole), whole.len() - 2);
        let twice = [&whole[..end], &whole[start..]].concat();
        assert_eq!(without_last_bits(&twice), None, "a scan twice");
        let bits = start + 4 + usize::from(be16(&whole, start + 2).expect("a length")) - 3;
        for value in [0x00, 0x20, 0x21, 0x11, 0xFF] {
            let mut odd = whole.clone();
            odd[bits] = value;
            assert_eq!(without_last_bits(&odd), None, "{value:02X}");
        }
    }

    #[test]
    fn no_change_of_a_byte_makes_it_panic() {
        let whole = jpeg(95, true);
        for at in 0..whole.len() {
            for value in [0, 0x7F, 0xDA, 0xFF] {
                let mut changed = whole.clone();
                changed[at] = value;
                without_last_bits(&changed);
            }
        }
    }
}
