//! An S3 server for `cargo xtask rehearse`: its buckets are folders in FOLDER, and SETTINGS tells how photos stores there.

use std::{env, fs, net::TcpListener, path::Path, process::ExitCode, thread};

use test_support::S3Server;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [port, folder, settings] = &arguments[..] else {
        return complain("usage: s3_server PORT FOLDER SETTINGS");
    };
    let Some(listener) = port.parse().ok().and_then(|port: u16| TcpListener::bind(("127.0.0.1", port)).ok())
    else {
        return complain(&format!("{port} is no free port"));
    };
    let server = S3Server::on(listener, Path::new(folder));
    let lines: String =
        server.settings("photos").iter().flat_map(|(name, value)| [name, "=", value, "\n"]).collect();
    if let Err(error) = fs::write(settings, lines) {
        return complain(&format!("{settings}: {error}"));
    }
    loop {
        thread::park();
    }
}

#[expect(clippy::print_stderr, reason = "a program for the command line says what is wrong there")]
fn complain(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}
