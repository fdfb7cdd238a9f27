//! A photographer at work, without a script: deeds to ticked photos and the way back, searches, sections, steps, settings.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::{Answer, reqwest::Method};

use crate::harness::{Person, TestApp, field, jpeg};

/// Does something to ticked photos as the form of a page does, and goes where it leads.
async fn deed(person: &Person, photos: &[i64], deed: &str, more: &[(&str, &str)]) -> Answer {
    let ids: Vec<String> = photos.iter().map(ToString::to_string).collect();
    let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("photo_ids", id.as_str())).collect();
    fields.extend([("deed", deed)].iter().chain(more));
    person.browser.get("/photos").await;
    let answer = person.browser.post_form("/photos/deeds", &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    person.browser.rest(answer).await
}

/// Presses “Undo” beside the message of a page.
async fn undo(person: &Person, page: &Answer) -> Answer {
    let key = page.attributes("[data-undo] [name=value]", "value").pop().expect("a way back");
    let back = page.attributes("[data-undo] [name=return_to]", "value").pop().expect("a page");
    let answer = person.browser.post_form("/photos/undo", &[("value", &key), ("return_to", &back)]).await;
    person.browser.rest(answer).await
}

/// What a deed may change about a photo, with its place in the gallery.
async fn facts(person: &Person, gallery: i64, photo: i64) -> Value {
    let found = person.browser.get_json(&format!("/api/photos/{photo}")).await;
    let list = person.browser.get_json(&format!("/api/photos?gallery_id={gallery}")).await.json::<Value>();
    let items = list["items"].as_array().expect("a list");
    let place = items.iter().position(|item| item["id"] == photo);
    let body = if found.status == 200 { found.json::<Value>() } else { Value::Null };
    json!([place, body["gallery_id"], body["section_id"], body["rating"], body["archived"], body["locked"]])
}

/// A gallery with four photos by hand, the second of them in a section.
async fn arranged(ana: &Person) -> (i64, Vec<i64>, i64) {
    let gallery = ana.gallery("Wedding").await;
    let mut photos = Vec::new();
    for seed in 1..=4 {
        photos.push(ana.photo(Some(gallery), &format!("{seed}.jpg"), jpeg(seed, 60, 40)).await);
    }
    let path = format!("/api/galleries/{gallery}");
    let section = ana.browser.post_json(&format!("{path}/sections"), &json!({ "name": "Dinner" })).await;
    let section = section.json::<Value>()["id"].as_i64().expect("an id");
    let place = json!({ "photo_ids": [photos[1]], "before": photos[0] });
    ana.browser.json(Method::PUT, &format!("{path}/order"), &place).await;
    let into = json!({ "photo_ids": [photos[1]], "action": "arrange", "section_id": section });
    ana.browser.post_json("/api/photos/batch", &into).await;
    (gallery, photos, section)
}

/// Its name, what else the form says, and what the page says then.
type Deed<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

#[tokio::test]
async fn every_deed_can_be_taken_back_and_leaves_no_trace() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photos, section) = arranged(&ana).await;
    let before = facts(&ana, gallery, photos[1]).await;
    assert_eq!(before, json!([0, gallery, section, 0.0, false, false]));
    let other = ana.gallery("Friends").await.to_string();
    let into = [("gallery_id", other.as_str())];
    let deeds: [Deed<'_>; 8] = [
        ("delete", &[], "1 photo is in the trash."),
        ("remove", &[], "1 photo was taken out and stays among your photos."),
        ("move", &into, "1 photo is now in “Friends”."),
        ("move", &[("gallery_id", "new"), ("name", "Best")], "1 photo is now in “Best”."),
        ("section-none", &[], "1 photo is in no section now."),
        ("rate-3", &[], "1 photo has 3 stars now."),
        ("archive", &[], "1 photo is archived: clients no longer see it."),
        ("lock", &[], "1 photo is locked: it can't be changed or deleted."),
    ];
    for (name, more, said) in deeds {
        let page = deed(&ana, &photos[1..2], name, more).await;
        assert!(page.select(".alert-success p").contains(&said.to_owned()), "{name}: {}", page.text());
        assert_ne!(facts(&ana, gallery, photos[1]).await, before, "{name} changes something");
        let page = undo(&ana, &page).await;
        assert_eq!(page.select(".alert-success p"), ["1 photo is as before."], "{name}");
        assert_eq!(facts(&ana, gallery, photos[1]).await, before, "{name} is taken back");
    }
    let page = deed(&ana, &photos[..2], "copy", &into).await;
    assert_eq!(page.select(".alert-success p"), ["2 photos were copied into “Friends”."]);
    undo(&ana, &page).await;
    let copies = ana.browser.get_json(&format!("/api/photos?gallery_id={other}")).await.json::<Value>();
    assert_eq!(copies["items"], json!([]), "the copies are in the trash");
}

#[tokio::test]
async fn a_way_back_is_its_makers_alone_and_good_once() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let photo = ana.photo(None, "1.jpg", jpeg(1, 60, 40)).await;
    let body = json!({ "photo_ids": [photo], "action": "delete" });
    let outcome = ana.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    let key = json!({ "undo": outcome["undo"] });
    assert_eq!(ben.browser.post_json("/api/photos/undo", &key).await.status, 410);
    let answer = ana.browser.post_json("/api/photos/undo", &key).await;
    assert_eq!((answer.status.as_u16(), answer.json::<Value>()["done"].clone()), (200, json!([photo])));
    assert_eq!(ana.browser.post_json("/api/photos/undo", &key).await.status, 410);
    // Nothing done, nothing to take back.
    let body = json!({ "photo_ids": [999_999], "action": "delete" });
    let outcome = ana.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    assert_eq!(outcome["undo"], Value::Null);
    let body = json!({ "photo_ids": [photo], "action": "lock" });
    let outcome = ana.browser.post_json("/api/photos/batch", &body).await.json::<Value>();
    let key = json!({ "undo": outcome["undo"] });
    app.sql("update photo_undos set created_at = now() - interval '25 hours'").await;
    assert_eq!(ana.browser.post_json("/api/photos/undo", &key).await.status, 410, "it holds for a day");
}

#[tokio::test]
async fn an_editor_takes_back_only_while_they_may_edit() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.photographer("ana").await, app.photographer("ben").await);
    let (gallery, photos, _) = arranged(&ana).await;
    let path = format!("/api/galleries/{gallery}/permissions");
    let edit = json!({ "user": "ben", "permission_level": "edit" });
    assert_eq!(ana.browser.post_json(&path, &edit).await.status, 204);
    let take_out = json!({ "photo_ids": [photos[0]], "action": "move", "gallery_id": null });
    let mut keys = Vec::new();
    for _ in 0..2 {
        let outcome = ben.browser.post_json("/api/photos/batch", &take_out).await.json::<Value>();
        assert_eq!(outcome["done"], json!([photos[0]]));
        keys.push(json!({ "undo": outcome["undo"] }));
        if keys.len() == 1 {
            assert_eq!(ben.browser.post_json("/api/photos/undo", &keys[0]).await.status, 200);
        }
    }
    app.sql("delete from gallery_permissions").await;
    assert_eq!(ben.browser.post_json("/api/photos/undo", &keys[1]).await.status, 404);
    assert_eq!(facts(&ana, gallery, photos[0]).await[1], Value::Null, "it stays out");
}

/// The ids of the tiles of all pages from this address on.
async fn tiles(person: &Person, path: &str) -> Vec<i64> {
    let (mut found, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let page = person.browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
        let ids = page.attributes("[data-grid] > [data-photo]", "data-photo");
        found.extend(ids.iter().map(|id| id.parse::<i64>().expect("an id")));
        next = page.attributes("[data-more]", "href").pop();
    }
    found
}

/// Photos with every kind of name, time, rating and state; more than a page of each.
const MANY: &str = "insert into photo (photographer_id, gallery_id, filename, title, status, taken_at, rating, archived, locked, position)
    select (select id from users where username = 'ana'), (select min(id) from gallery),
        'IMG_' || n || '.jpg', case when n % 2 = 0 then 'The Kiss' end, case when n % 3 = 0 then 'failed' else 'ready' end,
        timestamp '2026-06-01' + make_interval(mins => (n * 37) % 130), n % 6, n % 5 = 0, n % 7 = 0, (n * 53) % 131
    from generate_series(1, 130) n";

#[tokio::test]
async fn a_gallery_is_searched_page_by_page_in_its_own_order() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    app.sql(MANY).await;
    let path = format!("/gallery/{gallery}");
    for (order, sorted) in [("name", "name_key"), ("taken_at", "taken_at"), ("manual", "position")] {
        let set = ana.browser.post_form(&format!("{path}/order"), &[("order", order)]).await;
        assert_eq!(set.status, 303);
        let questions = [
            ("q=kiss", "title = 'The Kiss'"),
            ("q=IMG_1", "filename like '%IMG\\_1%'"),
            ("filter=failed", "status = 'failed'"),
            ("filter=archived", "archived"),
            ("filter=locked&stars=3", "locked and rating >= 3"),
            ("section=none", "section_id is null"),
        ];
        for (question, condition) in questions {
            let statement = format!("select id from photo where {condition} order by {sorted}, id");
            let expected: Vec<i32> =
                sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_all(&app.db).await.unwrap();
            let expected: Vec<i64> = expected.into_iter().map(i64::from).collect();
            assert_eq!(tiles(&ana, &format!("{path}?{question}")).await, expected, "{question} by {order}");
        }
    }
    let page = ana.browser.get(&format!("{path}?q=nothing-like-it")).await;
    assert_eq!(page.select(".empty-title"), ["Nothing fits"]);
    assert_eq!(ana.browser.get(&format!("{path}?q=kiss&after=nonsense")).await.status, 400);
}

#[tokio::test]
async fn the_library_is_searched_and_sorted_page_by_page() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    ben.photo(None, "IMG_1.jpg", jpeg(1, 60, 40)).await;
    let gallery = ana.gallery("Wedding").await;
    app.sql(MANY).await;
    let sorts = [
        ("newest", "id desc"),
        ("oldest", "id"),
        ("taken_at", "taken_at, id"),
        ("taken_last", "taken_at desc, id"),
        ("name", "name_key, id"),
    ];
    for (sort, sorted) in sorts {
        for (question, condition) in [("", "true"), ("&q=kiss&stars=2", "title = 'The Kiss' and rating >= 2")]
        {
            let statement = format!(
                "select id from photo where gallery_id is not null and {condition} order by {sorted}"
            );
            let expected: Vec<i32> =
                sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_all(&app.db).await.unwrap();
            let expected: Vec<i64> = expected.into_iter().map(i64::from).collect();
            let path = format!("/photos?sort={sort}&gallery={gallery}{question}");
            assert_eq!(tiles(&ana, &path).await, expected, "{path}");
        }
    }
    assert_eq!(tiles(&ana, "/photos?filter=archived").await.len(), 26);
}

#[tokio::test]
async fn sections_are_made_renamed_moved_and_dissolved() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/gallery/{gallery}");
    ana.browser.get(&path).await;
    for name in ["Ceremony", "Dinner", "Dance"] {
        let answer = ana.browser.post_form(&format!("{path}/sections"), &[("name", name)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let answer = ana.browser.post_form(&format!("{path}/sections"), &[("name", " ")]).await;
    let page = ana.browser.rest(answer).await;
    assert_eq!(page.select(".flashes .alert-warning p"), ["The name of a section: Please fill this in."]);
    let names = async || ana.browser.get(&path).await.attributes(".sections-list input[type=text]", "value");
    assert_eq!(names().await, ["Ceremony", "Dinner", "Dance"]);
    let forms = ana.browser.get(&path).await.attributes(".sections-list form", "action");
    let change = async |at: usize, fields: &[(&str, &str)]| {
        assert_eq!(ana.browser.post_form(&forms[at], fields).await.status, 303);
    };
    change(2, &[("deed", "earlier"), ("name", "Dance")]).await;
    assert_eq!(names().await, ["Ceremony", "Dance", "Dinner"]);
    change(0, &[("deed", "later"), ("name", "Ceremony")]).await;
    change(0, &[("deed", "rename"), ("name", "In church")]).await;
    assert_eq!(names().await, ["Dance", "In church", "Dinner"]);
    change(1, &[("deed", "delete"), ("name", "Dinner")]).await;
    assert_eq!(names().await, ["Dance", "In church"]);
}

#[tokio::test]
async fn ticked_photos_step_through_the_order() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photos, section) = arranged(&ana).await;
    let path = format!("/gallery/{gallery}");
    let (one, two, three, four) = (photos[0], photos[1], photos[2], photos[3]);
    assert_eq!(tiles(&ana, &path).await, [two, one, three, four]);
    let step = async |photo: i64, step: &str, more: &[(&str, &str)]| {
        let photo = photo.to_string();
        let fields = [&[("photo_ids", photo.as_str()), ("step", step)], more].concat();
        assert_eq!(ana.browser.post_form(&format!("{path}/arrange"), &fields).await.status, 303);
        tiles(&ana, &path).await
    };
    assert_eq!(step(four, "earlier", &[]).await, [two, one, four, three]);
    assert_eq!(step(two, "later", &[]).await, [one, two, four, three]);
    assert_eq!(step(one, "last", &[]).await, [two, four, three, one]);
    deed(&ana, &[one], &format!("section-{section}"), &[]).await;
    let within = section.to_string();
    // In a section one passes those of the section, and what is between them.
    assert_eq!(step(one, "earlier", &[("section", &within)]).await, [one, two, four, three]);
    assert_eq!(tiles(&ana, &format!("{path}?section={section}")).await, [one, two]);
}

#[tokio::test]
async fn a_photo_has_a_page_to_change_it_on() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (gallery, photos, _) = arranged(&ana).await;
    let path = format!("/photos/{}", photos[0]);
    assert_eq!(ana.browser.get(&path).await.select("h1"), ["1.jpg"]);
    let fields = [("title", "The kiss"), ("description", "Two people"), ("rating", "4.5")];
    let answer = ana.browser.post_form(&path, &fields).await;
    let page = ana.browser.rest(answer).await;
    assert_eq!(
        (page.select("h1"), page.attributes("#field-rating [selected]", "value")),
        (vec!["The kiss".to_owned()], vec!["4.5".to_owned()])
    );
    let wrong = ana.browser.post_form(&path, &[("title", &*"x".repeat(300)), ("rating", "9")]).await;
    assert_eq!((wrong.status.as_u16(), wrong.select(".field-error").len()), (422, 2));
    deed(&ana, &photos[..1], "lock", &[]).await;
    let locked = ana.browser.post_form(&path, &fields).await;
    assert_eq!(locked.status, 422);
    assert_eq!(locked.select(".alert-danger"), ["This photo is locked. Unlock it to change it."]);
    app.sql("update photo set status = 'failed', failure_detail = 'Its end is missing.', locked = false")
        .await;
    let page = ana.browser.get(&path).await;
    assert!(page.select(".detail-trouble").join("").contains("Its end is missing."), "{}", page.text());
    let answer = ana.browser.post_form(&format!("{path}/retry"), &[]).await;
    assert_eq!(ana.browser.rest(answer).await.select(".detail-trouble h2"), ["The picture is being made"]);
    let again = ana.browser.post_form(&format!("{path}/retry"), &[]).await;
    assert_eq!(ana.browser.rest(again).await.select(".flashes .alert-warning").len(), 1);
    let cover = [("photo_ids", photos[2].to_string()), ("return_to", path.clone())];
    let cover: Vec<(&str, &str)> = cover.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = ana.browser.post_form(&format!("/gallery/{gallery}/cover"), &cover).await;
    assert!(answer.location().ends_with(&path), "back to where one was");
}

#[tokio::test]
async fn settings_are_checked_and_an_editor_decides_on_names_alone() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.photographer("ana").await, app.person("ben", Role::User).await);
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/gallery/{gallery}/edit");
    let settings = |day: &'static str| {
        [
            ("name", "Anna"),
            ("event_date", day),
            ("is_public", "true"),
            ("download_policy", "originals"),
            ("gives_metadata", "true"),
            ("marks_public", "true"),
        ]
    };
    ana.browser.get(&path).await;
    let wrong = ana.browser.post_form(&path, &settings("some day")).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.select("#error-event_date")),
        (422, vec!["Give a day, such as 2026-06-12.".to_owned()])
    );
    let edit = json!({ "user": "ben", "permission_level": "edit" });
    ana.browser.post_json(&format!("/api/galleries/{gallery}/permissions"), &edit).await;
    ben.browser.get(&path).await;
    assert_eq!(ben.browser.post_form(&path, &settings("2026-06-12")).await.status, 303);
    let seen = async || {
        let body = ana.browser.get_json(&format!("/api/galleries/{gallery}")).await.json::<Value>();
        json!([
            body["name"],
            body["event_date"],
            body["is_public"],
            body["download_policy"],
            [&body["gives_metadata"], &body["marks_public"]]
        ])
    };
    assert_eq!(seen().await, json!(["Anna", "2026-06-12", false, "none", [false, false]]));
    assert_eq!(ana.browser.post_form(&path, &settings("")).await.status, 303);
    assert_eq!(seen().await, json!(["Anna", null, true, "originals", [true, true]]));
    assert_eq!(ben.browser.get(&path).await.attributes("#customers", "id").len(), 0);
}

#[tokio::test]
async fn customers_are_put_to_a_gallery_and_taken_off_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    ana.browser.post_json("/api/customers", &json!({ "email": "cleo@example.org", "name": "Cleo" })).await;
    let path = format!("/gallery/{gallery}");
    let offered = ana.browser.get(&format!("{path}/edit")).await;
    assert_eq!(offered.attributes("#known-customers option", "value"), ["cleo@example.org"]);
    for address in ["Cleo@Example.org", "dora@example.org"] {
        let answer = ana.browser.post_form(&format!("{path}/customers"), &[("customer", address)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    let wrong = ana.browser.post_form(&format!("{path}/customers"), &[("customer", "somebody")]).await;
    assert_eq!((wrong.status.as_u16(), field(&wrong, "customer")), (422, "somebody".to_owned()));
    let page = ana.browser.get(&format!("{path}/edit")).await;
    assert_eq!(page.select("#customers strong"), ["Cleo", "dora@example.org"]);
    assert_eq!(page.attributes("#known-customers option", "value").len(), 0, "nobody is offered twice");
    let cleo = page.attributes("#customers [name=customer_id]", "value").swap_remove(0);
    ana.browser.post_form(&format!("{path}/customers/remove"), &[("customer_id", &cleo)]).await;
    let page = ana.browser.get(&format!("{path}/edit")).await;
    assert_eq!(page.select("#customers strong"), ["dora@example.org"]);
}

#[tokio::test]
async fn a_link_is_looked_after_from_the_list_of_all() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let path = format!("/gallery/{gallery}/shares");
    ana.browser.get(&path).await;
    let fields = [("access_level", "full"), ("expires_in_days", "30"), ("send", "true")];
    let answer = ana.browser.post_form(&path, &fields).await;
    let made = ana.browser.rest(answer).await;
    assert_eq!(made.select(".created-mail").len(), 0, "without an address there is nothing to send");
    assert_eq!(made.attributes(".created-code img", "src").len(), 1);
    let fields = [&fields[..], &[("recipient_email", "cleo@example.org")]].concat();
    let answer = ana.browser.post_form(&path, &fields).await;
    let made = ana.browser.rest(answer).await;
    let mail = made.select(".created-mail").join("");
    assert!(mail.starts_with("Mail") && mail.ends_with("to cleo@example.org."), "{mail}");
    assert_eq!(ana.browser.get("/shares").await.select(".link").len(), 2);
    let found = ana.browser.get("/shares?q=CLEO").await;
    assert_eq!(found.select(".link-for"), ["for cleo@example.org"]);
    assert_eq!(ana.browser.get("/shares?q=nobody").await.select(".empty-title"), ["Nothing fits"]);
    let end = found.attributes("form[action$='/revoke']", "action").swap_remove(0);
    let answer = ana.browser.post_form(&end, &[("return_to", "/shares?q=CLEO")]).await;
    let page = ana.browser.rest(answer).await;
    assert_eq!((page.url.path(), page.select(".state")), ("/shares", vec!["Revoked".to_owned()]));
    let foreign = ana.browser.post_form(&end, &[("return_to", "https://evil.example/")]).await;
    assert!(foreign.location().starts_with(&app.url), "{}", foreign.location());
}
