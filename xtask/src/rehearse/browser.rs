//! A browser made of curl: it keeps cookies, trusts the rehearsal's authority alone, and looks at the headers of each
//! answer that it gets over https.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::places::{DOMAIN, Places, text};
use crate::process;
use crate::tools::Tools;

/// What every answer carries, and carries once.
const ALWAYS: [&str; 10] = [
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "content-security-policy",
    "permissions-policy",
    "x-xss-protection",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "cache-control",
];
/// What may come several times.
const REPEATED: [&str; 2] = ["set-cookie", "vary"];
/// Programs that give their own name are taken for robots, which see no picture of a link.
const NAME: &str = "Mozilla/5.0 (X11; Linux x86_64) rehearsal";
/// How curl says that its time was over.
const TIME_OVER: i32 = 28;

/// Browsers so far.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Somebody at a browser.
pub struct Browser {
    tools: Tools,
    folder: PathBuf,
    /// What is the same for every browser of the rehearsal.
    common: Vec<String>,
    pub photos: String,
    pub auth: String,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub url: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Browser {
    pub fn new(tools: &Tools, places: &Places, authority: &Path) -> Result<Self> {
        let mut common: Vec<String> =
            ["-q", "--silent", "--show-error", "--noproxy", "*", "--http2"].map(str::to_owned).to_vec();
        common.extend(["--user-agent", NAME].map(str::to_owned));
        common.extend(["--cacert".to_owned(), text(authority)]);
        for service in ["photos", "auth", "stranger"] {
            for port in [places.https, places.http] {
                common.extend(["--resolve".to_owned(), format!("{service}.{DOMAIN}:{port}:127.0.0.1")]);
            }
        }
        let (photos, auth) = (places.url("photos"), places.url("auth"));
        Self { tools: tools.clone(), folder: places.of("browsers"), common, photos, auth }.another()
    }

    /// Another browser of the same machine, that was nowhere yet.
    pub fn another(&self) -> Result<Self> {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.with_file_name(format!("browser-{number}"));
        fs::create_dir_all(&folder)?;
        let (common, photos, auth) = (self.common.clone(), self.photos.clone(), self.auth.clone());
        Ok(Self { tools: self.tools.clone(), folder, common, photos, auth })
    }

    /// Another browser with the cookies that this one has at this moment.
    pub fn twin(&self) -> Result<Self> {
        let twin = self.another()?;
        fs::copy(self.folder.join("cookies"), twin.folder.join("cookies"))?;
        Ok(twin)
    }

    /// Asks once; redirects are answers like others.
    pub fn ask(&self, url: &str, arguments: &[&str]) -> Result<Answer> {
        process::go_on()?;
        let [head, body, cookies] = ["head", "body", "cookies"].map(|name| self.folder.join(name));
        let _ = fs::remove_file(&body);
        let mut command = self.tools.command("curl");
        command.args(&self.common).args(["--max-time", "60", "--write-out", "%{http_code}"]);
        command.arg("--cookie").arg(&cookies).arg("--cookie-jar").arg(&cookies);
        command.arg("--dump-header").arg(&head).arg("--output").arg(&body).args(arguments).arg(url);
        let output = command.output()?;
        if !output.status.success() && output.status.code() != Some(TIME_OVER) {
            bail!("{url}: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let status = String::from_utf8_lossy(&output.stdout).trim().parse()?;
        let answer = Answer {
            status,
            url: url.to_owned(),
            headers: parsed(&fs::read_to_string(&head)?),
            body: fs::read(&body).unwrap_or_default(),
        };
        if url.starts_with("https://") {
            answer.check_headers()?;
        }
        Ok(answer)
    }

    pub fn get(&self, url: &str) -> Result<Answer> {
        self.ask(url, &["--header", "Accept: text/html"])
    }

    /// Follows redirects as a browser does, each of them looked at.
    pub fn follow(&self, mut answer: Answer) -> Result<Answer> {
        for _ in 0..10 {
            if !(300..400).contains(&answer.status) {
                return Ok(answer);
            }
            let to = answer.header("location").context("a redirect to nowhere")?.to_owned();
            let origin: String = answer.url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
            let to = if to.starts_with('/') { format!("{origin}{to}") } else { to };
            answer = self.get(&to)?;
        }
        bail!("{}: redirects without end", answer.url)
    }

    /// Sends the form of a page, with its token, and stays at the answer.
    pub fn form(&self, page: &Answer, url: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let token = page.token()?;
        let mut arguments = vec!["--data-urlencode".to_owned(), format!("csrf_token={token}")];
        for (name, value) in fields {
            arguments.extend(["--data-urlencode".to_owned(), format!("{name}={value}")]);
        }
        arguments.extend(["--header".to_owned(), "Accept: text/html".to_owned()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.ask(url, &arguments)
    }

    pub fn json(&self, path: &str) -> Result<Value> {
        let url = format!("{}{path}", self.photos);
        self.ask(&url, &["--header", "Accept: application/json"])?.expect(200)?.json()
    }

    /// Sends JSON to photos, with the token of this browser.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        let token = format!("X-CSRF-Token: {}", self.session_token()?);
        let (url, body) = (format!("{}{path}", self.photos), body.to_string());
        let kind = "Content-Type: application/json";
        self.ask(&url, &["--header", kind, "--header", &token, "--data-binary", &body])
    }

    /// Sends files into a gallery.
    pub fn upload(&self, gallery: i64, token: &str, files: &[PathBuf]) -> Result<Answer> {
        let mut arguments = vec!["--header".to_owned(), format!("X-CSRF-Token: {token}")];
        arguments.extend(["--form".to_owned(), format!("gallery_id={gallery}")]);
        for file in files {
            arguments.extend(["--form".to_owned(), format!("photos=@{}", text(file))]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.ask(&format!("{}/api/upload", self.photos), &arguments)
    }

    pub fn session_token(&self) -> Result<String> {
        let session = self.json("/auth/session")?;
        Ok(session["csrf_token"].as_str().context("/auth/session gave no token")?.to_owned())
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{} did not answer in JSON", self.url))
    }

    pub fn expect(self, status: u16) -> Result<Self> {
        let said: String = self.text().chars().take(400).collect();
        ensure!(self.status == status, "{} answered {}, not {status}: {said}", self.url, self.status);
        Ok(self)
    }

    /// The token that forms of this page send along.
    fn token(&self) -> Result<String> {
        let text = self.text();
        let rest = text.split_once("name=\"csrf_token\" value=\"").map(|(_, rest)| rest);
        let token = rest.and_then(|rest| rest.split('"').next()).filter(|token| !token.is_empty());
        Ok(token.with_context(|| format!("{} shows no form", self.url))?.to_owned())
    }

    fn check_headers(&self) -> Result<()> {
        let of = |name: &str| self.headers.iter().filter(|(found, _)| found == name).count();
        for name in ALWAYS {
            ensure!(of(name) == 1, "{} ({}) carries {} of {name}", self.url, self.status, of(name));
        }
        for (name, _) in &self.headers {
            ensure!(REPEATED.contains(&name.as_str()) || of(name) == 1, "{} carries {name} twice", self.url);
        }
        Ok(())
    }
}

/// The headers of the last answer; a `100 Continue` comes before it.
fn parsed(text: &str) -> Vec<(String, String)> {
    let text = text.replace('\r', "");
    let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
    last.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)]) -> Answer {
        let once = ALWAYS.iter().map(|name| ((*name).to_owned(), "x".to_owned()));
        let more = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Answer { status: 200, url: "https://x".to_owned(), headers: once.chain(more).collect(), body: vec![] }
    }

    #[test]
    fn a_doubled_header_is_found_and_several_cookies_are_none() {
        assert!(answer(&[("set-cookie", "a=1"), ("set-cookie", "b=2")]).check_headers().is_ok());
        assert!(answer(&[("x-frame-options", "DENY")]).check_headers().is_err());
        assert!(answer(&[("etag", "a"), ("etag", "a")]).check_headers().is_err());
        let mut lacking = answer(&[]);
        lacking.headers.pop();
        assert!(lacking.check_headers().is_err());
    }

    #[test]
    fn the_last_of_several_heads_counts() {
        let head = "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 201\r\nETag: \"a:b\"\r\n\r\n";
        assert_eq!(parsed(head), [("etag".to_owned(), "\"a:b\"".to_owned())]);
    }
}
