//! Whether rows and files agree, and whether everything is where the answers said.

use std::{collections::BTreeSet, time::Duration};

use photos::{trash, upload};

use super::{Place, Thing};
use crate::harness::TestApp;

/// Notes where things are, now that nothing is on its way; they can only be where the answers left them.
pub async fn note_places(app: &TestApp, things: &mut [&mut Thing]) {
    for thing in things {
        let place = place(app, thing).await;
        let (kind, id, may_be) = (thing.kind, thing.id, &thing.may_be);
        assert!(
            may_be.contains(&place),
            "{kind} {id} is {place:?}, but by the answers it is one of {may_be:?}"
        );
        if thing.kind == "galleries" {
            check_members(app, thing, place).await;
        }
        thing.may_be = BTreeSet::from([place]);
    }
}

/// What holds whenever nobody writes but the worker.
pub async fn check(app: &TestApp, kept: &[i64], things: &mut [&mut Thing]) {
    note_places(app, things).await;
    check_photos(app).await;
    let kept: Vec<i32> = kept.iter().filter_map(|id| i32::try_from(*id).ok()).collect();
    let there = "select count(*) from photo where id = any($1) and deleted_at is null";
    let there: i64 = sqlx::query_scalar(there).bind(&kept).fetch_one(&app.db).await.unwrap();
    assert_eq!(usize::try_from(there).unwrap(), kept.len(), "nobody touched these photos");
    // Files first: what is written after that is noted before it is there.
    let stored = app.stored_files();
    let known = known_keys(app, "files, renditions, pending_files").await;
    let strays: Vec<&String> =
        stored.iter().filter(|key| !key.contains('#') && !known.contains(*key)).collect();
    let strays: Vec<_> = strays.into_iter().filter(|key| app.storage.join(key).exists()).collect();
    assert!(strays.is_empty(), "nobody's files: {strays:#?}");
    check_files(app).await;
}

/// In the end there is nothing but the files of rows, and nothing is left of what is gone.
pub async fn check_end(app: &TestApp, things: &[&Thing]) {
    let storage = app.stored().await;
    trash::purge_old(&app.db, Duration::from_hours(30 * 24)).await.unwrap();
    storage.remove_unfinished(Duration::ZERO).await.unwrap();
    app.sql("update pending_files set created_at = 'epoch'").await;
    upload::sweep(&app.db, &storage).await.unwrap();
    let known = known_keys(app, "files, renditions").await;
    let stored: BTreeSet<String> = app.stored_files().into_iter().collect();
    assert_eq!(stored.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "nobody's files");
    check_files(app).await;
    check_photos(app).await;
    let loose =
        "select count(*) from files where not exists (select from photo where photo.file_id = files.id)";
    let loose: i64 = sqlx::query_scalar(loose).fetch_one(&app.db).await.unwrap();
    assert_eq!(loose, 0, "files without a photo");
    let decided: i64 = count(app, "select count(*) from gallery where purged_at is not null").await;
    assert_eq!(decided, 0, "half-removed galleries");
    for gone in things.iter().filter(|thing| thing.may_be.contains(&Place::Gone)) {
        let members: Vec<i32> = gone.members.iter().filter_map(|id| i32::try_from(*id).ok()).collect();
        let left = "select count(*) from photo where id = any($1)";
        let left: i64 = sqlx::query_scalar(left).bind(&members).fetch_one(&app.db).await.unwrap();
        assert_eq!(left, 0, "photos of gallery {}, which is gone", gone.id);
    }
}

async fn place(app: &TestApp, thing: &Thing) -> Place {
    let deleted = if thing.kind == "galleries" {
        "select deleted_at is not null, purged_at is not null from gallery where id = $1"
    } else {
        "select deleted_at is not null, false from photo where id = $1"
    };
    let row = sqlx::query_as::<_, (bool, bool)>(deleted).bind(i32::try_from(thing.id).unwrap());
    match row.fetch_optional(&app.db).await.unwrap() {
        None | Some((_, true)) => Place::Gone,
        Some((true, false)) => Place::Trash,
        Some((false, false)) => Place::Here,
    }
}

/// The photos of a gallery are where it is, all of them.
async fn check_members(app: &TestApp, gallery: &Thing, place: Place) {
    if place == Place::Gone {
        return;
    }
    let same = "select count(*) from photo join gallery on gallery.id = photo.gallery_id
        where gallery.id = $1 and photo.id = any($2) and photo.deleted_at is not distinct from gallery.deleted_at";
    let members: Vec<i32> = gallery.members.iter().filter_map(|id| i32::try_from(*id).ok()).collect();
    let same = sqlx::query_scalar::<_, i64>(same).bind(i32::try_from(gallery.id).unwrap()).bind(&members);
    let same = same.fetch_one(&app.db).await.unwrap();
    assert_eq!(usize::try_from(same).unwrap(), members.len(), "photos of gallery {}, {place:?}", gallery.id);
}

/// What is ready has all its pictures; no photo is without its file.
async fn check_photos(app: &TestApp) {
    let bare = "select count(*) from photo where status = 'ready'
        and 6 <> (select count(*) from renditions where renditions.photo_id = photo.id)";
    assert_eq!(count(app, bare).await, 0, "ready without pictures");
    assert_eq!(count(app, "select count(*) from photo where file_id is null").await, 0, "without a file");
}

async fn check_files(app: &TestApp) {
    for key in known_keys(app, "files, renditions").await {
        assert!(app.storage.join(&key).exists(), "{key} is a row's, and no file");
    }
}

async fn known_keys(app: &TestApp, tables: &str) -> BTreeSet<String> {
    let keys = tables.split(", ").map(|table| format!("select storage_key from {table}"));
    let keys = keys.collect::<Vec<_>>().join(" union ");
    let keys = sqlx::query_scalar(sqlx::AssertSqlSafe(keys)).fetch_all(&app.db).await.unwrap();
    keys.into_iter().collect()
}

async fn count(app: &TestApp, question: &'static str) -> i64 {
    sqlx::query_scalar(question).fetch_one(&app.db).await.unwrap()
}
