//! The service is killed again and again amid uploads and the work behind them: what was answered as stored is there.

pub mod service;
mod trash;

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use actix_web::web::Bytes;
use aws_lc_rs::digest::{SHA256, digest};
use common::{identity::Role, secrets::hex};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use test_support::{
    Client,
    reqwest::{
        self, Body, Method, StatusCode,
        multipart::{Form, Part},
    },
};

use self::service::Service;
use crate::harness::{TestApp, jpeg};

const KILLS: u32 = 10;
const FILES: u8 = 60;
/// As many as the upload page sends at a time.
const AT_ONCE: usize = 3;
/// Small enough for a kill to fall between two of them.
const CHUNK_BYTES: usize = 64 << 10;

/// A file to be uploaded.
struct Original {
    name: String,
    bytes: Bytes,
}

/// What the uploads and the killer know of each other.
#[derive(Default)]
struct Traffic {
    sent: AtomicU64,
    over: AtomicBool,
}

#[tokio::test]
async fn nothing_that_was_answered_as_stored_is_lost_however_often_the_service_is_killed() {
    let app = TestApp::start().await;
    app.stop_photos().await;
    let mut random = Random::seeded();
    let originals = originals(&mut random);
    let mut service = Service::start(&app).await;
    let browser = Client::new(&service.url);
    app.create_user("ana", Role::Photographer).await;
    app.sign_in(&browser, "ana").await;

    let traffic = Arc::new(Traffic::default());
    let url = format!("{}/api/upload", service.url);
    let uploads = async {
        let stored = stream::iter(&originals).map(|original| upload(&browser, &url, original, &traffic));
        let stored: Vec<(i32, &Original)> = stored.buffer_unordered(AT_ONCE).collect().await;
        traffic.over.store(true, Ordering::Relaxed);
        stored
    };
    let (stored, ()) = tokio::join!(uploads, kill_at_random_moments(&mut service, &mut random, &traffic));

    wait_until_quiet(&app).await;
    check_photos(&app, &stored).await;
    check_storage(&app).await;
    service.wait_for_the_end_of_the_killed().await;
}

async fn kill_at_random_moments(service: &mut Service<'_>, random: &mut Random, traffic: &Traffic) {
    for round in 0..KILLS {
        let moment = traffic.sent.load(Ordering::Relaxed) + random.below(5_000_000);
        while traffic.sent.load(Ordering::Relaxed) < moment {
            assert!(!traffic.over.load(Ordering::Relaxed), "the uploads were over after {round} kills");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(random.below(100))).await;
        service.kill(round % 2 == 1).await;
    }
}

/// Sends the file until the service says that it is stored.
async fn upload<'a>(
    browser: &Client,
    url: &str,
    original: &'a Original,
    traffic: &Arc<Traffic>,
) -> (i32, &'a Original) {
    loop {
        let body = slowly(original.bytes.clone(), Arc::clone(traffic));
        let file = Part::stream_with_length(body, original.bytes.len() as u64);
        let file = file.file_name(original.name.clone());
        let request = browser
            .request(Method::POST, url)
            .header("accept", "application/json")
            .header("x-csrf-token", browser.token(url).unwrap())
            .multipart(Form::new().part("photos", file));
        // Half an answer is no answer.
        let answer = async {
            let answer = request.send().await?;
            reqwest::Result::Ok((answer.status(), answer.text().await?))
        };
        match answer.await {
            Ok((StatusCode::CREATED, body)) => {
                let body: Value = serde_json::from_str(&body).unwrap();
                let id = body["photos"][0]["id"].as_i64().unwrap();
                return (i32::try_from(id).unwrap(), original);
            }
            Ok((status, body)) => panic!("{}: {status} {body}", original.name),
            Err(_cut_off) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn slowly(bytes: Bytes, traffic: Arc<Traffic>) -> Body {
    let chunks = stream::unfold((bytes, traffic), async |(mut rest, traffic)| {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(8)).await;
        let chunk = rest.split_to(CHUNK_BYTES.min(rest.len()));
        traffic.sent.fetch_add(chunk.len() as u64, Ordering::Relaxed);
        Some((Ok::<_, Infallible>(chunk), (rest, traffic)))
    });
    Body::wrap_stream(chunks)
}

/// Small pictures; what follows their end makes some of them as heavy as those of a camera.
fn originals(random: &mut Random) -> Vec<Original> {
    let original = |number| {
        let mut bytes = jpeg(number, 900, 600);
        // The largest are more than what an upload holds in memory.
        let most = [9_000_000, 300_000, 300_000, 3_000_000, 300_000][usize::from(number % 5)];
        for _ in 0..random.below(most / 8) {
            bytes.extend(random.next().to_le_bytes());
        }
        Original { name: format!("photo {number}.jpg"), bytes: bytes.into() }
    };
    (0..FILES).map(original).collect()
}

async fn wait_until_quiet(app: &TestApp) {
    let deadline = Instant::now() + Duration::from_mins(1);
    let unfinished = "select (select count(*) from graphile_worker._private_jobs)
        + (select count(*) from photo where status = 'pending')";
    loop {
        let count: i64 = sqlx::query_scalar(unfinished).fetch_one(&app.db).await.unwrap();
        if count == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{count} jobs and pending photos are left");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Every answered file is there byte for byte and has its pictures; there is nothing else.
async fn check_photos(app: &TestApp, stored: &[(i32, &Original)]) {
    type Row = (i32, String, Option<String>, Option<String>, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "select photo.id, photo.status, files.storage_key, encode(files.sha256, 'hex'),
            (select count(*) from renditions where renditions.photo_id = photo.id)
         from photo left join files on files.id = photo.file_id",
    )
    .fetch_all(&app.db)
    .await
    .unwrap();
    assert_eq!((rows.len(), stored.len()), (usize::from(FILES), usize::from(FILES)), "a photo for each file");
    for (id, original) in stored {
        let row = rows.iter().find(|(photo, ..)| photo == id);
        let (_, status, key, sum, renditions) = row.unwrap_or_else(|| panic!("{} is lost", original.name));
        assert_eq!((status.as_str(), *renditions), ("ready", 6), "{}", original.name);
        let bytes = std::fs::read(app.storage.join(key.as_ref().unwrap())).unwrap();
        assert!(bytes == original.bytes, "{}: {} bytes were stored", original.name, bytes.len());
        assert_eq!(*sum, Some(hex(digest(&SHA256, &bytes).as_ref())), "{}", original.name);
    }
    let loose = "select count(*) from files where id not in (select file_id from photo)";
    let loose: i64 = sqlx::query_scalar(loose).fetch_one(&app.db).await.unwrap();
    assert_eq!(loose, 0, "files without a photo");
}

/// Every whole file in the storage is a row's, or is noted to be removed; half a one is known by its name.
async fn check_storage(app: &TestApp) {
    let known = "select storage_key from files union all select storage_key from renditions
        union all select storage_key from pending_files";
    let known: Vec<String> = sqlx::query_scalar(known).fetch_all(&app.db).await.unwrap();
    let known: BTreeSet<String> = known.into_iter().collect();
    let mut whole = app.stored_files();
    whole.retain(|name| !name.contains('#'));
    app.stored().await.remove_unfinished(Duration::ZERO).await.unwrap();
    let left = app.stored_files();
    assert_eq!(whole, left, "half-written files are removed, and nothing else");
    let strays: Vec<String> = left.into_iter().filter(|key| !known.contains(key)).collect();
    assert!(strays.is_empty(), "nobody's files: {strays:#?}");
}

/// Numbers that come again with the same seed.
struct Random(u64);

impl Random {
    /// From `KILLS_SEED`, or from the clock; says which, so that a run can be had again.
    fn seeded() -> Self {
        let now = || u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos());
        let seed = std::env::var("KILLS_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
        #[expect(clippy::print_stderr, reason = "whoever looks for a fault needs the seed")]
        {
            eprintln!("KILLS_SEED={seed}");
        }
        Self(seed)
    }

    // This is `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}
