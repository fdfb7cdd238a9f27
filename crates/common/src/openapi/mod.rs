//! What a service says of its own JSON API: an `OpenAPI` 3.1 description, made of what handlers and types say of themselves.

pub mod chapters;
pub mod markdown;
pub mod page;
mod rules;
mod shapes;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use actix_web::{HttpResponse, http::header};
use serde_json::{Value, json};
use utoipa::{OpenApi, ToSchema};

/// What holds for every address, in Markdown: the beginning of each description.
pub const INTRODUCTION: &str = include_str!("introduction.md");

/// The media type of every error.
pub const PROBLEM_TYPE: &str = "application/problem+json";

/// The addresses of one feature.
pub struct Feature {
    /// What the chapter is called.
    pub title: &'static str,
    /// What there is to say before its addresses, in Markdown.
    pub words: &'static str,
    /// Its addresses and the types they speak of.
    pub api: utoipa::openapi::OpenApi,
}

/// A service that describes itself.
pub struct Service {
    /// What it is called.
    pub title: &'static str,
    /// How a caller may say who it is: the names of `securitySchemes`, each with what it is.
    pub callers: Value,
    /// The names of those that an address takes which does not say otherwise.
    pub usual_callers: &'static [&'static str],
    /// The addresses.
    pub features: Vec<Feature>,
}

/// A description, ready to be served and to be read.
pub struct Description {
    /// The document.
    pub document: Value,
    text: String,
    page: page::ApiPage,
}

/// What went wrong, as RFC 9457 has it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the shape of what error_pages writes, for the description alone")]
pub struct Problem {
    /// Always `about:blank`: the status says which kind of problem it is.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What happened and what to do, for people.
    detail: String,
    /// What is wrong with each field.
    #[schema(nullable = false)]
    errors: Option<BTreeMap<String, String>>,
    /// `reauthentication_required` where a person has to prove again who they are.
    #[schema(nullable = false)]
    reason: Option<String>,
    /// Where they do that.
    #[schema(nullable = false)]
    reauthentication_url: Option<String>,
}

#[derive(OpenApi)]
#[openapi(components(schemas(Problem)))]
struct Shared;

impl Description {
    /// Composes what the features say and what goes without saying.
    ///
    /// # Panics
    /// When two types of different shape have one name, or a doc comment has an `Else:` without statuses.
    pub fn of(service: &Service) -> Self {
        let mut document = json!({
            "openapi": "3.1.0",
            "info": { "title": service.title, "version": env!("CARGO_PKG_VERSION"), "description": INTRODUCTION },
            "servers": [{ "url": "/" }],
            "tags": [],
            "paths": {},
            "components": {
                "schemas": {},
                "responses": rules::common_answers(),
                "securitySchemes": service.callers,
            },
        });
        add_schemas(&mut document, &of_feature(&Shared::openapi()));
        for feature in &service.features {
            let api = of_feature(&feature.api);
            let tag = json!({ "name": feature.title, "description": feature.words });
            document["tags"].as_array_mut().expect("a list").push(tag);
            add_schemas(&mut document, &api);
            for (path, method, operation) in operations(&api) {
                let operation =
                    rules::complete(path, method, operation, feature.title, service.usual_callers);
                document["paths"][path][method] = operation;
            }
        }
        shapes::complete(&mut document);
        let text = document.to_string();
        let page = page::ApiPage::of(&document);
        Self { document, text, page }
    }

    /// The document as an answer.
    pub fn answer(&'static self) -> HttpResponse {
        HttpResponse::Ok()
            .content_type("application/json")
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .body(self.text.as_str())
    }

    /// Writes it to standard output: the document, or its part of docs/API.md.
    pub fn print(&self, as_markdown: bool) -> io::Result<()> {
        let text = if as_markdown { markdown::of(&self.document) } else { format!("{:#}\n", self.document) };
        io::stdout().write_all(text.as_bytes())
    }

    /// The readable page.
    pub fn page(&self) -> &page::ApiPage {
        &self.page
    }
}

/// Each operation of a description: path, method, what is said of it.
pub fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| Some((path.as_str(), *method, item.get(method)?)))
    })
}

/// The schema that a reference means, or the one that was given.
///
/// # Panics
/// When the description lacks a type that it names: tests and `openapi` find that.
pub fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/"));
    name.map_or(schema, |path| {
        document.pointer(&format!("/{path}")).unwrap_or_else(|| panic!("nothing describes {path}"))
    })
}

fn of_feature(api: &utoipa::openapi::OpenApi) -> Value {
    serde_json::to_value(api).expect("a description is JSON")
}

fn add_schemas(document: &mut Value, api: &Value) {
    let known = document["components"]["schemas"].as_object_mut().expect("an object");
    for (name, schema) in api["components"]["schemas"].as_object().into_iter().flatten() {
        let before = known.insert(name.clone(), schema.clone());
        assert!(
            before.is_none_or(|before| before == *schema),
            "two types are called {name} in the description"
        );
    }
}
