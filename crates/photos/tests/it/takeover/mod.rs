//! The earlier system is taken over: its databases in place, its files where they lie, its accounts.

mod adopting;
pub mod earlier;
mod whole;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sqlx::{AssertSqlSafe, PgPool};

/// What a command printed.
pub struct Ran {
    pub ok: bool,
    pub output: String,
    pub complaints: String,
}

impl Ran {
    /// The number before these words in its figures.
    pub fn count(&self, words: &str) -> u64 {
        let lines = || self.output.lines().chain(self.complaints.lines());
        let line = lines()
            .find(|line| line.trim_start().split_once(' ').is_some_and(|(_, rest)| rest.trim() == words));
        let line =
            line.unwrap_or_else(|| panic!("no figure of “{words}” in\n{}{}", self.output, self.complaints));
        line.trim_start().split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    }
}

/// `photos` with these arguments, on this database and storage.
pub fn photos(database: &str, storage: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_photos"));
    command.args(arguments).env("PHOTOS_DATABASE_URL", database).env("STORAGE_DIR", storage);
    command.env("RUST_LOG", "error").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, with this at its standard input.
pub async fn run(mut command: Command, input: &str) -> Ran {
    let input = input.to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("the program starts");
        let mut standard_input = child.stdin.take().expect("it has an input");
        let feeding = std::thread::spawn(move || {
            // A program that reads nothing may have ended.
            standard_input.write_all(input.as_bytes()).ok();
        });
        let output = child.wait_with_output().expect("it ends");
        feeding.join().expect("no panic");
        output
    });
    let output = ran.await.expect("no panic");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Ran { ok: output.status.success(), output: text(output.stdout), complaints: text(output.stderr) }
}

/// Runs it and expects that it goes well.
pub async fn run_well(command: Command, input: &str) -> Ran {
    let ran = run(command, input).await;
    assert!(ran.ok, "{}{}", ran.output, ran.complaints);
    ran
}

/// A number that the database says.
pub async fn number(db: &PgPool, query: &str) -> i64 {
    let found = sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_one(db).await;
    found.unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// A file below a folder, with the folders it needs.
pub fn put(folder: &Path, below: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(below);
    std::fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
    std::fs::write(&path, bytes).expect("a file");
    path
}
