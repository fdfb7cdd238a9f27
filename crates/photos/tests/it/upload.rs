//! Uploading: what is taken is stored byte for byte, what is not says why.

use common::identity::Role;
use serde_json::{Value, json};
use test_support::reqwest::{
    Method,
    multipart::{Form, Part},
};

use crate::harness::{TestApp, jpeg};

fn reasons(answer: &Value) -> Vec<(String, String)> {
    let refused = answer["refused"].as_array().expect("a list").iter();
    refused
        .map(|file| {
            (file["filename"].as_str().unwrap().to_owned(), file["reason"].as_str().unwrap().to_owned())
        })
        .collect()
}

#[tokio::test]
async fn the_original_is_stored_byte_for_byte_under_a_name_of_ours() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let bytes = jpeg(1, 640, 480);
    let name = "Brautpaar / “Kuß” 01.JPG";
    let id = ana.photo(None, name, bytes.clone()).await;
    let row: (String, i64, Vec<u8>) = sqlx::query_as(
        "select storage_key, size_bytes, sha256 from files join photo on photo.file_id = files.id where photo.id = $1",
    )
    .bind(i32::try_from(id).unwrap())
    .fetch_one(&app.db)
    .await
    .unwrap();
    let (owner, file) = row.0.split_once('/').expect("<user_id>/<file>");
    assert!(
        owner.parse::<i32>().is_ok() && file.rsplit('.').next() == Some("jpg") && !file.contains("Brautpaar"),
        "{}",
        row.0
    );
    assert_eq!(std::fs::read(app.storage.join(&row.0)).unwrap(), bytes);
    assert_eq!(row.1, i64::try_from(bytes.len()).unwrap());
    let photo = ana.browser.get_json(&format!("/api/photos/{id}")).await.json::<Value>();
    assert_eq!(photo["filename"], name);
    assert_eq!(
        (photo["width"].as_i64(), photo["height"].as_i64()),
        (Some(640), Some(480)),
        "known before processing"
    );
    assert_eq!(photo["status"], "pending");
}

#[tokio::test]
async fn a_refused_file_says_why_by_name_and_the_others_go_on() {
    let app = TestApp::start_with(&[("UPLOAD_MAX_FILE_MB", "1"), ("MAX_MEGAPIXELS", "1")]).await;
    let ana = app.photographer("ana").await;
    let mut large = jpeg(2, 300, 200);
    large.resize(3 << 20, 0);
    let answer = ana
        .upload(
            None,
            &[
                ("empty.jpg", Vec::new()),
                ("text.jpg", b"this is no picture".to_vec()),
                ("page.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
                ("large.jpg", large),
                ("pixels.jpg", jpeg(3, 1300, 1000)),
                ("good.jpg", jpeg(4, 300, 200)),
            ],
        )
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let body = answer.json::<Value>();
    assert_eq!(body["photos"].as_array().unwrap().len(), 1);
    assert_eq!(body["photos"][0]["filename"], "good.jpg");
    let expected = [
        ("empty.jpg", "empty"),
        ("text.jpg", "not_an_image"),
        ("page.svg", "unsupported_format"),
        ("large.jpg", "too_large"),
        ("pixels.jpg", "too_many_pixels"),
    ];
    assert_eq!(reasons(&body), expected.map(|(name, reason)| (name.to_owned(), reason.to_owned())));
    assert_eq!(app.stored_files().len(), 1, "nothing of a refused file is left: {:?}", app.stored_files());
    let pending: i64 =
        sqlx::query_scalar("select count(*) from pending_files").fetch_one(&app.db).await.unwrap();
    assert_eq!(pending, 0);
}

#[tokio::test]
async fn when_every_file_is_refused_the_answer_is_a_problem() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let answer = ana.upload(None, &[("text.jpg", b"no picture".to_vec())]).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(reasons(&answer.json())[0].1, "not_an_image");
}

#[tokio::test]
async fn files_beyond_the_limit_of_a_request_are_refused_by_name() {
    let app = TestApp::start_with(&[("UPLOAD_MAX_FILES", "2")]).await;
    let ana = app.photographer("ana").await;
    let files: Vec<(String, Vec<u8>)> = (0..4).map(|n| (format!("{n}.jpg"), jpeg(n, 60, 40))).collect();
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let body = ana.upload(None, &files).await.json::<Value>();
    assert_eq!(body["photos"].as_array().unwrap().len(), 2);
    assert_eq!(
        reasons(&body).iter().map(|(_, reason)| reason.as_str()).collect::<Vec<_>>(),
        ["too_many_files"; 2]
    );
}

#[tokio::test]
async fn the_same_file_sent_again_within_an_hour_is_the_same_photo() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let first = ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await, first);
    assert_ne!(
        ana.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await,
        first,
        "another place is another photo"
    );
    assert_ne!(ana.photo(None, "b.jpg", jpeg(2, 60, 40)).await, first);
    app.sql("update photo set upload_date = upload_date - interval '2 hours'").await;
    assert_ne!(ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await, first, "after an hour it is meant");
    assert_eq!(app.stored_files().len(), 2, "the same bytes are stored once, and none of what was not kept");
}

#[tokio::test]
async fn a_file_on_its_way_is_not_swept() {
    let app = TestApp::start().await;
    let key = "1/20260601T120000-0123456789abcdef.jpg";
    std::fs::create_dir_all(app.storage.join("1")).unwrap();
    std::fs::write(app.storage.join(key), b"being written").unwrap();
    app.sql("insert into pending_files (storage_key) values ('1/20260601T120000-0123456789abcdef.jpg')")
        .await;
    app.sweep().await;
    assert_eq!(app.stored_files(), [key]);
    app.sql("update pending_files set created_at = now() - interval '25 hours'").await;
    app.sweep().await;
    assert_eq!(app.stored_files(), Vec::<String>::new());
}

#[tokio::test]
async fn a_photo_that_failed_is_mended_by_sending_its_file_again() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let first = ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    app.sql("update photo set status = 'failed'").await;
    for file in app.stored_files() {
        std::fs::remove_file(app.storage.join(file)).unwrap();
    }
    assert_ne!(ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await, first);
    assert_eq!(app.stored_files().len(), 1, "the new bytes are kept");
}

#[tokio::test]
async fn the_same_file_sent_ten_times_at_once_is_one_photo() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let sent = (0..10).map(|_| ana.photo(None, "a.jpg", jpeg(1, 60, 40)));
    let ids = futures_util::future::join_all(sent).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(app.stored_files().len(), 1);
}

#[tokio::test]
async fn without_the_token_nothing_is_read_or_stored() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let file = || Part::bytes(jpeg(1, 60, 40)).file_name("a.jpg");
    let send = |form: Form| {
        let request =
            ana.browser.request(Method::POST, "/api/upload").header("sec-fetch-site", "same-origin");
        ana.browser.send(request.multipart(form))
    };
    assert_eq!(send(Form::new().part("photos", file())).await.status, 403);
    let token = ana.browser.token(&app.url).unwrap();
    let late = Form::new().part("photos", file()).text("csrf_token", token.clone());
    assert_eq!(send(late).await.status, 403, "the token must come first");
    assert!(app.stored_files().is_empty());
    let first = Form::new().text("csrf_token", token).part("photos", file());
    assert_eq!(send(first).await.status, 201);
}

#[tokio::test]
async fn only_photographers_upload_and_only_into_galleries_they_may_edit() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let ben = app.photographer("ben").await;
    let vic = app.person("vic", Role::Viewer).await;
    let gallery = ana.gallery("Wedding").await;
    let file = || vec![("a.jpg", jpeg(1, 60, 40))];
    assert_eq!(vic.upload(None, &file()).await.status, 403);
    assert_eq!(vic.upload(Some(gallery), &file()).await.status, 404);
    assert_eq!(ben.upload(Some(gallery), &file()).await.status, 404);
    assert!(app.stored_files().is_empty());
}

#[tokio::test]
async fn a_photo_that_an_editor_uploads_is_the_owners() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let vic = app.person("vic", Role::User).await;
    let gallery = ana.gallery("Wedding").await;
    app.sql(
        "insert into gallery_permissions (gallery_id, user_id, permission_level)
         select gallery.id, users.id, 'edit' from gallery, users where users.username = 'vic'",
    )
    .await;
    let id = vic.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await;
    let own = ana.browser.get_json("/api/photos").await.json::<Value>();
    assert_eq!(own["items"][0]["id"], json!(id));
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_no_photo() {
    use std::io::Write;
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (token, picture) = (ana.browser.token(&app.url).unwrap(), jpeg(1, 2000, 1500));
    let cookie = |name| format!("{name}={}", ana.browser.cookie(&app.url, name).unwrap());
    let head = format!(
        "POST /api/upload HTTP/1.1\r\nHost: photos\r\nCookie: {}; {}\r\nX-CSRF-Token: {token}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\n\r\n",
        cookie("photos_session"),
        cookie("photos"),
        picture.len() * 2
    );
    let port = app.url.rsplit(':').next().unwrap();
    let mut line = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    line.write_all(head.as_bytes()).unwrap();
    line.write_all(&picture[..picture.len() / 2]).unwrap();
    drop(line);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let photos: i64 = sqlx::query_scalar("select count(*) from photo").fetch_one(&app.db).await.unwrap();
    assert_eq!((photos, app.stored_files().len()), (0, 0));
}

#[tokio::test]
async fn the_plain_form_uploads_too() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let page = ana.browser.get("/photos").await;
    let token = page.attributes("input[name=csrf_token]", "value").remove(0);
    let form = Form::new()
        .text("csrf_token", token)
        .part("photos", Part::bytes(jpeg(1, 60, 40)).file_name("a.jpg"))
        .part("photos", Part::bytes(b"text".to_vec()).file_name("b.jpg"));
    let request = ana.browser.request(Method::POST, "/photos").header("accept", "text/html").multipart(form);
    let answer = ana.browser.send(request).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("{}/photos", app.url)));
    let page = ana.browser.get("/photos").await.text();
    assert!(page.contains("Stored: 1") && page.contains("b.jpg"), "{page}");
}

#[tokio::test]
async fn pages_offer_no_larger_file_than_a_request_may_be() {
    let app = TestApp::start_with(&[("UPLOAD_REQUEST_MB", "2")]).await;
    let ana = app.photographer("ana").await;
    let offered = ana.browser.get("/photos").await.attributes("[data-upload]", "data-max-bytes").remove(0);
    let (offered, request): (u64, u64) = (offered.parse().unwrap(), 2 << 20);
    assert!(offered < request && offered > request - (100 << 10), "{offered}");
}
