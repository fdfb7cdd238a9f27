//! The ports of the services: free, or taken by whom?

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::{process, say};

/// Makes sure that a port can be had. A service that a killed run left behind is ended; others are named.
pub fn ensure_free(port: u16, programs: &Path) -> Result<()> {
    if is_free(port) {
        return Ok(());
    }
    let holder = holder(port);
    if let Some((id, program)) = &holder
        && program.parent() == Some(programs)
    {
        say(format_args!("Ending the {} that an earlier run left behind.", name(program)));
        process::end(*id, "TERM", Duration::from_secs(10));
        // Its workers are in its group.
        process::signal("KILL", &format!("-{id}"));
        if is_free(port) {
            return Ok(());
        }
    }
    match holder {
        Some((id, program)) => {
            bail!("Port {port} is in use by `{}` (process {id}): stop it and start again.", name(&program))
        }
        None => bail!("Port {port} is in use by a process of another account: stop it and start again."),
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn name(program: &Path) -> String {
    program.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The process that listens on a port, as far as we may see, and its program.
fn holder(port: u16) -> Option<(u32, PathBuf)> {
    let sockets: Vec<_> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listeners(&table, port))
        .map(|inode| PathBuf::from(format!("socket:[{inode}]")))
        .collect();
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .find(|(_, process)| {
            let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
            open.filter_map(|file| fs::read_link(file.path()).ok()).any(|target| sockets.contains(&target))
        })
        .map(|(id, process)| (id, without_mark(fs::read_link(process.join("exe")).unwrap_or_default())))
}

/// A program that was built anew while running is marked so by the kernel.
fn without_mark(program: PathBuf) -> PathBuf {
    match program.to_str().and_then(|path| path.strip_suffix(" (deleted)")) {
        Some(path) => path.into(),
        None => program,
    }
}

/// The inodes of sockets that listen on a port, in the format of `/proc/net/tcp`.
fn listeners(table: &str, port: u16) -> Vec<String> {
    const LISTENING: &str = "0A";
    let ending = format!(":{port:04X}");
    let rows = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.len() > 9 && row[1].ends_with(&ending) && row[3] == LISTENING)
        .map(|row| row[9].to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listeners_of_that_port_count() {
        let table = "  sl  local_address rem_address   st tx rx tr tm->when retrnsmt uid timeout inode\n\
            0: 0100007F:138F 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1\n\
            1: 0100007F:138F 0100007F:9999 01 00000000:00000000 00:00000000 00000000 0 0 4712 1\n\
            2: 0100007F:1391 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4713 1\n";
        assert_eq!(listeners(table, 5007), ["4711"]);
    }

    #[test]
    fn a_listening_port_is_not_free_and_its_holder_is_us() -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        assert!(!is_free(port));
        assert_eq!(holder(port).map(|(id, _)| id), Some(std::process::id()));
        Ok(())
    }
}
