//! A PostgreSQL database for each test: a clone of a template that is migrated once and named by its migrations.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, migrate::Migrator};
use url::Url;

/// One number for the lock under which templates are made.
const LOCK: i64 = 0x7465_7374;

/// A database of one test; it is gone when this is dropped.
pub struct TestDatabase {
    /// Where a service finds it.
    pub url: String,
    name: String,
    server: Url,
}

impl TestDatabase {
    /// A fresh database with the migrations of `folder` applied. `extra` is called once for the template, for what
    /// plain migrations can't do (a job queue that migrates itself), and must close its connections.
    ///
    /// `kind` tells the services' databases apart: `auth`, `photos`.
    pub async fn create(kind: &str, folder: &Path, extra: impl AsyncFnOnce(&str)) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = server();
        let mut admin = connect(&server).await;
        let prefix = format!("test_{kind}_");
        let template = format!("{prefix}{:016x}", fingerprint(folder));
        ensure_template(&mut admin, &server, &prefix, &template, folder, extra).await;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        if count == 0 {
            sweep(&mut admin, &prefix, of_dead_process).await;
        }
        let name = format!("{prefix}{}_{count}", std::process::id());
        // Others may clone at the same time, but nobody may replace the template meanwhile.
        run(&mut admin, format!("select pg_advisory_lock_shared({LOCK})")).await;
        run(&mut admin, format!("drop database if exists {name}")).await;
        run(&mut admin, format!("create database {name} template {template}")).await;
        run(&mut admin, format!("select pg_advisory_unlock_shared({LOCK})")).await;
        admin.close().await.expect("the connection closes");
        Self { url: at(&server, &name).into(), name, server }
    }

    /// Refuses new connections and ends those there are, as if the server had gone away.
    pub async fn take_away(&self) {
        self.refuse_newcomers().await;
        self.end_connections("true").await;
    }

    /// Refuses new connections; those there are go on.
    pub async fn refuse_newcomers(&self) {
        let mut admin = connect(&self.server).await;
        run(&mut admin, format!("alter database {} with allow_connections false", self.name)).await;
    }

    /// Ends the connections for which this condition on `pg_stat_activity` holds, as a broken network does.
    pub async fn end_connections(&self, condition: &str) {
        let mut admin = connect(&self.server).await;
        let of = format!("from pg_stat_activity where datname = '{}' and {condition}", self.name);
        run(&mut admin, format!("select pg_terminate_backend(pid) {of}")).await;
    }

    /// Lets connections in again.
    pub async fn bring_back(&self) {
        let mut admin = connect(&self.server).await;
        run(&mut admin, format!("alter database {} with allow_connections true", self.name)).await;
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // The test's own runtime may be gone or busy; what fails here is swept at the next start.
        let done = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a small runtime").block_on(async {
                let mut admin = connect(&server).await;
                let statement = format!("drop database if exists {name} with (force)");
                let _swept_later = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await;
            });
        });
        let _swept_later = done.join();
    }
}

/// The server from `TEST_DATABASE_URL`.
fn server() -> Url {
    let text = std::env::var("TEST_DATABASE_URL");
    let text = text.expect("these tests need a PostgreSQL server: run `cargo xtask test`");
    Url::parse(&text).expect("TEST_DATABASE_URL is an address such as postgres://app@localhost/postgres")
}

fn at(server: &Url, database: &str) -> Url {
    let mut url = server.clone();
    url.set_path(database);
    url
}

async fn connect(url: &Url) -> PgConnection {
    PgConnection::connect(url.as_str())
        .await
        .unwrap_or_else(|error| panic!("the test database server does not answer: {error}"))
}

/// A template is built under another name and renamed when it is whole, so that a killed run leaves no half of one.
async fn ensure_template(
    admin: &mut PgConnection,
    server: &Url,
    prefix: &str,
    template: &str,
    folder: &Path,
    extra: impl AsyncFnOnce(&str),
) {
    if exists(admin, template).await {
        return;
    }
    run(admin, format!("select pg_advisory_lock({LOCK})")).await;
    if !exists(admin, template).await {
        // Templates of other migrations; whatever is in use refuses to be dropped.
        sweep(admin, prefix, |rest| !rest.contains('_')).await;
        let building = format!("{prefix}building");
        run(admin, format!("drop database if exists {building} with (force)")).await;
        run(admin, format!("create database {building}")).await;
        let url = at(server, &building);
        let mut connection = connect(&url).await;
        let migrator = Migrator::new(folder).await.expect("the migrations can be read");
        migrator.run(&mut connection).await.expect("the migrations can be applied");
        connection.close().await.expect("the connection closes");
        extra(url.as_str()).await;
        run(admin, format!("alter database {building} rename to {template}")).await;
    }
    run(admin, format!("select pg_advisory_unlock({LOCK})")).await;
}

/// Drops the databases of a kind that nobody needs any more, told by what follows the prefix in their names.
async fn sweep(admin: &mut PgConnection, prefix: &str, unneeded: impl Fn(&str) -> bool) {
    let rows = sqlx::query("select datname::text from pg_database where starts_with(datname::text, $1)")
        .bind(prefix)
        .fetch_all(&mut *admin)
        .await
        .expect("the catalogue can be read");
    for name in rows.iter().map(|row| row.get::<String, _>(0)) {
        if name.strip_prefix(prefix).is_some_and(&unneeded) {
            let statement = format!("drop database if exists {name}");
            let _in_use = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *admin).await;
        }
    }
}

/// Whether a clone (`<process>_<count>`) was left behind by a run that was killed.
fn of_dead_process(rest: &str) -> bool {
    rest.split_once('_').is_some_and(|(process, _)| !Path::new("/proc").join(process).exists())
}

async fn exists(admin: &mut PgConnection, name: &str) -> bool {
    sqlx::query("select 1 from pg_database where datname = $1")
        .bind(name)
        .fetch_optional(admin)
        .await
        .expect("the catalogue can be read")
        .is_some()
}

/// Names of databases can't be bound as values; all of them are made above from letters and digits.
async fn run(connection: &mut PgConnection, statement: String) {
    let shown = statement.clone();
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap_or_else(|error| panic!("{shown}: {error}"));
}

/// A number that changes when a migration changes.
fn fingerprint(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a readable folder").path()).collect();
    paths.sort();
    let mut hasher = DefaultHasher::new();
    for path in paths.iter().filter(|path| path.is_file()) {
        hasher.write(path.file_name().expect("a file has a name").as_encoded_bytes());
        hasher.write(&fs::read(path).expect("a readable migration"));
    }
    hasher.finish()
}
