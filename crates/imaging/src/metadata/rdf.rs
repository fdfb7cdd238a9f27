//! The RDF inside an XMP packet: which element or attribute is which property, and what its values are.

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const XMP: &str = "http://ns.adobe.com/xap/1.0/";
const NOTE: &str = "http://ns.adobe.com/xmp/note/";
const PHOTOSHOP: &str = "http://ns.adobe.com/photoshop/1.0/";
const AUX: &str = "http://ns.adobe.com/exif/1.0/aux/";
const EXIF_EX: &str = "http://cipa.jp/exif/1.0/";
const KNOWN: [&str; 7] = [RDF, DUBLIN_CORE, XMP, NOTE, PHOTOSHOP, AUX, EXIF_EX];

/// Packets bind a dozen prefixes or two, and an element has as many attributes as there are simple properties.
const MOST_BINDINGS: usize = 100;
const MOST_ATTRIBUTES: usize = 1000;
const MOST_VALUES: usize = 1000;
/// Bytes of one value that are kept.
const LONGEST_VALUE: usize = 16 * 1024;

/// What is of interest in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Title,
    Headline,
    Caption,
    Keyword,
    Rating,
    Label,
    Creator,
    Credit,
    Copyright,
    Lens,
    LensModel,
    Extended,
}

impl Property {
    fn of(namespace: &str, name: &str) -> Option<Self> {
        Some(match (namespace, name) {
            (DUBLIN_CORE, "title") => Self::Title,
            (DUBLIN_CORE, "description") => Self::Caption,
            (DUBLIN_CORE, "subject") => Self::Keyword,
            (DUBLIN_CORE, "creator") => Self::Creator,
            (DUBLIN_CORE, "rights") => Self::Copyright,
            (XMP, "Rating") => Self::Rating,
            (XMP, "Label") => Self::Label,
            (PHOTOSHOP, "Headline") => Self::Headline,
            (PHOTOSHOP, "Credit") => Self::Credit,
            (AUX, "Lens") => Self::Lens,
            (EXIF_EX, "LensModel") => Self::LensModel,
            (NOTE, "HasExtendedXMP") => Self::Extended,
            _ => return None,
        })
    }
}

/// What an open element is.
#[derive(Debug, Clone, Copy)]
enum Node {
    Other,
    /// `rdf:RDF`.
    Root,
    /// `rdf:Description` of the photo itself.
    Description,
    Property(Property),
    /// `rdf:Alt`, `rdf:Bag` or `rdf:Seq` in a property.
    List(Property),
    /// `rdf:li`; whether it is for readers of any language.
    Item(Property, bool),
}

/// A prefix that stands for a namespace in an element and all that is in it.
#[derive(Debug)]
struct Binding {
    prefix: String,
    namespace: &'static str,
    depth: usize,
}

#[derive(Debug)]
struct Value {
    property: Property,
    is_default: bool,
    text: String,
}

/// A packet as far as it is read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    bindings: Vec<Binding>,
    path: Vec<Node>,
    text: String,
    values: Vec<Value>,
}

impl Reading {
    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.path.len()
    }

    /// An element begins.
    pub(super) fn open(&mut self, element: &BytesStart<'_>) {
        // Elements with thousands of attributes would be compared with each other for ever.
        let attributes: Vec<Attribute<'_>> =
            element.attributes().with_checks(false).take(MOST_ATTRIBUTES).flatten().collect();
        for attribute in &attributes {
            self.bind(attribute);
        }
        let (namespace, name) = self.resolved(element.name().0);
        let node = match (self.path.last(), namespace, name) {
            (None | Some(Node::Other), RDF, "RDF") => Node::Root,
            (Some(Node::Root), RDF, "Description") => Node::Description,
            (Some(Node::Description), _, _) => {
                Property::of(namespace, name).map_or(Node::Other, Node::Property)
            }
            (Some(Node::Property(property)), RDF, "Alt" | "Bag" | "Seq") => Node::List(*property),
            (Some(Node::List(property)), RDF, "li") => Node::Item(*property, is_default(&attributes)),
            _ => Node::Other,
        };
        if matches!(node, Node::Description) {
            for attribute in &attributes {
                let (namespace, name) = self.resolved(attribute.key.0);
                if let Some(property) = Property::of(namespace, name) {
                    let text = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default();
                    self.keep(property, true, &text);
                }
            }
        }
        self.path.push(node);
        self.text.clear();
    }

    /// Text in the element that is open.
    pub(super) fn add(&mut self, text: &str) {
        let wanted = matches!(self.path.last(), Some(Node::Property(_) | Node::Item(..)));
        if wanted && self.text.len() < LONGEST_VALUE {
            let room = text.floor_char_boundary(LONGEST_VALUE - self.text.len());
            self.text.push_str(&text[..room]);
        }
    }

    /// The element that is open ends.
    pub(super) fn close(&mut self) {
        let text = std::mem::take(&mut self.text);
        match self.path.pop() {
            Some(Node::Property(property)) => self.keep(property, true, &text),
            Some(Node::Item(property, is_default)) => self.keep(property, is_default, &text),
            _ => {}
        }
        let depth = self.path.len();
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
    }

    /// All values of a property, in their order.
    pub(super) fn all(&self, property: Property) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |value| value.property == property).map(|value| value.text.as_str())
    }

    /// The value of a property that is for everybody, or else its first.
    pub(super) fn first(&self, property: Property) -> Option<&str> {
        let default = self.values.iter().find(|value| value.property == property && value.is_default);
        default.map(|value| value.text.as_str()).or_else(|| self.all(property).next())
    }

    fn keep(&mut self, property: Property, is_default: bool, text: &str) {
        if self.values.len() < MOST_VALUES && !text.trim().is_empty() {
            self.values.push(Value { property, is_default, text: text.to_owned() });
        }
    }

    fn bind(&mut self, attribute: &Attribute<'_>) {
        let Some(prefix) = attribute.key.0.strip_prefix("xmlns:") else { return };
        let known = KNOWN.into_iter().find(|known| *known == attribute.value);
        // A prefix that means something else here no longer means what it did.
        let namespace = known.unwrap_or_default();
        let matters = known.is_some() || self.namespace(prefix).is_some();
        if matters && self.bindings.len() < MOST_BINDINGS {
            self.bindings.push(Binding { prefix: prefix.to_owned(), namespace, depth: self.path.len() });
        }
    }

    /// The namespace and the name of an element or attribute.
    fn resolved<'n>(&self, name: &'n str) -> (&'static str, &'n str) {
        let (prefix, name) = name.split_once(':').unwrap_or(("", name));
        (self.namespace(prefix).unwrap_or_default(), name)
    }

    fn namespace(&self, prefix: &str) -> Option<&'static str> {
        self.bindings.iter().rev().find(|binding| binding.prefix == prefix).map(|binding| binding.namespace)
    }
}

fn is_default(attributes: &[Attribute<'_>]) -> bool {
    attributes.iter().any(|attribute| attribute.key.0 == "xml:lang" && attribute.value == "x-default")
}
