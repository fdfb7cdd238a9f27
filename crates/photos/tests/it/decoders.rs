//! Decoders that crash, hang or are killed: what becomes of their photo, and of the others.

use std::{
    fs::{File, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use common::config::Settings;
use imaging::Recipe;
use photos::{
    config::WorkerConfig,
    identity::AccountId,
    renditions::{
        deaths::Death,
        decoders::{Decoders, Outcome},
        process::Request,
        worker,
    },
    storage::Readable,
};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::harness::{Person, TestApp, jpeg};

const PROGRAM: &str = env!("CARGO_BIN_EXE_photos");
/// Longer than any decoder here takes that is not meant to hang.
const PATIENCE: Duration = Duration::from_mins(2);
/// Whose photos are rendered where it does not matter.
const ANA: AccountId = AccountId(1);

#[tokio::test]
async fn a_decoder_does_photo_after_photo_and_a_bad_one_is_no_reason_to_end() {
    let folder = Folder::new("again");
    let decoders = Decoders::new(&folder.counting(""), 1);
    for seed in 0..3 {
        let outcome = render(&decoders, &folder, &jpeg(seed, 900, 600), 30).await;
        let Outcome::Rendered(rendered) = outcome else { panic!("photo {seed}") };
        assert_eq!(rendered.renditions.len(), 6);
        assert!(rendered.renditions.iter().all(|rendition| rendition.file.starts_with(&[0xFF, 0xD8])));
        let outcome = render(&decoders, &folder, b"\xFF\xD8\xFFno picture", 30).await;
        assert!(matches!(outcome, Outcome::Failed(_)), "photo {seed}");
    }
    assert_eq!(folder.starts(), 1);
}

#[tokio::test]
async fn a_decoder_never_reads_photos_of_two_people() {
    let folder = Folder::new("people");
    let decoders = Decoders::new(&folder.counting(""), 1);
    for (owner, starts) in [(1, 1), (1, 1), (2, 2), (2, 2), (1, 3)] {
        let (request, original) = folder.request(&jpeg(1, 60, 40), 30);
        let slot = decoders.slot().await;
        slot.render(AccountId(owner), &request, original, PATIENCE).await.unwrap();
        assert_eq!(folder.starts(), starts);
    }
}

#[tokio::test]
async fn the_time_of_one_photo_is_not_taken_from_the_next() {
    let folder = Folder::new("time");
    let decoders = Decoders::new(&folder.counting(""), 1);
    let photo = jpeg(1, 6000, 4000);
    let (mut worked, mut starts) = (0, 1);
    // Far more than two seconds for each decoder (one that holds too much is replaced); each photo has two of its own, of
    // which the first may be used up already.
    for photos in 0.. {
        if worked > 3_000_000 * starts {
            break;
        }
        assert!(photos < 300, "each photo gets a decoder of its own: {worked} µs, {starts} decoders");
        let Outcome::Rendered(rendered) = render(&decoders, &folder, &photo, 2).await else {
            panic!("{worked}")
        };
        let imaging::Timings { decoding, resizing, marking, encoding, .. } = rendered.timings;
        worked += decoding + resizing + marking + encoding;
        starts = u64::try_from(folder.starts()).unwrap();
    }
    let Outcome::Died(Death::OfPhoto(failure)) = render(&decoders, &folder, &photo, 0).await else {
        panic!("no time, and yet it is done")
    };
    assert_eq!(failure.reason, "took_too_long");
}

#[tokio::test]
async fn a_decoder_that_hangs_without_working_is_ended_by_the_clock() {
    let folder = Folder::new("hang");
    let decoders = Decoders::new(&folder.script("exec sleep 1000"), 1);
    let slot = decoders.slot().await;
    let (request, original) = folder.request(&jpeg(1, 60, 40), 30);
    let outcome = slot.render(ANA, &request, original, Duration::from_millis(300)).await.unwrap();
    assert!(matches!(outcome, Outcome::Died(Death::OfPhoto(failure)) if failure.reason == "took_too_long"));
}

#[tokio::test]
async fn a_photo_that_takes_more_memory_than_it_was_given_dies_alone() {
    let folder = Folder::new("memory");
    let decoders = Decoders::new(&folder.counting(""), 1);
    let slot = decoders.slot().await;
    // A header that lies about its size would be admitted like this.
    let (mut request, original) = folder.request(&webp(6000, 4000), 30);
    request.memory = 1 << 20;
    let outcome = slot.render(ANA, &request, original, PATIENCE).await.unwrap();
    let reason = match outcome {
        Outcome::Died(Death::OfPhoto(failure)) | Outcome::Failed(failure) => failure.reason,
        _ => panic!("144 MB in 33"),
    };
    assert_eq!(reason, "too_much_memory");
    drop(slot);
    assert!(matches!(render(&decoders, &folder, &jpeg(1, 60, 40), 30).await, Outcome::Rendered(_)));
}

#[tokio::test]
async fn a_decoder_that_breaks_twice_fails_its_photo_and_the_next_ones_are_done() {
    let (app, folder) = (TestApp::start().await, Folder::new("crash"));
    let ana = app.photographer("ana").await;
    let program = folder.counting("[ $starts -le 2 ] && kill -SEGV $$");
    let worker = work(&app, &program, &[]);
    ana.photo(None, "bad.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(states(&ana).await, ["failed decoder_crashed"]);
    assert_eq!(folder.starts(), 2, "once more apart, and then no more");
    for seed in 2..5 {
        ana.photo(None, "good.jpg", jpeg(seed, 60, 40)).await;
    }
    assert_eq!(states(&ana).await, ["ready", "ready", "ready", "failed decoder_crashed"]);
    worker.abort();
}

#[tokio::test]
async fn a_photo_whose_decoder_breaks_once_is_done_by_another() {
    let (app, folder) = (TestApp::start().await, Folder::new("once"));
    let ana = app.photographer("ana").await;
    let worker = work(&app, &folder.counting("[ $starts -le 1 ] && kill -SEGV $$"), &[]);
    ana.photo(None, "unlucky.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(states(&ana).await, ["ready"]);
    assert_eq!(folder.starts(), 2);
    worker.abort();
}

#[tokio::test]
async fn a_decoder_that_is_killed_from_outside_says_nothing_about_its_photo() {
    let (app, folder) = (TestApp::start().await, Folder::new("killed"));
    let ana = app.photographer("ana").await;
    // As a machine out of memory does it; the third try is the queue's.
    let worker = work(&app, &folder.counting("[ $starts -le 2 ] && kill -KILL $$"), &[]);
    ana.photo(None, "a.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(states(&ana).await, ["ready"]);
    assert_eq!(folder.starts(), 3);
    worker.abort();
}

#[tokio::test]
async fn a_photo_that_wants_more_memory_than_all_of_them_have_fails_and_says_so() {
    // Drawn before anything waits for this thread.
    let large = webp(4000, 3000);
    let app = TestApp::start().await;
    let ana = app.photographer("ana").await;
    let _worker = app.worker_with(&[("PROCESSING_MEMORY_MB", "64")]);
    ana.photo(None, "large.webp", large).await;
    ana.photo(None, "small.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(states(&ana).await, ["ready", "failed too_much_memory"]);
}

/// A worker within the test, whose decoders are this program.
fn work(app: &TestApp, program: &Path, own: &[(&str, &str)]) -> JoinHandle<anyhow::Result<()>> {
    let given = [("PHOTOS_DATABASE_URL", app.database.url.as_str()), ("WORKER_CONCURRENCY", "1")];
    let pairs = given.iter().chain(own).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut settings = Settings::from_pairs(pairs.chain(app.place.clone()).collect::<Vec<_>>());
    let config = WorkerConfig::from_settings(&mut settings);
    let (config, program) = (settings.finish(config).unwrap(), program.to_owned());
    tokio::spawn(async move { worker::run(config, &program, std::future::pending()).await })
}

/// Status and reason of every photo, the newest first.
async fn states(person: &Person) -> Vec<String> {
    let state = |photo: &Value| {
        let reason = photo["failure"]["reason"].as_str().unwrap_or_default();
        format!("{} {reason}", photo["status"].as_str().unwrap()).trim().to_owned()
    };
    person.all_done().await.iter().map(state).collect()
}

async fn render(decoders: &Decoders, folder: &Folder, photo: &[u8], cpu_seconds: u64) -> Outcome {
    let (request, original) = folder.request(photo, cpu_seconds);
    decoders.slot().await.render(ANA, &request, original, PATIENCE).await.unwrap()
}

/// A plain picture: little to store, much to decode.
fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbaImage::new(width, height).write_to(&mut bytes, image::ImageFormat::WebP).unwrap();
    bytes.into_inner()
}

/// A folder of a test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("decoders-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A program that does this instead of decoding.
    fn script(&self, lines: &str) -> PathBuf {
        let path = self.0.join("decoder");
        std::fs::write(&path, format!("#!/bin/sh\n{lines}\n")).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// The real decoder, after these lines; the number of starts is kept, and known to them as `$starts`.
    fn counting(&self, lines: &str) -> PathBuf {
        let count = self.0.join("starts").display().to_string();
        self.script(&format!("echo >> {count}\nstarts=$(wc -l < {count})\n{lines}\nexec {PROGRAM} \"$@\""))
    }

    fn starts(&self) -> usize {
        std::fs::read_to_string(self.0.join("starts")).unwrap().lines().count()
    }

    fn request(&self, photo: &[u8], cpu_seconds: u64) -> (Request, Readable) {
        let path = self.0.join("photo");
        std::fs::write(&path, photo).unwrap();
        let size = photo.len() as u64;
        let request = Request { recipe: Recipe::default(), size, cpu_seconds, memory: 256 << 20 };
        (request, Readable { descriptor: File::open(path).unwrap().into(), size })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
