//! Styles, scripts and icons: built into `target/web` under hashed names, kept by browsers for a year.

use std::{collections::HashMap, sync::OnceLock};

use actix_web::{
    HttpResponse,
    http::header::{self, AcceptEncoding, ContentEncoding, Encoding},
    web,
};
use rust_embed::RustEmbed;

use crate::{OrNotFound, Result};

#[derive(RustEmbed)]
#[folder = "../../target/web"]
#[allow_missing = true]
struct Files;

/// The address of a file by its logical name (`app.css`), or `None` if the front end was built without it.
pub fn address(name: &str) -> Option<String> {
    static MANIFEST: OnceLock<HashMap<String, String>> = OnceLock::new();
    let of = |manifest: &HashMap<String, String>| manifest.get(name).map(|file| format!("/assets/{file}"));
    // A debug build reads the files from the disk, where they may be built anew at any moment.
    if cfg!(debug_assertions) { of(&manifest()) } else { of(MANIFEST.get_or_init(manifest)) }
}

/// Fails at start when the front end was not built.
pub fn check() -> anyhow::Result<()> {
    anyhow::ensure!(
        !manifest().is_empty(),
        "the front end is not built: run `npm ci && npm run build` in crates/common/web"
    );
    Ok(())
}

/// What texts are stored as besides, made once by the build and not anew for every answer.
const COMPRESSED: [(ContentEncoding, &str); 2] =
    [(ContentEncoding::Brotli, "br"), (ContentEncoding::Gzip, "gz")];

/// `GET /assets/{file}`.
pub async fn get(
    file: web::Path<String>,
    accepted: Option<web::Header<AcceptEncoding>>,
) -> Result<HttpResponse> {
    let asset = Files::get(&file).or_not_found()?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    answer.insert_header((header::VARY, "Accept-Encoding")).content_type(asset.metadata.mimetype());
    let compressed = COMPRESSED.into_iter().filter(|(encoding, _)| accepts(accepted.as_deref(), *encoding));
    for (encoding, ending) in compressed {
        if let Some(smaller) = Files::get(&format!("{file}.{ending}")) {
            answer.insert_header((header::CONTENT_ENCODING, encoding.as_str()));
            return Ok(answer.body(smaller.data.into_owned()));
        }
    }
    Ok(answer.body(asset.data.into_owned()))
}

fn accepts(accepted: Option<&AcceptEncoding>, encoding: ContentEncoding) -> bool {
    let wanted = Encoding::Known(encoding);
    accepted
        .and_then(|accepted| accepted.negotiate([&wanted].into_iter()))
        .is_some_and(|chosen| chosen == wanted)
}

fn manifest() -> HashMap<String, String> {
    Files::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
}
