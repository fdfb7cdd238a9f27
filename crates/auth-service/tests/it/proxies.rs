//! A real nginx and a real Caddy with exactly the documented configuration, in front of an application that shows what
//! reached it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use common::identity::{Role, UserId};
use percent_encoding::percent_decode_str;
use test_support::{Answer, programs, raw};

use crate::harness::TestApp;

const NGINX: &str = include_str!("../../../../docs/examples/nginx.conf");
const CADDY: &str = include_str!("../../../../docs/examples/Caddyfile");
const IDENTITY: [&str; 5] =
    ["x-auth-user-id", "x-auth-username", "x-auth-email", "x-auth-role", "x-auth-session-id"];
/// Accounts of the earlier system may be called anything.
const NAME: &str = "Åsa Öberg, 100%; \\o/";
const ADDRESS: &str = "åsa+1@example.org";

/// A proxy in front of an application, and the auth-service that it asks.
struct Site {
    app: TestApp,
    anna: UserId,
    proxy: programs::Server,
    reached: Arc<AtomicUsize>,
    folder: PathBuf,
}

impl Site {
    /// `None` where the program is not installed.
    async fn start(program: &str, command: fn(&Path, &Path, &str) -> Command, text: &str) -> Option<Self> {
        let program = programs::find(program)?;
        let app = TestApp::start().await;
        let anna = app.try_create_user("anna", "anna@example.org", Role::Photographer).await;
        let anna = anna.expect("a new account");
        app.create_user("bo", Role::User).await;
        sqlx::query("update users set username = $1, email = $3 where id = $2")
            .bind(NAME)
            .bind(anna.0)
            .bind(ADDRESS)
            .execute(app.db())
            .await
            .expect("an older name");
        let reached = Arc::new(AtomicUsize::new(0));
        let counter = reached.clone();
        let upstream = raw::serve(move |head| {
            counter.fetch_add(1, Ordering::SeqCst);
            raw::answer("200 OK", &[b"Content-Type: text/plain".to_vec()], head)
        });
        let folder = env::temp_dir().join(format!("proxy-{}-{upstream}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let text = text
            .replace("127.0.0.1:5007", &format!("127.0.0.1:{}", app.port))
            .replace("127.0.0.1:3000", &format!("127.0.0.1:{upstream}"));
        let proxy = programs::Server::start(|port| {
            let text = text.replace(":8080", &format!(":{port}"));
            command(&program, &folder, &text)
        });
        Some(Self { app, anna, proxy, reached, folder })
    }

    async fn nginx() -> Option<Self> {
        Self::start("nginx", nginx, NGINX).await
    }

    async fn caddy() -> Option<Self> {
        Self::start("caddy", caddy, CADDY).await
    }

    fn url(&self, path: &str) -> String {
        format!("http://app.stsgym.localhost:{}{path}", self.proxy.port)
    }

    /// What a client gets that writes its header lines itself.
    async fn raw(&self, path: &'static str, lines: Vec<String>) -> String {
        let port = self.proxy.port;
        let host = format!("app.stsgym.localhost:{port}");
        tokio::task::spawn_blocking(move || raw::get(port, &host, path, &lines)).await.expect("an answer")
    }

    async fn token_of_anna(&self) -> String {
        let answer = self.app.login(NAME, &test_support::site::password_of("anna")).await;
        crate::harness::sso_token(&answer).expect("she is signed in")
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _may_be_in_use = fs::remove_dir_all(&self.folder);
    }
}

/// The documented file is a site; around it stands what a machine's own configuration brings.
fn nginx(program: &Path, folder: &Path, site: &str) -> Command {
    fs::write(folder.join("site.conf"), site).expect("the site");
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {}/{kind};", folder.display()))
        .concat();
    let main = format!(
        "daemon off; master_process off; pid {0}/pid; error_log stderr error;
         events {{}} http {{ access_log off; {temporary} include {0}/site.conf; }}",
        folder.display()
    );
    fs::write(folder.join("nginx.conf"), main).expect("the configuration");
    let mut command = Command::new(program);
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).args(["-e", "stderr"]);
    command
}

fn caddy(program: &Path, folder: &Path, site: &str) -> Command {
    fs::write(folder.join("site"), site).expect("the site");
    let main = format!("{{\n admin off\n log {{\n level ERROR\n }}\n}}\nimport {}/site\n", folder.display());
    fs::write(folder.join("Caddyfile"), main).expect("the configuration");
    let mut command = Command::new(program);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(folder.join("Caddyfile"));
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    command
}

/// The values that the application saw under a name, whatever its case.
fn seen(head: &str, name: &str) -> Vec<String> {
    let pairs = head.lines().filter_map(|line| line.split_once(": "));
    pairs.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).collect()
}

/// What a client may try in order to pass for somebody: every value holds the word `smuggled`.
fn smuggling() -> Vec<Vec<String>> {
    let shapes: [fn(&str) -> String; 8] = [
        str::to_owned,
        str::to_uppercase,
        |name| name.replace('-', "_"),
        |name| name.to_uppercase().replace('-', "_"),
        |name| name.replacen('-', "_", 1),
        |name| name.replacen("auth-", "auth_", 1),
        |name| name.replacen("x-", "X-", 1),
        |name| format!("{name}_"),
    ];
    let mut attempts: Vec<Vec<String>> = shapes
        .iter()
        .map(|shape| IDENTITY.iter().map(|name| format!("{}: smuggled", shape(name))).collect())
        .collect();
    attempts.push(IDENTITY.iter().flat_map(|name| vec![format!("{name}: smuggled"); 3]).collect());
    attempts.push(IDENTITY.iter().map(|name| format!("{name}:smuggled, smuggled")).collect());
    attempts.push(attempts.concat());
    // A proxy takes away what `Connection` names; that must not uncover something else.
    let named = IDENTITY.map(|name| format!("{name}: smuggled"));
    attempts.push([&[format!("Connection: {}", IDENTITY.join(", "))], &named[..]].concat());
    attempts
}

async fn smuggle(site: &Site) {
    let token = site.token_of_anna().await;
    for attempt in smuggling() {
        let mut signed_in = attempt.clone();
        signed_in.push(format!("Cookie: photos_session={token}"));
        let private = site.raw("/private", signed_in.clone()).await;
        assert!(private.starts_with("HTTP/1.1 200 "), "{attempt:?}: {private}");
        assert!(!private.contains("smuggled"), "{attempt:?}: {private}");
        // Where a proxy takes the header away because the client said so, none is left, and none is nobody.
        let ids = seen(&private, "x-auth-user-id");
        assert!(ids.is_empty() || ids == [site.anna.to_string()], "{attempt:?}: {ids:?}");
        for lines in [attempt.clone(), signed_in] {
            let public = site.raw("/public/", lines).await;
            assert!(public.starts_with("HTTP/1.1 200 "), "{attempt:?}: {public}");
            assert!(!public.to_lowercase().replace('_', "-").contains("x-auth-"), "{attempt:?}: {public}");
        }
        let before = site.reached.load(Ordering::SeqCst);
        let stranger = site.raw("/private", attempt.clone()).await;
        assert!(stranger.starts_with("HTTP/1.1 401 "), "{attempt:?}: {stranger}");
        assert_eq!(site.reached.load(Ordering::SeqCst), before, "{attempt:?} reached the application");
    }
}

async fn sign_in_by_page(site: &Site) {
    let bo = site.app.browser();
    let wanted = site.url("/private?page=2&sort=a%20b");
    let turned_away = bo.get(&wanted).await;
    assert_eq!(turned_away.status, 302, "{}", turned_away.text());
    let form = bo.rest(turned_away).await;
    assert_eq!(form.attributes("input[name=return_to]", "value"), [wanted.as_str()]);
    let fields =
        [("username", "bo"), ("password", "the long password of bo"), ("return_to", wanted.as_str())];
    let back = bo.post_form(form.url.as_str(), &fields).await;
    assert_eq!(back.location(), wanted);
    let there = bo.get(&wanted).await;
    assert_eq!(there.status, 200);
    assert!(there.text().starts_with("GET /private?page=2&sort=a%20b "), "{}", there.text());
    assert_eq!(seen(&there.text(), "x-auth-role"), ["user"]);
    bo.get("/logout").await;
    bo.post_form("/logout", &[]).await;
    assert_eq!(bo.get(&wanted).await.status, 302, "a sign-out counts at once");
}

async fn pass_identity(site: &Site) {
    let token = site.token_of_anna().await;
    let head = site.raw("/private", vec![format!("Cookie: photos_session={token}")]).await;
    let one = |name| match seen(&head, name).as_slice() {
        [value] => percent_decode_str(value).decode_utf8().expect("UTF-8").into_owned(),
        several => panic!("{name}: {several:?}"),
    };
    assert_eq!((one("x-auth-user-id"), one("x-auth-role")), (site.anna.to_string(), "photographer".into()));
    assert_eq!((one("x-auth-username"), one("x-auth-email")), (NAME.into(), ADDRESS.into()));
    assert_eq!(one("x-auth-session-id").len(), 36);
    let stranger = site.app.browser();
    let script: Answer = stranger.get_json(&site.url("/private")).await;
    assert_eq!((script.status.as_u16(), script.header("location")), (401, ""));
    assert_eq!(script.json::<serde_json::Value>()["active"], false);
    assert_eq!(script.header("cache-control"), "no-store");
}

async fn lie_about_the_address(site: &Site) {
    let evil = ["X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Uri: /x"];
    let evil: Vec<String> = evil.map(str::to_owned).to_vec();
    let attempts = [
        evil.clone(),
        vec!["X-Original-URL: https://evil.example/".to_owned()],
        vec!["X-Forwarded-Uri: @evil.example/".to_owned()],
        vec!["X-Forwarded-Server: evil.example".to_owned(), "Forwarded: host=evil.example".to_owned()],
        [evil, vec!["X-Original-URL: https://evil.example/".to_owned()]].concat(),
    ];
    for attempt in attempts {
        let mut lines = attempt.clone();
        lines.extend(["Sec-Fetch-Mode: navigate".to_owned(), "Accept: text/html".to_owned()]);
        let answer = site.raw("/private", lines).await;
        assert!(["302", "401"].contains(&&answer[9..12]), "{attempt:?}: {answer}");
        assert!(!answer.contains("evil.example"), "{attempt:?}: {answer}");
        assert!(seen(&answer, "location").iter().all(|to| to.starts_with(&site.app.url)), "{answer}");
    }
    let port = site.proxy.port;
    let host = move || raw::get(port, "evil.example", "/private", &["Sec-Fetch-Mode: navigate".to_owned()]);
    let answer = tokio::task::spawn_blocking(host).await.expect("an answer");
    assert!(!answer.contains("evil.example") && !answer.contains("GET /private"), "{answer}");
}

async fn lose_the_database(site: &Site) {
    let token = site.token_of_anna().await;
    site.app.database.take_away().await;
    let before = site.reached.load(Ordering::SeqCst);
    let answer = site.raw("/private", vec![format!("Cookie: photos_session={token}")]).await;
    assert_eq!(&answer[9..10], "5", "{answer}");
    assert_eq!(site.reached.load(Ordering::SeqCst), before, "without an answer nobody passes");
}

#[tokio::test]
async fn behind_nginx_a_person_signs_in_and_the_application_knows_them() {
    let Some(site) = Site::nginx().await else { return };
    sign_in_by_page(&site).await;
    pass_identity(&site).await;
    lose_the_database(&site).await;
}

#[tokio::test]
async fn behind_caddy_a_person_signs_in_and_the_application_knows_them() {
    let Some(site) = Site::caddy().await else { return };
    sign_in_by_page(&site).await;
    pass_identity(&site).await;
    lose_the_database(&site).await;
}

#[tokio::test]
async fn no_identity_is_smuggled_through_nginx() {
    let Some(site) = Site::nginx().await else { return };
    smuggle(&site).await;
    lie_about_the_address(&site).await;
}

#[tokio::test]
async fn no_identity_is_smuggled_through_caddy() {
    let Some(site) = Site::caddy().await else { return };
    smuggle(&site).await;
    lie_about_the_address(&site).await;
}
