//! The templates of pages and mails: those of both services and a service's own, in one Tera.

use std::{fs, path::Path};

use anyhow::Context as _;
use rust_embed::RustEmbed;
use tera::{Context, Kwargs, State, Tera};

use crate::assets;

#[derive(RustEmbed)]
#[folder = "templates"]
struct Common;

/// All templates of one service.
pub struct Templates {
    tera: Tera,
}

impl Templates {
    /// Loads the common templates and a service's own; fails when one of them can't be parsed.
    pub fn load<Own: RustEmbed>() -> anyhow::Result<Self> {
        let mut tera = Tera::default();
        tera.register_function("asset", |arguments: Kwargs, _: &State| -> tera::TeraResult<String> {
            let name = arguments.must_get::<String>("name")?;
            assets::address(&name).ok_or_else(|| tera::Error::message(format!("there is no asset {name}")))
        });
        let files = embedded::<Common>().chain(embedded::<Own>()).collect::<anyhow::Result<Vec<_>>>()?;
        tera.add_raw_templates(files).context("a template can't be parsed")?;
        Ok(Self { tera })
    }

    /// Puts the files of a folder in the place of templates of the same names below `under`. A file that stands for
    /// none of them, or that can't be parsed, is a fault.
    pub fn replace_from(&mut self, folder: &Path, under: &str) -> anyhow::Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("{} can't be read", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.ends_with(".html") {
                continue;
            }
            let name = format!("{under}/{name}");
            let known = self.tera.get_template_names().any(|known| known == name);
            anyhow::ensure!(known, "{} stands for no text of ours", path.display());
            let text =
                fs::read_to_string(&path).with_context(|| format!("{} can't be read", path.display()))?;
            let added = self.tera.add_raw_template(&name, &text);
            added.with_context(|| format!("{} can't be parsed", path.display()))?;
        }
        Ok(())
    }

    /// Renders a template. In debug builds a name that the template wants and the page lacks is an error: Tera takes
    /// an unknown name inside `if` for false, so that a misspelt field would go unnoticed.
    pub fn render(&self, template: &str, context: &Context) -> anyhow::Result<String> {
        if cfg!(debug_assertions) {
            let wanted = self.tera.get_template_variables(template)?;
            let lacking: Vec<_> = wanted.into_iter().filter(|name| !context.contains_key(name)).collect();
            anyhow::ensure!(lacking.is_empty(), "{template} wants names that its page lacks: {lacking:?}");
        }
        self.tera.render(template, context).with_context(|| format!("rendering {template}"))
    }
}

fn embedded<Files: RustEmbed>() -> impl Iterator<Item = anyhow::Result<(String, String)>> {
    // Text is for mails; Tera escapes nothing in it.
    let is_template = |name: &str| [".html", ".txt"].iter().any(|ending| name.ends_with(ending));
    Files::iter().filter(move |name| is_template(name)).map(|name| {
        let file = Files::get(&name).with_context(|| format!("{name} vanished"))?;
        let text =
            String::from_utf8(file.data.into_owned()).with_context(|| format!("{name} is not UTF-8"))?;
        Ok((name.into_owned(), text))
    })
}
