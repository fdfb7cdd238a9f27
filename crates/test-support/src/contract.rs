//! Holds every JSON answer that a test gets against what the service that gave it says of itself.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::{Draft, Validator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::Answer;

/// The descriptions, by the first part of the host's name.
static KNOWN: LazyLock<Mutex<HashMap<&'static str, Arc<Contract>>>> = LazyLock::new(Mutex::default);

/// A description, and what was made of it so far to compare answers with.
struct Contract {
    document: Value,
    bodies: Mutex<HashMap<String, Arc<Validator>>>,
}

/// From now on answers of this service (`auth`, `photos`) must be as its description says.
pub fn expect(service: &'static str, document: &Value) {
    let mut known = KNOWN.lock().expect("no panic while it is held");
    known.entry(service).or_insert_with(|| {
        let mut document = document.clone();
        close(&mut document["components"]["schemas"]);
        Arc::new(Contract { document, bodies: Mutex::default() })
    });
}

/// Panics when an answer is none that its service describes: the status, the media type, a field.
pub fn hold(method: &Method, answer: &Answer) {
    let service = answer.url.host_str().and_then(|host| host.split('.').next()).unwrap_or_default();
    let contract = KNOWN.lock().expect("no panic while it is held").get(service).cloned();
    if let Some(fault) = contract.and_then(|contract| contract.fault(method, answer)) {
        panic!("{method} {} answers what is not described: {fault}\n{}", answer.url.path(), answer.text());
    }
}

impl Contract {
    fn fault(&self, method: &Method, answer: &Answer) -> Option<String> {
        let path = answer.url.path();
        let (pattern, operation) = self.operation(method, path)?;
        let media_type = answer.header("content-type").split(';').next().unwrap_or_default().to_owned();
        // Outside the API a browser gets pages, which are no JSON and not described.
        if !path.starts_with("/api/") && !media_type.contains("json") {
            return None;
        }
        let status = answer.status.as_str();
        let Some(described) = operation["responses"].get(status) else {
            return Some(format!("the status {status}"));
        };
        let content = &self.resolved(described)["content"];
        let Some(types) = content.as_object() else {
            return (!answer.body.is_empty()).then(|| format!("a body with {status}"));
        };
        let Some(body) = types.get(&media_type) else {
            return Some(format!("{media_type} with {status}"));
        };
        if !media_type.contains("json") {
            return None;
        }
        let key = format!("{method} {pattern} {status} {media_type}");
        let value = serde_json::from_slice(&answer.body).ok()?;
        let faults: Vec<String> = self
            .validator(key, &body["schema"])
            .iter_errors(&value)
            .map(|fault| format!("{} at {}", fault, fault.instance_path()))
            .collect();
        (!faults.is_empty()).then(|| faults.join("; "))
    }

    /// The operation that a request means, with its path as the description has it.
    fn operation(&self, method: &Method, path: &str) -> Option<(&str, &Value)> {
        let method = method.as_str().to_lowercase();
        let paths = self.document["paths"].as_object()?.iter();
        let mut fitting: Vec<_> = paths.filter(|(pattern, _)| fits(pattern, path)).collect();
        // A name that is written out goes before one in braces.
        fitting.sort_by_key(|(pattern, _)| pattern.matches('{').count());
        let (pattern, item) = fitting.first()?;
        Some((pattern.as_str(), item.get(&method)?))
    }

    fn resolved<'a>(&'a self, described: &'a Value) -> &'a Value {
        let pointer = described["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(described)
    }

    fn validator(&self, key: String, schema: &Value) -> Arc<Validator> {
        let mut bodies = self.bodies.lock().expect("no panic while it is held");
        let made = bodies.entry(key).or_insert_with(|| {
            let mut whole = schema.clone();
            whole["components"] = self.document["components"].clone();
            let made = jsonschema::options().with_draft(Draft::Draft202012).build(&whole);
            Arc::new(made.unwrap_or_else(|fault| panic!("a schema of the description is none: {fault}")))
        });
        Arc::clone(made)
    }
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/'), path.split('/'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part.starts_with('{') || part == given => {}
            _ => return false,
        }
    }
}

/// A program must cope with fields that it does not know; the tests must not: what is answered is described.
fn close(schemas: &mut Value) {
    for (_, schema) in schemas.as_object_mut().into_iter().flatten() {
        if schema.get("properties").is_some() {
            schema["additionalProperties"] = json!(false);
        }
    }
}
