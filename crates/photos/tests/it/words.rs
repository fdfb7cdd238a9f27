//! What people wrote into a file: taken over once, shown to whoever may see the photo, and left out of pictures.

use serde_json::{Value, json};

use crate::harness::{Person, TestApp, jpeg};

const NOTICE: &str = "© 2026 Ana Pérez";

/// A photo with words in XMP, a time with a fraction and a place in EXIF.
fn written(seed: u8, title: &str, fraction: &str) -> Vec<u8> {
    let packet = format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
         <rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' \
         xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' xmp:Rating='4' xmp:Label='Green' \
         photoshop:Credit='Agency'><dc:title>{title}</dc:title><dc:description>Under the old tree</dc:description>\
         <dc:subject><rdf:Bag><rdf:li>bride</rdf:li><rdf:li>tree</rdf:li></rdf:Bag></dc:subject>\
         <dc:creator>Ana Pérez</dc:creator><dc:rights>{NOTICE}</dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>"
    );
    let picture = jpeg(seed, 120, 80);
    let exif = [b"Exif\0\0", exif(fraction).as_slice()].concat();
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
    [&picture[..2], &segment(&exif), &segment(&xmp), &picture[2..]].concat()
}

fn segment(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, 0xE1], length.as_slice(), body].concat()
}

/// A directory with pointers to the camera's (time and fraction) and to the place's.
fn exif(fraction: &str) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    let at = |place: u32| place.to_le_bytes();
    let text = |text: &str| {
        let mut value = [0; 4];
        value[..text.len()].copy_from_slice(text.as_bytes());
        value
    };
    let main = [entry(34_665, 4, 1, at(38)), entry(34_853, 4, 1, at(68))].concat();
    let camera = [entry(36_867, 2, 20, at(122)), entry(37_521, 2, 4, text(fraction))].concat();
    let place = [
        entry(1, 2, 2, text("N")),
        entry(2, 5, 3, at(142)),
        entry(3, 2, 2, text("E")),
        entry(4, 5, 3, at(142)),
    ]
    .concat();
    let directory = |count: u8, entries: &[u8]| [&[count, 0], entries, &[0; 4]].concat();
    let degrees: Vec<u8> = [41, 1, 24, 1, 36, 1].into_iter().flat_map(u32::to_le_bytes).collect();
    [
        &b"II*\0\x08\0\0\0"[..],
        &directory(2, &main),
        &directory(2, &camera),
        &directory(4, &place),
        b"2026:11:22 08:15:30\0",
        &degrees,
    ]
    .concat()
}

async fn photo(person: &Person, id: i64) -> Value {
    person.browser.get_json(&format!("/api/photos/{id}")).await.json()
}

#[tokio::test]
async fn what_people_wrote_into_a_file_is_shown_with_the_photo() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let id = ana.photo(Some(gallery), "a.jpg", written(1, "The kiss", "25")).await;
    ana.all_done().await;
    let found = photo(&ana, id).await;
    let expected = json!({
        "title": "The kiss", "description": "Under the old tree", "rating": 4.0, "copyright": NOTICE,
        "credit": "Agency", "creator": "Ana Pérez", "keywords": ["bride", "tree"], "label": "Green",
        "taken_at": "2026-11-22T08:15:30",
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&found[field], value, "{field}");
    }
    let place: f64 =
        sqlx::query_scalar("select latitude from photo_locations").fetch_one(&app.db).await.unwrap();
    assert!((place - 41.41).abs() < 1e-9, "the place is known");
    assert!(!found.to_string().contains("41.4"), "and told to nobody");

    let path = format!("/api/photos/{id}");
    assert_eq!(app.browser().get_json(&path).await.status, 404);
    app.sql("update gallery set is_public = true").await;
    assert_eq!(app.browser().get_json(&path).await.json::<Value>()["keywords"], json!(["bride", "tree"]));
    let page = ana.browser.get("/photos").await;
    assert_eq!(page.attributes(".tile-link", "data-caption")[0], "The kiss");
    assert_eq!(page.attributes(".tile-link img", "alt")[0], "Under the old tree");
}

#[tokio::test]
async fn what_a_person_gave_or_took_away_stays_so_however_often_a_photo_is_processed() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let id = ana.photo(None, "a.jpg", written(1, "From the file", "1")).await;
    app.sql("update photo set title = 'Mine', rating = 2").await;
    let _worker = app.worker();
    ana.all_done().await;
    let found = photo(&ana, id).await;
    assert_eq!((&found["title"], &found["rating"]), (&json!("Mine"), &json!(2.0)), "given before processing");
    assert_eq!(found["description"], "Under the old tree", "where nobody gave one");

    app.sql("update photo set title = '', description = null, rating = 0, label = 'Old', status = 'failed'")
        .await;
    let retry = ana.browser.post_json(&format!("/api/photos/{id}/retry"), &json!({})).await;
    assert_eq!(retry.status, 202, "{}", retry.text());
    ana.all_done().await;
    let found = photo(&ana, id).await;
    assert_eq!((&found["title"], &found["description"]), (&json!(""), &Value::Null));
    assert_eq!(found["rating"], 0.0);
    assert_eq!(found["label"], "Green", "what nobody changes is read anew");
}

#[tokio::test]
async fn a_photo_that_failed_first_still_gets_its_words() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let id = ana.photo(None, "a.jpg", written(1, "At last", "1")).await;
    app.sql("update photo set status = 'failed', processed_at = now()").await;
    let retry = ana.browser.post_json(&format!("/api/photos/{id}/retry"), &json!({})).await;
    assert_eq!(retry.status, 202, "{}", retry.text());
    let _worker = app.worker();
    ana.all_done().await;
    assert_eq!(photo(&ana, id).await["title"], "At last");
}

#[tokio::test]
async fn a_burst_stands_in_the_order_in_which_it_was_taken() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    for (seed, title, fraction) in [(1, "third", "90"), (2, "first", "05"), (3, "second", "5")] {
        ana.photo(Some(gallery), &format!("{title}.jpg"), written(seed, title, fraction)).await;
    }
    let order = async || {
        let list = ana.browser.get_json(&format!("/api/photos?gallery_id={gallery}")).await.json::<Value>();
        let names = list["items"].as_array().unwrap().iter().map(|photo| photo["filename"].to_string());
        names.collect::<Vec<_>>().join(" ")
    };
    let expected = r#""first.jpg" "second.jpg" "third.jpg""#;
    assert_eq!(order().await, expected, "known from the beginning of the file");
    ana.all_done().await;
    assert_eq!(order().await, expected);
}

#[tokio::test]
async fn renditions_keep_the_copyright_notice_unless_the_operator_says_no() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let keeps = app.worker();
    let kept = ana.photo(None, "a.jpg", written(1, "A", "1")).await;
    ana.all_done().await;
    drop(keeps);
    let _drops = app.worker_with(&[("RENDITION_COPYRIGHT", "none")]);
    let bare = ana.photo(None, "b.jpg", written(2, "B", "2")).await;
    ana.all_done().await;
    for (id, expected) in [(kept, true), (bare, false)] {
        let renditions = photo(&ana, id).await["renditions"].clone();
        for kind in ["thumbnail", "thumbnail_2x", "preview"] {
            let picture = ana.browser.get(renditions[kind]["url"].as_str().unwrap()).await.body;
            let holds = |text: &str| picture.windows(text.len()).any(|bytes| bytes == text.as_bytes());
            assert_eq!(holds(NOTICE), expected, "{kind}");
            for words in ["Agency", "bride", "Under the old tree", "2026:11:22", "xmpmeta"] {
                assert!(!holds(words), "{kind}: {words}");
            }
        }
    }
}
