//! A real browser without a screen, for what only a browser shows.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::time::sleep;

const DRIVER: &str = "/usr/bin/chromedriver";
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Chromium with a profile of its own; closed when this is dropped.
pub struct Browser {
    /// What drives it.
    pub client: Client,
    driver: Child,
    process: Option<u64>,
    profile: PathBuf,
}

impl Browser {
    /// Whether a browser is installed and wanted. Says aloud when browser tests are skipped; with `CI=true` skipping
    /// is a failure.
    pub fn available() -> bool {
        let skipped = std::env::var("BROWSER_TESTS").is_ok_and(|value| value == "skip");
        if !skipped && driver().exists() && browser().is_some() {
            return true;
        }
        assert!(
            std::env::var("CI").is_err(),
            "CI must run the browser tests: install chromium and chromium-driver"
        );
        #[expect(clippy::print_stderr, reason = "a skipped test must not pass for one that ran")]
        {
            eprintln!(
                "SKIPPED: a browser test (BROWSER_TESTS=skip, or chromium and chromium-driver are missing)"
            );
        }
        false
    }

    /// Starts a browser whose pages see a window of this size in CSS pixels.
    pub async fn start(width: u32, height: u32) -> Self {
        Self::start_with(width, height, &[]).await
    }

    /// The same with arguments of the test's own.
    pub async fn start_with(width: u32, height: u32, arguments: &[String]) -> Self {
        let port = free_port();
        let profile = std::env::temp_dir().join(format!("browser-{}-{port}", std::process::id()));
        fs::create_dir_all(&profile).expect("a folder for the browser's profile");
        let driver = Command::new(driver())
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let client = connect(port, &profile, (width, height), arguments).await;
        let process = client.capabilities().and_then(|all| all.get("goog:processID")?.as_u64());
        Self { client, driver, process, profile }
    }

    /// The inner size of the window.
    pub async fn size(&self) -> (u64, u64) {
        let script = "return [window.innerWidth, window.innerHeight]";
        let size = self.client.execute(script, Vec::new()).await.expect("the browser runs a script");
        (size[0].as_u64().expect("a width"), size[1].as_u64().expect("a height"))
    }

    /// Clicks what leads to another page and waits until the page it stood on is gone, so that what comes next is not
    /// done there.
    pub async fn follow(&self, link_or_button: Locator<'_>) {
        let before = self.client.find(Locator::Css("html")).await.expect("a page");
        let clicked = self.client.find(link_or_button).await.expect("what leads on");
        clicked.click().await.expect("a click");
        for _ in 0..300 {
            if before.tag_name().await.is_err() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{link_or_button:?} led nowhere");
    }

    /// Waits for the page with this heading.
    pub async fn arrives_at(&self, heading: &str) {
        let path = format!("//h1[text()='{heading}']");
        let found = self.client.wait().for_element(Locator::XPath(&path)).await;
        found.unwrap_or_else(|error| panic!("{heading}: {error}"));
    }

    /// Ends the browser in peace. Dropping ends it too, a little rougher.
    pub async fn close(self) {
        self.client.clone().close().await.expect("the browser closes");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver does not take its browser along, so that is asked to go by itself.
        let process = self.process.map(|process| process.to_string()).unwrap_or_default();
        let _may_be_gone = Command::new("kill").arg(&process).stderr(Stdio::null()).status();
        let _may_be_gone = self.driver.kill();
        let _ended = self.driver.wait();
        for _ in 0..60 {
            if process.is_empty() || !Path::new("/proc").join(&process).exists() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _in_use = fs::remove_dir_all(&self.profile);
    }
}

async fn connect(port: u16, profile: &Path, (width, height): (u32, u32), own: &[String]) -> Client {
    let arguments = [
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--hide-scrollbars".to_owned(),
        format!("--user-data-dir={}", profile.display()),
    ];
    let arguments = [&arguments[..], own].concat();
    let options = json!({
        "binary": browser(),
        "args": arguments,
        // The window of a desktop browser can't be as narrow as a phone; the emulated screen can.
        "mobileEmulation": { "deviceMetrics": { "width": width, "height": height, "pixelRatio": 1.0, "mobile": false, "touch": false } },
    });
    let mut capabilities = serde_json::Map::new();
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    let address = format!("http://127.0.0.1:{port}");
    let mut last = None;
    for _ in 0..100 {
        match builder.connect(&address).await {
            Ok(client) => return client,
            Err(error) => last = Some(error),
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("chromedriver does not answer: {last:?}");
}

fn driver() -> PathBuf {
    std::env::var_os("CHROMEDRIVER").map_or_else(|| DRIVER.into(), PathBuf::from)
}

fn browser() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(BROWSERS.map(PathBuf::from)).find(|path| path.exists())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("it is bound").port()
}
