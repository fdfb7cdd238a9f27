//! A description as people read it: chapters with their calls, and the shapes of what is sent and answered.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{operations, resolved, shapes::is_nullable};

/// The calls of one feature.
pub struct Chapter {
    /// What it is called.
    pub title: String,
    /// What there is to say before the calls, in Markdown.
    pub words: String,
    /// Method by method, path by path.
    pub calls: Vec<Call>,
    /// The types that its calls speak of and no chapter before did.
    pub shapes: Vec<Shape>,
}

/// One method at one path.
pub struct Call {
    /// In capitals.
    pub method: String,
    /// With names in braces.
    pub path: String,
    /// What it does, in Markdown.
    pub words: String,
    /// What may be said in the query.
    pub query: Vec<Field>,
    /// What is sent: a type, and another media type than JSON.
    pub body: Option<String>,
    /// What it answers when all is well.
    pub answers: Vec<Answer>,
    /// What else it may answer, besides what every address may.
    pub refusals: Vec<Answer>,
}

/// A status and what comes with it.
pub struct Answer {
    /// The status.
    pub status: String,
    /// What it means, in Markdown; empty where the body says it.
    pub words: String,
    /// The type of the body, and another media type than JSON.
    pub body: Option<String>,
}

/// A type of several fields.
pub struct Shape {
    /// What it is called.
    pub name: String,
    /// What it is, in Markdown.
    pub words: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A field of a type or of a query.
pub struct Field {
    /// What it is called.
    pub name: String,
    /// What it holds.
    pub kind: String,
    /// What it says, in Markdown.
    pub words: String,
    /// Whether it may be left out.
    pub is_optional: bool,
}

/// The chapters of a description, in its order.
pub fn of(document: &Value) -> Vec<Chapter> {
    let mut told = BTreeSet::from(["Problem".to_owned()]);
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let title = text(&tag["name"]);
        let own = operations(document).filter(|(_, _, operation)| operation["tags"][0] == tag["name"]);
        let own: Vec<_> = own.collect();
        let calls =
            own.iter().map(|(path, method, operation)| call(document, path, method, operation)).collect();
        let mut shapes = Vec::new();
        for (_, _, operation) in own {
            add_shapes(document, &operation["requestBody"], &mut told, &mut shapes);
            add_shapes(document, &operation["responses"], &mut told, &mut shapes);
        }
        Chapter { title, words: text(&tag["description"]), calls, shapes }
    })
    .collect()
}

fn call(document: &Value, path: &str, method: &str, operation: &Value) -> Call {
    let query =
        operation["parameters"].as_array().into_iter().flatten().filter(|given| given["in"] == "query");
    let query = query.map(|given| Field {
        name: text(&given["name"]),
        kind: kind(document, &given["schema"]),
        words: text(&given["description"]),
        is_optional: given["required"] != true,
    });
    let (mut answers, mut refusals) = (Vec::new(), Vec::new());
    for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
        if answer.get("$ref").is_some() {
            continue;
        }
        let body = content(document, &answer["content"]);
        let is_well = status.starts_with(['2', '3']);
        let words = text(&answer["description"]);
        let answer = Answer {
            status: status.clone(),
            words: if words == usual_words(status) { String::new() } else { words },
            body: body.filter(|body| body != "Problem"),
        };
        if is_well { &mut answers } else { &mut refusals }.push(answer);
    }
    Call {
        method: method.to_uppercase(),
        path: path.to_owned(),
        words: text(&operation["description"]),
        query: query.collect(),
        body: content(document, &operation["requestBody"]["content"]),
        answers,
        refusals,
    }
}

/// What needs no saying beside the number.
fn usual_words(status: &str) -> &str {
    match status {
        "200" => "OK",
        "201" => "Created",
        "202" => "Accepted",
        "204" => "Done.",
        "404" => "There is no such thing, or it is not this caller's to know.",
        "422" => "Fields are wrong: `errors` says which and why.",
        "429" => "Too often in a short time.",
        _ => "",
    }
}

/// The type of a body; before it the media type, where that is neither JSON nor a problem.
fn content(document: &Value, content: &Value) -> Option<String> {
    let (media_type, body) = content.as_object()?.iter().next()?;
    let kind = kind(document, &body["schema"]);
    Some(match media_type.as_str() {
        "application/json" | super::PROBLEM_TYPE => kind,
        "multipart/form-data" => format!("{media_type}: {kind}"),
        other => other.to_owned(),
    })
}

/// What a value holds, in a few words; types with fields by their name.
pub fn kind(document: &Value, schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        let meant = resolved(document, schema);
        return if is_shape(meant) { shown_name(document, name, meant) } else { kind(document, meant) };
    }
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    if let Some(choices) = choices {
        let kinds: Vec<String> = choices.iter().map(|choice| kind(document, choice)).collect();
        let (nulls, others): (Vec<String>, Vec<String>) = kinds.into_iter().partition(|kind| kind == "null");
        return others.into_iter().chain(nulls).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        return words.join(", ");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        other => other.as_str().into_iter().collect::<Vec<_>>(),
    };
    let word = match (kinds.first().copied().unwrap_or("object"), schema["format"].as_str()) {
        ("array", _) => format!("list of {}", kind(document, &schema["items"])),
        ("string", Some("date-time")) => "time".to_owned(),
        ("string", Some("date")) => "day".to_owned(),
        ("string", Some("binary")) => "file".to_owned(),
        ("string", _) => "text".to_owned(),
        ("boolean", _) => "true or false".to_owned(),
        (other, _) => other.to_owned(),
    };
    if is_nullable(schema) { format!("{word} or null") } else { word }
}

fn is_shape(schema: &Value) -> bool {
    schema.get("properties").is_some() || schema.get("oneOf").is_some()
}

/// A list of things is called after them.
fn shown_name(document: &Value, name: &str, schema: &Value) -> String {
    match schema["properties"]["items"].get("items") {
        Some(items) if name.starts_with("List") => format!("list of {}", kind(document, items)),
        _ => name.to_owned(),
    }
}

/// Adds the types that are reached from here, each before the types of its fields.
fn add_shapes(document: &Value, from: &Value, told: &mut BTreeSet<String>, shapes: &mut Vec<Shape>) {
    match from {
        Value::Object(members) => {
            if let Some(name) =
                from["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/"))
            {
                let schema = resolved(document, from);
                if told.insert(name.to_owned()) {
                    if is_shape(schema) && !name.starts_with("List") {
                        shapes.push(shape(document, name, schema));
                    }
                    add_shapes(document, schema, told, shapes);
                }
            }
            members.values().for_each(|member| add_shapes(document, member, told, shapes));
        }
        Value::Array(items) => items.iter().for_each(|item| add_shapes(document, item, told, shapes)),
        _ => {}
    }
}

fn shape(document: &Value, name: &str, schema: &Value) -> Shape {
    let mut fields = Vec::new();
    add_fields(document, schema, &mut fields);
    Shape { name: name.to_owned(), words: text(&schema["description"]), fields }
}

fn add_fields(document: &Value, schema: &Value, fields: &mut Vec<Field>) {
    let schema = resolved(document, schema);
    for choice in schema["oneOf"].as_array().into_iter().flatten() {
        add_fields(document, choice, fields);
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    // An id comes first; the others are in the order of their names.
    let (ids, others): (Vec<_>, Vec<_>) = properties.partition(|(name, _)| *name == "id");
    for (name, property) in ids.into_iter().chain(others) {
        if fields.iter().all(|field| field.name != *name) {
            fields.push(Field {
                name: name.clone(),
                kind: kind(document, property),
                words: words_of(document, property),
                is_optional: !required.contains(&name.as_str()),
            });
        }
    }
}

/// What a field says; one that only names a type says what the type says, where that is short.
fn words_of(document: &Value, property: &Value) -> String {
    let first = property["oneOf"].get(0).unwrap_or(property);
    let own = [&property["description"], &first["description"]].map(text);
    let own = own.into_iter().find(|words| !words.is_empty()).unwrap_or_default();
    let meant = resolved(document, property);
    if own.is_empty() && !is_shape(meant) && meant.get("enum").is_none() {
        text(&meant["description"])
    } else {
        own
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().trim().to_owned()
}
