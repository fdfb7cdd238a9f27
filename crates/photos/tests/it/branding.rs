//! What a photographer is known by: the mark in public galleries, name, logo and colour, the watermark as a page.

use std::io::Cursor;

use common::identity::Role;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};
use test_support::{
    Answer, Client,
    reqwest::{
        Method,
        multipart::{Form, Part},
    },
};

use crate::harness::{Person, TestApp, eventually, jpeg};

/// Dark bars on nothing.
fn bars(format: ImageFormat) -> Vec<u8> {
    let bars = RgbaImage::from_fn(400, 100, |x, _| Rgba([20, 20, 20, if x % 40 < 20 { 255 } else { 0 }]));
    let bars = DynamicImage::ImageRgba8(bars);
    let bars = if format == ImageFormat::Jpeg { DynamicImage::ImageRgb8(bars.into_rgb8()) } else { bars };
    let mut file = Cursor::new(Vec::new());
    bars.write_to(&mut file, format).expect("a picture");
    file.into_inner()
}

impl Person {
    async fn branding(&self) -> Value {
        self.browser.get_json("/api/branding").await.json()
    }

    async fn brand(&self, change: Value) -> Answer {
        self.browser.json(Method::PUT, "/api/branding", &change).await
    }

    /// Out of a form of the page, whose token comes first.
    async fn send(&self, path: &str, field: &'static str, file: Vec<u8>) -> Answer {
        self.browser.get("/branding").await;
        let part = Part::bytes(file).file_name("logo.png");
        let token = self.browser.token("/branding").expect("a form");
        let form = Form::new().text("csrf_token", token).part(field, part);
        self.browser.send(self.browser.request(Method::POST, path).multipart(form)).await
    }

    async fn until_marked(&self) {
        eventually("no photo waits for its watermark", async || {
            self.browser.get_json("/api/watermark").await.json::<Value>()["pending"] == 0
        })
        .await;
    }
}

/// All mails that went out, without the ends of their lines.
fn mails(app: &TestApp) -> String {
    let files = std::fs::read_dir(app.storage.with_extension("mails")).into_iter().flatten().flatten();
    let mails = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
    mails.collect::<String>().replace("=\r\n", "")
}

/// The bytes of the marked thumbnail of the only photo.
async fn marked(app: &TestApp) -> Vec<u8> {
    let key = sqlx::query_scalar("select storage_key from renditions where kind = 'thumbnail' and marked");
    let key: String = key.fetch_one(&app.db).await.unwrap();
    std::fs::read(app.storage.join(key)).unwrap()
}

/// The addresses of all pictures that a page names, whoever shows them to whom.
async fn pictures(client: &Client, path: &str) -> Vec<String> {
    let text = client.get(path).await.text();
    let found = text.split("/media/").skip(1).map(|rest| rest.split(['?', '"']).next().unwrap().to_owned());
    found.collect()
}

#[tokio::test]
async fn a_public_gallery_with_the_mark_shows_it_wherever_others_look() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let (ben, onlooker) = (app.person("ben", Role::User).await, app.browser());
    let _worker = app.worker();
    let gallery = ana.gallery("Wedding").await;
    let photo = ana.photo(Some(gallery), "a.jpg", jpeg(1, 900, 600)).await;
    ana.all_done().await;
    let path = format!("/api/galleries/{gallery}");
    let change = async |change: Value| {
        assert_eq!(ana.browser.json(Method::PUT, &path, &change).await.status, 200);
    };
    change(json!({ "is_public": true })).await;
    let clean = onlooker.get_json(&format!("/api/photos/{photo}")).await.json::<Value>();
    let clean = clean["renditions"]["preview"]["url"].as_str().unwrap().to_owned();
    assert_eq!(onlooker.get(&clean).await.status, 200);

    change(json!({ "marks_public": true, "download_policy": "originals" })).await;
    let pages = [
        "/".to_owned(),
        "/gallery".to_owned(),
        format!("/gallery/{gallery}"),
        format!("/api/photos/{photo}"),
    ];
    for page in pages.iter().chain([&format!("/gallery/{gallery}/photos/{photo}")]) {
        for client in [&onlooker, &ben.browser] {
            let shown = pictures(client, page).await;
            assert!(!shown.is_empty(), "{page} shows pictures");
            assert!(shown.iter().all(|address| address.contains("/marked-")), "{page} shows {shown:?}");
        }
    }
    assert_eq!(onlooker.get(&clean).await.status, 404, "an address from before is dead");
    let page = onlooker.get(&format!("/gallery/{gallery}")).await;
    assert!(page.select("[data-select-mode]").is_empty(), "nothing is offered for download");
    assert_eq!(page.attributes("meta[property='og:image']", "content").len(), 1);

    let own = pictures(&ana.browser, &format!("/gallery/{gallery}")).await;
    assert!(own.iter().all(|address| !address.contains("marked")), "{own:?}");
    let view = json!({ "user": "ben", "permission_level": "view" });
    ana.browser.post_json(&format!("{path}/permissions"), &view).await;
    let granted = pictures(&ben.browser, &format!("/gallery/{gallery}")).await;
    let cards = pictures(&ben.browser, "/gallery").await;
    let marked = |shown: &[String]| shown.iter().filter(|address| address.contains("/marked-")).count();
    assert_eq!(
        (marked(&granted), marked(&cards)),
        (1, 0),
        "the card for other sites is as everybody sees it"
    );
    assert!(granted.len() > 2 && !cards.is_empty());
}

#[tokio::test]
async fn name_and_colour_are_seen_wherever_clients_look_and_are_the_owners_own() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "full").await;
    let locked = json!({ "access_level": "full", "password": "sesame" });
    let locked = ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &locked).await;
    let locked = locked.json::<Value>()["url"].as_str().unwrap().replace(&app.url, "");
    let client = app.browser();
    let seen = async |path: &str, css: &str| {
        let page = client.get(path).await;
        (page.attributes("body", "class").remove(0), page.select(css).join(" "))
    };
    assert_eq!(seen(&path, ".cover-by").await, ("page-client accent-teal".to_owned(), "ana".to_owned()));

    ana.browser.get("/branding").await;
    let fields = [("name", "  Ana  Ferreira "), ("accent", "plum")];
    let saved = ana.browser.post_form("/branding", &fields).await;
    assert_eq!(saved.status, 303, "{}", saved.text());
    let named = "Ana Ferreira".to_owned();
    assert_eq!(seen(&path, ".cover-by").await, ("page-client accent-plum".to_owned(), named.clone()));
    assert_eq!(seen(&locked, ".door-by").await, ("page-door accent-plum".to_owned(), named.clone()));
    assert!(client.get(&format!("/api{path}")).await.text().contains(&named));
    assert_eq!(ana.browser.get("/branding").await.attributes("#field-name", "value"), [named]);
    let mail = json!({ "access_level": "full", "recipient_email": "cleo@example.org", "send": true });
    ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &mail).await;
    eventually("the mail names her", async || mails(&app).contains("Ana Ferreira shares the gallery")).await;

    let wrong = ana.browser.post_form("/branding", &[("name", &"a".repeat(61)), ("accent", "rose")]).await;
    assert_eq!((wrong.status.as_u16(), wrong.select("#error-name").len()), (422, 1));
    assert_eq!(wrong.attributes(".swatch input[checked]", "value"), ["rose"], "what was chosen stays");
    assert_eq!(ana.brand(json!({ "accent": "pink" })).await.status, 422);
    let back = ana.brand(json!({ "name": "" })).await.json::<Value>();
    assert_eq!((&back["name"], &back["shown_name"]), (&Value::Null, &json!("ana")));

    let ben = app.photographer("ben").await;
    assert_eq!(ben.branding().await["accent"], "teal", "others have their own");
}

#[tokio::test]
async fn a_logo_stands_in_the_place_of_the_name_and_is_written_anew() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let (_, path) = ana.share(gallery, "full").await;
    let client = app.browser();
    assert_eq!(ana.send("/branding/logo", "logo", bars(ImageFormat::Png)).await.status, 303);
    let page = client.get(&path).await;
    assert_eq!(page.attributes(".cover-by img", "alt"), ["ana"], "who can't see it reads the name");
    assert_eq!(page.attributes(".cover-by img", "class"), ["logo logo-dark logo-gray"]);
    let address = page.attributes(".cover-by img", "src").remove(0);
    let file = client.get(&address).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "image/png"));
    assert!(file.header("cache-control").contains("immutable"), "{}", file.header("cache-control"));
    let picture = image::load_from_memory(&file.body).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (380, 100), "without its empty border");
    assert!(file.body != bars(ImageFormat::Png));

    let sent = json!({ "access_level": "full", "recipient_email": "cleo@example.org", "send": true });
    ana.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &sent).await;
    eventually("the mail shows it", async || mails(&app).contains(&format!("{}{address}", app.url))).await;

    for (file, said) in [
        (b"no picture".to_vec(), "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "PNG"),
        (vec![0; (5 << 20) + 9], "larger than 5 MB"),
        (bars(ImageFormat::Png)[..90].to_vec(), "damaged"),
    ] {
        let refused = ana.send("/branding/logo", "logo", file).await;
        assert_eq!(refused.status, 422);
        let fault = refused.select("#error-logo").join(" ");
        assert!(fault.contains(said), "{fault}");
    }
    assert_eq!(client.get(&path).await.attributes(".cover-by img", "src"), [&*address], "it stays");

    for format in [ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif] {
        assert_eq!(ana.send("/branding/logo", "logo", bars(format)).await.status, 303, "{format:?}");
    }
    assert_eq!(client.get(&address).await.status, 404, "another logo has another address");
    assert_eq!(ana.browser.post_form("/branding/logo/remove", &[]).await.status, 303);
    assert_eq!(client.get(&path).await.select(".cover-by"), ["ana"]);
    assert_eq!(ana.branding().await["logo"], Value::Null);
}

#[tokio::test]
async fn a_form_from_elsewhere_brings_no_logo() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let part = Part::bytes(bars(ImageFormat::Png)).file_name("logo.png");
    let form = Form::new().part("logo", part).text("csrf_token", "late");
    let sent = ana.browser.send(ana.browser.request(Method::POST, "/branding/logo").multipart(form)).await;
    assert_eq!(sent.status, 403);
    assert_eq!(ana.branding().await["logo"], Value::Null);
}

#[tokio::test]
async fn the_page_previews_a_watermark_without_keeping_it_and_then_renews_what_is_there() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    let photo = ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await.to_string();
    ana.all_done().await;
    drop(worker);
    let before = marked(&app).await;
    let page = ana.browser.get("/branding").await;
    let hidden = |name: &str| page.attributes(&format!("input[name={name}]"), "value").remove(0);
    let (look, size, opacity) = (hidden("from_look"), hidden("from_size"), hidden("from_opacity"));
    let form = [
        ("photo_id", photo.as_str()),
        ("kind", "text"),
        ("text", "Proof"),
        ("position", "bottom_right"),
        ("size", size.as_str()),
        ("opacity", opacity.as_str()),
        ("angle", "24"),
        ("margin", "0.03"),
        ("from_look", look.as_str()),
        ("from_size", size.as_str()),
        ("from_opacity", opacity.as_str()),
    ];
    let preview: Vec<_> = form.into_iter().chain([("deed", "preview")]).collect();
    let draft = ana.browser.post_form("/branding/watermark", &preview).await;
    assert_eq!(draft.status, 303, "{}", draft.text());
    assert!(!draft.location().contains("csrf"), "{}", draft.location());
    let draft = ana.browser.get(draft.location().split('#').next().unwrap()).await;
    assert_eq!(draft.attributes("#field-opacity", "value"), ["0.75"], "another look begins with its own");
    let picture = draft.attributes("[data-preview]", "src").remove(0);
    assert!(picture.contains("Proof") && picture.contains(&format!("photo_id={photo}")), "{picture}");
    let shown = ana.browser.get(&picture).await;
    assert_eq!((shown.status.as_u16(), shown.header("content-type")), (200, "image/jpeg"));
    assert_eq!(ana.browser.get_json("/api/watermark").await.json::<Value>()["kind"], "name", "not kept");

    let wrong: Vec<_> = form
        .into_iter()
        .map(|(name, value)| if name == "text" { (name, " ") } else { (name, value) })
        .collect();
    let wrong = ana.browser.post_form("/branding/watermark", &wrong).await;
    assert_eq!((wrong.status.as_u16(), wrong.select("#error-text").len()), (422, 1));
    assert_eq!(ana.browser.post_form("/branding/watermark", &form).await.status, 303);
    let page = ana.browser.get("/branding").await;
    assert_eq!(page.select(".renewal-words"), ["0 of 1 previews renewed"]);
    assert_eq!(marked(&app).await, before, "the old one is shown until the new one is there");
    let _worker = app.worker();
    ana.until_marked().await;
    assert!(marked(&app).await != before);
    assert_eq!(ana.browser.get("/branding").await.attributes(".renewal[hidden]", "class").len(), 1);
}

#[tokio::test]
async fn a_png_is_held_until_the_watermark_is_saved_with_it() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
    ana.all_done().await;
    let held = ana.send("/branding/watermark/image", "image", bars(ImageFormat::Png)).await;
    assert_eq!(held.status, 303, "{}", held.text());
    let watermark = ana.browser.get_json("/api/watermark").await.json::<Value>();
    assert_eq!((&watermark["kind"], &watermark["pending"]), (&json!("name"), &json!(0)), "nothing to renew");
    let page = ana.browser.get(held.location().split('#').next().unwrap()).await;
    assert_eq!(page.attributes("[name=kind][checked]", "value"), ["image"]);
    assert_eq!(ana.browser.get(&page.attributes("[data-preview]", "src")[0]).await.status, 200);
    let form = [("kind", "image"), ("position", "bottom_right")];
    assert_eq!(ana.browser.post_form("/branding/watermark", &form).await.status, 303);
    let watermark = ana.browser.get_json("/api/watermark").await.json::<Value>();
    assert_eq!((&watermark["kind"], &watermark["image"]["width"]), (&json!("image"), &json!(380)));
    ana.until_marked().await;
    let wrong = ana.send("/branding/watermark/image", "image", bars(ImageFormat::Jpeg)).await;
    assert_eq!((wrong.status.as_u16(), wrong.select("#error-image").len()), (422, 1));
    let none = ana.browser.post_form("/branding/watermark/logo", &[]).await;
    assert_eq!(none.status, 404, "there is no logo");
    ana.send("/branding/logo", "logo", bars(ImageFormat::Png)).await;
    assert_eq!(ana.browser.post_form("/branding/watermark/logo", &[]).await.status, 303);
    drop(worker);
}

#[tokio::test]
async fn another_name_is_drawn_where_the_name_is_the_mark() {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker();
    ana.photo(None, "a.jpg", jpeg(1, 640, 480)).await;
    ana.all_done().await;
    let before = marked(&app).await;
    ana.brand(json!({ "accent": "plum" })).await;
    assert_eq!(ana.browser.get_json("/api/watermark").await.json::<Value>()["updated_at"], Value::Null);
    ana.brand(json!({ "name": "Ana Ferreira" })).await;
    ana.until_marked().await;
    assert!(marked(&app).await != before, "the mark says the new name");
}
