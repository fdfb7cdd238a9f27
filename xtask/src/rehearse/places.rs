//! Names, ports and folders of one rehearsal.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// A domain that is nobody's.
pub const DOMAIN: &str = "rehearsal.example";

/// Where everything of a rehearsal is; removed with it.
pub struct Places {
    pub folder: PathBuf,
    pub http: u16,
    pub https: u16,
    /// Of each replica.
    pub auth: [u16; 2],
    pub photos: [u16; 2],
    /// Where each photos tells its figures.
    pub figures: [u16; 2],
    pub redis: u16,
    pub s3: u16,
}

impl Places {
    pub fn make() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("photos-rehearsal-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for part in [
            "mailbox",
            "storage",
            "acme/.well-known/acme-challenge",
            "certificates",
            "logs",
            "samples",
            "load",
        ] {
            fs::create_dir_all(folder.join(part))?;
        }
        // All at once, so that no port is given twice.
        let listeners = [(); 10].map(|()| TcpListener::bind(("127.0.0.1", 0)));
        let mut ports = [0; 10];
        for (port, listener) in ports.iter_mut().zip(listeners) {
            *port = listener?.local_addr()?.port();
        }
        let [http, https, redis, s3, ..] = ports;
        let (auth, photos, figures) = ([ports[4], ports[5]], [ports[6], ports[7]], [ports[8], ports[9]]);
        Ok(Self { folder, http, https, auth, photos, figures, redis, s3 })
    }

    pub fn of(&self, part: &str) -> PathBuf {
        self.folder.join(part)
    }

    /// What people open.
    pub fn url(&self, service: &str) -> String {
        format!("https://{service}.{DOMAIN}:{}", self.https)
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
