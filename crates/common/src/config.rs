//! Settings come from the environment and from files that it names; every fault of a start is reported in one list.

use std::{collections::HashMap, fmt::Display, fs, str::FromStr};

use ipnet::IpNet;
use url::Url;

use crate::secrets::Secrets;

/// Reads settings one by one and remembers what is wrong with them, so that an operator sees all faults at once.
pub struct Settings {
    values: HashMap<String, String>,
    faults: Vec<String>,
}

impl Settings {
    /// The settings of this process.
    pub fn from_process() -> Self {
        Self::from_pairs(std::env::vars())
    }

    /// Settings given as pairs, as the tests do.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let values = pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        Self { values, faults: Vec::new() }
    }

    /// Notes a fault that the caller found itself.
    pub fn fault(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        // What is asked for twice is wrong once.
        if !self.faults.contains(&sentence) {
            self.faults.push(sentence);
        }
    }

    /// What was wrong with the settings read so far, a sentence each.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// A setting that may be absent. In the place of `NAME`, `NAME_FILE` may name a file that holds the value: a secret
    /// in the environment is seen by whoever may look at the process. An empty file counts as absent.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        let value = self.values.get(name).map(|value| value.trim().to_owned());
        let by_file = format!("{name}_FILE");
        let Some(path) = self.values.get(&by_file).map(|path| path.trim().to_owned()) else { return value };
        if value.is_some() {
            self.fault(format!("{name} and {by_file} are both set: unset one"));
            return value;
        }
        match fs::read_to_string(&path) {
            Ok(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Err(error) => {
                self.fault(format!("{by_file} names {path}, which can't be read: {error}"));
                None
            }
        }
    }

    /// A text setting with a default.
    pub fn text(&mut self, name: &str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    /// A setting without a default; `advice` says what to set it to.
    pub fn required(&mut self, name: &str, advice: &str) -> String {
        let before = self.faults.len();
        self.optional(name).unwrap_or_else(|| {
            if self.faults.len() == before {
                self.fault(format!("{name} is missing: {advice}"));
            }
            String::new()
        })
    }

    /// A setting of any type that can be parsed, with a default.
    pub fn parsed<T>(&mut self, name: &str, default: T) -> T
    where
        T: FromStr<Err: Display>,
    {
        match self.optional(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.fault(format!("{name} can't be understood: {error}"));
                default
            }
        }
    }

    /// A list separated by commas or white space.
    pub fn list<T>(&mut self, name: &str) -> Vec<T>
    where
        T: FromStr<Err: Display>,
    {
        let mut parsed = Vec::new();
        for item in self.text(name, "").split([',', ' ', '\n']).filter(|item| !item.is_empty()) {
            match item.parse() {
                Ok(value) => parsed.push(value),
                Err(error) => self.fault(format!("{name}: “{item}” can't be understood: {error}")),
            }
        }
        parsed
    }

    /// A list of secrets: the first makes, all verify.
    pub fn secrets(&mut self, name: &str) -> Secrets {
        let text = self.required(name, "make one with `openssl rand -base64 48`");
        if text.is_empty() {
            return Secrets::placeholder();
        }
        Secrets::parse(&text).unwrap_or_else(|fault| {
            self.fault(format!("{name}: {fault}"));
            Secrets::placeholder()
        })
    }

    /// A public address of one of the services: https under the base domain, or http on a loopback name in development.
    pub fn public_url(&mut self, name: &str, site: &Site) -> Url {
        let text = self
            .required(name, &format!("the address people open, such as https://photos.{}", site.base_domain));
        match Url::parse(&text) {
            Ok(url) if site.allows(&url) && url.path() == "/" => return url,
            Ok(url) if url.path() != "/" => self.fault(format!("{name} must be an origin without a path, not {url}")),
            Ok(url) => self.fault(format!(
                "{name} is {url}, but must be https under {} (plain http is for loopback names with DEVELOPMENT=true)",
                site.base_domain
            )),
            Err(_) if text.is_empty() => {}
            Err(error) => self.fault(format!("{name} is no address: {error}")),
        }
        Url::parse("https://invalid.invalid/").expect("a constant address parses")
    }

    /// The value, if nothing was wrong with any setting; otherwise all faults in one text.
    pub fn finish<T>(self, value: T) -> anyhow::Result<T> {
        if self.faults.is_empty() {
            return Ok(value);
        }
        anyhow::bail!("the configuration is not usable:\n  - {}", self.faults.join("\n  - "))
    }
}

/// What both services must agree on about the site.
#[derive(Clone, Debug)]
pub struct Site {
    /// `BASE_DOMAIN`, default `stsgym.com`: the domain whose subdomains share one sign-in.
    pub base_domain: String,
    /// `DEVELOPMENT`, default `false`: plain http on loopback names, cookies without `Secure`.
    pub development: bool,
    /// `SITE_NAME`, default `Photos`: what headers, titles and mails say until an administrator gives another name.
    pub name: String,
    /// `SESSION_COOKIE_NAME`, default `photos_session`: the cookie shared by all applications of the domain.
    pub session_cookie: String,
    /// `HSTS_PRELOAD`, default `false`: also asks for a place in the browsers' own list; hard to take back.
    pub hsts_preload: bool,
    /// `TRUSTED_PROXIES`, default empty: networks whose address header is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `CLIENT_ADDRESS_HEADER`, default `x-forwarded-for`: the header that a trusted proxy writes.
    pub client_address_header: String,
}

impl Site {
    /// Reads the shared settings.
    pub fn from_settings(settings: &mut Settings) -> Self {
        let site = Self {
            base_domain: settings.text("BASE_DOMAIN", "stsgym.com").trim_matches('.').to_ascii_lowercase(),
            development: settings.parsed("DEVELOPMENT", false),
            name: settings.text("SITE_NAME", "Photos"),
            session_cookie: settings.text("SESSION_COOKIE_NAME", "photos_session"),
            hsts_preload: settings.parsed("HSTS_PRELOAD", false),
            trusted_proxies: settings.list("TRUSTED_PROXIES"),
            client_address_header: settings
                .text("CLIENT_ADDRESS_HEADER", "x-forwarded-for")
                .to_ascii_lowercase(),
        };
        if site.session_cookie.is_empty()
            || !site.session_cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        {
            settings.fault("SESSION_COOKIE_NAME may hold letters, digits, _ and - only");
        }
        if site.development && !is_loopback_name(&site.base_domain) {
            settings.fault(format!(
                "DEVELOPMENT=true needs a loopback BASE_DOMAIN such as stsgym.localhost, not {}",
                site.base_domain
            ));
        }
        site
    }

    /// Whether an address belongs to this site: https under the base domain, or loopback http in development.
    pub fn allows(&self, url: &Url) -> bool {
        let Some(host) = url.domain() else { return false };
        let under = host == self.base_domain
            || host.strip_suffix(&self.base_domain).is_some_and(|rest| rest.ends_with('.'));
        let scheme =
            url.scheme() == "https" || self.development && url.scheme() == "http" && is_loopback_name(host);
        under && scheme && url.username().is_empty() && url.password().is_none()
    }

    /// The name of a service's own cookie: with the `__Host-` prefix wherever https makes that possible.
    pub fn host_cookie(&self, name: &str) -> String {
        if self.development { name.to_owned() } else { format!("__Host-{name}") }
    }
}

fn is_loopback_name(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn all_faults_are_reported_in_one_list() {
        let mut settings = settings(&[("LIMIT", "many"), ("SECRETS", "short")]);
        settings.required("DATABASE", "a PostgreSQL address");
        settings.parsed("LIMIT", 3);
        settings.secrets("SECRETS");
        let text = settings.finish(()).expect_err("three faults").to_string();
        for name in ["DATABASE", "LIMIT", "SECRETS"] {
            assert!(text.contains(name), "{text}");
        }
    }

    #[test]
    fn a_secret_may_lie_in_a_file_and_a_list_of_them_in_lines() {
        let file = std::env::temp_dir().join(format!("settings-{}", std::process::id()));
        let path = file.to_str().expect("a plain path");
        fs::write(&file, format!("{}\n{}\n", "b".repeat(43), "a".repeat(43))).expect("a temporary file");
        let mut one = settings(&[("SECRETS_FILE", path)]);
        let secrets = one.secrets("SECRETS");
        fs::write(&file, " \n").expect("a temporary file");
        let mut empty = settings(&[("TOKEN_FILE", path)]);
        empty.required("TOKEN", "a token");
        fs::remove_file(&file).expect("our own file");
        assert_eq!(one.faults(), [""; 0]);
        let old = Secrets::parse(&"a".repeat(43)).expect("long enough");
        assert!(secrets.verify("m", "m", &old.sign("m", "m")), "the older one still counts");
        assert_eq!(empty.faults(), ["TOKEN is missing: a token"]);

        let mut gone = settings(&[("TOKEN_FILE", path), ("URL", "a"), ("URL_FILE", path)]);
        gone.required("TOKEN", "a token");
        gone.optional("TOKEN");
        gone.optional("URL");
        let [unreadable, both] = gone.faults() else { panic!("{:?}", gone.faults()) };
        assert!(unreadable.starts_with(&format!("TOKEN_FILE names {path}, which can't be read: ")));
        assert_eq!(both, "URL and URL_FILE are both set: unset one");
    }

    #[test]
    fn development_is_refused_for_a_real_domain() {
        let mut settings = settings(&[("DEVELOPMENT", "true"), ("BASE_DOMAIN", "example.org")]);
        Site::from_settings(&mut settings);
        assert!(settings.finish(()).is_err());
    }

    #[test]
    fn a_plain_http_public_url_is_refused_in_production() {
        let mut settings = settings(&[("URL", "http://photos.stsgym.com")]);
        let site = Site::from_settings(&mut settings);
        settings.public_url("URL", &site);
        assert!(settings.finish(()).is_err());
    }
}
