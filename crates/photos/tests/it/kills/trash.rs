//! The service is killed again and again amid deleting, bringing back and removing for good, also while it starts: nothing
//! that was answered is undone, and rows and files agree.

mod agreement;

use std::{collections::BTreeSet, time::Duration};

use common::identity::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_support::{
    Client,
    reqwest::{
        self, Method, RequestBuilder, StatusCode,
        multipart::{Form, Part},
    },
};

use super::{Random, service::Service, wait_until_quiet};
use crate::harness::{Person, TestApp, eventually, jpeg};

/// Kills; `KILLS_ROUNDS` for another number.
const ROUNDS: u64 = 8;
/// Photos that stay, from which galleries are filled with copies.
const KEPT: u8 = 40;
const GALLERIES: usize = 4;

/// Where something may be, by what we were told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Here,
    Trash,
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Delete,
    Restore,
    Purge,
}

/// A gallery, or a photo of one that stays.
struct Thing {
    /// `galleries` or `photos`.
    kind: &'static str,
    id: i64,
    may_be: BTreeSet<Place>,
    /// The photos that were answered to be in a gallery.
    members: Vec<i64>,
}

/// The connection ended before the answer.
struct Cut;

/// A photographer whose requests may be cut off.
struct Hand<'a> {
    browser: &'a Client,
    url: String,
    kept: &'a [i64],
    keep: i64,
}

#[tokio::test]
async fn rows_and_files_agree_however_often_the_service_is_killed_amid_deleting_and_removing() {
    let app = TestApp::start().await;
    app.stop_photos().await;
    let mut random = Random::seeded();
    let mut service = Service::start(&app).await;
    let browser = Client::new(&service.url);
    app.create_user("ana", Role::Photographer).await;
    app.sign_in(&browser, "ana").await;
    let ana = Person { browser, url: service.url.clone() };
    let keep = ana.gallery("Keep").await;
    let mut kept = Vec::new();
    for number in 0..KEPT {
        kept.push(ana.photo(Some(keep), &format!("{number}.jpg"), unique(&mut random)).await);
    }
    ana.all_done().await;
    let hand = Hand { browser: &ana.browser, url: service.url.clone(), kept: &kept, keep };
    let mut things: Vec<Option<Thing>> = (0..GALLERIES + 2).map(|_| None).collect();
    let rounds = std::env::var("KILLS_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let places = things.iter_mut().enumerate();
        let busy = places.map(|(place, thing)| hand.work(place, thing, Random(random.next())));
        let busy = join_all(busy);
        let moment = Duration::from_millis(100 + random.below(900));
        let kill = async {
            tokio::time::sleep(moment).await;
            service.end(round % 2 == 1);
        };
        tokio::join!(busy, kill);
        until_the_database_is_quiet(&app).await;
        let mut known: Vec<&mut Thing> = things.iter_mut().flatten().collect();
        agreement::note_places(&app, &mut known).await;
        age(&app, &mut known, &mut random).await;
        // What is too old is removed, and files that are nobody's, when the service starts.
        service.begin();
        if round % 3 != 2 {
            tokio::time::sleep(Duration::from_millis(random.below(800))).await;
            service.end(true);
            until_the_database_is_quiet(&app).await;
            service.begin();
        }
        service.wait_until_ready().await;
        until_the_trash_is_emptied(&app).await;
        agreement::check(&app, &kept, &mut known).await;
    }
    wait_until_quiet(&app).await;
    let known: Vec<&Thing> = things.iter().flatten().collect();
    agreement::check_end(&app, &known).await;
    service.wait_for_the_end_of_the_killed().await;
}

/// A killed service's last statements may still be running, and even be committed.
async fn until_the_database_is_quiet(app: &TestApp) {
    let busy = "select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'";
    eventually("the database is quiet", async || {
        sqlx::query_scalar::<_, i64>(busy).fetch_one(&app.db).await.unwrap() == 0
    })
    .await;
}

/// What the service does at its start is done.
async fn until_the_trash_is_emptied(app: &TestApp) {
    let left = "select (select count(*) from gallery where purged_at is not null or deleted_at < now() - interval '30 days')
        + (select count(*) from photo where deleted_at < now() - interval '30 days')
        + (select count(*) from pending_files where created_at < now() - interval '1 day')";
    eventually("the trash is emptied of what is too old", async || {
        sqlx::query_scalar::<_, i64>(left).fetch_one(&app.db).await.unwrap() == 0
    })
    .await;
}

/// Some of what is in the trash has been there for more than a month.
async fn age(app: &TestApp, known: &mut [&mut Thing], random: &mut Random) {
    for thing in known {
        if !thing.may_be.contains(&Place::Trash) || random.below(3) > 0 {
            continue;
        }
        thing.may_be.insert(Place::Gone);
        let column = if thing.kind == "galleries" { "gallery_id" } else { "id" };
        let photos =
            format!("update photo set deleted_at = deleted_at - interval '31 days' where {column} = $1");
        let gallery = "update gallery set deleted_at = deleted_at - interval '31 days' where id = $1";
        let mut transaction = app.db.begin().await.unwrap();
        let id = i32::try_from(thing.id).unwrap();
        sqlx::query(sqlx::AssertSqlSafe(photos)).bind(id).execute(&mut *transaction).await.unwrap();
        if thing.kind == "galleries" {
            sqlx::query(gallery).bind(id).execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
}

/// A picture that there was not before: what follows its end makes it another file.
fn unique(random: &mut Random) -> Vec<u8> {
    let mut bytes = jpeg(1, 60, 40);
    bytes.extend(random.next().to_le_bytes());
    bytes
}

impl Deed {
    fn way(self) -> (Place, Place) {
        match self {
            Self::Delete => (Place::Here, Place::Trash),
            Self::Restore => (Place::Trash, Place::Here),
            Self::Purge => (Place::Trash, Place::Gone),
        }
    }
}

impl Hand<'_> {
    /// Does one thing after the other to its gallery or its photo until it is cut off.
    async fn work(&self, place: usize, thing: &mut Option<Thing>, mut random: Random) {
        loop {
            let step = match thing {
                Some(thing) if thing.may_be.iter().any(|place| *place != Place::Gone) => {
                    let deeds = [Deed::Delete, Deed::Restore, Deed::Purge, Deed::Delete, Deed::Restore];
                    let deed = deeds[usize::try_from(random.below(5)).unwrap()];
                    if thing.kind == "galleries" && random.below(3) == 0 {
                        self.lend(thing).await
                    } else {
                        self.act(thing, deed).await
                    }
                }
                _ => {
                    let made = if place < GALLERIES {
                        self.fill_gallery(&mut random).await
                    } else {
                        self.copy_one(&mut random).await
                    };
                    made.map(|made| *thing = Some(made))
                }
            };
            if step.is_err() {
                return;
            }
        }
    }

    async fn act(&self, thing: &mut Thing, deed: Deed) -> Result<(), Cut> {
        let Thing { kind, id, may_be, .. } = thing;
        let path = match deed {
            Deed::Delete => format!("/api/{kind}/{id}"),
            Deed::Restore => format!("/api/{kind}/{id}/restore"),
            Deed::Purge => format!("/api/trash/{kind}/{id}"),
        };
        let method = if deed == Deed::Restore { Method::POST } else { Method::DELETE };
        let (from, to) = deed.way();
        match self.send(self.request(method, &path)).await {
            Ok((StatusCode::NO_CONTENT, _)) => {
                assert!(may_be.contains(&from), "{path} did {deed:?} to what was {may_be:?}");
                *may_be = BTreeSet::from([to]);
                Ok(())
            }
            Ok((StatusCode::NOT_FOUND, _)) => {
                may_be.remove(&from);
                assert!(!may_be.is_empty(), "{path} can't {deed:?} what was {from:?}");
                Ok(())
            }
            Ok((status, body)) => panic!("{path}: {status} {body}"),
            Err(Cut) => {
                if may_be.contains(&from) {
                    may_be.insert(to);
                }
                Err(Cut)
            }
        }
    }

    /// Copies what is in a gallery to the one that stays, while others remove it.
    async fn lend(&self, thing: &Thing) -> Result<(), Cut> {
        let lent: Vec<&i64> = thing.members.iter().take(3).collect();
        let body = json!({ "photo_ids": lent, "action": "copy", "gallery_id": self.keep });
        let (status, body) = self.send(self.request(Method::POST, "/api/photos/batch").json(&body)).await?;
        assert_eq!(status, StatusCode::OK, "{body}");
        Ok(())
    }

    /// A new gallery with a file of its own and copies of photos that stay; some have more than one batch.
    async fn fill_gallery(&self, random: &mut Random) -> Result<Thing, Cut> {
        let gallery = json!({ "name": "Wedding" });
        let (status, body) = self.send(self.request(Method::POST, "/api/galleries").json(&gallery)).await?;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let id = number(&body, "/id");
        let file = Form::new()
            .text("gallery_id", id.to_string())
            .part("photos", Part::bytes(unique(random)).file_name("own.jpg"));
        let (status, body) = self.send(self.request(Method::POST, "/api/upload").multipart(file)).await?;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let mut members = vec![number(&body, "/photos/0/id")];
        let times = if random.below(3) == 0 { 6 } else { 1 };
        for _ in 0..times {
            members.extend(self.copy(self.kept, id).await?);
        }
        Ok(Thing { kind: "galleries", id, may_be: BTreeSet::from([Place::Here]), members })
    }

    async fn copy_one(&self, random: &mut Random) -> Result<Thing, Cut> {
        let one = usize::try_from(random.below(u64::from(KEPT))).unwrap();
        let id = self.copy(&self.kept[one..=one], self.keep).await?[0];
        Ok(Thing { kind: "photos", id, may_be: BTreeSet::from([Place::Here]), members: Vec::new() })
    }

    async fn copy(&self, photos: &[i64], gallery: i64) -> Result<Vec<i64>, Cut> {
        let body = json!({ "photo_ids": photos, "action": "copy", "gallery_id": gallery });
        let (status, body) = self.send(self.request(Method::POST, "/api/photos/batch").json(&body)).await?;
        assert_eq!(status, StatusCode::OK, "{body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        let done: Vec<i64> = body["done"].as_array().unwrap().iter().filter_map(Value::as_i64).collect();
        assert_eq!(done.len(), photos.len(), "{body}");
        Ok(done)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.url);
        let token = self.browser.token(&url).unwrap();
        self.browser.request(method, &url).header("accept", "application/json").header("x-csrf-token", token)
    }

    /// Half an answer is no answer.
    async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, String), Cut> {
        let answer = async {
            let answer = request.send().await?;
            reqwest::Result::Ok((answer.status(), answer.text().await?))
        };
        answer.await.map_err(|_cut_off| Cut)
    }
}

fn number(body: &str, pointer: &str) -> i64 {
    let body: Value = serde_json::from_str(body).unwrap();
    body.pointer(pointer).and_then(Value::as_i64).unwrap()
}
