//! Downloads: what is in them, what they are called, and that they come whole, in part, or not at all.

use std::{fs, process::Command};

use aws_lc_rs::digest::{SHA256, digest};
use common::secrets::hex;
use serde_json::{Value, json};
use test_support::{Answer, Client, reqwest::Method};

use crate::{
    harness::{Person, TestApp, eventually, jpeg},
    originals::{SERIAL, holds, telling_jpeg},
};

/// Ana's gallery with processed photos, and what is asked for by whom.
struct World {
    app: TestApp,
    ana: Person,
    gallery: i64,
    photos: Vec<i64>,
}

async fn world(files: &[(&str, Vec<u8>)]) -> World {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Ana & Bo").await;
    let _worker = app.worker();
    let mut photos = Vec::new();
    for (name, bytes) in files {
        photos.push(ana.photo(Some(gallery), name, bytes.clone()).await);
    }
    ana.all_done().await;
    World { app, ana, gallery, photos }
}

impl World {
    fn archive(&self) -> String {
        format!("/gallery/{}/download.zip", self.gallery)
    }

    async fn change(&self, change: Value) {
        let path = format!("/api/galleries/{}", self.gallery);
        assert_eq!(self.ana.browser.json(Method::PUT, &path, &change).await.status, 200);
    }
}

async fn ask(client: &Client, url: &str, headers: &[(&str, &str)]) -> Answer {
    let request = client.request(Method::GET, url);
    client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// The entries of an archive with their contents, by its directory alone.
pub fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize, length: usize| {
        archive[at..at + length].iter().rev().fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let end = archive.len() - 22;
    assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
    let mut at = number(end + 16, 4);
    let mut found = Vec::new();
    for _ in 0..number(end + 10, 2) {
        assert_eq!(&archive[at..at + 4], b"PK\x01\x02");
        let (name, size, offset) = (number(at + 28, 2), number(at + 24, 4), number(at + 42, 4));
        let content = offset + 30 + number(offset + 26, 2) + number(offset + 28, 2);
        let bytes = archive[content..content + size].to_vec();
        assert_eq!(number(at + 16, 4), crc32fast::hash(&bytes) as usize);
        found.push((String::from_utf8(archive[at + 46..at + 46 + name].to_vec()).unwrap(), bytes));
        at += 46 + name + number(at + 30, 2) + number(at + 32, 2);
    }
    found
}

fn names(archive: &[u8]) -> Vec<String> {
    entries(archive).into_iter().map(|(name, _)| name).collect()
}

#[tokio::test]
async fn an_archive_holds_every_original_under_its_name_and_other_programs_open_it() {
    let files = [
        ("Übung \"1\".jpg", jpeg(1, 90, 60)),
        ("IMG_1.JPG", jpeg(2, 90, 60)),
        ("img_1.jpg", jpeg(3, 90, 60)),
        ("../../evil.jpg", jpeg(4, 90, 60)),
    ];
    let world = world(&files).await;
    let answer = world.ana.browser.get(&world.archive()).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/zip"));
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    assert!(answer.header("content-disposition").contains("UTF-8''Ana%20&%20Bo.zip"));
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let found = entries(&answer.body);
    let named: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(named, ["Übung \"1\".jpg", "IMG_1.JPG", "img_1 (2).jpg", ".._.._evil.jpg", "manifest.txt"]);
    let manifest = String::from_utf8(found[4].1.clone()).unwrap();
    assert!(manifest.starts_with("# Ana & Bo: 4 photos\n"), "{manifest}");
    for ((_, bytes), (name, content)) in files.iter().zip(&found) {
        assert_eq!(bytes, content);
        let line = format!("{}  {name}\n", hex(digest(&SHA256, bytes).as_ref()));
        assert!(manifest.contains(&line), "{manifest}");
    }

    let path = world.app.storage.with_extension("zip");
    fs::write(&path, &answer.body).unwrap();
    let check = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; \
                 assert z.namelist()[0] == '\\u00dcbung \"1\".jpg'";
    let file = path.to_str().unwrap();
    for (program, arguments) in
        [("unzip", vec!["-tqq", file]), ("7z", vec!["t", file]), ("python3", vec!["-c", check, file])]
    {
        // Those that are not there are no proof and no fault.
        if let Ok(output) = Command::new(program).args(arguments).output() {
            assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn any_range_of_an_archive_is_that_part_of_it_and_a_cut_download_goes_on() {
    // Small ones are read together, the large one in between is not.
    let height = |seed| if seed == 4 { 10_000 } else { 150 };
    let files: Vec<(String, Vec<u8>)> =
        (1..=6).map(|seed| (format!("{seed}.jpg"), jpeg(seed, 200, height(seed)))).collect();
    assert!(files[3].1.len() > 128 * 1024, "{} bytes are not large", files[3].1.len());
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let world = world(&files).await;
    let (browser, url) = (&world.ana.browser, world.archive());
    let whole = browser.get(&url).await;
    let (size, tag) = (whole.body.len(), whole.header("etag").to_owned());
    assert!(tag.starts_with('"') && whole.header("accept-ranges") == "bytes");
    for start in (0..size).step_by(size / 40) {
        for length in [1, 29, 400, 30_000] {
            let end = (start + length).min(size);
            let part = ask(browser, &url, &[("range", &format!("bytes={start}-{}", end - 1))]).await;
            assert_eq!(part.status, 206);
            assert!(part.body == whole.body[start..end], "{start} to {end}");
            assert_eq!(part.header("content-range"), format!("bytes {start}-{}/{size}", end - 1));
            assert_eq!(part.header("etag"), tag);
        }
    }
    let tail = ask(browser, &url, &[("range", "bytes=-100")]).await;
    assert_eq!(tail.body, whole.body[size - 100..]);
    assert_eq!(ask(browser, &url, &[("range", &format!("bytes={size}-"))]).await.status, 416);
    assert_eq!(ask(browser, &url, &[("if-none-match", &tag)]).await.status, 304);
    let head = browser.send(browser.request(Method::HEAD, &url)).await;
    assert_eq!((head.header("content-length"), head.body.len()), (&*size.to_string(), 0));

    // Half of it, and the rest later, as long as it is the same; else all of the new one.
    let rest = [("range", &*format!("bytes={}-", size / 2)), ("if-range", &*tag)];
    let later = ask(browser, &url, &rest).await;
    assert_eq!((later.status.as_u16(), &later.body[..]), (206, &whole.body[size / 2..]));
    let _worker = world.app.worker();
    world.ana.photo(Some(world.gallery), "7.jpg", jpeg(7, 200, 150)).await;
    let changed = ask(browser, &url, &rest).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(entries(&changed.body).len(), 8);
}

#[tokio::test]
async fn a_photo_that_cannot_be_read_breaks_the_transfer_off_and_its_owner_is_told() {
    let world =
        world(&[("1.jpg", jpeg(1, 90, 60)), ("2.jpg", jpeg(2, 90, 60)), ("3.jpg", jpeg(3, 90, 60))]).await;
    let key: String = sqlx::query_scalar(
        "select storage_key from files join photo on photo.file_id = files.id where photo.filename = '2.jpg'",
    )
    .fetch_one(&world.app.db)
    .await
    .unwrap();
    let file = world.app.storage.join(key);
    let page = format!("/gallery/{}", world.gallery);
    let single = format!("/photos/{}/download", world.photos[1]);
    let is_cut = async |url: &str| {
        let answer = world.ana.browser.request(Method::GET, url).send().await.unwrap();
        // The head went out in good faith; a single photo can still be refused.
        answer.status() != 200 || answer.bytes().await.is_err()
    };
    assert!(!is_cut(&world.archive()).await && !is_cut(&single).await);
    let original = fs::read(&file).unwrap();
    let longer = [&original[..], b"x"].concat();
    for (content, sign) in [
        (None, "missing in the storage"),
        (Some(&original[..original.len() - 1]), "not whole"),
        (Some(&longer[..]), "not whole"),
    ] {
        match content {
            None => fs::remove_file(&file).unwrap(),
            Some(content) => fs::write(&file, content).unwrap(),
        }
        assert!(is_cut(&world.archive()).await, "{sign}");
        let told = world.ana.browser.get(&page).await.text();
        assert!(told.contains("2.jpg</strong>") && told.contains(sign), "{sign}");
        assert!(is_cut(&single).await, "{sign}");
        fs::write(&file, &original).unwrap();
        assert!(!world.ana.browser.get(&page).await.text().contains("Could not be downloaded"));
        assert!(!is_cut(&world.archive()).await);
    }
}

#[tokio::test]
async fn visitors_get_originals_without_place_and_serial_number_unless_the_gallery_gives_them() {
    let world = world(&[("Übung.jpg", telling_jpeg())]).await;
    let (_, path) = world.ana.share(world.gallery, "full").await;
    let client = world.app.browser();
    let (single, archive) =
        (format!("{path}/photos/{}/download", world.photos[0]), format!("{path}/download.zip"));
    let answer = client.get(&single).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/jpeg"));
    assert!(answer.header("content-disposition").ends_with("filename*=UTF-8''%C3%9Cbung.jpg"));
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"_bung.jpg\""));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!holds(&answer.body, SERIAL));
    assert_eq!(answer.header("etag"), format!("\"{}\"", hex(digest(&SHA256, &answer.body).as_ref())));
    assert_eq!(entries(&client.get(&archive).await.body)[0].1, answer.body);
    let own = world.ana.browser.get(&format!("/photos/{}/download", world.photos[0])).await;
    assert_eq!(own.body, telling_jpeg());
    world.change(json!({ "gives_metadata": true })).await;
    assert_eq!(client.get(&single).await.body, telling_jpeg());
    assert_eq!(entries(&client.get(&archive).await.body)[0].1, telling_jpeg());

    // A small one for the web never has them.
    world.change(json!({ "gives_metadata": false })).await;
    let web = client.get(&format!("{single}?size=web")).await;
    assert!(!holds(&web.body, SERIAL) && web.body != answer.body);
    assert_eq!(entries(&client.get(&format!("{archive}?size=web")).await.body)[0].1, web.body);
    let page = client.get(&path).await;
    assert!(page.text().contains(&archive) && page.text().contains(&single));
}

#[tokio::test]
async fn an_original_that_cannot_be_made_clean_is_replaced_and_the_manifest_says_so() {
    let world = world(&[("1.dng", telling_jpeg()), ("2.jpg", jpeg(2, 90, 60))]).await;
    let (_, path) = world.ana.share(world.gallery, "full").await;
    let client = world.app.browser();
    let (single, archive) =
        (format!("{path}/photos/{}/download", world.photos[0]), format!("{path}/download.zip"));
    let unclean = "update clean_files set plan = null, size_bytes = null, sha256 = null, crc32 = null,
         reason = 'unknown_format', detail = 'Nobody knows.' where file_id = (select min(file_id) from photo)";
    world.app.sql(unclean).await;
    let found = entries(&client.get(&archive).await.body);
    assert_eq!(found[0].0, "1.jpg");
    let manifest = String::from_utf8(found[2].1.clone()).unwrap();
    assert!(manifest.contains("  1.jpg\n# ^ the picture of 2048 px"), "{manifest}");
    let picture = client.get(&single).await;
    assert_eq!(picture.body, found[0].1);
    assert!(!holds(&picture.body, SERIAL) && picture.header("content-disposition").contains("1.jpg"));
    let own = world.ana.browser.get(&world.archive()).await;
    assert_eq!(entries(&own.body)[0], ("1.dng".to_owned(), telling_jpeg()));
}

#[tokio::test]
async fn what_is_being_prepared_is_waited_for_and_not_left_out() {
    let world = world(&[("1.jpg", jpeg(1, 90, 60))]).await;
    let (_, path) = world.ana.share(world.gallery, "full").await;
    let client = world.app.browser();
    let (single, archive) =
        (format!("{path}/photos/{}/download", world.photos[0]), format!("{path}/download.zip"));
    for (statement, size) in
        [("delete from clean_files", ""), ("update renditions set crc32 = null, sha256 = null", "?size=web")]
    {
        world.app.sql(statement).await;
        for url in [&single, &archive] {
            let answer = client.get(&format!("{url}{size}")).await;
            assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "60"), "{statement}");
            assert!(answer.text().contains("1 photo is being prepared"), "{statement}");
        }
        assert_eq!(world.ana.browser.get(&world.archive()).await.status, 200, "the owner's are as they are");
        let _worker = world.app.worker();
        let url = format!("{archive}{size}");
        eventually("it is prepared", async || client.get(&url).await.status == 200).await;
    }
}

#[tokio::test]
async fn an_archive_is_what_its_viewer_sees_and_owners_get_their_unprocessed_files_too() {
    let world = world(&[("1.jpg", jpeg(1, 90, 60)), ("2.jpg", jpeg(2, 90, 60))]).await;
    let _worker = world.app.worker();
    let broken = [&jpeg(3, 900, 600)[..400], &[0; 4000]].concat();
    let failed = world.ana.photo(Some(world.gallery), "3.jpg", broken.clone()).await;
    world.ana.all_done().await;
    let is_failed = async || {
        let photo = world.ana.browser.get_json(&format!("/api/photos/{failed}")).await;
        photo.json::<Value>()["status"] == "failed"
    };
    if !is_failed().await {
        world.app.sql("update photo set status = 'failed' where filename = '3.jpg'").await;
        world
            .app
            .sql("delete from renditions where photo_id = (select id from photo where filename = '3.jpg')")
            .await;
    }
    world.app.sql("update photo set archived = true where filename = '2.jpg'").await;
    let (_, path) = world.ana.share(world.gallery, "full").await;
    let client = world.app.browser();
    let seen = names(&client.get(&format!("{path}/download.zip")).await.body);
    assert_eq!(seen, ["1.jpg", "manifest.txt"]);
    assert_eq!(client.get(&format!("{path}/photos/{}/download", world.photos[1])).await.status, 404);
    assert_eq!(client.get(&format!("{path}/photos/{failed}/download")).await.status, 404);
    let own = names(&world.ana.browser.get(&world.archive()).await.body);
    assert_eq!(own, ["1.jpg", "3.jpg", "manifest.txt"]);
    let archived = world.ana.browser.get(&format!("/photos/{}/download", world.photos[1])).await;
    assert_eq!(archived.body, jpeg(2, 90, 60));
    let web = entries(&world.ana.browser.get(&format!("{}?size=web", world.archive())).await.body);
    let manifest = String::from_utf8(web[1].1.clone()).unwrap();
    assert!(manifest.contains("# Not included: 1 photo is without a picture yet."), "{manifest}");
}

#[tokio::test]
async fn a_section_is_an_archive_of_its_own_and_a_link_gives_no_others() {
    let world = world(&[("1.jpg", jpeg(1, 90, 60)), ("2.jpg", jpeg(2, 90, 60))]).await;
    let sections = format!("/api/galleries/{}/sections", world.gallery);
    let mut ids = Vec::new();
    for (name, photo) in [("Dinner", world.photos[0]), ("Dance", world.photos[1])] {
        let made = world.ana.browser.post_json(&sections, &json!({ "name": name })).await.json::<Value>();
        let body = json!({ "photo_ids": [photo], "action": "arrange", "section_id": made["id"] });
        assert_eq!(world.ana.browser.post_json("/api/photos/batch", &body).await.status, 200);
        ids.push(made["id"].as_i64().unwrap());
    }
    let own = world.ana.browser.get(&format!("{}?section={}", world.archive(), ids[1])).await;
    assert_eq!(names(&own.body), ["2.jpg", "manifest.txt"]);
    assert!(own.header("content-disposition").contains("Dance.zip"));
    let wanted = json!({ "access_level": "full", "section_ids": [ids[0]] });
    let shares = format!("/api/galleries/{}/shares", world.gallery);
    let link = world.ana.browser.post_json(&shares, &wanted).await.json::<Value>();
    let path = link["url"].as_str().unwrap().replace(&world.app.url, "");
    let client = world.app.browser();
    let archive = async |query: &str| client.get(&format!("{path}/download.zip{query}")).await;
    assert_eq!(names(&archive("").await.body), ["1.jpg", "manifest.txt"]);
    assert_eq!(names(&archive(&format!("?section={}", ids[0])).await.body), ["1.jpg", "manifest.txt"]);
    assert_eq!(archive(&format!("?section={}", ids[1])).await.status, 404);
    assert_eq!(client.get(&format!("{path}/photos/{}/download", world.photos[1])).await.status, 404);
}
