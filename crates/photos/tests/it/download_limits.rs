//! Selections, what a link includes, and what is counted.

use std::time::Duration;

use serde_json::{Value, json};
use test_support::{Client, reqwest::Method};

use crate::{
    downloads::entries,
    harness::{Person, TestApp, eventually, jpeg},
};

struct World {
    app: TestApp,
    ana: Person,
    gallery: i64,
    photos: Vec<i64>,
}

async fn world(count: u8) -> World {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let mut photos = Vec::new();
    for seed in 1..=count {
        photos.push(ana.photo(Some(gallery), &format!("{seed}.jpg"), jpeg(seed, 60, 40)).await);
    }
    ana.all_done().await;
    World { app, ana, gallery, photos }
}

impl World {
    async fn link(&self, policy: Value) -> String {
        let mut wanted = json!({ "access_level": "full" });
        wanted.as_object_mut().unwrap().extend(policy.as_object().unwrap().clone());
        let path = format!("/api/galleries/{}/shares", self.gallery);
        let made = self.ana.browser.post_json(&path, &wanted).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json::<Value>()["url"].as_str().unwrap().replace(&self.app.url, "")
    }

    async fn downloads(&self) -> i64 {
        let path = format!("/api/galleries/{}/shares", self.gallery);
        let links = self.ana.browser.get_json(&path).await.json::<Value>();
        links["items"][0]["downloads"].as_i64().unwrap()
    }

    async fn count(&self, index: usize) -> i64 {
        self.app.shared().statistics.flush().await;
        let path = format!("/api/photos/{}", self.photos[index]);
        self.ana.browser.get_json(&path).await.json::<Value>()["download_count"].as_i64().unwrap()
    }
}

/// A visitor whose browser has a token for forms.
async fn visitor(app: &TestApp) -> Client {
    let client = app.browser();
    client.follow("/auth/logout").await;
    client
}

/// Selects photos as a script does; the answer's status and body.
pub async fn select(client: &Client, path: &str, body: &Value) -> (u16, Value) {
    let token = client.get_json("/auth/session").await.json::<Value>()["csrf_token"].clone();
    let request = client.request(Method::POST, path).header("accept", "application/json").json(body);
    let answer = client.send(request.header("x-csrf-token", token.as_str().unwrap())).await;
    (answer.status.as_u16(), answer.json::<Value>())
}

#[tokio::test]
async fn a_selection_is_downloaded_by_whoever_made_it_alone() {
    let world = world(3).await;
    let (path, other) = (world.link(json!({})).await, world.link(json!({})).await);
    let client = visitor(&world.app).await;
    let chosen = json!({ "photo_ids": [world.photos[2], world.photos[0], world.photos[2]] });
    let (status, made) = select(&client, &format!("{path}/selections"), &chosen).await;
    assert_eq!((status, &made["count"]), (201, &json!(2)), "{made}");
    let url = made["url"].as_str().unwrap();
    let archive = client.get(url).await;
    let names: Vec<String> = entries(&archive.body).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["1.jpg", "3.jpg", "manifest.txt"]);
    assert_eq!(archive.body.len(), usize::try_from(made["bytes"].as_u64().unwrap()).unwrap());
    let query = url.split_once('?').unwrap().1;
    for elsewhere in [
        format!("{other}/download.zip?{query}"),
        format!("/gallery/{}/download.zip?{query}", world.gallery),
        format!("/photos/download.zip?{query}"),
        format!("{path}/download.zip?selection=x"),
    ] {
        assert_eq!(world.ana.browser.get(&elsewhere).await.status, 404, "{elsewhere}");
    }
    assert_eq!(world.app.browser().get(url).await.status, 200, "the link is the key, not the browser");

    // As a form does it, and as the photographer does with photos of the library.
    let photo = world.photos[1].to_string();
    let form =
        client.post_form(&format!("{path}/selections"), &[("photo_ids", &photo), ("size", "web")]).await;
    assert_eq!(form.status, 303, "{}", form.text());
    assert!(form.location().contains("&size=web"));
    assert_eq!(entries(&client.follow(&form.location()).await.body)[0].0, "2.jpg");
    let loose = world.ana.photo(None, "loose.jpg", jpeg(9, 60, 40)).await;
    let wanted = json!({ "photo_ids": [loose, world.photos[0]] });
    let (status, made) = select(&world.ana.browser, "/photos/selections", &wanted).await;
    assert_eq!(status, 201, "{made}");
    let own = world.ana.browser.get(made["url"].as_str().unwrap()).await;
    assert_eq!(entries(&own.body).len(), 3);
    let ben = world.app.photographer("ben").await;
    assert_eq!(ben.browser.get(made["url"].as_str().unwrap()).await.status, 404);
    assert_eq!(select(&ben.browser, "/photos/selections", &wanted).await.0, 422);
    let refused =
        [(json!({ "photo_ids": [] }), 422), (json!({ "photo_ids": [loose] }), 422), (json!({}), 400)];
    for (wrong, status) in refused {
        assert_eq!(select(&client, &format!("{path}/selections"), &wrong).await.0, status, "{wrong}");
    }

    world.app.sql("update selections set created_at = now() - interval '8 days'").await;
    photos::downloads::store::delete_old_selections(&world.app.db, 7).await.unwrap();
    assert_eq!(client.get(url).await.status, 404);
}

#[tokio::test]
async fn of_many_photos_asked_for_at_once_exactly_as_many_go_out_as_the_link_includes() {
    let world = world(12).await;
    let path = world.link(json!({ "max_downloads": 5 })).await;
    let tries = world.photos.iter().chain(&world.photos).map(async |photo| {
        let answer = world.app.browser().get(&format!("{path}/photos/{photo}/download")).await;
        (*photo, answer.status.as_u16(), answer.text())
    });
    let answers = futures_util::future::join_all(tries).await;
    let mut got: Vec<i64> =
        answers.iter().filter(|(_, status, _)| *status == 200).map(|(photo, ..)| *photo).collect();
    got.sort_unstable();
    got.dedup();
    assert_eq!(got.len(), 5);
    assert_eq!(world.downloads().await, 5);
    for (photo, status, text) in &answers {
        assert!(*status == 200 || *status == 403, "{status}");
        assert!(
            *status == 200 || text.contains("No more photos are included in this link."),
            "{photo}: {text}"
        );
    }

    // What went out goes out again, in any size, by itself and together; the rest does not, not in part either.
    let client = visitor(&world.app).await;
    for photo in &got {
        let url = format!("{path}/photos/{photo}/download?size=web");
        assert_eq!(client.get(&url).await.status, 200);
    }
    let (status, made) = select(&client, &format!("{path}/selections"), &json!({ "photo_ids": got })).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(entries(&client.get(made["url"].as_str().unwrap()).await.body).len(), 6);
    let archive = format!("{path}/download.zip");
    let refused = client.get(&archive).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("Please ask ana if you want more"), "{}", refused.text());
    let part = client.request(Method::GET, &archive).header("range", "bytes=100-200");
    assert_eq!(client.send(part).await.status, 403);
    assert_eq!(world.downloads().await, 5);
}

#[tokio::test]
async fn an_archive_counts_all_its_photos_before_its_first_byte_or_is_refused_with_what_is_left() {
    let world = world(4).await;
    let path = world.link(json!({ "max_downloads": 3 })).await;
    let client = visitor(&world.app).await;
    let archive = format!("{path}/download.zip");
    let refused = client.get(&archive).await;
    assert_eq!(refused.status, 403);
    let said = refused.select(".door-description").join(" ");
    assert_eq!(
        said,
        "3 more photos are included in this link. This download has 4: choose fewer, or ask ana for more."
    );
    assert_eq!((world.downloads().await, world.count(0).await), (0, 0));
    let head = client.send(client.request(Method::HEAD, &archive)).await;
    assert_eq!(head.status, 403, "whoever asks for the head learns the same");
    let program = client.request(Method::GET, &archive).header("accept", "*/*");
    let program = client.send(program).await;
    assert_eq!((program.status.as_u16(), program.header("content-type")), (403, "application/problem+json"));

    let wanted = json!({ "photo_ids": world.photos[..3] });
    let made = select(&client, &format!("{path}/selections"), &wanted).await.1;
    let url = made["url"].as_str().unwrap();
    assert_eq!(client.send(client.request(Method::HEAD, url)).await.status, 200);
    assert_eq!(world.downloads().await, 0, "whoever asks for the head gets nothing");
    let both = futures_util::future::join_all([client.get(url), client.get(url)]).await;
    assert!(both.iter().all(|answer| answer.status == 200));
    assert_eq!(world.downloads().await, 3);
    assert!(client.get(&path).await.text().contains("All photos that this link includes are downloaded."));
    let last = client.get(&format!("{path}/photos/{}/download", world.photos[3])).await;
    assert_eq!(last.status, 403);
    // The photographer gives more.
    world.app.sql("update share_links set max_downloads = 4").await;
    assert_eq!(client.get(&archive).await.status, 200);
    assert_eq!(world.downloads().await, 4);
}

#[tokio::test]
async fn downloads_are_counted_when_they_begin_and_owners_are_not() {
    let world = world(2).await;
    let path = world.link(json!({})).await;
    let client = world.app.browser();
    let single = format!("{path}/photos/{}/download", world.photos[0]);
    let part = |range: &'static str| client.send(client.request(Method::GET, &single).header("range", range));
    client.get(&single).await;
    assert_eq!(part("bytes=0-9").await.status, 206);
    assert_eq!(part("bytes=10-").await.status, 206);
    client.send(client.request(Method::HEAD, &single)).await;
    world.ana.browser.get(&format!("/photos/{}/download", world.photos[0])).await;
    client.get(&format!("{path}/download.zip")).await;
    eventually("all is counted", async || world.count(0).await == 3 && world.count(1).await == 1).await;
    assert_eq!(world.downloads().await, 2);
}

#[tokio::test]
async fn the_last_bytes_of_a_large_download_wait_until_it_is_counted() {
    let world = world(1).await;
    let more = "insert into photo (photographer_id, gallery_id, file_id, filename, original_path, status)
        select photographer_id, gallery_id, file_id, n || '.jpg', original_path, 'ready'
        from photo, generate_series(2, 501) n";
    world.app.sql(more).await;
    let path = world.link(json!({})).await;
    let client = world.app.browser();
    client.get(&path).await;
    // As if writing it down took very long.
    let mut slow = world.app.db.begin().await.unwrap();
    sqlx::query("select id from share_links for update").fetch_all(&mut *slow).await.unwrap();
    let mut answer = client.request(Method::GET, &format!("{path}/download.zip")).send().await.unwrap();
    let (length, mut got) = (answer.content_length().unwrap(), 0);
    while let Ok(chunk) = tokio::time::timeout(Duration::from_millis(700), answer.chunk()).await {
        got += chunk.unwrap().expect("it is not over").len() as u64;
    }
    assert!(0 < got && got < length, "{got} of {length} bytes went out");
    slow.rollback().await.unwrap();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        got += chunk.len() as u64;
    }
    assert_eq!((got, world.downloads().await), (length, 501));

    // Whoever goes on with a part has the photos too.
    let path = world.link(json!({})).await;
    let part = client.request(Method::GET, &format!("{path}/download.zip")).header("range", "bytes=10-");
    assert_eq!(client.send(part).await.status, 206);
    assert_eq!(world.downloads().await, 501);
}

#[tokio::test]
async fn what_stands_before_a_gallery_stands_before_its_downloads() {
    let world = world(1).await;
    let client = visitor(&world.app).await;
    let status = async |path: &str| {
        let mut statuses = Vec::new();
        for address in [format!("/photos/{}/download", world.photos[0]), "/download.zip".to_owned()] {
            let request = client.request(Method::GET, &format!("{path}{address}")).header("accept", "*/*");
            statuses.push(client.send(request).await.status.as_u16());
        }
        assert_eq!(statuses[0], statuses[1]);
        statuses[0]
    };
    let locked = world.link(json!({ "password": "sesame" })).await;
    assert_eq!(status(&locked).await, 403);
    assert_eq!(
        client.get(&format!("{locked}/download.zip")).await.location(),
        format!("{}{locked}", world.app.url)
    );
    client.post_form(&format!("{locked}/unlock"), &[("password", "sesame")]).await;
    assert_eq!(status(&locked).await, 200);
    let numbered = world.link(json!({ "max_views": 1 })).await;
    assert_eq!(status(&numbered).await, 403);
    assert_eq!(client.post_form(&format!("{numbered}/visits"), &[]).await.status, 303);
    assert_eq!(status(&numbered).await, 200);
    let preview = world.link(json!({ "access_level": "preview" })).await;
    assert_eq!(status(&preview).await, 403);
    let open = world.link(json!({})).await;
    assert_eq!(status(&open).await, 200);
    world.app.sql("update share_links set expires_at = now() at time zone 'utc' - interval '1 minute'").await;
    assert_eq!(status(&open).await, 410);
    let page = client.get(&format!("{open}/download.zip")).await;
    assert!(page.text().contains("This link has expired") && page.text().contains("ana"));
}
