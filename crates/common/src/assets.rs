//! Styles, scripts and icons: built into `target/web` under hashed names, kept by browsers for a year.

use std::{collections::HashMap, sync::OnceLock};

use actix_web::{HttpResponse, http::header, web};
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

/// `GET /assets/{file}`.
pub async fn get(file: web::Path<String>) -> Result<HttpResponse> {
    let asset = Files::get(&file).or_not_found()?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .content_type(asset.metadata.mimetype())
        .body(asset.data.into_owned()))
}

fn manifest() -> HashMap<String, String> {
    Files::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
}
