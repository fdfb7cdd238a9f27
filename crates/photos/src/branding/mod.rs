//! What a photographer's clients know them by, the same in all of their galleries: a name, a logo, a colour. Their
//! watermark is in `watermarks`; the page for all of it is here.

pub mod api;
pub mod logo;
pub mod page;
pub mod screen;
pub mod store;
pub mod watermark;

use common::{Result, error::FieldErrors, forms::optional_text};
use imaging::Tone;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    identity::AccountId,
    watermarks::{self, Shown},
};

/// The colours that a photographer may choose from, the usual one first; the style sheet has two shades of each.
pub const ACCENTS: [&str; 8] = ["teal", "ink", "forest", "navy", "plum", "rose", "brick", "ochre"];

/// A name longer than this could not be drawn as a mark.
const MOST_LETTERS: usize = 60;

/// What a photographer chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The name that clients read; without it that of the account.
    pub name: Option<String>,
    /// One of [`ACCENTS`].
    pub accent: &'static str,
    /// Shown in the place of the name.
    pub logo: Option<Logo>,
}

/// A logo, as pages and mails need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// What stands in its address.
    pub key: String,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// On which ground it can be seen.
    pub tone: Tone,
    /// Whether light and dark may be exchanged.
    pub is_gray: bool,
}

/// What is to be different; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// 1 to 60 characters; `Some(None)` goes back to the account's.
    pub name: Option<Option<String>>,
    /// One of [`ACCENTS`].
    pub accent: Option<&'static str>,
}

/// A logo for a template.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Logo)]
pub struct ShownLogo {
    /// An address for everybody; another logo has another.
    pub url: String,
    /// Pixels.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// The classes with which it is seen on light and dark pages.
    #[serde(skip_serializing_if = "str::is_empty")]
    #[schema(ignore)]
    pub class: &'static str,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: None, accent: ACCENTS[0], logo: None }
    }
}

impl Change {
    /// Checks what was typed; an empty name is none.
    pub fn parse(name: Option<&str>, accent: Option<&str>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let name = name.map(|name| {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            optional_text(&mut errors, "name", &name, MOST_LETTERS)
        });
        let known = accent.map(|accent| ACCENTS.into_iter().find(|known| *known == accent));
        if known == Some(None) {
            errors.insert("accent", format!("Choose one of {}.", ACCENTS.join(", ")));
        }
        if errors.is_empty() { Ok(Self { name, accent: known.flatten() }) } else { Err(errors) }
    }
}

impl Logo {
    /// Where it is had.
    pub fn path(&self) -> String {
        format!("/logos/{}.png", self.key)
    }

    /// For a page.
    pub fn shown(&self) -> ShownLogo {
        let class = match (self.tone, self.is_gray) {
            (Tone::Any, _) => "",
            (Tone::Dark, false) => "logo-dark",
            (Tone::Dark, true) => "logo-dark logo-gray",
            (Tone::Light, false) => "logo-light",
            (Tone::Light, true) => "logo-light logo-gray",
        };
        ShownLogo { url: self.path(), width: self.width, height: self.height, class }
    }
}

/// Changes what a photographer chose. Where their name is the mark, the marked renditions are made again.
pub async fn update(app: &App, owner: AccountId, change: &Change) -> Result<()> {
    let mut transaction = app.db.begin().await?;
    let watermark = watermarks::api::held(&mut transaction, owner).await?;
    let before = store::find_shown_name(&mut *transaction, owner).await?;
    store::update(&mut *transaction, owner, change).await?;
    let is_renamed = store::find_shown_name(&mut *transaction, owner).await? != before;
    if is_renamed && watermark.shown == Shown::Name {
        return watermarks::api::keep(transaction, owner, &watermark, None).await;
    }
    Ok(transaction.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied_and_colours_are_known_ones() {
        let change = Change::parse(Some("  Ana \n Ferreira "), Some("plum")).expect("a change");
        assert_eq!((change.name, change.accent), (Some(Some("Ana Ferreira".to_owned())), Some("plum")));
        assert_eq!(Change::parse(Some("  "), None).expect("a change").name, Some(None));
        assert_eq!(Change::parse(None, None).expect("a change").name, None);
        let wrong = Change::parse(Some(&"a".repeat(61)), Some("pink")).expect_err("two faults");
        assert_eq!(wrong.into_keys().collect::<Vec<_>>(), ["accent", "name"]);
    }
}
