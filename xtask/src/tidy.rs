//! `cargo xtask tidy`: the rules of the house that no compiler knows.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::checkout::{Checkout, files_below};
use crate::{say, sqlx, templates};

const LONGEST: usize = 300;
const LONGEST_TEST: usize = 400;
const TEXTS: [&str; 14] =
    ["rs", "toml", "md", "html", "ts", "mjs", "scss", "sql", "json", "yaml", "yml", "sh", "conf", "lock"];

pub fn run(checkout: &Checkout) -> Result<()> {
    let mut findings = Vec::new();
    for file in files_below(&checkout.root)? {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if TEXTS.contains(&extension) || is_named(&file, &["Dockerfile", "run", ".npmrc"]) {
            // What isn't text after all is data that a test reads.
            if let Ok(text) = fs::read_to_string(checkout.root.join(&file)) {
                check(&file, &text, &checkout.root, &mut findings);
            }
        }
    }
    findings.extend(templates::unpaired(&checkout.root)?);
    findings.extend(sqlx::check(checkout).err().map(|error| error.to_string()));
    if findings.is_empty() {
        say("Tidy.");
        return Ok(());
    }
    bail!("{}\n{} of the house's rules broken.", findings.join("\n"), findings.len())
}

/// Adds what is wrong with one file.
fn check(file: &Path, text: &str, root: &Path, findings: &mut Vec<String>) {
    let mut find = |line: usize, what: &str| findings.push(format!("{}:{line}: {what}", file.display()));
    let is_rust = file.extension().is_some_and(|extension| extension == "rs");
    if is_rust {
        let limit = if file.iter().any(|part| part == "tests") { LONGEST_TEST } else { LONGEST };
        let length = text.lines().count();
        if length > limit {
            find(length, &format!("the file is longer than {limit} lines"));
        }
        if !text.starts_with("//! ") {
            find(1, "the file doesn't begin with a `//!` sentence");
        }
    }
    let is_lock = is_named(file, &["Cargo.lock", "package-lock.json"]);
    // A path of two parts at least: a container's `/app` is nobody's machine.
    let machine = (root.components().count() > 2).then(|| root.to_string_lossy());
    for (number, line) in text.lines().enumerate() {
        if !is_lock && line.ends_with([' ', '\t', '\r']) {
            find(number + 1, "blanks at the end of the line");
        }
        if !is_lock && line.contains('\t') {
            find(number + 1, "a tab");
        }
        if machine.as_ref().is_some_and(|machine| line.contains(&**machine)) {
            find(number + 1, "a path of this machine");
        }
        if names_registry(file, line.trim()) {
            find(number + 1, "the host of a package registry");
        }
    }
}

/// Whether a line ties the build to some registry other than the one that everybody uses.
fn names_registry(file: &Path, line: &str) -> bool {
    const CRATES: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    if is_named(file, &["package-lock.json"]) {
        return line.starts_with("\"resolved\"");
    }
    if is_named(file, &["Cargo.lock"]) {
        return line.starts_with("source = ") && line != CRATES;
    }
    (is_named(file, &[".npmrc"]) && line.contains("registry="))
        || (file.starts_with(".cargo") && (line.starts_with("registry") || line.contains("replace-with")))
}

fn is_named(file: &Path, names: &[&str]) -> bool {
    names.iter().any(|name| file.file_name().is_some_and(|file| file == *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(file: &str, text: &str) -> Vec<String> {
        let mut findings = Vec::new();
        check(Path::new(file), text, Path::new("/srv/checkout"), &mut findings);
        findings
    }

    #[test]
    fn a_good_file_passes() {
        assert!(findings("crates/a/src/lib.rs", "//! It does this.\nfn a() {}\n").is_empty());
    }

    #[test]
    fn length_sentence_blanks_and_tabs_are_found() {
        let long = format!("//! It does this.\n{}", "fn a() {}\n".repeat(310));
        assert_eq!(findings("src/lib.rs", &long), ["src/lib.rs:311: the file is longer than 300 lines"]);
        assert!(findings("tests/it/main.rs", &long).is_empty());
        assert_eq!(findings("a.rs", "fn a() {}\n"), ["a.rs:1: the file doesn't begin with a `//!` sentence"]);
        assert_eq!(
            findings("a.md", "one \n\ttwo\n"),
            ["a.md:1: blanks at the end of the line", "a.md:2: a tab"]
        );
    }

    #[test]
    fn paths_and_hosts_of_one_machine_are_found() {
        assert_eq!(findings("a.sh", "cd /srv/checkout/x\n"), ["a.sh:1: a path of this machine"]);
        assert_eq!(findings("w/package-lock.json", "  \"resolved\": \"https://x/a.tgz\",\n").len(), 1);
        assert_eq!(findings("Cargo.lock", "source = \"registry+https://elsewhere/index\"\n").len(), 1);
    }
}
