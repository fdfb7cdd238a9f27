//! The first photos: drawn by the project itself and uploaded as a photographer would.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::http::Site;
use crate::process::run;
use crate::tools::Tools;

/// The name of the gallery with the samples.
pub const GALLERY: &str = "A walk at dusk";

const BOUNDARY: &str = "----sample-photos-of-a-walk-at-dusk";

/// Uploads the sample photos into a gallery of their own; answers how many were taken.
pub fn upload(
    tools: &Tools,
    program: &Path,
    folder: &Path,
    auth: &mut Site,
    photos: &mut Site,
    password: &str,
) -> Result<usize> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    run(tools.command(program).arg(folder))?;

    auth.post_json("/api/login", "", &json!({ "username": "photographer", "password": password }))?;
    // Only the cookie of the whole domain goes on to the other host; the host cookies have one name on both.
    let (name, value) =
        auth.cookies.get_key_value("photos_session").context("signing in set no session cookie")?;
    photos.cookies.insert(name.clone(), value.clone());
    let session = photos.get("/auth/session")?;
    let token = session["csrf_token"].as_str().context("/auth/session gave no token")?.to_owned();
    let gallery = photos.post_json("/api/galleries", &token, &json!({ "name": GALLERY }))?;
    let (count, body) = form(&gallery["id"], folder)?;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let answer = photos.post("/api/upload", &token, &kind, &body)?;
    let accepted = answer["photos"].as_array().map_or(0, Vec::len);
    ensure!(accepted == count, "Of {count} sample photos {accepted} were taken: {}", answer["refused"]);
    fs::remove_dir_all(folder)?;
    Ok(accepted)
}

/// The upload form: the gallery first, then the files in the order of their names.
fn form(gallery: &Value, folder: &Path) -> Result<(usize, Vec<u8>)> {
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"gallery_id\"\r\n\r\n{gallery}\r\n")
            .into_bytes();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&fs::read(file)?);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    Ok((files.len(), body))
}
