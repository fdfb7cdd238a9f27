//! Backup and restore, by the scripts that an operator calls, on a site that runs.

mod containers;
mod damage;
mod drill;

use std::{
    env, fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process_group};
use sqlx::{Connection, PgConnection};
use test_support::{TestDatabase, site};

use crate::{
    harness::{Person, TestApp, Worker, eventually, jpeg, new_auth_database, new_database},
    takeover::{run, run_well},
};

/// A site with a photographer, and a place for its backups.
struct Site {
    app: TestApp,
    ana: Person,
    /// The address of the accounts' database.
    auth: String,
    place: PathBuf,
}

/// Where a site is restored to.
struct Empty {
    auth: TestDatabase,
    photos: TestDatabase,
    storage: PathBuf,
}

impl Site {
    async fn start() -> Self {
        let (auth, photos) = (new_auth_database().await, new_database().await);
        let url = auth.url.clone();
        let app = TestApp::start_on(auth, photos, None, &[("VERIFY_CACHE_SECONDS", "0")], &[]).await;
        let ana = app.photographer("ana").await;
        let place = app.storage.with_extension("backups");
        fs::create_dir_all(place.join("bin")).unwrap();
        let auth_service = Path::new(env!("CARGO_BIN_EXE_photos")).with_file_name("auth-service");
        assert!(auth_service.is_file(), "{} is missing: build the whole workspace", auth_service.display());
        Self { app, ana, auth: url, place }
    }

    /// A gallery with two photos and a link, all done; the ids of the photos and the link's path.
    async fn wedding(&self) -> ([i64; 2], String) {
        let _worker: Worker = self.app.worker();
        let gallery = self.ana.gallery("Wedding").await;
        let one = self.ana.photo(Some(gallery), "1.jpg", jpeg(1, 60, 40)).await;
        let two = self.ana.photo(Some(gallery), "2.jpg", jpeg(2, 60, 40)).await;
        self.ana.all_done().await;
        ([one, two], self.ana.share(gallery, "full").await.1)
    }

    /// One of the scripts in `deploy/`, without containers.
    fn script(&self, name: &str, arguments: &[&str], databases: [&str; 2], storage: &Path) -> Command {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name);
        let mut command = Command::new("sh");
        command.arg(script).arg(&self.place).args(arguments).env_clear();
        let own = [
            ("AUTH_DATABASE_URL", databases[0]),
            ("PHOTOS_DATABASE_URL", databases[1]),
            ("STORAGE_DIR", storage.to_str().unwrap()),
            ("PHOTOS_SECRETS", site::SECRET),
            ("RUST_LOG", "error"),
        ];
        let path = format!("{}:{}", self.place.join("bin").display(), search_path());
        command.envs(site::settings(&own)).env("PATH", path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn backup(&self, arguments: &[&str]) -> Command {
        self.script("backup", arguments, [&self.auth, &self.app.database.url], &self.app.storage)
    }

    fn restore(&self, to: &Empty, arguments: &[&str]) -> Command {
        self.script("restore", arguments, [&to.auth.url, &to.photos.url], &to.storage)
    }

    /// `photos` with these arguments, as the restored site would run it.
    fn photos(&self, to: &Empty, arguments: &[&str]) -> Command {
        let command = self.restore(to, &[]);
        let mut photos = Command::new(env!("CARGO_BIN_EXE_photos"));
        photos.args(arguments).env_clear();
        photos.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        photos.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        photos
    }

    /// Starts a backup that stands still behind its dumps, and returns when it does.
    async fn backup_that_waits(&self) -> Waiting {
        let (shim, reached, go) =
            (self.place.join("bin/pg_restore"), self.place.join("reached"), self.place.join("go"));
        let wait = format!(
            "#!/bin/sh\n: > '{}'\nwhile [ ! -e '{}' ]; do sleep 0.02; done\nPATH='{}' exec pg_restore \"$@\"\n",
            reached.display(),
            go.display(),
            search_path()
        );
        fs::write(&shim, wait).unwrap();
        fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).unwrap();
        let child = self.backup(&[]).process_group(0).spawn().unwrap();
        eventually("both databases are dumped", async || reached.exists()).await;
        Waiting { child, shim, reached, go }
    }

    /// The backups that are whole, the oldest first.
    fn backups(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.place).unwrap().map(|entry| entry.unwrap());
        let whole = entries.filter(|entry| entry.path().join("SHA256SUMS").exists());
        let mut names: Vec<String> = whole.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The media in the place of the backups, by their keys.
    fn media(&self) -> Vec<String> {
        let sums = fs::read_to_string(self.place.join(self.backups().last().unwrap()).join("SHA256SUMS"));
        let sums = sums.unwrap();
        let keys = sums.lines().filter_map(|line| Some(line.split_once("  media/")?.1.to_owned()));
        keys.collect()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.place).ok();
    }
}

impl Empty {
    async fn new(site: &Site, name: &str) -> Self {
        let (auth, photos) = (new_auth_database().await, new_database().await);
        for url in [&auth.url, &photos.url] {
            let mut db = PgConnection::connect(url).await.unwrap();
            let clear = "drop schema public cascade; drop schema if exists graphile_worker cascade; create schema public";
            sqlx::raw_sql(clear).execute(&mut db).await.unwrap();
            db.close().await.unwrap();
        }
        Self { auth, photos, storage: site.place.join(name) }
    }
}

/// A backup that stands still behind its dumps.
struct Waiting {
    child: Child,
    shim: PathBuf,
    reached: PathBuf,
    go: PathBuf,
}

impl Waiting {
    /// Lets it go on to its end.
    async fn go_on(self) -> (bool, String) {
        fs::write(&self.go, "").unwrap();
        let child = self.child;
        let ended = tokio::task::spawn_blocking(move || child.wait_with_output()).await.unwrap().unwrap();
        for file in [&self.shim, &self.reached, &self.go] {
            fs::remove_file(file).unwrap();
        }
        let said = [ended.stdout, ended.stderr].concat();
        (ended.status.success(), String::from_utf8(said).unwrap())
    }
}

/// Kills a script with all that it started, as a power cut does.
fn kill(mut child: Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw).unwrap();
    kill_process_group(group, Signal::KILL).unwrap();
    child.wait().unwrap();
}

/// Where the programs of `PostgreSQL`, the services and everything else are.
fn search_path() -> String {
    let asked = env::var_os("PG_BIN").map(PathBuf::from);
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    installed.sort();
    let ours = Path::new(env!("CARGO_BIN_EXE_photos")).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let folders =
        asked.into_iter().chain(installed.into_iter().rev()).chain([ours]).chain(env::split_paths(&path));
    env::join_paths(folders).unwrap().into_string().unwrap()
}
