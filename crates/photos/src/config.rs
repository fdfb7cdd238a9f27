//! The settings of photos, read from the environment.

use std::{
    net::SocketAddr,
    num::{NonZeroU16, NonZeroU32, NonZeroUsize},
    path::PathBuf,
    str::FromStr,
    thread::available_parallelism,
};

use common::{
    config::{Settings, Site},
    figures,
    mailer::MailConfig,
    secrets::Secrets,
};
use imaging::{Encoding, Mark, Sharpening};
use secrecy::SecretString;
use url::Url;

use crate::{identity::shared, media::delivery::Delivery, storage::place::Place};

const WATERMARK_LIMIT: NonZeroU32 = NonZeroU32::new(120).expect("more than none");

/// Names, token and separators in the request of an upload, with room to spare.
const BESIDE_A_FILE: u64 = 64 << 10;

/// Bytes of the megabytes in settings and sentences.
pub const BYTES_PER_MB: u64 = 1 << 20;

/// What `photos serve` needs.
#[derive(Clone)]
pub struct Config {
    /// What both services agree on.
    pub site: Site,
    /// `PHOTOS_PUBLIC_URL`: where people reach photos.
    pub public_url: Url,
    /// `AUTH_PUBLIC_URL`: where people sign in.
    pub auth_public_url: Url,
    /// `AUTH_INTERNAL_URL`: where this service reaches the auth-service, several addresses if it has several replicas;
    /// default: its public address.
    pub auth_internal_urls: Vec<Url>,
    /// `AUTH_SERVICE_TOKEN`: the credential of photos at the auth-service.
    pub auth_service_token: SecretString,
    /// `PHOTOS_BIND`, default `0.0.0.0:5009`.
    pub bind: SocketAddr,
    /// `PHOTOS_SECRETS`: sign media addresses and seal share links. The first makes, all verify.
    pub secrets: Secrets,
    /// What may be uploaded.
    pub upload: UploadLimits,
    /// `WORKER_PROCESSES`, default 1: how many workers `photos serve` starts beside itself; 0 for none.
    pub worker_processes: usize,
    /// How mail goes out.
    pub mail: MailConfig,
    /// `PROCESSING_MEMORY_MB`, default 256: what the photos in work may take, in all of these workers together.
    pub processing_memory_mb: u32,
    /// `MAIL_DAYS`, default 30: for how long one can read what became of a mail.
    pub mail_days: NonZeroU16,
    /// `TRASH_DAYS`, default 30: for how long what was deleted can be brought back.
    pub trash_days: u32,
    /// `STATISTICS_EVENT_DAYS`, default 90: for how long it is told one by one who looked and downloaded.
    pub event_days: u32,
    /// `DEFAULT_WATERMARK`, default their name: the mark of photographers who chose none.
    pub watermark_text: Option<String>,
    /// `QUOTA_GB`, default none: gigabytes (10⁹ bytes) of originals that each photographer may have; here in bytes.
    pub quota_bytes: Option<i64>,
    /// `WATERMARK_LIMIT_PER_MINUTE`, default 120: previews of watermarks, new PNGs and logos for each client address.
    pub watermark_limit_per_minute: NonZeroU32,
    /// `SITE_TEXTS_DIR`, default none: a folder with texts of the public pages (`home.html`, `features.html`,
    /// `pricing.html`, `about.html`) that stand in the place of ours.
    pub texts_dir: Option<PathBuf>,
    /// `RENDER_PROGRAM`, default this program: draws previews of watermarks when it is told to `render`.
    pub render_program: PathBuf,
    /// `MEDIA_ACCEL_PREFIX`, default none: the internal location, such as `/stored/`, under which the nginx in front sends
    /// files of `STORAGE_DIR`. `MEDIA_DELIVERY`, default `stream`; `presigned`: the S3 server sends pictures itself.
    pub delivery: Delivery,
    /// `PHOTOS_METRICS_BIND`, default none: where `/metrics` is told to Prometheus, and nothing else.
    pub metrics_bind: Option<SocketAddr>,
    /// `REDIS_URL`, default none: a Redis in which replicas of photos remember together who is behind a session.
    pub redis: Option<redis::Client>,
    /// Database and storage.
    pub data: DataConfig,
}

/// Where the data lies: needed by every command.
#[derive(Clone)]
pub struct DataConfig {
    /// `PHOTOS_DATABASE_URL`: a PostgreSQL address.
    pub database_url: SecretString,
    /// `STORAGE_DIR` or `STORAGE_S3_…`: the place of originals and renditions.
    pub storage: Place,
    /// `LEGACY_TIMEZONE`, default `UTC`: the zone of the times in a database of the earlier system, which are written as UTC
    /// before its first migration.
    pub legacy_timezone: String,
}

/// What may be uploaded.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    /// `UPLOAD_MAX_FILES`, default 50: files in one request.
    pub max_files: usize,
    /// `UPLOAD_MAX_FILE_MB`, default 50: megabytes (2²⁰ bytes) a file.
    pub max_file_bytes: u64,
    /// `UPLOAD_REQUEST_MB`, default none: megabytes (2²⁰ bytes) of a request that whatever stands in front lets through. The
    /// pages send one file in a request and offer no larger one; programs are told by what stands in front.
    pub max_request_bytes: Option<u64>,
    /// `MAX_MEGAPIXELS`, default 250: width × height of a photo.
    pub max_megapixels: u32,
}

/// What a worker needs.
#[derive(Clone)]
pub struct WorkerConfig {
    /// Database and storage.
    pub data: DataConfig,
    /// `WORKER_CONCURRENCY`, default the number of cores: photos decoded at once, if their memory allows it.
    pub concurrency: usize,
    /// `RENDER_CPU_SECONDS`, default 30: processor time one photo may take.
    pub cpu_seconds: u64,
    /// `PROCESSING_MEMORY_MB`, default 256: what the photos in work may take together. Each is admitted by what its
    /// header says that it will need.
    pub memory_mb: u32,
    /// `MAX_MEGAPIXELS`, default 250.
    pub max_megapixels: u32,
    /// `RENDITION_COPYRIGHT`, default `keep`: what becomes of the copyright notice of an original.
    pub copyright: Copyright,
    /// `RENDITION_ENCODINGS`, default `jpeg`: those that are made besides JPEG, each once.
    pub encodings: Vec<Encoding>,
    /// `RENDITION_SHARPENING`, default `light`: how much renditions are sharpened; also `off` and `strong`.
    pub sharpening: Sharpening,
}

/// What becomes of the copyright notice of an original in its renditions; all else that stands there is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copyright {
    /// Renditions carry it.
    Keep,
    /// They carry none.
    None,
}

impl FromStr for Copyright {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "keep" => Ok(Self::Keep),
            "none" => Ok(Self::None),
            _ => Err(format!("“{text}” is none of keep and none")),
        }
    }
}

impl Config {
    /// Reads what `serve` needs and notes every fault.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let site = Site::from_settings(settings);
        let public_url = settings.public_url("PHOTOS_PUBLIC_URL", &site);
        let auth_public_url = settings.public_url("AUTH_PUBLIC_URL", &site);
        let data = DataConfig::from_settings(settings);
        Self {
            public_url,
            auth_internal_urls: auth_internal_urls(settings, &auth_public_url),
            auth_public_url,
            auth_service_token: settings
                .required(
                    "AUTH_SERVICE_TOKEN",
                    "the token of photos in SERVICE_CREDENTIALS of the auth-service; make one with `openssl rand -hex 32`",
                )
                .into(),
            bind: bind(settings),
            secrets: settings.secrets("PHOTOS_SECRETS"),
            upload: UploadLimits::from_settings(settings),
            worker_processes: settings.parsed("WORKER_PROCESSES", 1),
            mail: MailConfig::from_settings(settings, &site),
            processing_memory_mb: processing_memory_mb(settings),
            mail_days: settings.parsed("MAIL_DAYS", NonZeroU16::new(30).expect("days")),
            trash_days: settings.parsed("TRASH_DAYS", 30),
            event_days: settings.parsed("STATISTICS_EVENT_DAYS", 90),
            watermark_text: default_watermark(settings),
            quota_bytes: quota_bytes(settings),
            watermark_limit_per_minute: settings.parsed("WATERMARK_LIMIT_PER_MINUTE", WATERMARK_LIMIT),
            texts_dir: settings.optional("SITE_TEXTS_DIR").map(PathBuf::from),
            render_program: settings.text("RENDER_PROGRAM", "/proc/self/exe").into(),
            delivery: Delivery::from_settings(settings, &data.storage, &site),
            metrics_bind: figures::bind(settings, "PHOTOS_METRICS_BIND"),
            redis: redis(settings),
            data,
            site,
        }
    }
}

impl DataConfig {
    /// Reads where the data lies and notes every fault.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let database_url =
            settings.required("PHOTOS_DATABASE_URL", "such as postgres://photos@localhost/photos");
        Self {
            database_url: database_url.into(),
            storage: Place::from_settings(settings),
            legacy_timezone: settings.text("LEGACY_TIMEZONE", "UTC"),
        }
    }
}

impl UploadLimits {
    fn from_settings(settings: &mut Settings) -> Self {
        Self {
            max_files: settings.parsed("UPLOAD_MAX_FILES", 50),
            max_file_bytes: settings.parsed::<u64>("UPLOAD_MAX_FILE_MB", 50).saturating_mul(BYTES_PER_MB),
            max_request_bytes: request_bytes(settings),
            max_megapixels: settings.parsed("MAX_MEGAPIXELS", 250),
        }
    }

    /// The largest file that a page may send: in its request there are a few lines besides it.
    pub fn max_page_bytes(&self) -> u64 {
        let most = self.max_request_bytes.map_or(u64::MAX, |request| request.saturating_sub(BESIDE_A_FILE));
        self.max_file_bytes.min(most)
    }
}

impl WorkerConfig {
    /// Reads what a worker needs and notes every fault.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            data: DataConfig::from_settings(settings),
            concurrency: settings.parsed("WORKER_CONCURRENCY", cores).max(1),
            cpu_seconds: settings.parsed("RENDER_CPU_SECONDS", 30),
            memory_mb: processing_memory_mb(settings),
            max_megapixels: settings.parsed("MAX_MEGAPIXELS", 250),
            copyright: settings.parsed("RENDITION_COPYRIGHT", Copyright::Keep),
            encodings: further_encodings(settings),
            sharpening: settings.parsed("RENDITION_SHARPENING", Sharpening::default()),
        }
    }
}

fn auth_internal_urls(settings: &mut Settings, public: &Url) -> Vec<Url> {
    let urls = settings.list("AUTH_INTERNAL_URL");
    if urls.is_empty() { vec![public.clone()] } else { urls }
}

fn request_bytes(settings: &mut Settings) -> Option<u64> {
    let megabytes: u64 = settings.parsed("UPLOAD_REQUEST_MB", 0);
    (megabytes > 0).then(|| megabytes.saturating_mul(BYTES_PER_MB))
}

/// Where `serve` listens and `health` asks.
pub fn bind(settings: &mut Settings) -> SocketAddr {
    settings.parsed("PHOTOS_BIND", SocketAddr::from(([0, 0, 0, 0], 5009)))
}

fn redis(settings: &mut Settings) -> Option<redis::Client> {
    let address = settings.optional("REDIS_URL")?;
    let fault =
        |error| settings.fault(format!("REDIS_URL can't be used ({error}): redis://:password@redis:6379"));
    shared::client(&address).map_err(fault).ok()
}

/// Both `serve`, which shares it out among its workers, and each worker read it.
fn processing_memory_mb(settings: &mut Settings) -> u32 {
    settings.parsed("PROCESSING_MEMORY_MB", 256)
}

fn default_watermark(settings: &mut Settings) -> Option<String> {
    let text = settings.optional("DEFAULT_WATERMARK")?;
    if !Mark::can_draw(&text) {
        settings.fault("DEFAULT_WATERMARK can't be drawn: up to 60 letters, Latin, Greek or Cyrillic");
    }
    Some(text)
}

fn quota_bytes(settings: &mut Settings) -> Option<i64> {
    let gigabytes: u32 = settings.parsed("QUOTA_GB", 0);
    (gigabytes > 0).then(|| i64::from(gigabytes) * 1_000_000_000)
}

/// JPEG is always made, whether it is named or not.
fn further_encodings(settings: &mut Settings) -> Vec<Encoding> {
    let mut encodings = settings.list("RENDITION_ENCODINGS");
    encodings.retain(|encoding| *encoding != Encoding::Jpeg);
    encodings.sort_unstable();
    encodings.dedup();
    encodings
}
