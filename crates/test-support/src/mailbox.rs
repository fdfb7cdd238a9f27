//! The mailbox of one test: a folder into which a service writes its mails, read as a person reads their mail.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use mail_parser::MessageParser;

/// Mail is sent beside the requests, and the tests run on busy machines.
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder of mails; it is gone when this is dropped.
pub struct Mailbox {
    folder: PathBuf,
}

/// A mail as its recipient sees it.
#[derive(Clone, Debug)]
pub struct Received {
    /// The recipient's address.
    pub to: String,
    /// The sender's address.
    pub from: String,
    /// The subject, decoded.
    pub subject: String,
    /// The text part, decoded.
    pub text: String,
    /// The HTML part, decoded.
    pub html: String,
    /// The mail as it travelled.
    pub raw: String,
}

impl Mailbox {
    /// An empty mailbox.
    pub fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("mails-test-{}-{count}", std::process::id()));
        // A dead process may have had our number.
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).expect("a folder for mails");
        Self { folder }
    }

    /// The folder, as a setting.
    pub fn path(&self) -> &str {
        self.folder.to_str().expect("a plain path")
    }

    /// Every mail that has arrived by now, oldest first.
    pub fn mails(&self) -> Vec<Received> {
        let files = fs::read_dir(&self.folder).expect("the folder of mails");
        let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        // The names sort by time.
        paths.sort();
        paths.iter().map(|path| Received::read(path)).collect()
    }

    /// The first `count` mails, waited for.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        self.until(|mails| mails.len() >= count, &format!("{count} mails")).await
    }

    /// The newest mail to this address, waited for. A test that expects a second one counts with `nth_mail_to`.
    pub async fn mail_to(&self, address: &str) -> Received {
        self.nth_mail_to(address, 1).await
    }

    /// The newest mail to this address once there are at least `count`.
    pub async fn nth_mail_to(&self, address: &str, count: usize) -> Received {
        let theirs = |mail: &Received| mail.to.eq_ignore_ascii_case(address);
        let enough = |mails: &[Received]| mails.iter().filter(|mail| theirs(mail)).count() >= count;
        let mails = self.until(enough, &format!("{count} mails to {address}")).await;
        mails.into_iter().rfind(theirs).expect("there are enough")
    }

    async fn until(&self, enough: impl Fn(&[Received]) -> bool, what: &str) -> Vec<Received> {
        let begun = Instant::now();
        loop {
            let mails = self.mails();
            if enough(&mails) {
                return mails;
            }
            let there: Vec<_> = mails.iter().map(|mail| (&mail.to, &mail.subject)).collect();
            assert!(begun.elapsed() < PATIENCE, "no {what} arrived; there are {there:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

impl Received {
    /// Reads a mail as it travelled.
    pub fn parse(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).expect("a mail");
        let address = |list: Option<&mail_parser::Address<'_>>| {
            let first = list.and_then(|list| list.first()).and_then(|address| address.address());
            first.expect("an address").to_owned()
        };
        Self {
            to: address(message.to()),
            from: address(message.from()),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).expect("a text part").into_owned(),
            html: message.body_html(0).expect("an HTML part").into_owned(),
            raw: String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(&bytes)
    }

    /// The addresses in the text part, in their order.
    pub fn links(&self) -> Vec<String> {
        let words = self.text.split_whitespace().filter(|word| word.contains("://"));
        words.map(|word| word.trim_matches(['<', '>', '(', ')', '"', ',']).to_owned()).collect()
    }

    /// The one address in the text part.
    pub fn link(&self) -> String {
        let [link] = self.links().try_into().unwrap_or_else(|links| panic!("one link: {links:?}"));
        link
    }
}
