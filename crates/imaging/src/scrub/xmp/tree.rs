//! A packet of XMP as a small tree of elements with resolved names.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::ResolveResult,
};

/// Deeper than any property.
const DEEPEST: usize = 32;
/// More elements than any description of a photo has.
const MOST_ELEMENTS: usize = 20_000;
/// Of one element: the reader compares each with all before it.
const MOST_ATTRIBUTES: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) space: String,
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Element>,
    /// What stands between its children, too.
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) space: String,
    pub(super) name: String,
    pub(super) value: String,
}

impl Element {
    pub(super) fn is(&self, space: &str, name: &str) -> bool {
        self.space == space && self.name == name
    }

    pub(super) fn attribute(&self, space: &str, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().filter(|attribute| attribute.space == space);
        found.find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
    }
}

/// The outermost element; `None` for what is no sound XML, or has entities or a document type of its own.
pub(super) fn parse(text: &str) -> Option<Element> {
    let mut reader = NsReader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                count += 1;
                if open.len() >= DEEPEST || count > MOST_ELEMENTS {
                    return None;
                }
                open.push(element(&reader, &start)?);
            }
            Event::End(_) => {
                let done = open.pop()?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => return Some(done),
                }
            }
            Event::Text(part) => add(&mut open, &part.xml10_content()),
            Event::CData(part) => add(&mut open, &part.xml10_content()),
            Event::GeneralRef(part) => match part.resolve_char_ref().ok()? {
                Some(letter) => add(&mut open, letter.encode_utf8(&mut [0; 4])),
                None => add(&mut open, quick_xml::escape::resolve_predefined_entity(&part)?),
            },
            Event::DocType(_) | Event::Empty(_) | Event::Eof => return None,
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Option<Element> {
    let (space, name) = reader.resolver().resolve_element(start.name());
    let mut element = Element { space: named(&space)?, name: name.as_ref().to_owned(), ..Element::default() };
    if start.attributes().with_checks(false).take(MOST_ATTRIBUTES + 1).count() > MOST_ATTRIBUTES {
        return None;
    }
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (space, name) = reader.resolver().resolve_attribute(attribute.key);
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned();
        element.attributes.push(Attribute { space: named(&space)?, name: name.as_ref().to_owned(), value });
    }
    Some(element)
}

/// An empty name for none; nothing for a prefix that was never explained.
fn named(space: &ResolveResult<'_>) -> Option<String> {
    match space {
        ResolveResult::Bound(space) => Some(space.as_ref().to_owned()),
        ResolveResult::Unbound => Some(String::new()),
        ResolveResult::Unknown(_) => None,
    }
}
