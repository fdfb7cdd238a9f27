//! The decisions, as tables of visitors and things.

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
        marks_public: false,
        is_archived: false,
        is_deleted: false,
        grant: None,
        downloads: DownloadPolicy::None,
        gives_metadata: false,
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
    let marked = Subject { marks_public: true, ..public };
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
        ("nobody, public with the mark", Viewer::Nobody, marked, Marked),
        (
            "nobody, private, to be marked once it is public",
            Viewer::Nobody,
            Subject { is_public: false, ..marked },
            Nothing,
        ),
        ("other photographer, public with the mark", Viewer::Person(&other), marked, Marked),
        (
            "view grant, public with the mark",
            Viewer::Person(&other),
            Subject { grant: Some(Clean), ..marked },
            Clean,
        ),
        ("owner, public with the mark", Viewer::Person(&owner), marked, Own),
        ("admin, public with the mark", Viewer::Person(&admin), marked, Own),
        ("full link, public with the mark", Viewer::Link(&full), marked, Clean),
        (
            "nobody, public with the mark, archived",
            Viewer::Nobody,
            Subject { is_archived: true, ..marked },
            Nothing,
        ),
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
fn the_matrix_of_visitors_and_downloads() {
    let (owner, other, admin) =
        (person(1, Role::Photographer), person(2, Role::User), person(3, Role::Admin));
    let preview = LinkPower { gallery: GALLERY, level: LinkLevel::Preview, sections: None };
    let full = LinkPower { level: LinkLevel::Full, ..preview.clone() };
    let granted = |grant| Subject { grant: Some(grant), ..subject() };
    let public = Subject { is_public: true, ..subject() };
    let marked = Subject { marks_public: true, ..public };
    let people: [(&str, Viewer<'_>, Subject, [Downloads; 3]); 15] = [
        ("nobody, private", Viewer::Nobody, subject(), [Downloads::Nothing; 3]),
        ("nobody, public", Viewer::Nobody, public, [Downloads::Nothing, Downloads::Web, Downloads::Clean]),
        ("nobody, public with the mark", Viewer::Nobody, marked, [Downloads::Nothing; 3]),
        ("other, public with the mark", Viewer::Person(&other), marked, [Downloads::Nothing; 3]),
        (
            "view grant, public with the mark",
            Viewer::Person(&other),
            Subject { grant: Some(Clean), ..marked },
            [Downloads::Nothing, Downloads::Web, Downloads::Clean],
        ),
        ("full link, public with the mark", Viewer::Link(&full), marked, [Downloads::Clean; 3]),
        ("other, private", Viewer::Person(&other), subject(), [Downloads::Nothing; 3]),
        (
            "view grant",
            Viewer::Person(&other),
            granted(Clean),
            [Downloads::Nothing, Downloads::Web, Downloads::Clean],
        ),
        ("copy grant", Viewer::Person(&other), granted(Copy), [Downloads::Clean; 3]),
        ("edit grant", Viewer::Person(&other), granted(Edit), [Downloads::Stored; 3]),
        ("owner", Viewer::Person(&owner), subject(), [Downloads::Stored; 3]),
        ("admin", Viewer::Person(&admin), subject(), [Downloads::Stored; 3]),
        ("preview link", Viewer::Link(&preview), public, [Downloads::Nothing; 3]),
        ("full link", Viewer::Link(&full), subject(), [Downloads::Clean; 3]),
        (
            "owner, in the trash",
            Viewer::Person(&owner),
            Subject { is_deleted: true, ..subject() },
            [Downloads::Nothing; 3],
        ),
    ];
    let policies = [DownloadPolicy::None, DownloadPolicy::Previews, DownloadPolicy::Originals];
    for (who, viewer, subject, expected) in people {
        for (policy, expected) in policies.into_iter().zip(expected) {
            let clean = Subject { downloads: policy, ..subject };
            assert_eq!(downloads(viewer, &clean), expected, "{who}, {policy:?}");
            let given = Subject { gives_metadata: true, ..clean };
            let expected = if expected == Downloads::Clean { Downloads::Stored } else { expected };
            assert_eq!(downloads(viewer, &given), expected, "{who}, {policy:?}, with metadata");
        }
    }
}

#[test]
fn an_unknown_stored_word_gives_the_least() {
    assert_eq!(LinkLevel::from_stored(Some("everything")), LinkLevel::Preview);
    assert_eq!(grant_from_stored(Some("everything")), None);
}
