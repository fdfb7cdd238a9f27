//! The settings of the auth-service.

use std::{
    net::SocketAddr,
    num::{NonZeroU16, NonZeroU32},
    thread::available_parallelism,
    time::Duration,
};

use chrono::TimeDelta;
use common::{
    config::{Settings, Site},
    figures,
    mailer::MailConfig,
    return_to,
    secrets::Secrets,
};
use secrecy::SecretString;
use url::Url;

use crate::{
    lockout, passwords::Cost, providers::config::ProviderSettings, registration::Registration,
    services::ServiceCredentials,
};

/// Everything that the auth-service can be told.
pub struct Config {
    /// What all services of the site agree on.
    pub site: Site,
    /// `AUTH_PUBLIC_URL`: where people reach this service.
    pub public_url: Url,
    /// `AUTH_BIND`, default `0.0.0.0:5007`: where it listens.
    pub bind: SocketAddr,
    /// `AUTH_DATABASE_URL`: the PostgreSQL database of this service alone.
    pub database_url: SecretString,
    /// `AUTH_DATABASE_CONNECTIONS`, default 10: how many connections it may hold.
    pub database_connections: u32,
    /// `AUTH_SECRETS`: the first makes, all verify.
    pub secrets: Secrets,
    /// `HOME_URL`, default this service itself: where a sign-in goes that names no way back.
    pub home_url: Url,
    /// How often one client address may do what guesses or costs something.
    pub limits: LimitsPerMinute,
    /// `SIGN_IN_REFUSAL_MS`, default 500: a refused sign-in is answered this long after it began, so that its time
    /// says nothing; well above the time of one hashing.
    pub sign_in_refusal: Duration,
    /// When an account locks, and for how long.
    pub lockout: lockout::Rules,
    /// What one hashing of a password costs.
    pub password_cost: Cost,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// `PASSWORD_QUEUE`, default 64: sign-ins that may wait for a free core; one more is refused with 503.
    pub password_queue: usize,
    /// `VERIFY_CACHE_SECONDS`, default 5, at most an hour: how long an answer of `verify-session` is kept while whatever
    /// ends it would be heard of; 0 asks the database each time.
    pub verify_cache: Duration,
    /// `SERVICE_CREDENTIALS`, default none: `name token scope…` of each service that may ask more, separated by `;`.
    pub services: ServiceCredentials,
    /// Outside providers of sign-in; none by default.
    pub providers: ProviderSettings,
    /// Who may make an account, and with which role.
    pub registration: Registration,
    /// `AUTH_WORKERS`, default the number of cores: threads that answer requests.
    pub workers: usize,
    /// `MAIL_FROM`, and `SMTP_URL` or `MAIL_DIR`: who sends mail, and which way it goes.
    pub mail: MailConfig,
    /// How long what is over stays readable.
    pub retention: Retention,
    /// `AUTH_METRICS_BIND`, default none: where `/metrics` is told to Prometheus, and nothing else.
    pub metrics_bind: Option<SocketAddr>,
}

/// How long what is over stays readable, in days.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// `AUDIT_DAYS`, default 400: rows of the record.
    pub audit: NonZeroU16,
    /// `MAIL_DAYS`, default 30: what became of mails; what they said is erased at once.
    pub mail: NonZeroU16,
}

impl Retention {
    /// Reads the settings; what is wrong is noted in `settings`.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let mut days =
            |name, usual| settings.parsed(name, NonZeroU16::new(usual).expect("the defaults are days"));
        Self { audit: days("AUDIT_DAYS", 400), mail: days("MAIL_DAYS", 30) }
    }
}

/// How often one client address (one /64 with IPv6) may do something in a minute.
#[derive(Clone, Copy, Debug)]
pub struct LimitsPerMinute {
    /// `LOGIN_LIMIT_PER_MINUTE`, default 10: give a password, by page or JSON, for signing in or confirming.
    pub login: NonZeroU32,
    /// `FORGOT_LIMIT_PER_MINUTE`, default 5: ask for a mail that resets a password.
    pub forgot: NonZeroU32,
    /// `RESET_LIMIT_PER_MINUTE`, default 5: set a new password with such a mail.
    pub reset: NonZeroU32,
    /// `REGISTER_LIMIT_PER_MINUTE`, default 5: register.
    pub register: NonZeroU32,
}

impl LimitsPerMinute {
    fn from_settings(settings: &mut Settings) -> Self {
        let mut limit =
            |name, default| settings.parsed(name, NonZeroU32::new(default).expect("no default is zero"));
        Self {
            login: limit("LOGIN_LIMIT_PER_MINUTE", 10),
            forgot: limit("FORGOT_LIMIT_PER_MINUTE", 5),
            reset: limit("RESET_LIMIT_PER_MINUTE", 5),
            register: limit("REGISTER_LIMIT_PER_MINUTE", 5),
        }
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Seven days, whatever happens.
    pub absolute: TimeDelta,
    /// `SESSION_IDLE_HOURS`, default 168: without a sign of life.
    pub idle: TimeDelta,
    /// `SESSION_IDLE_HOURS_ADMIN`, default 24: the same for administrators.
    pub idle_admin: TimeDelta,
}

impl Config {
    /// Reads the settings; what is wrong is noted in `settings`.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let site = Site::from_settings(settings);
        let public_url = settings.public_url("AUTH_PUBLIC_URL", &site);
        let home_url = home_url(settings, &site).unwrap_or_else(|| public_url.clone());
        Self {
            home_url,
            bind: bind_address(settings),
            database_url: database_url(settings),
            database_connections: settings.parsed("AUTH_DATABASE_CONNECTIONS", 10),
            secrets: settings.secrets("AUTH_SECRETS"),
            limits: LimitsPerMinute::from_settings(settings),
            sign_in_refusal: Duration::from_millis(settings.parsed("SIGN_IN_REFUSAL_MS", 500)),
            lockout: lockout::Rules::from_settings(settings),
            password_cost: Cost::from_settings(settings, site.development),
            lifetimes: Lifetimes {
                absolute: TimeDelta::days(7),
                idle: TimeDelta::hours(settings.parsed::<u32>("SESSION_IDLE_HOURS", 168).into()),
                idle_admin: TimeDelta::hours(settings.parsed::<u32>("SESSION_IDLE_HOURS_ADMIN", 24).into()),
            },
            password_queue: settings.parsed("PASSWORD_QUEUE", 64),
            verify_cache: Duration::from_secs(
                settings.parsed::<u32>("VERIFY_CACHE_SECONDS", 5).min(3600).into(),
            ),
            services: ServiceCredentials::from_settings(settings),
            providers: ProviderSettings::from_settings(settings, &site),
            registration: Registration::from_settings(settings),
            workers: settings.parsed("AUTH_WORKERS", cores()),
            retention: Retention::from_settings(settings),
            metrics_bind: figures::bind(settings, "AUTH_METRICS_BIND"),
            mail: MailConfig::from_settings(settings, &site),
            site,
            public_url,
        }
    }
}

/// `AUTH_DATABASE_URL` alone, for commands that need nothing else.
pub fn database_url(settings: &mut Settings) -> SecretString {
    settings
        .required("AUTH_DATABASE_URL", "a PostgreSQL address such as postgres://auth@localhost/auth")
        .into()
}

/// `LEGACY_TIMEZONE`, default `UTC`: the zone of the times in a database of the earlier system, which are written as UTC
/// before its first migration.
pub fn legacy_timezone(settings: &mut Settings) -> String {
    settings.text("LEGACY_TIMEZONE", "UTC")
}

/// `AUTH_BIND` alone, for the command that asks a running service how it is.
pub fn bind_address(settings: &mut Settings) -> SocketAddr {
    settings.parsed("AUTH_BIND", SocketAddr::from(([0, 0, 0, 0], 5007)))
}

/// The number of cores that this process may use.
pub fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}

fn home_url(settings: &mut Settings, site: &Site) -> Option<Url> {
    let text = settings.optional("HOME_URL")?;
    let url = return_to::absolute(site, &text);
    if url.is_none() {
        settings
            .fault(format!("HOME_URL is {text}, but must be an https address under {}", site.base_domain));
    }
    url
}
