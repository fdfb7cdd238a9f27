//! What goes without saying about the types in a description: what always is there, what is part of what.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::operations;

/// How a page of a list is called, before the name of what it lists.
const LIST: &str = "ListBody_";

/// Mends what the derived schemas say in a roundabout way.
pub fn complete(document: &mut Value) {
    let before = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        if schema.get("allOf").is_some() {
            *schema = merged(schema, &before);
        }
        if let Some(listed) = name.strip_prefix(LIST).filter(|listed| before.contains_key(*listed)) {
            schema["properties"]["items"]["items"] =
                json!({ "$ref": format!("#/components/schemas/{listed}") });
        }
    }
    require_what_is_always_there(document);
    widen(document);
}

/// What is derived for unsigned numbers of 32 bits allows half of them.
fn widen(schema: &mut Value) {
    if schema["format"] == "int32" && schema["minimum"] == 0 && schema.get("maximum").is_none() {
        schema["format"] = json!("int64");
        schema["maximum"] = json!(u32::MAX);
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(widen),
        Value::Array(items) => items.iter_mut().for_each(widen),
        _ => {}
    }
}

/// A type with the fields of another among its own is one type with all of them.
fn merged(schema: &Value, all: &Map<String, Value>) -> Value {
    let mut whole = schema.clone();
    let parts = whole["allOf"].take();
    let (mut properties, mut required, mut is_closed) = (Map::new(), BTreeSet::new(), false);
    for part in parts.as_array().into_iter().flatten() {
        let name = part["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        let part = name.and_then(|name| all.get(name)).unwrap_or(part);
        properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
        required.extend(names(&part["required"]));
        is_closed |= part["additionalProperties"] == false;
    }
    if let Some(members) = whole.as_object_mut() {
        members.remove("allOf");
    }
    whole["type"] = json!("object");
    whole["properties"] = Value::Object(properties);
    whole["required"] = json!(required);
    if is_closed {
        whole["additionalProperties"] = json!(false);
    }
    whole
}

/// What is in every answer is required: a type that only answers use writes each of its fields, null where there is
/// nothing. What may be left out says so by not being nullable.
fn require_what_is_always_there(document: &mut Value) {
    let (mut sent, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (_, _, operation) in operations(document) {
        gather(document, &operation["requestBody"], &mut sent);
        gather(document, &operation["parameters"], &mut sent);
        gather(document, &operation["responses"], &mut answered);
    }
    let schemas = document["components"]["schemas"].as_object_mut().expect("an object");
    for name in answered.difference(&sent) {
        if let Some(schema) = schemas.get_mut(name) {
            require(schema);
        }
    }
}

fn require(schema: &mut Value) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let always =
        properties.iter().filter(|(_, property)| is_nullable(property)).map(|(name, _)| name.clone());
    let required: BTreeSet<String> = always.chain(names(&schema["required"])).collect();
    schema["required"] = json!(required);
}

fn names(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|name| Some(name.as_str()?.to_owned())).collect()
}

/// Whether a schema allows null.
pub fn is_nullable(schema: &Value) -> bool {
    let is_null = |kind: &Value| kind == "null";
    let by_type = schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(is_null));
    let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
    by_type || choices.is_some_and(|choices| choices.iter().any(|choice| is_null(&choice["type"])))
}

/// The names of all schemas that are reached from here.
fn gather(document: &Value, from: &Value, found: &mut BTreeSet<String>) {
    match from {
        Value::Object(members) => {
            let name =
                from["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            if let Some(name) = name
                && found.insert(name.to_owned())
            {
                gather(document, &document["components"]["schemas"][name], found);
            }
            members.values().for_each(|member| gather(document, member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(document, item, found)),
        _ => {}
    }
}
