//! `/api/docs`: a description as a page.

use pulldown_cmark::{Parser, html};
use serde::Serialize;
use serde_json::Value;

use super::chapters::{self, Answer, Call, Chapter, Field, Shape};
use crate::view::Page;

/// The page; its texts are HTML already.
#[derive(Serialize)]
pub struct ApiPage {
    service: String,
    introduction: String,
    chapters: Vec<ChapterPart>,
}

#[derive(Serialize)]
struct ChapterPart {
    title: String,
    anchor: String,
    words: String,
    calls: Vec<CallPart>,
    shapes: Vec<ShapePart>,
}

#[derive(Serialize)]
struct CallPart {
    method: String,
    path: String,
    anchor: String,
    words: String,
    query: Vec<FieldPart>,
    body: String,
    answers: Vec<AnswerPart>,
}

#[derive(Serialize)]
struct AnswerPart {
    status: String,
    is_well: bool,
    words: String,
    body: String,
}

#[derive(Serialize)]
struct ShapePart {
    name: String,
    words: String,
    fields: Vec<FieldPart>,
}

#[derive(Serialize)]
struct FieldPart {
    name: String,
    kind: String,
    words: String,
    is_optional: bool,
}

impl Page for ApiPage {
    const TEMPLATE: &'static str = "api.html";

    fn title(&self) -> String {
        "API".to_owned()
    }
}

impl ApiPage {
    /// The page of a description.
    pub fn of(document: &Value) -> Self {
        Self {
            service: document["info"]["title"].as_str().unwrap_or_default().to_owned(),
            introduction: markdown(document["info"]["description"].as_str().unwrap_or_default()),
            chapters: chapters::of(document).into_iter().map(ChapterPart::from).collect(),
        }
    }
}

impl From<Chapter> for ChapterPart {
    fn from(chapter: Chapter) -> Self {
        Self {
            anchor: anchor(&chapter.title),
            words: markdown(&chapter.words),
            calls: chapter.calls.into_iter().map(CallPart::from).collect(),
            shapes: chapter.shapes.into_iter().map(ShapePart::from).collect(),
            title: chapter.title,
        }
    }
}

impl From<Call> for CallPart {
    fn from(call: Call) -> Self {
        let part = |is_well| {
            move |answer: Answer| AnswerPart {
                is_well,
                status: answer.status,
                words: line(&answer.words),
                body: answer.body.unwrap_or_default(),
            }
        };
        let answers = call.answers.into_iter().map(part(true));
        Self {
            anchor: anchor(&format!("{} {}", call.method, call.path)),
            words: markdown(&call.words),
            query: call.query.into_iter().map(FieldPart::from).collect(),
            body: call.body.unwrap_or_default(),
            answers: answers.chain(call.refusals.into_iter().map(part(false))).collect(),
            method: call.method,
            path: call.path,
        }
    }
}

impl From<Shape> for ShapePart {
    fn from(shape: Shape) -> Self {
        let fields = shape.fields.into_iter().map(FieldPart::from).collect();
        Self { words: line(&shape.words), fields, name: shape.name }
    }
}

impl From<Field> for FieldPart {
    fn from(field: Field) -> Self {
        Self { words: line(&field.words), name: field.name, kind: field.kind, is_optional: field.is_optional }
    }
}

fn markdown(text: &str) -> String {
    let mut written = String::new();
    html::push_html(&mut written, Parser::new(text));
    written
}

/// A sentence without its paragraph.
fn line(text: &str) -> String {
    let written = markdown(text);
    let written = written.trim();
    written.strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>")).unwrap_or(written).to_owned()
}

fn anchor(text: &str) -> String {
    let words = text.to_lowercase();
    let words = words.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
