//! The tidy rule that pairs pages and templates: each template is some page's or letter's, each of those has its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::checkout::files_below;

/// What both services or several pages share.
const SHARED: [&str; 2] = ["base.html", "error.html"];
const SHARED_FOLDERS: [&str; 2] = ["components", "mails"];

/// Templates without a page, and pages without a template.
pub fn unpaired(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let folder = entry?.path();
        let templates = folder.join("templates");
        if !templates.is_dir() {
            continue;
        }
        let (mut named, mut letters) = (BTreeSet::new(), BTreeSet::new());
        for file in files_below(&folder.join("src"))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(folder.join("src").join(file))?;
                named.extend(constants(&source, "TEMPLATE"));
                letters.extend(constants(&source, "FOLDER"));
            }
        }
        let there: BTreeSet<String> = files_below(&templates)?
            .into_iter()
            .filter(|file| file.extension().is_some_and(|extension| extension == "html"))
            .map(|file| file.to_string_lossy().into_owned())
            .collect();
        let crate_name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        findings.extend(unpaired_mails(&crate_name, &templates.join("mails"), &letters)?);
        for template in there.difference(&named).filter(|name| !is_shared(name)) {
            findings.push(format!("crates/{crate_name}/templates/{template}: no page names this template"));
        }
        for template in named.difference(&there).filter(|name| !is_shared(name)) {
            findings.push(format!(
                "crates/{crate_name}: a page names the template {template}, which isn't there"
            ));
        }
    }
    Ok(findings)
}

fn is_shared(name: &str) -> bool {
    SHARED.contains(&name) || SHARED_FOLDERS.iter().any(|folder| Path::new(name).starts_with(folder))
}

/// Letters without one of their three templates, and folders of mails that no letter names.
fn unpaired_mails(crate_name: &str, mails: &Path, letters: &BTreeSet<String>) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for letter in letters {
        for part in ["subject.txt", "body.txt", "body.html"] {
            if !mails.join(letter).join(part).is_file() {
                findings
                    .push(format!("crates/{crate_name}: the letter {letter} has no mails/{letter}/{part}"));
            }
        }
    }
    for entry in fs::read_dir(mails).into_iter().flatten() {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !letters.contains(&name) {
            findings.push(format!("crates/{crate_name}/templates/mails/{name}: no letter names this folder"));
        }
    }
    Ok(findings)
}

/// The values of `const <name>: &str = "…"` before the file's tests.
fn constants(source: &str, name: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let start = format!("const {name}: &");
    source
        .split(&start)
        .skip(1)
        .filter_map(|rest| rest.split(';').next()?.split_once('"')?.1.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_read_and_those_of_tests_are_not() {
        let source = "impl Page for A {\n  const TEMPLATE: &str = \"a/show.html\";\n}\n\
            trait Page { const TEMPLATE: &'static str; }\n\
            const TEMPLATE: &'static str =\n    \"b.html\";\n#[cfg(test)]\nconst TEMPLATE: &str = \"c.html\";";
        assert_eq!(constants(source, "TEMPLATE"), ["a/show.html", "b.html"]);
    }

    #[test]
    fn pairs_are_told_apart_from_singles() -> Result<()> {
        let root = std::env::temp_dir().join(format!("xtask-templates-{}", std::process::id()));
        let folder = root.join("crates/shop");
        fs::create_dir_all(folder.join("src"))?;
        fs::create_dir_all(folder.join("templates/components"))?;
        fs::write(
            folder.join("src/lib.rs"),
            "const TEMPLATE: &str = \"a.html\";\nconst TEMPLATE: &str = \"b.html\";\nconst FOLDER: &str = \"hello\";",
        )?;
        for part in ["hello/subject.txt", "hello/body.txt", "bye/body.html"] {
            let file = folder.join("templates/mails").join(part);
            fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            fs::write(file, "")?;
        }
        for name in ["a.html", "c.html", "base.html", "components/d.html"] {
            fs::write(folder.join("templates").join(name), "")?;
        }
        let findings = unpaired(&root)?;
        fs::remove_dir_all(&root)?;
        assert_eq!(findings.len(), 4, "{findings:?}");
        assert!(findings[0].contains("mails/hello/body.html") && findings[1].contains("mails/bye"));
        assert!(findings[2].contains("templates/c.html") && findings[3].contains("template b.html"));
        Ok(())
    }
}
