//! A description as a part of docs/API.md.

use std::fmt::Write;

use serde_json::Value;

use super::chapters::{self, Answer, Call, Chapter, Field, Shape};

/// The chapters of a service in Markdown, each title after the service's name.
pub fn of(document: &Value) -> String {
    let service = document["info"]["title"].as_str().unwrap_or_default();
    chapters::of(document).iter().map(|chapter| of_chapter(service, chapter)).collect::<Vec<_>>().join("\n")
}

fn of_chapter(service: &str, chapter: &Chapter) -> String {
    let mut text = format!("## {service}: {}\n\n", chapter.title);
    text.push_str("| call | body → answer | else |\n|---|---|---|\n");
    for call in &chapter.calls {
        text.push_str(&row(call));
    }
    if !chapter.words.is_empty() {
        text.push('\n');
        text.push_str(&chapter.words);
        text.push('\n');
    }
    for shape in &chapter.shapes {
        text.push('\n');
        text.push_str(&of_shape(shape));
    }
    text
}

fn row(call: &Call) -> String {
    let query: Vec<String> = call.query.iter().map(|field| format!("{}=", field.name)).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let notes: Vec<String> = call
        .query
        .iter()
        .filter(|field| !field.words.is_empty())
        .map(|field| format!("`{}`: {}", field.name, sentence(&field.words)))
        .collect();
    let body = call.body.as_ref().map_or_else(String::new, |body| format!("{body} "));
    let answers: Vec<String> = call.answers.iter().map(answer).collect();
    let refusals: Vec<String> = call.refusals.iter().map(refusal).collect();
    let words: Vec<String> =
        std::iter::once(call.words.clone()).chain(notes).filter(|words| !words.is_empty()).collect();
    format!(
        "| `{} {}{query}` | {} {body}→ {} | {} |\n",
        call.method,
        call.path,
        cell(&words.join(" ")),
        cell(&answers.join(" or ")),
        cell(&refusals.join(", "))
    )
}

fn answer(answer: &Answer) -> String {
    let parts = [answer.status.as_str(), answer.body.as_deref().unwrap_or_default(), &answer.words];
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn refusal(refusal: &Answer) -> String {
    let words = answer(refusal);
    words.trim_end_matches('.').to_owned()
}

fn of_shape(shape: &Shape) -> String {
    let mut text = format!("**{}**: {}\n\n```text\n", shape.name, shape.words);
    let width =
        |of: fn(&Field) -> &str| shape.fields.iter().map(|field| of(field).len()).max().unwrap_or_default();
    let (names, kinds) = (width(|field| &field.name), width(|field| &field.kind).min(34));
    for field in &shape.fields {
        let words = field.words.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = format!("{:names$}  {:kinds$}  {words}", field.name, field.kind);
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    text.push_str("```\n");
    text
}

fn sentence(words: &str) -> String {
    format!("{}.", words.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches('.'))
}

fn cell(words: &str) -> String {
    words.replace('|', "\\|")
}
