//! Every kind of visitor × every route that returns bytes or changes something, each with a valid form token.

use common::{identity::Role, secrets::Secrets};
use imaging::{Encoding, Kind};
use photos::{
    identity::AccountId,
    media::{Grant, Signer, Variant},
    photos::PhotoId,
    shares::ShareLinkId,
};
use serde_json::{Value, json};
use test_support::{Client, reqwest::Method, site};

use crate::{
    access::routes,
    harness::{Person, TestApp, jpeg},
};

/// Accounts before a private gallery that gives no downloads by itself: nobody, a viewer, a user, a user with a `view`, a
/// `copy` and an `edit` grant, the owner, another photographer, an administrator. `--` was not tried, because it would take
/// away what the next one looks at; that it works is in other tests.
const ACCOUNTS: &[(&str, &str, &str, &str)] = &[
    // Bytes. Media addresses are signed for whoever asks, whether they were ever given one or not.
    ("GET", "/media/{photo}/marked-preview", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/media/{photo}/preview", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/media/{photo}/clean-original", "", "404 404 404 404 200 200 200 404 200"),
    ("GET", "/media/{photo}/original", "", "404 404 404 404 404 200 200 404 200"),
    ("HEAD", "/media/{photo}/original", "", "404 404 404 404 404 200 200 404 200"),
    ("GET", "/photos/{photo}/download", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/photos/{photo}/download?size=web", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/gallery/{gallery}/download.zip", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/gallery/{gallery}/download.zip?size=web", "", "404 404 404 403 200 200 200 404 200"),
    ("GET", "/photos/download.zip?selection={selection}", "", "401 403 403 403 403 403 200 404 404"),
    ("GET", "/gallery/{gallery}", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/api/photos/{photo}", "", "404 404 404 200 200 200 200 404 200"),
    ("GET", "/shares/{link}/qr.svg", "", "401 404 404 403 403 403 200 404 200"),
    (
        "POST",
        "/gallery/{gallery}/selections",
        r#"{"photo_ids":[{photo}]}"#,
        "404 404 404 403 201 201 201 404 201",
    ),
    ("POST", "/photos/selections", r#"{"photo_ids":[{photo}]}"#, "401 403 403 403 403 403 201 422 422"),
    // Photos.
    ("PATCH", "/api/photos/{photo}", r#"{"title":"x"}"#, "401 404 404 403 403 200 200 404 200"),
    ("POST", "/api/photos/{photo}/retry", "", "401 403 403 403 403 403 409 404 409"),
    ("DELETE", "/api/photos/{photo}", "", "401 404 404 403 403 -- -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/photos",
        r#"{"photo_ids":[{photo}]}"#,
        "401 403 403 403 403 403 200 404 200",
    ),
    ("DELETE", "/api/galleries/{gallery}/photos/{photo}", "", "401 404 404 403 403 -- -- 404 --"),
    ("POST", "/gallery/{gallery}/remove", "photo_ids={photo}", "401 404 404 403 403 -- -- 404 --"),
    ("POST", "/gallery/{gallery}/cover", "photo_id={photo}", "401 404 404 403 403 303 303 404 303"),
    // The gallery.
    ("PUT", "/api/galleries/{gallery}", r#"{"name":"Wedding"}"#, "401 404 404 403 403 200 200 404 200"),
    ("POST", "/gallery/{gallery}/edit", "name=Wedding", "401 404 404 403 403 303 303 404 303"),
    ("DELETE", "/api/galleries/{gallery}", "", "401 404 404 403 403 403 -- 404 --"),
    ("POST", "/gallery/{gallery}/delete", "", "401 404 404 403 403 403 -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/sections",
        r#"{"name":"Dinner"}"#,
        "401 404 404 403 403 201 201 404 201",
    ),
    (
        "PUT",
        "/api/galleries/{gallery}/order",
        r#"{"photo_ids":[{photo}]}"#,
        "401 404 404 403 403 204 204 404 204",
    ),
    (
        "PUT",
        "/api/galleries/{gallery}/sections",
        r#"{"section_ids":[{section}]}"#,
        "401 404 404 403 403 204 204 404 204",
    ),
    (
        "PUT",
        "/api/galleries/{gallery}/sections/{section}",
        r#"{"name":"Dance"}"#,
        "401 404 404 403 403 204 204 404 204",
    ),
    ("DELETE", "/api/galleries/{gallery}/sections/{section}", "", "401 404 404 403 403 -- -- 404 --"),
    // Neither is in the trash.
    ("POST", "/api/galleries/{gallery}/restore", "", "401 404 404 404 404 404 404 404 404"),
    ("POST", "/api/photos/{photo}/restore", "", "401 403 403 403 403 403 404 404 404"),
    // Whom it is shown to.
    (
        "POST",
        "/api/galleries/{gallery}/shares",
        r#"{"access_level":"full"}"#,
        "401 404 404 403 403 403 201 404 201",
    ),
    ("POST", "/gallery/{gallery}/shares", "access_level=preview", "401 404 404 403 403 403 303 404 303"),
    ("PATCH", "/api/shares/{link}", r#"{"tells_sender":false}"#, "401 404 404 403 403 403 200 404 200"),
    ("DELETE", "/api/shares/{link}", "", "401 404 404 403 403 403 -- 404 --"),
    ("POST", "/shares/{link}/extend", "expires_in_days=7", "401 404 404 403 403 403 303 404 303"),
    ("POST", "/shares/{link}/revoke", "", "401 404 404 403 403 403 -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/permissions",
        r#"{"user":"cleo@example.org","permission_level":"view"}"#,
        "401 404 404 403 403 403 204 404 204",
    ),
    (
        "POST",
        "/gallery/{gallery}/people",
        "user=cleo@example.org&permission_level=view",
        "401 404 404 403 403 403 303 404 303",
    ),
    ("DELETE", "/api/galleries/{gallery}/permissions/1", "", "401 404 404 403 403 403 -- 404 --"),
    ("DELETE", "/api/galleries/{gallery}/pending-permissions/1", "", "401 404 404 403 403 403 -- 404 --"),
    ("DELETE", "/api/galleries/{gallery}/customers/1", "", "401 404 404 403 403 403 -- 404 --"),
    ("POST", "/gallery/{gallery}/people/revoke", "user_id=1", "401 404 404 403 403 403 -- 404 --"),
    (
        "POST",
        "/api/galleries/{gallery}/customers",
        r#"{"customer_ids":[]}"#,
        "401 404 404 403 403 403 -- 404 --",
    ),
];

/// The same people before a public gallery that gives pictures of 2048 pixels, and then originals.
const PUBLIC: &[(&str, &str, &str)] = &[
    ("previews", "/photos/{photo}/download?size=web", "200 200 200 200 200 200 200 200 200"),
    ("previews", "/photos/{photo}/download?size=original", "403 403 403 403 200 200 200 403 200"),
    ("previews", "/gallery/{gallery}/download.zip", "200 200 200 200 200 200 200 200 200"),
    ("previews", "/media/{photo}/clean-original", "404 404 404 404 200 200 200 404 200"),
    ("originals", "/photos/{photo}/download?size=original", "200 200 200 200 200 200 200 200 200"),
    ("originals", "/gallery/{gallery}/download.zip?size=original", "200 200 200 200 200 200 200 200 200"),
    ("originals", "/media/{photo}/original", "404 404 404 404 404 200 200 404 200"),
    ("none", "/photos/{photo}/download", "403 403 403 403 200 200 200 403 200"),
    ("none", "/gallery/{gallery}/download.zip", "403 403 403 403 200 200 200 403 200"),
];

/// Who has a link: one that is nobody's, expired, revoked, a preview, a full one, and a full one whose password was not
/// given.
const LINKS: &[(&str, &str, &str, &str)] = &[
    ("GET", "/view/{token}", "", "404 410 410 200 200 200"),
    ("GET", "/api/view/{token}", "", "404 410 410 200 200 403"),
    ("GET", "/view/{token}/photos/{photo}/download", "", "404 410 410 403 200 403"),
    ("GET", "/view/{token}/photos/{photo}/download?size=web", "", "404 410 410 403 200 403"),
    // A photo of the same photographer that is not in the gallery.
    ("GET", "/view/{token}/photos/{loose}/download", "", "404 410 410 404 404 403"),
    ("GET", "/view/{token}/download.zip", "", "404 410 410 403 200 403"),
    ("GET", "/view/{token}/download.zip?size=web", "", "404 410 410 403 200 403"),
    ("POST", "/view/{token}/selections", r#"{"photo_ids":[{photo}]}"#, "404 410 410 403 201 403"),
    ("POST", "/view/{token}/unlock", "password=wrong", "404 410 410 303 303 422"),
    ("POST", "/view/{token}/visits", "", "404 410 410 303 303 403"),
    // Signed for the link, as if its page had shown them.
    ("GET", "/media/{photo}/marked-preview", "", "404 404 404 200 200 200"),
    ("GET", "/media/{photo}/preview", "", "404 404 404 404 200 200"),
    ("GET", "/media/{photo}/clean-original", "", "404 404 404 404 404 404"),
    ("GET", "/media/{photo}/original", "", "404 404 404 404 404 404"),
    ("GET", "/media/{loose}/preview", "", "404 404 404 404 404 404"),
    // A link is no account.
    ("GET", "/photos/{photo}/download", "", "404 404 404 404 404 404"),
    ("GET", "/gallery/{gallery}/download.zip", "", "404 404 404 404 404 404"),
];

/// Routes that change something and stand in neither table, because they reach nothing of anybody else's gallery, or (the
/// batch) answer 200 and say photo by photo what was not allowed: what they answer to whom is in `access.rs`, and what they
/// do in the tests of their feature.
const OF_ONES_OWN: &[&str] = &[
    "/auth/logout",
    "/gallery",
    "/photos",
    "/photos/gather",
    "/customers",
    "/trash",
    "/api/trash",
    "/api/upload",
    "/api/galleries",
    "/api/customers",
    "/api/watermark",
    "/api/photos/batch",
    "/admin/user/{user}/role",
];

struct World {
    app: TestApp,
    gallery: i64,
    photo: i64,
    loose: i64,
    link: i64,
    section: i64,
    selection: String,
    ana: Person,
}

async fn world() -> World {
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let gallery = ana.gallery("Wedding").await;
    let _worker = app.worker();
    let photo = ana.photo(Some(gallery), "a.jpg", jpeg(1, 60, 40)).await;
    let loose = ana.photo(None, "b.jpg", jpeg(2, 60, 40)).await;
    ana.all_done().await;
    let (link, _) = ana.share(gallery, "full").await;
    let made = ana.browser.post_json("/photos/selections", &json!({ "photo_ids": [photo] })).await;
    let selection = made.json::<Value>()["key"].as_str().unwrap().to_owned();
    let sections = format!("/api/galleries/{gallery}/sections");
    let section = ana.browser.post_json(&sections, &json!({ "name": "Dance" })).await.json::<Value>();
    let section = section["id"].as_i64().unwrap();
    World { app, gallery, photo, loose, link, section, selection, ana }
}

impl World {
    fn fill(&self, text: &str, token: &str) -> String {
        let things = [
            ("{gallery}", self.gallery),
            ("{photo}", self.photo),
            ("{loose}", self.loose),
            ("{link}", self.link),
            ("{section}", self.section),
        ];
        let text =
            things.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, &id.to_string()));
        text.replace("{selection}", &self.selection).replace("{token}", token)
    }

    /// Asks and tells the status. A media address is signed by this grant.
    async fn status(&self, visitor: &Client, (method, path, body): (&str, &str, &str), grant: Grant) -> u16 {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let path = if path.starts_with("/media/") { signed(path, grant) } else { path.to_owned() };
        let answer = if method == Method::GET || method == Method::HEAD {
            visitor.send(visitor.request(method, &path).header("accept", "application/json")).await
        } else if body.starts_with('{')
            || !path.starts_with("/gallery") && !path.starts_with("/shares") && !path.starts_with("/view")
        {
            let body: Value = serde_json::from_str(if body.is_empty() { "{}" } else { body }).unwrap();
            visitor.json(method, &path, &body).await
        } else {
            let fields: Vec<(&str, &str)> = body.split('&').filter_map(|pair| pair.split_once('=')).collect();
            visitor.post_form(&path, &fields).await
        };
        answer.status.as_u16()
    }

    /// Nobody, a viewer, a user, three with a grant, the owner, another photographer, an administrator; with the grants of
    /// their media addresses.
    async fn people(&self) -> Vec<(&'static str, Client, Grant)> {
        let mut people = vec![("nobody", visitor(&self.app).await, Grant::Public)];
        for (name, role) in [
            ("viewer", Role::Viewer),
            ("user", Role::User),
            ("view", Role::User),
            ("copy", Role::User),
            ("edit", Role::User),
            ("ana", Role::Photographer),
            ("ben", Role::Photographer),
            ("root", Role::Admin),
        ] {
            if name != "ana" {
                self.app.create_user(name, role).await;
            }
            let browser = visitor(&self.app).await;
            self.app.sign_in(&browser, name).await;
            people.push((name, browser, Grant::Person(AccountId(0))));
        }
        self.app
            .sql(
                "insert into gallery_permissions (gallery_id, user_id, permission_level)
                 select gallery.id, users.id, users.username from gallery, users
                 where users.username in ('view', 'copy', 'edit')",
            )
            .await;
        for (name, _, grant) in &mut people {
            if *grant != Grant::Public {
                let id = sqlx::query_scalar("select id from users where username = $1").bind(*name);
                *grant = Grant::Person(AccountId(id.fetch_one(&self.app.db).await.unwrap()));
            }
        }
        people
    }
}

/// A browser that has a token for forms.
async fn visitor(app: &TestApp) -> Client {
    let client = app.browser();
    client.get("/auth/logout").await;
    client
}

fn signed(path: &str, grant: Grant) -> String {
    let secrets = Secrets::parse(site::SECRET).expect("the secret of the tests");
    let mut parts = path.split('/').skip(2);
    let photo = PhotoId(parts.next().unwrap().parse().unwrap());
    let rendition = |marked| Variant::Rendition { kind: Kind::Preview, marked, encoding: Encoding::Jpeg };
    let variant = match parts.next().unwrap() {
        "marked-preview" => rendition(true),
        "preview" => rendition(false),
        "clean-original" => Variant::CleanOriginal,
        _ => Variant::Original,
    };
    Signer::new(&secrets, grant).address(photo, variant)
}

fn compare(wrong: &mut Vec<String>, what: &str, who: &[&str], expected: &str, found: &[Option<u16>]) {
    for ((who, expected), found) in who.iter().zip(expected.split(' ')).zip(found) {
        if found.is_some_and(|found| found.to_string() != expected) {
            wrong.push(format!("{what} for {who}: {found:?}, not {expected}"));
        }
    }
    assert_eq!(who.len(), expected.split(' ').count(), "{what}");
}

#[tokio::test]
async fn every_account_gets_and_changes_what_the_table_says() {
    let world = world().await;
    let people = world.people().await;
    let names: Vec<&str> = people.iter().map(|(name, ..)| *name).collect();
    let mut wrong = Vec::new();
    for (method, path, body, expected) in ACCOUNTS {
        let (path, body) = (world.fill(path, ""), world.fill(body, ""));
        let mut found = Vec::new();
        for ((_, client, grant), expected) in people.iter().zip(expected.split(' ')) {
            let tried = expected != "--";
            found.push(if tried {
                Some(world.status(client, (method, &path, &body), *grant).await)
            } else {
                None
            });
        }
        compare(&mut wrong, &format!("{method} {path}"), &names, expected, &found);
    }
    let gallery = format!("/api/galleries/{}", world.gallery);
    for (policy, path, expected) in PUBLIC {
        let change = json!({ "is_public": true, "download_policy": policy });
        assert_eq!(world.ana.browser.json(Method::PUT, &gallery, &change).await.status, 200);
        let path = world.fill(path, "");
        let mut found = Vec::new();
        for (_, client, grant) in &people {
            found.push(Some(world.status(client, ("GET", &path, ""), *grant).await));
        }
        compare(&mut wrong, &format!("{path} of a gallery that gives {policy}"), &names, expected, &found);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_link_gives_what_the_table_says() {
    let world = world().await;
    let mut links = Vec::new();
    for (level, password) in
        [("full", None), ("full", None), ("preview", None), ("full", None), ("full", Some("sesame"))]
    {
        let body = json!({ "access_level": level, "password": password });
        let made =
            world.ana.browser.post_json(&format!("/api/galleries/{}/shares", world.gallery), &body).await;
        let made = made.json::<Value>();
        let id = i32::try_from(made["id"].as_i64().unwrap()).unwrap();
        links.push((
            made["token"].as_str().unwrap().to_owned(),
            Grant::Link { id: ShareLinkId(id), epoch: 1 },
        ));
    }
    let id = |index: usize| if let Grant::Link { id, .. } = links[index].1 { id.0 } else { 0 };
    let expired =
        "update share_links set expires_at = now() at time zone 'utc' - interval '1 minute' where id = $1";
    sqlx::query(expired).bind(id(0)).execute(&world.app.db).await.unwrap();
    assert_eq!(world.ana.browser.delete(&format!("/api/shares/{}", id(1))).await.status, 204);
    links.insert(0, (common::secrets::random_token(), Grant::Link { id: ShareLinkId(9999), epoch: 1 }));
    let names = ["wrong link", "expired", "revoked", "preview", "full", "password not given"];
    let mut wrong = Vec::new();
    for (method, path, body, expected) in LINKS {
        let mut found = Vec::new();
        for (token, grant) in &links {
            let client = visitor(&world.app).await;
            let (path, body) = (world.fill(path, token), world.fill(body, token));
            found.push(Some(world.status(&client, (method, &path, &body), *grant).await));
        }
        compare(&mut wrong, &format!("{method} {path}"), &names, expected, &found);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_route_that_changes_something_or_downloads_is_in_a_table() {
    let plain = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
    let listed: Vec<(&str, String)> =
        ACCOUNTS.iter().chain(LINKS).map(|(method, path, ..)| (*method, plain(path))).collect();
    let fits = |row: &str, route: &str| {
        let (row, route): (Vec<&str>, Vec<&str>) = (row.split('/').collect(), route.split('/').collect());
        row.len() == route.len()
            && row.iter().zip(&route).all(|(row, route)| row == route || route.starts_with('{'))
    };
    let mut missing = Vec::new();
    for (method, route) in routes() {
        let matters = method != "GET" || ["/media/", "/download"].iter().any(|sign| route.contains(sign));
        let own = OF_ONES_OWN.iter().any(|own| {
            route == *own
                || route.starts_with(&format!("{own}/")) && !own.contains("galler") && *own != "/photos"
        });
        let in_table = listed.iter().any(|(row_method, row)| *row_method == method && fits(row, &route));
        if matters && !own && !in_table {
            missing.push(format!("{method} {route}"));
        }
    }
    assert!(missing.is_empty(), "in no table: {missing:#?}");
}
