//! Which providers are configured. None is by default; one that is configured by half stops the start.

use std::time::Duration;

use common::config::{Settings, Site};
use secrecy::SecretString;
use url::{Host, Url};

use super::Kind;

const GOOGLE: &str = "https://accounts.google.com";

/// What can be told about signing in with outside providers.
pub struct ProviderSettings {
    /// Those that are configured, in the order in which the sign-in page offers them.
    pub registered: Vec<Registered>,
    /// `PROVIDER_TIMEOUT_SECONDS`, default 10: how long one call to a provider may take.
    pub timeout: Duration,
}

/// Our registration at one provider.
#[derive(Clone)]
pub struct Registered {
    /// Which one.
    pub kind: Kind,
    /// What the button says after “Continue with”.
    pub name: String,
    /// `…_CLIENT_ID`: what the provider knows us by.
    pub client_id: String,
    /// `…_CLIENT_SECRET`: how we prove it.
    pub client_secret: SecretString,
    /// Where it is.
    pub place: Place,
}

/// Where a provider is.
#[derive(Clone)]
pub enum Place {
    /// An issuer of OpenID Connect, character by character as it names itself.
    Issuer(String),
    /// GitHub, or an enterprise server of its kind: its pages and its API.
    Github {
        /// Without a slash at the end.
        web: String,
        /// Without a slash at the end.
        api: String,
    },
}

impl ProviderSettings {
    /// Reads the settings; what is wrong is noted in `settings`.
    pub fn from_settings(settings: &mut Settings, site: &Site) -> Self {
        let registered = [github(settings, site), google(settings), oidc(settings, site)];
        Self {
            registered: registered.into_iter().flatten().collect(),
            timeout: Duration::from_secs(settings.parsed::<u32>("PROVIDER_TIMEOUT_SECONDS", 10).into()),
        }
    }
}

/// `GITHUB_CLIENT_ID` and `GITHUB_CLIENT_SECRET`; for an enterprise server also `GITHUB_URL` and `GITHUB_API_URL`.
fn github(settings: &mut Settings, site: &Site) -> Option<Registered> {
    let [client_id, client_secret] = all_or_none(settings, ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"])?;
    let web = address(settings, site, "GITHUB_URL", "https://github.com");
    let api = address(settings, site, "GITHUB_API_URL", "https://api.github.com");
    let place = Place::Github { web, api };
    let (kind, name) = (Kind::Github, "GitHub".to_owned());
    Some(Registered { kind, name, client_id, client_secret: client_secret.into(), place })
}

/// `GOOGLE_CLIENT_ID` and `GOOGLE_CLIENT_SECRET`.
fn google(settings: &mut Settings) -> Option<Registered> {
    let [client_id, client_secret] = all_or_none(settings, ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"])?;
    let place = Place::Issuer(GOOGLE.to_owned());
    let (kind, name) = (Kind::Google, "Google".to_owned());
    Some(Registered { kind, name, client_id, client_secret: client_secret.into(), place })
}

/// `OIDC_ISSUER`, `OIDC_CLIENT_ID` and `OIDC_CLIENT_SECRET`; `OIDC_NAME` (default: the issuer's host) is for the button.
fn oidc(settings: &mut Settings, site: &Site) -> Option<Registered> {
    let names = ["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"];
    let [issuer, client_id, client_secret] = all_or_none(settings, names)?;
    check_address(settings, site, "OIDC_ISSUER", &issuer);
    let host = Url::parse(&issuer).ok().and_then(|url| url.host_str().map(str::to_owned));
    let name = settings.text("OIDC_NAME", &host.unwrap_or_default());
    let place = Place::Issuer(issuer);
    Some(Registered { kind: Kind::Oidc, name, client_id, client_secret: client_secret.into(), place })
}

/// The values, if any of the names is set; then those that are missing are faults.
fn all_or_none<const N: usize>(settings: &mut Settings, names: [&str; N]) -> Option<[String; N]> {
    let given = names.iter().filter(|name| settings.optional(name).is_some()).count();
    let advice = format!("{} are set together, or none of them", names.join(", "));
    (given > 0).then(|| names.map(|name| settings.required(name, &advice)))
}

fn address(settings: &mut Settings, site: &Site, name: &str, default: &str) -> String {
    let text = settings.text(name, default).trim_end_matches('/').to_owned();
    check_address(settings, site, name, &text);
    text
}

fn check_address(settings: &mut Settings, site: &Site, name: &str, text: &str) {
    let plain =
        |url: &Url| is_protected(url, site.development) && url.query().is_none() && url.fragment().is_none();
    if !text.is_empty() && !Url::parse(text).is_ok_and(|url| plain(&url)) {
        settings.fault(format!("{name} is {text}, but must be an https address without a query"));
    }
}

/// Whether what is sent to an address can't be read on the way: https, or this very machine in development.
pub fn is_protected(url: &Url, development: bool) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let scheme = url.scheme() == "https" || development && url.scheme() == "http" && here;
    scheme && url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> anyhow::Result<ProviderSettings> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut settings = Settings::from_pairs(pairs);
        let site = Site::from_settings(&mut settings);
        let read = ProviderSettings::from_settings(&mut settings, &site);
        settings.finish(read)
    }

    #[test]
    fn without_settings_there_is_no_provider_and_nobody_joins() {
        let read = read(&[]).expect("nothing is wrong");
        assert!(read.registered.is_empty());
    }

    #[test]
    fn a_half_configured_provider_is_a_fault_that_names_what_is_missing() {
        for (given, missing) in [
            ("GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"),
            ("GOOGLE_CLIENT_SECRET", "GOOGLE_CLIENT_ID"),
            ("OIDC_ISSUER", "OIDC_CLIENT_ID"),
            ("OIDC_CLIENT_ID", "OIDC_ISSUER"),
        ] {
            let fault = read(&[(given, "https://id.example.org")]).err().expect(given).to_string();
            assert!(fault.contains(&format!("{missing} is missing")), "{fault}");
        }
    }

    #[test]
    fn an_issuer_that_anybody_on_the_way_could_imitate_is_a_fault() {
        for issuer in
            ["http://id.example.org", "https://id.example.org/?a=b", "id.example.org", "http://[::1]"]
        {
            let pairs = [("OIDC_ISSUER", issuer), ("OIDC_CLIENT_ID", "a"), ("OIDC_CLIENT_SECRET", "b")];
            assert!(read(&pairs).is_err(), "{issuer}");
        }
        let url = |text: &str| Url::parse(text).expect("an address");
        assert!(
            is_protected(&url("http://127.0.0.1:1"), true) && !is_protected(&url("http://127.0.0.1"), false)
        );
        assert!(!is_protected(&url("http://127.0.0.1.example.org"), true));
    }
}
