//! Every kind of visitor × every route that returns bytes or changes something, each with a valid form token.

mod tables;

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
use tables::{ACCOUNTS, LINKS, MARKED, OF_ONES_OWN, PUBLIC};

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
        } else if body.starts_with('{') || path.starts_with("/api/") {
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
    Signer::new(&secrets, grant).address(photo, variant, 1)
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
    let change = json!({ "marks_public": true, "download_policy": "originals" });
    assert_eq!(world.ana.browser.json(Method::PUT, &gallery, &change).await.status, 200);
    for (path, expected) in MARKED {
        let path = world.fill(path, "");
        let mut found = Vec::new();
        for (_, client, grant) in &people {
            found.push(Some(world.status(client, ("GET", &path, ""), *grant).await));
        }
        compare(&mut wrong, &format!("{path} of a gallery with the mark"), &names, expected, &found);
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
