//! Who may do what with a gallery and its photos: one function decides for page, JSON and picture alike.

use common::identity::Role;

use crate::{
    galleries::{GalleryId, SectionId},
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
    /// Whether the photo is archived: out of sight for all but its owner and editors.
    pub is_archived: bool,
    /// Whether it is in the trash, where its owner may still look at it before bringing it back.
    pub is_deleted: bool,
    /// What the gallery's owner granted to the person who asks.
    pub grant: Option<Access>,
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
    let public = if subject.is_public { Access::Clean } else { Access::Nothing };
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

/// Whether somebody decides on what belongs to this account, also where it is in the trash.
pub fn may_own(person: &CurrentUser, owner: Option<AccountId>) -> bool {
    person.role == Role::Admin || owner == Some(person.account)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{
        Access::{Clean, Copy, Edit, Marked, Nothing, Own},
        *,
    };
    use common::identity::UserId;

    const GALLERY: GalleryId = GalleryId(7);
    const OWNER: AccountId = AccountId(1);

    fn person(account: i32, role: Role) -> CurrentUser {
        let name = "somebody".to_owned();
        CurrentUser {
            id: UserId(account),
            account: AccountId(account),
            email: name.clone(),
            name,
            role,
            session: Uuid::nil(),
        }
    }

    fn subject() -> Subject {
        Subject {
            gallery: Some(GALLERY),
            part: Part::Photo(None),
            owner: Some(OWNER),
            gallery_owner: None,
            owner_is_gone: false,
            is_public: false,
            is_archived: false,
            is_deleted: false,
            grant: None,
        }
    }

    #[test]
    fn the_matrix_of_visitors_and_galleries() {
        let (owner, other, admin) =
            (person(1, Role::Photographer), person(2, Role::Photographer), person(3, Role::Admin));
        let preview = LinkPower { gallery: GALLERY, level: LinkLevel::Preview, sections: None };
        let full = LinkPower { level: LinkLevel::Full, ..preview.clone() };
        let elsewhere = LinkPower { gallery: GalleryId(8), ..full.clone() };
        let dinner = LinkPower { sections: Some(vec![SectionId(4)]), ..full.clone() };
        let nothing = LinkPower { sections: Some(Vec::new()), ..full.clone() };
        let at_dinner = Subject { part: Part::Photo(Some(SectionId(4))), ..subject() };
        let at_dance = Subject { part: Part::Photo(Some(SectionId(5))), ..subject() };
        let whole = Subject { part: Part::Gallery, ..subject() };
        let public = Subject { is_public: true, ..subject() };
        let archived = Subject { is_archived: true, ..public };
        let deleted = Subject { is_deleted: true, ..public };
        let loose = Subject { gallery: None, ..subject() };
        let hosted = Subject { gallery_owner: Some(AccountId(2)), ..subject() };
        let left = Subject { owner_is_gone: true, ..public };
        let left_granted = Subject { grant: Some(Edit), ..left };
        let granted = |grant| Subject { grant: Some(grant), ..subject() };

        let rows: &[(&str, Viewer<'_>, Subject, Access)] = &[
            ("nobody, private", Viewer::Nobody, subject(), Nothing),
            ("nobody, public", Viewer::Nobody, public, Clean),
            ("nobody, public, archived", Viewer::Nobody, archived, Nothing),
            ("owner", Viewer::Person(&owner), subject(), Own),
            ("owner, archived", Viewer::Person(&owner), archived, Own),
            ("owner, loose photo", Viewer::Person(&owner), loose, Own),
            ("admin", Viewer::Person(&admin), subject(), Own),
            ("other photographer, private", Viewer::Person(&other), subject(), Nothing),
            ("other photographer, loose photo", Viewer::Person(&other), loose, Nothing),
            ("other photographer, public", Viewer::Person(&other), public, Clean),
            ("owner of the gallery of somebody's photo", Viewer::Person(&other), hosted, Edit),
            ("view grant", Viewer::Person(&other), granted(Clean), Clean),
            ("copy grant", Viewer::Person(&other), granted(Copy), Copy),
            ("edit grant", Viewer::Person(&other), granted(Edit), Edit),
            (
                "edit grant, archived",
                Viewer::Person(&other),
                Subject { is_archived: true, ..granted(Edit) },
                Edit,
            ),
            (
                "copy grant, archived",
                Viewer::Person(&other),
                Subject { is_archived: true, ..granted(Copy) },
                Nothing,
            ),
            ("preview link", Viewer::Link(&preview), subject(), Marked),
            ("preview link, public gallery", Viewer::Link(&preview), public, Marked),
            ("full link", Viewer::Link(&full), subject(), Clean),
            ("link of a section, a photo in it", Viewer::Link(&dinner), at_dinner, Clean),
            ("link of a section, a photo in another", Viewer::Link(&dinner), at_dance, Nothing),
            ("link of a section, a photo in none", Viewer::Link(&dinner), subject(), Nothing),
            ("link of a section, the gallery", Viewer::Link(&dinner), whole, Clean),
            ("link of sections that are gone", Viewer::Link(&nothing), at_dinner, Nothing),
            ("full link, archived", Viewer::Link(&full), archived, Nothing),
            ("link of another gallery", Viewer::Link(&elsewhere), subject(), Nothing),
            ("link of another gallery, public", Viewer::Link(&elsewhere), public, Nothing),
            ("nobody, owner gone", Viewer::Nobody, left, Nothing),
            ("edit grant, owner gone", Viewer::Person(&other), left_granted, Nothing),
            ("full link, owner gone", Viewer::Link(&full), left, Nothing),
            ("owner gone, as long as a request of theirs runs", Viewer::Person(&owner), left, Nothing),
            ("admin, owner gone", Viewer::Person(&admin), left, Own),
            ("nobody, public, in the trash", Viewer::Nobody, deleted, Nothing),
            ("full link, in the trash", Viewer::Link(&full), deleted, Nothing),
            (
                "edit grant, in the trash",
                Viewer::Person(&other),
                Subject { is_deleted: true, ..granted(Edit) },
                Nothing,
            ),
            ("owner, in the trash", Viewer::Person(&owner), deleted, Clean),
            ("admin, in the trash", Viewer::Person(&admin), deleted, Clean),
            ("link, loose photo", Viewer::Link(&full), loose, Nothing),
        ];
        for (who, viewer, subject, expected) in rows {
            assert_eq!(access(*viewer, subject), *expected, "{who}");
        }
    }

    #[test]
    fn an_unknown_stored_word_gives_the_least() {
        assert_eq!(LinkLevel::from_stored(Some("everything")), LinkLevel::Preview);
        assert_eq!(grant_from_stored(Some("everything")), None);
    }
}
