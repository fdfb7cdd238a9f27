//! The other way that mail can go: into a folder, a file a mail, for development and tests.

use std::path::{Path, PathBuf};

use tokio::{
    fs::{self, OpenOptions},
    io::AsyncWriteExt,
};

use super::{courier::Failure, message::Posted};

/// A folder of `<id>.eml`. The ids are made in the order of time, so names sort by it.
#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder is made with the first mail if it is not there.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the mail under another name first, so that whoever looks sees whole mails only.
    pub async fn send(&self, mail: &Posted) -> Result<(), Failure> {
        self.write(mail).await.map_err(|error| self.fault(&error))
    }

    /// Whether mails can be written there.
    pub async fn check(&self) -> Result<(), Failure> {
        let probe = self.0.join(".probe");
        let tried = async {
            fs::create_dir_all(&self.0).await?;
            fs::write(&probe, b"").await?;
            fs::remove_file(&probe).await
        };
        tried.await.map_err(|error| self.fault(&error))
    }

    async fn write(&self, mail: &Posted) -> std::io::Result<()> {
        fs::create_dir_all(&self.0).await?;
        let unfinished = self.0.join(format!(".{}.new", mail.id));
        // Links in it open accounts: it is for the owner's eyes alone.
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished).await?;
        file.write_all(&mail.bytes).await?;
        file.flush().await?;
        fs::rename(&unfinished, self.0.join(format!("{}.eml", mail.id))).await
    }

    fn fault(&self, error: &std::io::Error) -> Failure {
        Failure::Delayed(format!("{} can't be written: {error}", self.0.display()))
    }
}
