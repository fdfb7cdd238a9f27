//! `cargo xtask schemathesis`: requests made up from the descriptions that running services serve, good and bad ones, as
//! a photographer, as a visitor of a link and as nobody. No answer may be a fault of ours, and none undescribed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::checkout::Checkout;
use crate::http::Site;
use crate::service::{AUTH, Address, PHOTOS};
use crate::tools::{self, Tools};
use crate::{process, say};

const VERSION: &str = "4.32.5";

/// What each answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";
/// Besides these, what is not as described must be refused.
const STRICT: &str = "negative_data_rejection";
/// Streams, which have no end that is worth waiting for.
const STREAMS: [&str; 2] = ["/events", "/api/events"];

/// Somebody who calls, and what they may know of.
struct Caller {
    name: &'static str,
    service: &'static Address,
    headers: Vec<String>,
    /// The only path that they call; all of them without.
    only: Option<&'static str>,
}

/// Against what `cargo xtask dev --details` runs; `examples` requests at most for each address and phase.
pub fn run(checkout: &Checkout, details: &Path, examples: u32) -> Result<()> {
    let tools = tools::ensure(checkout, &[tools::PYTHON])?;
    let folder = checkout.root.join("target/schemathesis");
    let program = installed(&tools, &folder)?;
    let details = fs::read_to_string(details).context("the file of `cargo xtask dev --details FILE`")?;
    let details: Value = serde_json::from_str(&details)?;
    let (things, token) = prepare(&details)?;
    let mut broken = Vec::new();
    for caller in [
        Caller {
            name: "a photographer",
            service: &PHOTOS,
            headers: vec![format!("Authorization: Bearer {token}")],
            only: None,
        },
        Caller {
            name: "a visitor of a link",
            service: &PHOTOS,
            headers: vec!["User-Agent: Mozilla/5.0 (schemathesis)".to_owned()],
            only: Some("/api/view/{token}"),
        },
        Caller { name: "nobody", service: &PHOTOS, headers: Vec::new(), only: None },
        Caller { name: "nobody, at the auth-service", service: &AUTH, headers: Vec::new(), only: None },
    ] {
        say(format_args!("\nAs {}:", caller.name));
        // By number: not every system knows names below `localhost`.
        let base = format!("http://127.0.0.1:{}", caller.service.port);
        let mut command = Command::new(&program);
        command.current_dir(&folder).arg("--config-file").arg(config(&folder, &things)?);
        command.args(["run", &format!("{base}/api/openapi.json"), "--checks", &format!("{CHECKS},{STRICT}")]);
        command.args(["--max-examples", &examples.to_string(), "--phases", "examples,coverage,fuzzing"]);
        command.args(["--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off"]);
        for header in &caller.headers {
            command.args(["--header", header]);
        }
        for stream in STREAMS {
            command.args(["--exclude-path", stream]);
        }
        if let Some(path) = caller.only {
            command.args(["--include-path", path]);
        }
        match process::run(&mut command) {
            Err(error) if error.is::<process::Interrupted>() => return Err(error),
            Err(_) => broken.push(caller.name),
            Ok(()) => {}
        }
    }
    ensure!(broken.is_empty(), "Not as described, for: {}.", broken.join(", "));
    Ok(())
}

/// The pinned version in an environment of its own below `target/`.
fn installed(tools: &Tools, folder: &Path) -> Result<PathBuf> {
    let program = folder.join(VERSION).join("bin/schemathesis");
    if !program.is_file() {
        say(format_args!("Fetching schemathesis {VERSION}."));
        fs::create_dir_all(folder)?;
        process::run(tools.command("python3").args(["-m", "venv"]).arg(folder.join(VERSION)))?;
        let mut pip = Command::new(folder.join(VERSION).join("bin/pip"));
        process::run(pip.args(["install", "--quiet", &format!("schemathesis=={VERSION}")]))?;
    }
    Ok(program)
}

/// Ids that are there, and some that are not, so that requests get past 404.
fn config(folder: &Path, things: &Value) -> Result<PathBuf> {
    let file = folder.join("schemathesis.toml");
    let names = things.as_object().into_iter().flatten();
    let lines: Vec<String> = names.map(|(name, values)| format!("\"path.{name}\" = {values}")).collect();
    fs::write(&file, format!("[parameters]\n{}\n", lines.join("\n")))?;
    Ok(file)
}

/// Signs the photographer in, makes things to work with and a token that opens all of it.
fn prepare(details: &Value) -> Result<(Value, String)> {
    let (mut auth, mut photos) = (AUTH.site(), PHOTOS.site());
    let account = &details["accounts"]["photographer"];
    auth.post_json("/api/login", "", account)?;
    let (name, value) = auth.cookies.get_key_value("photos_session").context("signing in set no cookie")?;
    photos.cookies.insert(name.clone(), value.clone());
    let form_token = |site: &mut Site, path: &str| -> Result<String> {
        Ok(site.get(path)?["csrf_token"].as_str().context("no form token")?.to_owned())
    };
    let of_photos = form_token(&mut photos, "/auth/session")?;
    let photo_ids: Vec<Value> = ids(&photos.get("/api/photos?limit=20")?);
    let (mut galleries, mut links, mut tokens, mut sections, mut customers) =
        (vec![], vec![], vec![], vec![], vec![]);
    for number in 0..6 {
        let gallery = photos.post_json(
            "/api/galleries",
            &of_photos,
            &json!({ "name": format!("Made up {number}") }),
        )?;
        let path = format!("/api/galleries/{}", gallery["id"]);
        let section =
            photos.post_json(&format!("{path}/sections"), &of_photos, &json!({ "name": "First" }))?;
        let link = json!({ "access_level": "full" });
        let link = photos.post_json(&format!("{path}/shares"), &of_photos, &link)?;
        let email = json!({ "email": format!("made-up-{}@example.org", link["id"]) });
        let customer = photos.post_json("/api/customers", &of_photos, &email)?;
        galleries.push(gallery["id"].clone());
        sections.push(section["id"].clone());
        tokens.push(link["token"].clone());
        links.push(link["id"].clone());
        customers.push(customer["id"].clone());
    }
    let of_auth = form_token(&mut auth, "/api/session")?;
    let fields = format!(
        "csrf_token={of_auth}&name=schemathesis&days=30&scopes=photos%3Aread&scopes=photos%3Awrite&scopes=account%3Aread"
    );
    auth.form("/account/tokens/new", &fields)?;
    let page = auth.page("/account/tokens")?;
    let token = page.split('"').find(|text| text.starts_with("pat_")).map(str::to_owned);
    let Some(token) = token else { bail!("the page of API tokens shows no new one") };
    let things = json!({
        "gallery": galleries, "photo": photo_ids, "link": links, "token": tokens, "section": sections,
        "customer": customers, "user": [1, 2, 99],
    });
    Ok((things, token))
}

fn ids(list: &Value) -> Vec<Value> {
    list["items"].as_array().into_iter().flatten().map(|item| item["id"].clone()).collect()
}
