//! XMP packets: RDF written as XML, of which a few well-known properties are read (ISO 16684-1; XMP
//! specification, parts 1 and 2).
//!
//! The reader expands no entity, takes a bounded part of a packet, and keeps what it has found when the rest is
//! broken.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

use super::rdf::{Property, Reading};
use super::text::readable;
use super::words::{Words, caption, keywords, name, names, rating, title};

/// So much of a packet is read. Histories of editing can be longer; titles stand before them.
const LONGEST: usize = 1024 * 1024;
/// Properties stand in the fifth element or so.
const DEEPEST: usize = 64;

/// What is read from a packet.
#[derive(Debug, Default)]
pub(super) struct Xmp {
    pub(super) words: Words,
    /// The lens, which programs note here also for cameras that don't in EXIF.
    pub(super) lens: Option<String>,
    /// The name of a second packet, which holds what did not fit into this one.
    pub(super) extended: Option<String>,
}

impl Xmp {
    /// These facts, and the others' where there is nothing.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            words: self.words.or(others.words),
            lens: self.lens.or(others.lens),
            extended: self.extended.or(others.extended),
        }
    }
}

/// Reads the properties that are of interest.
pub(super) fn read(packet: &[u8]) -> Xmp {
    let packet = String::from_utf8_lossy(&packet[..packet.len().min(LONGEST)]);
    let mut xml = Reader::from_str(&packet);
    xml.config_mut().expand_empty_elements = true;
    xml.config_mut().allow_dangling_amp = true;
    let mut reading = Reading::default();
    loop {
        match xml.read_event() {
            Ok(Event::Start(element)) if reading.depth() < DEEPEST => reading.open(&element),
            Ok(Event::End(_)) => reading.close(),
            Ok(Event::Text(text)) => reading.add(&text.xml10_content()),
            Ok(Event::CData(text)) => reading.add(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => reading.add(&resolved(&reference)),
            Ok(Event::Start(_) | Event::Eof) | Err(_) => return gather(&reading),
            // Comments, instructions and document types say nothing here; entities of a document type neither.
            Ok(_) => {}
        }
    }
}

/// The letter that a reference stands for, when it is one that all XML has.
fn resolved(reference: &BytesRef<'_>) -> String {
    match reference.resolve_char_ref() {
        Ok(Some(letter)) => letter.into(),
        _ => resolve_predefined_entity(reference).unwrap_or_default().to_owned(),
    }
}

fn gather(reading: &Reading) -> Xmp {
    let first = |property| reading.first(property);
    Xmp {
        words: Words {
            title: first(Property::Title)
                .and_then(title)
                .or_else(|| first(Property::Headline).and_then(title)),
            caption: first(Property::Caption).and_then(caption),
            keywords: keywords(reading.all(Property::Keyword)),
            rating: first(Property::Rating).and_then(|text| rating(text.trim().parse().ok()?)),
            label: first(Property::Label).and_then(name),
            creator: names(reading.all(Property::Creator)),
            credit: first(Property::Credit).and_then(name),
            copyright: first(Property::Copyright).and_then(name),
        },
        lens: first(Property::LensModel)
            .or_else(|| first(Property::Lens))
            .and_then(|text| readable(text.as_bytes())),
        extended: first(Property::Extended).map(str::to_owned),
    }
}
