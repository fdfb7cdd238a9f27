//! The tidy rule that pairs pages and templates: each template is some page's, each page has its template.

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
        let mut named = BTreeSet::new();
        for file in files_below(&folder.join("src"))? {
            if file.extension().is_some_and(|extension| extension == "rs") {
                named.extend(template_names(&fs::read_to_string(folder.join("src").join(file))?));
            }
        }
        let there: BTreeSet<String> = files_below(&templates)?
            .into_iter()
            .filter(|file| file.extension().is_some_and(|extension| extension == "html"))
            .map(|file| file.to_string_lossy().into_owned())
            .collect();
        let crate_name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
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

/// The values of `const TEMPLATE: &str = "…"` before the file's tests.
fn template_names(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let constants = source.split("const TEMPLATE: &").skip(1);
    constants
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
        assert_eq!(template_names(source), ["a/show.html", "b.html"]);
    }

    #[test]
    fn pairs_are_told_apart_from_singles() -> Result<()> {
        let root = std::env::temp_dir().join(format!("xtask-templates-{}", std::process::id()));
        let folder = root.join("crates/shop");
        fs::create_dir_all(folder.join("src"))?;
        fs::create_dir_all(folder.join("templates/components"))?;
        fs::write(
            folder.join("src/lib.rs"),
            "const TEMPLATE: &str = \"a.html\";\nconst TEMPLATE: &str = \"b.html\";",
        )?;
        for name in ["a.html", "c.html", "base.html", "components/d.html"] {
            fs::write(folder.join("templates").join(name), "")?;
        }
        let findings = unpaired(&root)?;
        fs::remove_dir_all(&root)?;
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].contains("templates/c.html") && findings[1].contains("template b.html"));
        Ok(())
    }
}
