//! A real S3 server (s3s-fs, which checks signatures) in this process; its buckets are folders that a test can look into.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{Body, HttpError, auth::SimpleAuth, service::S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::sync::oneshot;

use crate::site;

const ACCESS_KEY: &str = "photos-in-tests";
const SECRET_KEY: &str = "a-key-of-the-tests-that-opens-nothing";

const WELL: u8 = 0;
const FULL: u8 = 1;
const AWAY: u8 = 2;
const SLOW: u8 = 3;
/// What everything takes longer when it is slow.
const DELAY: Duration = Duration::from_millis(30);

/// A running server; gone with its files when this is dropped.
pub struct S3Server {
    /// Where it answers.
    pub endpoint: String,
    root: PathBuf,
    shared: Arc<Shared>,
    _stop: oneshot::Sender<()>,
}

#[derive(Default)]
struct Shared {
    mood: AtomicU8,
    asked: Mutex<Vec<String>>,
}

impl S3Server {
    /// Starts one that keeps its buckets in this folder.
    pub fn start(root: &Path) -> Self {
        Self::on(site::listen().0, root)
    }

    /// The same where somebody listens already.
    pub fn on(listener: TcpListener, root: &Path) -> Self {
        fs::create_dir_all(root).expect("a folder for the buckets");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared::default());
        let (stop, stopped) = oneshot::channel();
        let (folder, state) = (root.to_owned(), Arc::clone(&shared));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a small runtime").block_on(async {
                tokio::select! {
                    () = serve(&folder, listener, state) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { endpoint: format!("http://127.0.0.1:{port}"), root: root.to_owned(), shared, _stop: stop }
    }

    /// The settings of photos that store in this bucket.
    pub fn settings(&self, bucket: &str) -> Vec<(String, String)> {
        let settings = [
            ("STORAGE_DIR", ""),
            ("STORAGE_S3_BUCKET", bucket),
            ("STORAGE_S3_ENDPOINT", &self.endpoint),
            ("STORAGE_S3_ACCESS_KEY_ID", ACCESS_KEY),
            ("STORAGE_S3_SECRET_ACCESS_KEY", SECRET_KEY),
        ];
        settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    /// Refuses whatever would take room.
    pub fn fill_up(&self) {
        self.shared.mood.store(FULL, Ordering::SeqCst);
    }

    /// Breaks off whatever is asked.
    pub fn go_away(&self) {
        self.shared.mood.store(AWAY, Ordering::SeqCst);
    }

    /// Takes its time for everything.
    pub fn slow_down(&self) {
        self.shared.mood.store(SLOW, Ordering::SeqCst);
    }

    /// Answers as before.
    pub fn come_back(&self) {
        self.shared.mood.store(WELL, Ordering::SeqCst);
    }

    /// What was asked since the last time: method, path with its query, range.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.asked.lock().expect("no panic meanwhile"))
    }

    /// Files in parts that were begun and neither finished nor thrown away.
    pub fn unfinished(&self) -> usize {
        begun(&self.root).len()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.root).ok();
    }
}

async fn serve(root: &Path, listener: TcpListener, shared: Arc<Shared>) {
    let mut builder = S3ServiceBuilder::new(FileSystem::new(root).expect("a folder for the buckets"));
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let service = builder.build();
    listener.set_nonblocking(true).expect("a listener");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    while let Ok((connection, _)) = listener.accept().await {
        let (service, shared, root) = (service.clone(), Arc::clone(&shared), root.to_owned());
        let answer = service_fn(move |request: Request<Incoming>| {
            let (service, shared, root) = (service.clone(), Arc::clone(&shared), root.clone());
            async move {
                shared.note(&request);
                match shared.mood.load(Ordering::SeqCst) {
                    SLOW => tokio::time::sleep(DELAY).await,
                    AWAY => return Err(HttpError::new("away".into())),
                    FULL if ["PUT", "POST"].contains(&request.method().as_str()) => {
                        return Ok(said(StatusCode::BAD_REQUEST, FULL_BUCKET.to_owned()));
                    }
                    _ => {}
                }
                // Others don't make a bucket for a file that is put nowhere.
                let mut path = request.uri().path().trim_start_matches('/').splitn(2, '/');
                let bucket = path.next().unwrap_or_default();
                if path.next().is_some_and(|key| !key.is_empty()) && !root.join(bucket).is_dir() {
                    return Ok(said(StatusCode::NOT_FOUND, NO_BUCKET.to_owned()));
                }
                // The one question that the server does not know.
                if request.uri().query().is_some_and(|query| query.starts_with("uploads=&prefix=")) {
                    return Ok(said(StatusCode::OK, list(&root)));
                }
                service.call(request.map(Body::from)).await
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(connection), answer));
    }
}

const FULL_BUCKET: &str =
    "<Error><Code>XMinioAdminBucketQuotaExceeded</Code><Message>Bucket quota exceeded</Message></Error>";

const NO_BUCKET: &str = "<Error><Code>NoSuchBucket</Code><Message>The bucket is not there</Message></Error>";

fn said(status: StatusCode, text: String) -> Response<Body> {
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    answer
}

impl Shared {
    fn note(&self, request: &Request<Incoming>) {
        let range = request.headers().get("range").and_then(|range| range.to_str().ok()).unwrap_or_default();
        let line = format!("{} {} {range}", request.method(), request.uri());
        self.asked.lock().expect("no panic meanwhile").push(line.trim_end().to_owned());
    }
}

/// Key and id of each file in parts, from the names under which the server notes them.
fn begun(root: &Path) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
        String::from_utf8(bytes.expect("the server's own name")).expect("a key")
    };
    let files = fs::read_dir(root).expect("the folder of the buckets").flatten();
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let found = names.filter_map(|name| {
        let (_, rest) = name.strip_suffix(".metadata.json")?.split_once(".object-")?;
        let (key, id) = rest.split_once(".upload-")?;
        Some((decoded(key), id.to_owned()))
    });
    found.collect()
}

fn list(root: &Path) -> String {
    let uploads = begun(root).into_iter().map(|(key, id)| {
        format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>")
    });
    format!("<ListMultipartUploadsResult>{}</ListMultipartUploadsResult>", uploads.collect::<String>())
}
