//! Packets of XMP, written anew with the properties that stay (ISO 16684-1).

mod names;
mod tree;

use std::fmt::Write;

use names::Space;
use tree::Element;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const BEGIN: &str = "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
     <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
     <rdf:Description rdf:about=\"\"";
const END: &str = "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>";
/// Of a packet that is read. Longer ones hold pictures or the history of an edit.
const LONGEST: usize = 4 << 20;
/// Of a packet that is written, so that it fits every container.
const LONGEST_WRITTEN: usize = 60_000;
/// Properties within properties.
const DEEPEST: usize = 6;
/// In one place, where each is compared with all before it.
const MOST_PROPERTIES: usize = 500;
const LISTS: [&str; 3] = ["Bag", "Seq", "Alt"];

struct Property {
    space: &'static Space,
    name: String,
    value: Value,
}

enum Value {
    Text(String),
    Fields(Vec<Property>),
    /// Its kind, and its items with the language of each.
    List(&'static str, Vec<(Option<String>, Value)>),
}

/// The packet that stays of a packet; `None` if nothing does, or if it can't be read.
pub(super) fn rebuilt(packet: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(packet).ok().filter(|text| text.len() <= LONGEST)?;
    let text = text.trim_start_matches('\u{FEFF}').trim_end_matches(['\0', ' ', '\n', '\r', '\t']);
    let root = tree::parse(text)?;
    let rdf =
        if root.is(RDF, "RDF") { &root } else { root.children.iter().find(|child| child.is(RDF, "RDF"))? };
    let mut properties: Vec<Property> = Vec::new();
    for description in rdf.children.iter().filter(|child| child.is(RDF, "Description")) {
        for property in fields(description, 0) {
            push(&mut properties, property);
        }
    }
    let packet = written(&properties);
    (!properties.is_empty() && packet.len() <= LONGEST_WRITTEN).then_some(packet)
}

/// Of a property that comes twice the first counts.
fn push(properties: &mut Vec<Property>, property: Property) {
    let same =
        |other: &Property| other.space.address == property.space.address && other.name == property.name;
    if properties.len() < MOST_PROPERTIES && !properties.iter().any(same) {
        properties.push(property);
    }
}

/// The properties in an element: its attributes and its children.
fn fields(element: &Element, depth: usize) -> Vec<Property> {
    let mut found = Vec::new();
    for attribute in &element.attributes {
        if let Some(space) = names::kept(&attribute.space, &attribute.name) {
            let value = Value::Text(attribute.value.clone());
            push(&mut found, Property { space, name: attribute.name.clone(), value });
        }
    }
    for child in &element.children {
        if let Some(space) = names::kept(&child.space, &child.name)
            && let Some(value) = value(child, depth)
        {
            push(&mut found, Property { space, name: child.name.clone(), value });
        }
    }
    found
}

/// The value of a property in any of the forms that RDF has for it.
fn value(element: &Element, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(address) = element.attribute(RDF, "resource") {
        return Some(Value::Text(address.to_owned()));
    }
    let is_resource = element.attribute(RDF, "parseType") == Some("Resource");
    match element.children.as_slice() {
        [] if !is_resource && plain_attributes(element) == 0 => Some(Value::Text(element.text.clone())),
        [list] if list.space == RDF && LISTS.contains(&list.name.as_str()) => {
            let kind = LISTS.into_iter().find(|kind| *kind == list.name)?;
            let items: Vec<_> = list.children.iter().filter_map(|item| listed(item, depth)).collect();
            (!items.is_empty()).then_some(Value::List(kind, items))
        }
        [inner] if inner.is(RDF, "Description") => structure(inner, depth),
        _ => structure(element, depth),
    }
}

fn listed(item: &Element, depth: usize) -> Option<(Option<String>, Value)> {
    let language = item.attribute(XML, "lang").map(str::to_owned);
    item.is(RDF, "li").then_some(())?;
    Some((language, value(item, depth + 1)?))
}

/// Fields, or one value to which something was added.
fn structure(element: &Element, depth: usize) -> Option<Value> {
    if let Some(inner) = element.children.iter().find(|child| child.is(RDF, "value")) {
        return value(inner, depth + 1);
    }
    let found = fields(element, depth + 1);
    (!found.is_empty()).then_some(Value::Fields(found))
}

fn plain_attributes(element: &Element) -> usize {
    element.attributes.iter().filter(|attribute| attribute.space != RDF && attribute.space != XML).count()
}

/// Short values as attributes of the description, the others as elements of it.
fn written(properties: &[Property]) -> String {
    let mut out = BEGIN.to_owned();
    for space in names::used(|space| uses(properties, space)) {
        out.extend([" xmlns:", space.prefix, "=\"", space.address, "\""]);
    }
    for property in properties {
        if let Value::Text(text) = &property.value {
            out.extend([" ", property.space.prefix, ":", &property.name, "=\""]);
            escape(&mut out, text);
            out.push('"');
        }
    }
    out.push('>');
    for property in properties.iter().filter(|property| !matches!(property.value, Value::Text(_))) {
        element(&mut out, &format!("{}:{}", property.space.prefix, property.name), "", &property.value);
    }
    out.push_str(END);
    out
}

fn element(out: &mut String, name: &str, attribute: &str, value: &Value) {
    out.extend(["<", name, attribute]);
    match value {
        Value::Text(text) => {
            out.push('>');
            escape(out, text);
        }
        Value::Fields(fields) => {
            out.push_str(" rdf:parseType=\"Resource\">");
            for field in fields {
                element(out, &format!("{}:{}", field.space.prefix, field.name), "", &field.value);
            }
        }
        Value::List(kind, items) => {
            out.extend(["><rdf:", kind, ">"]);
            for (language, value) in items {
                let mut attribute = String::new();
                if let Some(language) = language {
                    attribute.push_str(" xml:lang=\"");
                    escape(&mut attribute, language);
                    attribute.push('"');
                }
                element(out, "rdf:li", &attribute, value);
            }
            out.extend(["</rdf:", kind, ">"]);
        }
    }
    out.extend(["</", name, ">"]);
}

fn uses(properties: &[Property], space: &Space) -> bool {
    properties
        .iter()
        .any(|property| property.space.address == space.address || inner_uses(&property.value, space))
}

fn inner_uses(value: &Value, space: &Space) -> bool {
    match value {
        Value::Text(_) => false,
        Value::Fields(fields) => uses(fields, space),
        Value::List(_, items) => items.iter().any(|(_, value)| inner_uses(value, space)),
    }
}

/// Line ends and tabs survive as references alone; what XML can't hold is left out.
fn escape(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => drop(write!(out, "&#{};", u32::from(letter))),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rebuilt;

    const PACKET: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:e="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
  xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:odd="http://example.org/odd/"
  e:GPSLatitude="59,50.45N" e:FNumber="28/10" aux:SerialNumber="S3R1AL" aux:Lens="Planar" aux:OwnerName="Ana Owner"
  photoshop:City="Lisbon &amp; around" odd:Body="S3R1AL">
 <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Harbour &lt;at&gt;&#10;dawn</rdf:li></rdf:Alt></dc:title>
 <e:GPSLongitude>9,8W</e:GPSLongitude>
 <e:Flash rdf:parseType="Resource"><e:Fired>True</e:Fired><e:GPSSpeed>4</e:GPSSpeed></e:Flash>
 <ext:LocationCreated><rdf:Bag><rdf:li><rdf:Description ext:City="Lisbon" e:GPSLatitude="38,42N"/></rdf:li>
  <rdf:li rdf:parseType="Resource"><e:GPSLatitude>38,42N</e:GPSLatitude></rdf:li></rdf:Bag></ext:LocationCreated>
 <odd:Note>S3R1AL</odd:Note><!-- S3R1AL -->
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>   "#;

    #[test]
    fn what_stays_of_a_packet_is_listed_and_stays_as_it_is() {
        let clean = rebuilt(PACKET.as_bytes()).expect("a packet");
        for gone in ["S3R1AL", "GPS", "Owner", "38,42", "59,50", "example.org"] {
            assert!(!clean.contains(gone), "{gone}: {clean}");
        }
        for kept in [
            "exif:FNumber=\"28/10\"",
            "aux:Lens=\"Planar\"",
            "photoshop:City=\"Lisbon &amp; around\"",
            "<rdf:li xml:lang=\"x-default\">Harbour &lt;at&gt;&#10;dawn</rdf:li>",
            "<exif:Flash rdf:parseType=\"Resource\"><exif:Fired>True</exif:Fired></exif:Flash>",
            "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType=\"Resource\">\
             <Iptc4xmpExt:City>Lisbon</Iptc4xmpExt:City></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>",
        ] {
            assert!(clean.contains(kept), "{kept}: {clean}");
        }
        assert_eq!(rebuilt(clean.as_bytes()), Some(clean), "a clean packet is left as it is");
    }

    #[test]
    fn of_endless_properties_the_first_stay() {
        let many =
            (0..501).fold(String::new(), |all, number| all + &format!("<dc:a{number}>x</dc:a{number}>"));
        let packet = PACKET.replace("<dc:title>", &format!("{many}<dc:title>"));
        let clean = rebuilt(packet.as_bytes()).expect("a packet");
        assert!(clean.contains("dc:a400=") && !clean.contains("dc:a500="), "{clean}");
    }

    #[test]
    fn what_can_not_be_read_goes_whole() {
        let bomb = PACKET.replace("<?xpacket begin", "<!DOCTYPE x [<!ENTITY a \"S3R1AL\">]><?xpacket begin");
        let deep = format!("{}{}", "<a>".repeat(9000), "</a>".repeat(9000));
        let entity = PACKET.replace("Lisbon &amp; around", "&other;");
        let many = (0..1001).fold(String::new(), |all, number| all + &format!(" dc:a{number}=\"\""));
        let wide = PACKET.replace("rdf:about=\"\"", &many);
        for packet in [bomb.as_str(), &deep, &wide, &entity, &PACKET[..900], "", "no XML", "<a/>"] {
            assert_eq!(rebuilt(packet.as_bytes()), None);
        }
        assert_eq!(rebuilt(&[0xFF, 0xFE, b'<', 0]), None, "UTF-16");
    }
}
