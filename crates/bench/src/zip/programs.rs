//! The programs of others: nginx to compare with, and those that open archives.

use std::{
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Stdio},
};

use aws_lc_rs::digest::{Context, SHA256};

use crate::{
    figures::say,
    processes::{Process, free_port},
};

/// nginx with one folder, one process and `sendfile`, as on a server.
pub struct Nginx(Process);

impl Nginx {
    /// Starts it; `None` where it is not installed.
    pub async fn start(folder: &Path) -> anyhow::Result<Option<Self>> {
        let Some(program) = ["nginx", "/usr/sbin/nginx"].into_iter().find(|program| is_there(program, "-v"))
        else {
            return Ok(None);
        };
        let port = free_port()?;
        let place = folder.display();
        // It would give up its rights, and then could not read what is ours.
        let user = if fs::metadata(folder)?.uid() == 0 { "user root;" } else { "" };
        let settings = format!(
            "{user} daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log;
             events {{ worker_connections 64; }}
             http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {place}; proxy_temp_path {place};
                fastcgi_temp_path {place}; uwsgi_temp_path {place}; scgi_temp_path {place};
                server {{ listen 127.0.0.1:{port}; root {place}; }} }}"
        );
        fs::write(folder.join("nginx.conf"), settings)?;
        fs::write(folder.join("ready"), "yes")?;
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).stderr(Stdio::null());
        Ok(Some(Self(Process::start(&mut command, port, "/ready").await?)))
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.0.port
    }
}

/// Has every program that is there go through an archive.
pub fn check(file: &Path) {
    let python = "import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None";
    for (program, arguments, sign) in [
        ("unzip", vec!["-tqq"], "-v"),
        ("7z", vec!["t"], "i"),
        ("7zz", vec!["t"], "i"),
        ("python3", vec!["-c", python], "--version"),
    ] {
        if !is_there(program, sign) {
            say(format_args!("  {program:<52} not installed"));
            continue;
        }
        let mut command = Command::new(program);
        let ran = command.args(arguments).arg(file).stdout(Stdio::null()).status();
        let opened = ran.is_ok_and(|status| status.success());
        say(format_args!("  {program:<52} {:>8}", if opened { "opens it" } else { "DOES NOT OPEN IT" }));
    }
}

/// Has curl go on with what is in a file; false where there is no curl.
pub fn curl(port: u16, path: &str, file: &Path) -> anyhow::Result<bool> {
    if !is_there("curl", "--version") {
        return Ok(false);
    }
    let mut command = Command::new("curl");
    command.args(["-sS", "-C", "-", "-o"]).arg(file).arg(format!("http://127.0.0.1:{port}{path}"));
    anyhow::ensure!(command.status()?.success(), "curl could not go on");
    Ok(true)
}

/// SHA-256 of a file.
pub fn sha256(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut file = fs::File::open(path)?;
    let (mut context, mut buffer) = (Context::new(&SHA256), vec![0; 1 << 20]);
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(context.finish().as_ref().to_vec());
        }
        context.update(&buffer[..read]);
    }
}

fn is_there(program: &str, sign: &str) -> bool {
    let mut command = Command::new(program);
    let quiet = command.arg(sign).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok()
}
