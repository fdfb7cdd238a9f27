//! IPTC data in their older form: numbered data sets in a row (IPTC-NAA Information Interchange Model 4.2).

use std::borrow::Cow;

use super::text::decoded;
use super::words::{Words, caption, keywords, name, names, title};
use crate::containers::bytes::{available, be16};

const MARK: u8 = 0x1C;
/// Record and number of a data set.
type Number = (u8, u8);
const CHARACTERS: Number = (1, 90);
const OBJECT_NAME: Number = (2, 5);
const KEYWORD: Number = (2, 25);
const BY_LINE: Number = (2, 80);
const HEADLINE: Number = (2, 105);
const CREDIT: Number = (2, 110);
const COPYRIGHT: Number = (2, 116);
const CAPTION: Number = (2, 120);

/// So much is read: a TIFF may be nothing else.
const LONGEST: usize = 1024 * 1024;

/// How ISO 2022 announces UTF-8.
const UTF_8: &[u8] = b"\x1B%G";

/// Reads the words out of IPTC data.
pub(super) fn read(data: &[u8]) -> Words {
    let sets: Vec<(Number, &[u8])> = Sets { data: &data[..data.len().min(LONGEST)] }.collect();
    let utf_8 = sets.iter().any(|(number, value)| *number == CHARACTERS && *value == UTF_8);
    let texts: Vec<(Number, Cow<'_, str>)> = sets
        .into_iter()
        .filter(|(number, _)| number.0 == 2)
        .map(|(number, value)| (number, if utf_8 { String::from_utf8_lossy(value) } else { decoded(value) }))
        .collect();
    let all = |wanted| texts.iter().filter(move |(number, _)| *number == wanted).map(|(_, text)| &**text);
    let first = |wanted| all(wanted).next();
    Words {
        title: first(OBJECT_NAME).and_then(title).or_else(|| first(HEADLINE).and_then(title)),
        caption: first(CAPTION).and_then(caption),
        keywords: keywords(all(KEYWORD)),
        creator: names(all(BY_LINE)),
        credit: first(CREDIT).and_then(name),
        copyright: first(COPYRIGHT).and_then(name),
        ..Words::default()
    }
}

/// The data sets in their order; of the last, what is there.
struct Sets<'a> {
    data: &'a [u8],
}

impl<'a> Iterator for Sets<'a> {
    type Item = (Number, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let [MARK, record, number, rest @ ..] = self.data else { return None };
        let mut length = usize::from(be16(rest, 0)?);
        let mut at = 2;
        // A set that is longer than 32 KB gives the length of its length.
        if length & 0x8000 != 0 {
            let digits = rest.get(2..2 + (length & 0x7FFF))?;
            if digits.len() > 4 {
                return None;
            }
            at += digits.len();
            length = digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
        }
        let value = available(rest, at, length);
        self.data = &rest[at + value.len()..];
        Some(((*record, *number), value))
    }
}
