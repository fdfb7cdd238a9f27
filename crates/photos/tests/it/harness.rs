//! Photos and a real auth-service for one test: a database each, a folder for the storage, a worker where one is wanted.

mod stored;
mod worker;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use actix_web::dev::ServerHandle;
use auth_service::{
    accounts,
    passwords::NewPassword,
    users::{EmailAddress, NewAccount, Username},
};
use common::{config::Settings, identity::Role, secrets::sha256};
use photos::{app, config::Config, jobs};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sqlx::PgPool;
use test_support::{Answer, Client, S3Server, TestDatabase, contract, reqwest, site};

use self::stored::Stored;
pub use self::worker::Worker;

/// The migrations of the auth-service.
pub const AUTH_MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/auth");
/// The migrations of photos.
pub const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/photos");

/// Both services, running.
pub struct TestApp {
    pub url: String,
    pub auth_url: String,
    pub db: PgPool,
    /// Where the files lie, in a folder or a bucket.
    pub storage: PathBuf,
    /// The settings that name that place.
    pub place: Vec<(String, String)>,
    /// The S3 server, where they lie in a bucket.
    pub s3: Option<S3Server>,
    pub database: TestDatabase,
    pub auth: actix_web::web::Data<auth_service::App>,
    photos: Weak<app::App>,
    pub settings: Vec<(String, String)>,
    handles: Vec<ServerHandle>,
    _auth_database: TestDatabase,
}

/// Somebody signed in, in a browser of their own.
pub struct Person {
    pub browser: Client,
    pub url: String,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With settings of the test's own.
    pub async fn start_with(own: &[(&str, &str)]) -> Self {
        // What a test changes holds with its next request; tests of kept answers say otherwise.
        Self::start_both(&[("VERIFY_CACHE_SECONDS", "0")], own).await
    }

    /// With answers of the auth-service that both services keep for an hour.
    pub async fn start_keeping() -> Self {
        Self::start_both(&[("VERIFY_CACHE_SECONDS", "3600")], &[]).await
    }

    /// With settings of the test's own for the auth-service and for photos.
    pub async fn start_both(own_auth: &[(&str, &str)], own: &[(&str, &str)]) -> Self {
        let databases = (new_auth_database().await, new_database().await);
        if std::env::var("TEST_STORAGE").is_ok_and(|kind| kind == "s3") {
            return Self::start_at(databases, Stored::in_bucket(), own_auth, own).await;
        }
        Self::start_at(databases, Stored::in_folder(None), own_auth, own).await
    }

    /// With its storage in a folder, whatever the others have.
    pub async fn start_in_folder(own: &[(&str, &str)]) -> Self {
        let databases = (new_auth_database().await, new_database().await);
        Self::start_at(databases, Stored::in_folder(None), &[("VERIFY_CACHE_SECONDS", "0")], own).await
    }

    /// With its storage in a bucket of an S3 server.
    pub async fn start_in_bucket(own: &[(&str, &str)]) -> Self {
        let databases = (new_auth_database().await, new_database().await);
        Self::start_at(databases, Stored::in_bucket(), &[("VERIFY_CACHE_SECONDS", "0")], own).await
    }

    /// On databases and a storage that the test prepared.
    pub async fn start_on(
        auth_database: TestDatabase,
        database: TestDatabase,
        storage: Option<PathBuf>,
        own_auth: &[(&str, &str)],
        own: &[(&str, &str)],
    ) -> Self {
        Self::start_at((auth_database, database), Stored::in_folder(storage), own_auth, own).await
    }

    async fn start_at(
        (auth_database, database): (TestDatabase, TestDatabase),
        stored: Stored,
        own_auth: &[(&str, &str)],
        own: &[(&str, &str)],
    ) -> Self {
        contract::expect("auth", &auth_service::openapi::DESCRIPTION.document);
        contract::expect("photos", &photos::openapi::DESCRIPTION.document);
        let (auth_listener, auth_port) = site::listen();
        let (listener, port) = site::listen();
        let (auth_url, url) = (site::url("auth", auth_port), site::url("photos", port));
        let Stored { folder: storage, server: s3, settings: place } = stored;
        let mails = storage.with_extension("mails");

        let services = site::service_credentials();
        let given = [
            ("AUTH_DATABASE_URL", auth_database.url.as_str()),
            ("AUTH_PUBLIC_URL", &auth_url),
            ("AUTH_SECRETS", site::SECRET),
            ("AUTH_WORKERS", "2"),
            ("HOME_URL", &url),
            ("MAIL_DIR", mails.to_str().expect("a plain path")),
            ("LOGIN_LIMIT_PER_MINUTE", "1000"),
            ("SIGN_IN_FAILURES", "1000"),
            ("SIGN_IN_REFUSAL_MS", "0"),
            ("SERVICE_CREDENTIALS", &services),
        ];
        let mut settings = Settings::from_pairs(site::settings(&[&given, own_auth].concat()));
        let config = auth_service::Config::from_settings(&mut settings);
        let config = settings.finish(config).expect("usable settings");
        let (auth_server, auth) =
            auth_service::start(config, auth_listener).await.expect("the auth-service starts");

        let internal = format!("http://127.0.0.1:{auth_port}");
        let given = [
            ("PHOTOS_DATABASE_URL", database.url.as_str()),
            ("PHOTOS_PUBLIC_URL", &url),
            ("PHOTOS_SECRETS", site::SECRET),
            ("AUTH_PUBLIC_URL", &auth_url),
            ("AUTH_INTERNAL_URL", &internal),
            ("AUTH_SERVICE_TOKEN", site::SERVICE_TOKEN),
            ("WORKER_PROCESSES", "0"),
            ("RENDER_PROGRAM", env!("CARGO_BIN_EXE_photos")),
            ("WATERMARK_LIMIT_PER_MINUTE", "1000"),
            ("MAIL_DIR", mails.to_str().expect("a plain path")),
        ];
        let place_given: Vec<_> = place.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let settings = site::settings(&[&given, &place_given[..], own].concat());
        let (photos_handle, photos) = start_photos(settings.clone(), listener).await;

        let handles = vec![auth_server.handle(), photos_handle];
        tokio::spawn(auth_server);
        let db = PgPool::connect(&database.url).await.expect("the test's own connection");
        Self {
            url,
            auth_url,
            db,
            storage,
            place,
            s3,
            database,
            auth,
            photos,
            settings,
            handles,
            _auth_database: auth_database,
        }
    }

    /// A browser that was nowhere yet.
    pub fn browser(&self) -> Client {
        Client::new(&self.url)
    }

    /// A new account of this role, signed in through the pages of both services.
    pub async fn person(&self, name: &str, role: Role) -> Person {
        self.create_user(name, role).await;
        let browser = self.browser();
        self.sign_in(&browser, name).await;
        Person { browser, url: self.url.clone() }
    }

    pub async fn photographer(&self, name: &str) -> Person {
        self.person(name, Role::Photographer).await
    }

    /// Signs in at the auth-service and lands on a page of photos.
    pub async fn sign_in(&self, browser: &Client, name: &str) {
        let form = browser.follow("/auth/login?return_to=/gallery").await;
        assert!(form.url.as_str().starts_with(&self.auth_url), "{}", form.url);
        let password = site::password_of(name);
        let fields =
            [("username", name), ("password", password.as_str()), ("return_to", &field(&form, "return_to"))];
        let signed_in = browser.post_form(form.url.as_str(), &fields).await;
        let page = browser.rest(signed_in).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/gallery"), "{}", page.text());
    }

    pub async fn create_user(&self, name: &str, role: Role) {
        let account = NewAccount {
            username: Username::parse(name).expect("a good name"),
            email: EmailAddress::parse(&format!("{name}@example.org")).expect("a good address"),
            role,
            email_verified: true,
        };
        let password = NewPassword::parse(&site::password_of(name), &[]).expect("a good password");
        let created = accounts::create(&self.auth.db, &self.auth.passwords, &account, &password).await;
        created.expect("the database answers").expect("a new account");
    }

    /// The auth-service stops answering.
    pub async fn stop_auth_service(&self) {
        self.handles[0].stop(false).await;
    }

    /// Photos stops answering; the auth-service, the database and the storage stay.
    pub async fn stop_photos(&self) {
        self.handles[1].stop(false).await;
    }

    /// Photos once more, on the same database and storage.
    pub async fn start_photos_again(&mut self) {
        let (handle, photos) = start_photos(self.settings.clone(), site::listen().0).await;
        self.photos = photos;
        self.handles.push(handle);
    }

    /// Whether this person would be known here without asking the auth-service.
    pub fn is_kept(&self, person: &Person) -> bool {
        let token = person.browser.cookie(&self.url, "photos_session").expect("signed in");
        self.photos.upgrade().is_some_and(|app| app.auth.verdicts.find(&sha256(&token)).is_some())
    }

    /// What the handlers of photos share.
    pub fn shared(&self) -> Arc<app::App> {
        self.photos.upgrade().expect("photos runs")
    }

    /// Removes the files that are nobody's, as the service does from time to time.
    pub async fn sweep(&self) {
        let storage = self.photos.upgrade().expect("photos runs").storage.clone();
        photos::upload::sweep(&self.db, &storage).await.expect("the storage answers");
    }

    /// Waits until nothing of photos runs any more.
    pub async fn until_photos_is_gone(&self) {
        eventually("photos is gone", async || self.photos.strong_count() == 0).await;
    }

    /// Changes the auth-service's rows as it would itself.
    pub async fn auth_sql(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&self.auth.db).await.expect("a good statement");
    }

    /// Ends this person's sessions behind everybody's back, as a revocation does.
    pub async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.db).await.expect("a good statement");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        for handle in &self.handles {
            drop(handle.stop(false));
        }
        std::fs::remove_dir_all(&self.storage).ok();
        std::fs::remove_dir_all(self.storage.with_extension("mails")).ok();
    }
}

impl Person {
    /// Uploads files into a gallery, or into the library.
    pub async fn upload(&self, gallery: Option<i64>, files: &[(&str, Vec<u8>)]) -> Answer {
        let mut form = Form::new();
        if let Some(gallery) = gallery {
            form = form.text("gallery_id", gallery.to_string());
        }
        for (name, bytes) in files {
            form = form.part("photos", Part::bytes(bytes.clone()).file_name((*name).to_owned()));
        }
        self.browser.upload("/api/upload", form).await
    }

    /// Uploads one good picture and returns its id.
    pub async fn photo(&self, gallery: Option<i64>, name: &str, bytes: Vec<u8>) -> i64 {
        let answer = self.upload(gallery, &[(name, bytes)]).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json::<Value>()["photos"][0]["id"].as_i64().expect("an id")
    }

    /// Makes a gallery and returns its id.
    pub async fn gallery(&self, name: &str) -> i64 {
        let answer = self.browser.post_json("/api/galleries", &json!({ "name": name })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json::<Value>()["id"].as_i64().expect("an id")
    }

    /// Makes a share link and returns its id and its path.
    pub async fn share(&self, gallery: i64, level: &str) -> (i64, String) {
        let body = json!({ "access_level": level, "expires_in_days": 7 });
        let answer = self.browser.post_json(&format!("/api/galleries/{gallery}/shares"), &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let link = answer.json::<Value>();
        let url = link["url"].as_str().expect("an address").to_owned();
        (link["id"].as_i64().expect("an id"), url.replace(&self.url, ""))
    }

    /// Waits until no photo of this person is pending; returns them all.
    pub async fn all_done(&self) -> Vec<Value> {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let photos = self.browser.get_json("/api/photos?limit=200").await.json::<Value>();
            let photos = photos["items"].as_array().expect("a list").clone();
            if photos.iter().all(|photo| photo["status"] != "pending") {
                return photos;
            }
            assert!(Instant::now() < deadline, "still pending after a minute: {photos:#?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Waits for what must become so, without a limit that a busy machine could break.
pub async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..3000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came about that {what}");
}

/// Held loosely, so that a service that was stopped can end.
pub async fn start_photos(
    settings: Vec<(String, String)>,
    listener: TcpListener,
) -> (ServerHandle, Weak<app::App>) {
    let mut settings = Settings::from_pairs(settings);
    let config = Config::from_settings(&mut settings);
    let config = settings.finish(config).expect("usable settings");
    let (server, app) = app::start(config, listener).await.expect("photos starts");
    let handle = server.handle();
    tokio::spawn(server);
    (handle, Arc::downgrade(&app.into_inner()))
}

/// The value of a form's field.
pub fn field(page: &Answer, name: &str) -> String {
    page.attributes(&format!("input[name={name}]"), "value").into_iter().next().unwrap_or_default()
}

/// A database with the migrations of the auth-service.
pub async fn new_auth_database() -> TestDatabase {
    TestDatabase::create("auth", Path::new(AUTH_MIGRATIONS), async |_url| {}).await
}

/// A database with our migrations and the queue's.
pub async fn new_database() -> TestDatabase {
    TestDatabase::create("photos", Path::new(MIGRATIONS), async |url| {
        let db = PgPool::connect(url).await.expect("the template");
        jobs::migrate(&db).await.expect("the queue's migrations");
        db.close().await;
    })
    .await
}

/// A JPEG of this size, different for each seed.
pub fn jpeg(seed: u8, width: u32, height: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(width, height, |x, y| {
        let part = |place: u32, whole: u32| u8::try_from(place * 255 / whole).expect("a part of the whole");
        let (right, down) = (part(x, width), part(y, height));
        image::Rgb([right.wrapping_add(seed), down, seed])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).expect("a JPEG");
    bytes.into_inner()
}
