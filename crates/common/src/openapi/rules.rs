//! What goes without saying in the description of each address, said once: refusals, who may call, what is in the path.

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::PROBLEM_TYPE;

/// Answers that many addresses share: name in the description, status, what it means.
const COMMON: [(&str, u16, &str); 6] = [
    ("NotUnderstood", 400, "The request can't be understood."),
    ("NotSignedIn", 401, "Nobody is signed in, or the token is unknown, revoked or expired."),
    ("NotAllowed", 403, "Not allowed for this caller, or the form token is missing."),
    ("TooLarge", 413, "More than can be taken at once."),
    ("WrongType", 415, "The body is of another type."),
    ("Away", 503, "A part of the site is away or busy for the moment; `Retry-After` says for how long."),
];

/// Where the words of a handler turn to what else it may answer: statuses, each with its meaning, parted by `; `.
const ELSE: &str = "Else:";

/// The answers that addresses share, for `components`.
pub fn common_answers() -> Value {
    let answers = COMMON.map(|(name, status, words)| (name.to_owned(), problem(status, words)));
    Value::Object(answers.into_iter().collect())
}

/// The operation with everything that its handler did not have to say.
pub fn complete(path: &str, method: &str, said: &Value, tag: &str, usual_callers: &[&str]) -> Value {
    let mut operation = said.clone();
    let (words, refusals) = parted(&words(said));
    operation["tags"] = json!([tag]);
    operation["operationId"] = json!(id(path, method));
    operation["summary"] = json!(words.split_once(". ").map_or(words.as_str(), |(first, _)| first));
    operation["description"] = json!(words);
    operation["parameters"] = parameters(path, &said["parameters"]);
    operation["security"] = callers(method, &said["security"], usual_callers);
    let has_body = said.get("requestBody").is_some();
    if has_body {
        operation["requestBody"]["required"] = json!(true);
        say_what_is_binary(&mut operation["requestBody"]);
    }
    let answers = operation["responses"].as_object_mut().expect("an operation answers something");
    for (status, answer) in answers.iter_mut() {
        say_what_is_binary(answer);
        if answer["description"].as_str().unwrap_or_default().is_empty() {
            answer["description"] = json!(meaning(status));
        }
    }
    for (status, meaning) in refusals {
        answers.insert(status.to_string(), problem(status, &meaning));
    }
    for (name, status, _) in COMMON {
        if has_body || ![413, 415].contains(&status) {
            let shared = json!({ "$ref": format!("#/components/responses/{name}") });
            answers.entry(status.to_string()).or_insert(shared);
        }
    }
    operation
}

fn problem(status: u16, words: &str) -> Value {
    let mut answer = json!({
        "description": words,
        "content": { PROBLEM_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } },
    });
    if [429, 503].contains(&status) {
        let seconds = json!({ "type": "integer", "minimum": 1 });
        answer["headers"] = json!({ "Retry-After": { "description": "Seconds to wait.", "required": true, "schema": seconds } });
    }
    answer
}

/// Bytes are bytes, and no list of numbers.
fn say_what_is_binary(body: &mut Value) {
    let types = body.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, content) in types.filter(|(media_type, _)| {
        media_type.starts_with("image/")
            || media_type.starts_with("application/octet")
            || *media_type == "application/zip"
    }) {
        content["schema"] = json!({ "type": "string", "format": "binary" });
    }
}

/// The doc comment of a handler in one line.
fn words(said: &Value) -> String {
    let parts = ["summary", "description"].map(|part| said[part].as_str().unwrap_or_default());
    parts.iter().flat_map(|part| part.split_whitespace()).collect::<Vec<_>>().join(" ")
}

fn parted(words: &str) -> (String, Vec<(u16, String)>) {
    let Some((words, refusals)) = words.split_once(ELSE) else { return (words.to_owned(), Vec::new()) };
    let refusals = refusals.trim().trim_end_matches('.').split("; ").map(|refusal| {
        let (status, meant) = refusal.split_once(' ').unwrap_or((refusal, ""));
        let meant = if meant.is_empty() { meaning(status) } else { meant.to_owned() };
        (status.parse().unwrap_or_else(|_| panic!("“{refusal}” names no status")), meant)
    });
    (words.trim().to_owned(), refusals.collect())
}

fn meaning(status: &str) -> String {
    match status {
        "404" => "There is no such thing, or it is not this caller's to know.".to_owned(),
        "422" => "Fields are wrong: `errors` says which and why.".to_owned(),
        "429" => "Too often in a short time.".to_owned(),
        "204" => "Done.".to_owned(),
        status => {
            let known =
                StatusCode::from_bytes(status.as_bytes()).ok().and_then(|status| status.canonical_reason());
            known.unwrap_or(status).to_owned()
        }
    }
}

fn id(path: &str, method: &str) -> String {
    let words = path.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    std::iter::once(method).chain(words).collect::<Vec<_>>().join("_")
}

/// What the braces of the path name is an id, or the token of a link; the rest is the query's, and may be left out.
fn parameters(path: &str, said: &Value) -> Value {
    let braced = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let named: Vec<&str> = braced.collect();
    let in_path = named.iter().map(|name| {
        let schema = match *name {
            "token" => json!({ "type": "string" }),
            "section" | "id" => json!({ "type": "integer", "format": "int64" }),
            _ => json!({ "type": "integer", "format": "int32" }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let in_query = said.as_array().into_iter().flatten().map(|parameter| {
        let mut parameter = parameter.clone();
        parameter["in"] = json!("query");
        parameter["required"] = json!(false);
        parameter["schema"] = without_null(&parameter["schema"]);
        parameter
    });
    in_path.chain(in_query).collect()
}

/// A query has no null.
fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some([one, null]) = schema["oneOf"].as_array().map(Vec::as_slice)
        && null["type"] == "null"
    {
        return one.clone();
    }
    if let Some([one, _]) = schema["type"].as_array().map(Vec::as_slice) {
        schema["type"] = one.clone();
    }
    schema
}

/// Who may call: as the handler says, else the usual ones. A browser that changes something sends its form token too.
fn callers(method: &str, said: &Value, usual: &[&str]) -> Value {
    let said: Vec<&Value> = said.as_array().into_iter().flatten().collect();
    let is_open = said.iter().any(|caller| caller.as_object().is_some_and(Map::is_empty));
    let names = said.iter().filter_map(|caller| caller.as_object()?.keys().next());
    let names: Vec<&str> =
        if said.is_empty() || is_open { usual.to_vec() } else { names.map(String::as_str).collect() };
    let callers = names.into_iter().map(|name| match (name, method) {
        ("browser", "get") | ("program" | "service" | "session", _) => json!({ name: [] }),
        _ => json!({ name: [], "form_token": [] }),
    });
    callers.chain(is_open.then(|| json!({}))).collect()
}
