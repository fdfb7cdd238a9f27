//! Who may do what with a gallery and its photos: one function decides for page, JSON and picture alike.

use common::identity::Role;

use crate::{
    galleries::{DownloadPolicy, GalleryId, SectionId},
    identity::{AccountId, CurrentUser},
};

/// How much somebody may do; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Does not even learn that it exists.
    Nothing,
    /// Marked pictures.
    Marked,
    /// Clean pictures.
    Clean,
    /// Also originals.
    Copy,
    /// Also adds, removes and changes photos and details.
    Edit,
    /// Also shares, grants and deletes.
    Own,
}

/// Who asks.
#[derive(Clone, Copy)]
pub enum Viewer<'a> {
    /// Nobody we know.
    Nobody,
    /// Somebody signed in.
    Person(&'a CurrentUser),
    /// Somebody who holds a share link that is open now.
    Link(&'a LinkPower),
}

/// What an open share link gives.
#[derive(Clone, Debug)]
pub struct LinkPower {
    /// The gallery it opens.
    pub gallery: GalleryId,
    /// How its pictures look.
    pub level: LinkLevel,
    /// The parts of the gallery that it shows; all of it without.
    pub sections: Option<Vec<SectionId>>,
}

impl LinkPower {
    fn shows(&self, subject: &Subject) -> bool {
        let part = match (&self.sections, subject.part) {
            (None, _) | (_, Part::Gallery) => true,
            (Some(shown), Part::Photo(section)) => section.is_some_and(|section| shown.contains(&section)),
        };
        subject.gallery == Some(self.gallery) && part
    }
}

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A gallery itself.
    Gallery,
    /// A photo, with the section it is in.
    Photo(Option<SectionId>),
}

/// The access level of a share link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccessLevel)]
pub enum LinkLevel {
    /// Marked pictures, no originals.
    Preview,
    /// Clean pictures.
    Full,
}

impl LinkLevel {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Full => "full",
        }
    }

    /// Reads a stored word; anything unknown gives the least.
    pub fn from_stored(text: Option<&str>) -> Self {
        if text == Some("full") { Self::Full } else { Self::Preview }
    }
}

/// What the decision about a gallery, or about a photo, depends on.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all can hold together")]
pub struct Subject {
    /// The gallery, or the one a photo is in.
    pub gallery: Option<GalleryId>,
    /// Whether it is the gallery itself or a photo.
    pub part: Part,
    /// Whose it is.
    pub owner: Option<AccountId>,
    /// For a photo: whose gallery it is in, where that is somebody else's.
    pub gallery_owner: Option<AccountId>,
    /// Whether the account is gone that the gallery, or a photo in none, belongs to.
    pub owner_is_gone: bool,
    /// Whether everybody may see the gallery.
    pub is_public: bool,
    /// Whether everybody sees it with the mark.
    pub marks_public: bool,
    /// Whether the photo is archived: out of sight for all but its owner and editors.
    pub is_archived: bool,
    /// Whether it is in the trash, where its owner may still look at it before bringing it back.
    pub is_deleted: bool,
    /// What the gallery's owner granted to the person who asks.
    pub grant: Option<Access>,
    /// What those may download who may look at the gallery.
    pub downloads: DownloadPolicy,
    /// Whether the gallery gives originals with place, serial numbers and owner name.
    pub gives_metadata: bool,
}

/// Reads a stored permission level.
pub fn grant_from_stored(level: Option<&str>) -> Option<Access> {
    match level? {
        "view" => Some(Access::Clean),
        "copy" => Some(Access::Copy),
        "edit" => Some(Access::Edit),
        _ => None,
    }
}

/// The decision.
pub fn access(viewer: Viewer<'_>, subject: &Subject) -> Access {
    let public = match (subject.is_public, subject.marks_public) {
        (true, true) => Access::Marked,
        (true, false) => Access::Clean,
        (false, _) => Access::Nothing,
    };
    let found = match viewer {
        Viewer::Nobody => public,
        Viewer::Person(person) if may_own(person, subject.owner) => Access::Own,
        Viewer::Person(person) if subject.gallery_owner == Some(person.account) => Access::Edit,
        Viewer::Person(_) => public.max(subject.grant.unwrap_or(Access::Nothing)),
        // A link shows its gallery as the photographer chose, even where the gallery is public besides.
        Viewer::Link(link) if link.shows(subject) => match link.level {
            LinkLevel::Preview => Access::Marked,
            LinkLevel::Full => Access::Clean,
        },
        Viewer::Link(_) => Access::Nothing,
    };
    // What a deleted account left waits for an administrator; nobody else can tell whether it may still be shown.
    let is_admin = matches!(viewer, Viewer::Person(person) if person.role == Role::Admin);
    if subject.owner_is_gone && !is_admin {
        return Access::Nothing;
    }
    if subject.is_deleted {
        return if found == Access::Own { Access::Clean } else { Access::Nothing };
    }
    if subject.is_archived && found < Access::Edit { Access::Nothing } else { found }
}

/// What somebody may download of what they may see; each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Downloads {
    /// Nothing.
    Nothing,
    /// Pictures of 2048 pixels.
    Web,
    /// Originals without place, serial numbers and owner name.
    Clean,
    /// Originals as they were uploaded, those of the photo's owner; others clean.
    Stored,
}

/// The decision about downloads.
pub fn downloads(viewer: Viewer<'_>, subject: &Subject) -> Downloads {
    let originals = if subject.gives_metadata { Downloads::Stored } else { Downloads::Clean };
    if subject.is_deleted {
        return Downloads::Nothing;
    }
    match (access(viewer, subject), viewer) {
        // Whoever sees marked pictures gets none without the mark, whatever the gallery gives to others.
        (Access::Nothing | Access::Marked, _) => Downloads::Nothing,
        // A link carries its own level; the gallery's policy is for the public and for accounts.
        (Access::Clean, Viewer::Link(_)) | (Access::Copy, _) => originals,
        (Access::Clean, _) => match subject.downloads {
            DownloadPolicy::None => Downloads::Nothing,
            DownloadPolicy::Previews => Downloads::Web,
            DownloadPolicy::Originals => originals,
        },
        (Access::Edit | Access::Own, _) => Downloads::Stored,
    }
}

/// Whether somebody decides on what belongs to this account, also where it is in the trash.
pub fn may_own(person: &CurrentUser, owner: Option<AccountId>) -> bool {
    person.role == Role::Admin || owner == Some(person.account)
}

#[cfg(test)]
mod tests;
