//! A full disk: the real program with its storage on a tiny volume of its own.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use common::identity::Role;
use image::{ImageFormat, RgbImage};
use serde_json::Value;
use test_support::{Answer, Client, programs, site};

use crate::harness::{Person, TestApp, eventually, jpeg};

/// In megabytes: less than two of the large pictures.
const VOLUME: &str = "size=8m";

/// What runs a program among mounts of its own. Root needs no users of its own for that, among whom it could not reach the
/// database of another user any more.
fn unshare() -> Command {
    let mut command = Command::new("unshare");
    if !fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        command.arg("-r");
    }
    command.arg("-m");
    command
}

/// Whether this machine lets us mount a volume that only our own child sees; says aloud if not.
fn may_mount() -> bool {
    let mut command = unshare();
    command.args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]).stdout(Stdio::null()).stderr(Stdio::null());
    let may = command.status().is_ok_and(|status| status.success());
    if !may {
        #[expect(clippy::print_stderr, reason = "a skipped test must not pass for one that ran")]
        {
            eprintln!(
                "SKIPPED: the test of a full disk: this machine lets nobody mount a volume of their own"
            );
        }
    }
    may
}

/// Photos whose storage is a volume of 8 MB.
struct Small {
    server: programs::Server,
    storage: PathBuf,
}

impl Small {
    fn start(app: &TestApp, workers: &str) -> Self {
        let storage = app.storage.with_extension("small");
        fs::create_dir_all(&storage).expect("a folder");
        let server = programs::Server::start(|port| {
            let mut command = unshare();
            let mount = format!("mount -t tmpfs -o {VOLUME} tmpfs \"$STORAGE_DIR\" && exec \"$0\" serve");
            command.args(["sh", "-c", &mount, env!("CARGO_BIN_EXE_photos")]).env_clear();
            command.envs(app.settings.iter().map(|(name, value)| (name, value)));
            command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command
                .env("PHOTOS_BIND", format!("127.0.0.1:{port}"))
                .env("PHOTOS_PUBLIC_URL", site::url("photos", port));
            command.env("STORAGE_DIR", &storage).env("RUST_LOG", "off");
            command.env("WORKER_PROCESSES", workers);
            command
        });
        Self { server, storage }
    }

    fn url(&self) -> String {
        site::url("photos", self.server.port)
    }

    /// A path on the volume, as it is reached from outside.
    fn inside(&self, name: &str) -> PathBuf {
        let root = format!("/proc/{}/root{}", self.server.id(), self.storage.display());
        Path::new(&root).join(name)
    }

    /// Leaves no room at all.
    fn fill(&self) {
        fs::write(self.inside("filler"), vec![1; 16 << 20]).expect_err("there is less room than that");
    }

    /// The names of all that lies there.
    fn files(&self) -> BTreeSet<String> {
        fn names(folder: &Path, found: &mut BTreeSet<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    names(&entry.path(), found);
                } else {
                    found.insert(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        let mut found = BTreeSet::new();
        names(&self.inside(""), &mut found);
        found
    }

    /// What was begun is removed behind the answer.
    async fn until_nothing_is_half_written(&self) {
        eventually("nothing half-written takes up room", async || {
            !self.files().iter().any(|name| name.contains('#'))
        })
        .await;
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        fs::remove_dir(&self.storage).ok();
    }
}

/// More than is written in one go.
fn large(seed: u8) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(1500, 1200, image::Rgb([seed, 1, 2]));
    picture.write_to(&mut bytes, ImageFormat::Bmp).expect("a picture");
    bytes.into_inner()
}

fn refused_for_room(answer: &Answer) {
    assert_eq!(answer.status, 507, "{}", answer.text());
    let refused = answer.json::<Value>()["refused"].clone();
    for file in refused.as_array().expect("each with its reason") {
        assert_eq!(file["reason"], "storage_full", "{refused}");
        assert!(file["detail"].as_str().is_some_and(|detail| detail.contains("no room")), "{refused}");
    }
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_loses_nothing_and_is_over_when_there_is_room() {
    if !may_mount() {
        return;
    }
    let app = TestApp::start_in_folder(&[]).await;
    let small = Small::start(&app, "0");
    app.create_user("ana", Role::Photographer).await;
    let browser = Client::new(&small.url());
    app.sign_in(&browser, "ana").await;
    let ana = Person { browser, url: small.url() };

    let first = ana.photo(None, "first.jpg", jpeg(1, 60, 40)).await;
    let both = ana.upload(None, &[("a.bmp", large(1)), ("b.bmp", large(2))]).await;
    let told = both.json::<Value>();
    assert_eq!((both.status.as_u16(), told["photos"].as_array().map(Vec::len)), (201, Some(1)), "{told}");
    assert_eq!(told["refused"][0]["reason"], "storage_full", "{told}");
    small.until_nothing_is_half_written().await;
    let before = small.files();
    small.fill();
    refused_for_room(&ana.upload(None, &[("small.jpg", jpeg(2, 60, 40))]).await);
    refused_for_room(&ana.upload(None, &[("large.bmp", large(3))]).await);
    small.until_nothing_is_half_written().await;
    let added: Vec<String> = small.files().difference(&before).cloned().collect();
    assert_eq!(added, ["filler"]);

    let photo = ana.browser.get_json(&format!("/api/photos/{first}")).await.json::<Value>();
    let original = ana.browser.get(photo["original_url"].as_str().expect("an address")).await;
    assert_eq!((original.status.as_u16(), original.body.len()), (200, jpeg(1, 60, 40).len()));
    assert_eq!(ana.browser.get("/photos").await.status, 200);

    fs::remove_file(small.inside("filler")).expect("our own file");
    ana.photo(None, "small.jpg", jpeg(2, 60, 40)).await;
}

#[tokio::test]
async fn a_photo_waits_for_room_however_long_that_takes_and_is_made_when_there_is_some() {
    if !may_mount() {
        return;
    }
    let app = TestApp::start_in_folder(&[]).await;
    let small = Small::start(&app, "1");
    app.create_user("ana", Role::Photographer).await;
    let browser = Client::new(&small.url());
    app.sign_in(&browser, "ana").await;
    let ana = Person { browser, url: small.url() };
    ana.photo(None, "first.jpg", jpeg(1, 60, 40)).await;
    assert_eq!(ana.all_done().await[0]["status"], "ready");

    // The original fits into what is left, its six pictures don't.
    small.fill();
    let filler = fs::File::options().write(true).open(small.inside("filler")).expect("our own file");
    let full = filler.metadata().expect("it is open").len();
    filler.set_len(full - 16384).expect("less than before");
    // What somebody holds open takes room after it is removed.
    drop(filler);
    let second = ana.photo(None, "second.jpg", jpeg(2, 60, 40)).await;
    let waits = "select count(*) from graphile_worker._private_jobs
        where key like 'render_photo:%' and run_at > now() and attempts = 0 and locked_at is null";
    let waiting = async || -> i64 { sqlx::query_scalar(waits).fetch_one(&app.db).await.expect("a number") };
    for _ in 0..3 {
        eventually("the photo waits for room", async || waiting().await == 1).await;
        // One more try would be the last.
        app.sql(
            "update graphile_worker._private_jobs set run_at = now(), max_attempts = 1
            where key like 'render_photo:%'",
        )
        .await;
    }
    eventually("the photo waits for room", async || waiting().await == 1).await;
    let photo = ana.browser.get_json(&format!("/api/photos/{second}")).await.json::<Value>();
    assert_eq!(photo["status"], "pending", "{photo}");

    fs::remove_file(small.inside("filler")).expect("our own file");
    app.sql("update graphile_worker._private_jobs set run_at = now() where key like 'render_photo:%'").await;
    let done = ana.all_done().await;
    assert!(done.len() == 2 && done.iter().all(|photo| photo["status"] == "ready"), "{done:#?}");
}
