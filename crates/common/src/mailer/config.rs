//! The settings of mail: who sends it and which way it goes.

use std::{fs, net::IpAddr, path::PathBuf};

use lettre::{Address, message::Mailbox, transport::smtp::client::Certificate};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

use crate::config::{Settings, Site};

const ADVICE: &str = "set SMTP_URL to a mail server, such as smtp+starttls://user:password@mail.example.org:587 \
    (or smtps://…:465, or smtp://localhost:25 for a relay on this machine), or MAIL_DIR to a folder into which mails are \
    written instead of sent";

/// How a service sends its mail.
#[derive(Clone)]
pub struct MailConfig {
    /// `MAIL_FROM`, as `Photos <no-reply@example.org>`; required with `SMTP_URL`, else made from site name and domain.
    pub from: Mailbox,
    /// Exactly one of `SMTP_URL` and `MAIL_DIR`.
    pub way: Way,
}

/// Where mail goes.
#[derive(Clone)]
pub enum Way {
    /// `SMTP_URL`: to a server that sends it on.
    Smtp(Server),
    /// `MAIL_DIR`: into a folder, a file a mail; for development and tests.
    Folder(PathBuf),
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port; default 465, 587 or 25 by the scheme.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// User and password, percent-decoded.
    pub credentials: Option<(String, SecretString)>,
    /// `SMTP_CA_FILE`: certificates (PEM) that are trusted besides the public ones.
    pub own_roots: Option<Certificate>,
}

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// `smtps://`: TLS from the first byte.
    Tls,
    /// `smtp+starttls://`: TLS before anything is said; a server that doesn't offer it gets nothing.
    StartTls,
    /// `smtp://`: none.
    Plain,
}

impl MailConfig {
    /// Reads the settings; what is wrong is noted in `settings`.
    pub fn from_settings(settings: &mut Settings, site: &Site) -> Self {
        let way = match (settings.optional("SMTP_URL"), settings.optional("MAIL_DIR")) {
            (Some(url), None) => Server::from_settings(settings, &url).map(Way::Smtp),
            (None, Some(folder)) => Some(Way::Folder(folder.into())),
            (None, None) => {
                settings.fault(format!("SMTP_URL is missing: {ADVICE}"));
                None
            }
            (Some(_), Some(_)) => {
                settings.fault("SMTP_URL and MAIL_DIR are both set: mail can go one way only, so unset one");
                None
            }
        };
        let way = way.unwrap_or_else(|| Way::Folder(PathBuf::new()));
        let from = sender(settings, site, &way);
        Self { from, way }
    }
}

fn sender(settings: &mut Settings, site: &Site, way: &Way) -> Mailbox {
    let usual = Address::new("no-reply", &site.base_domain).unwrap_or_else(|_| {
        Address::new("no-reply", "invalid.invalid").expect("a constant address is an address")
    });
    let usual = Mailbox::new(Some(site.name.clone()), usual);
    let Some(text) = settings.optional("MAIL_FROM") else {
        if matches!(way, Way::Smtp(_)) {
            settings.fault(format!("MAIL_FROM is missing: the sender of all mail, such as {usual}"));
        }
        return usual;
    };
    text.parse().unwrap_or_else(|_| {
        settings.fault(format!("MAIL_FROM is {text}, but must be an address such as {usual}"));
        usual
    })
}

impl Server {
    fn from_settings(settings: &mut Settings, text: &str) -> Option<Self> {
        let allow_plain = settings.parsed("SMTP_ALLOW_PLAIN", false);
        let own_roots = own_roots(settings);
        let server = Self::parse(text).and_then(|server| server.if_protected(allow_plain));
        server
            .map(|server| Self { own_roots, ..server })
            // The address holds a password, so it is never shown.
            .map_err(|fault| settings.fault(format!("SMTP_URL {fault}")))
            .ok()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is no address: {error}"))?;
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp+starttls" => (Security::StartTls, 587),
            "smtp" => (Security::Plain, 25),
            _ => return Err("must begin with smtps://, smtp+starttls:// or smtp://".to_owned()),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(
                "has something after the port (in a password, write / as %2F, ? as %3F, # as %23)".to_owned()
            );
        }
        // Of an address without a host nothing can be made; brackets belong to the address, not to the host.
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(String::from).map_err(|_| "has a user or a password that is not UTF-8".to_owned())
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err("needs both a user and a password, or none".to_owned()),
            (user, Some(password)) => Some((decoded(user)?, decoded(password)?.into())),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), security, credentials, own_roots: None })
    }

    /// Without TLS everybody on the way reads links that open accounts, and the password of the mail server.
    fn if_protected(self, allow_plain: bool) -> Result<Self, String> {
        if self.security != Security::Plain || allow_plain {
            return Ok(self);
        }
        if !is_near(&self.host) {
            return Err(
                "is plain smtp:// to a host that is not beside this one: use smtp+starttls:// or smtps://, \
                or allow it with SMTP_ALLOW_PLAIN=true"
                    .to_owned(),
            );
        }
        if self.credentials.is_some() {
            return Err(
                "would send a password in clear: use smtp+starttls:// or smtps://, or allow it with \
                SMTP_ALLOW_PLAIN=true"
                    .to_owned(),
            );
        }
        Ok(self)
    }
}

fn own_roots(settings: &mut Settings) -> Option<Certificate> {
    let file = settings.optional("SMTP_CA_FILE")?;
    let certificate = fs::read(&file)
        .map_err(|error| error.to_string())
        .and_then(|pem| Certificate::from_pem(&pem).map_err(|error| error.to_string()));
    certificate.map_err(|error| settings.fault(format!("SMTP_CA_FILE {file} can't be used: {error}"))).ok()
}

/// This machine, a private network, or a name that only such a network can know (a container beside this one).
fn is_near(host: &str) -> bool {
    match Host::parse(host).or_else(|_| Host::parse(&format!("[{host}]"))) {
        Ok(Host::Ipv4(address)) => is_near_address(address.into()),
        Ok(Host::Ipv6(address)) => is_near_address(address.into()),
        Ok(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            !name.contains('.') || name.ends_with(".localhost") || name.ends_with(".internal")
        }
        Err(_) => false,
    }
}

fn is_near_address(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<MailConfig, String> {
        let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut settings = Settings::from_pairs(owned);
        let site = Site::from_settings(&mut settings);
        let config = MailConfig::from_settings(&mut settings, &site);
        settings.finish(config).map_err(|error| error.to_string())
    }

    fn server(url: &str, allow_plain: &str) -> Result<Server, String> {
        let from = ("MAIL_FROM", "Photos <no-reply@example.org>");
        match read(&[("SMTP_URL", url), from, ("SMTP_ALLOW_PLAIN", allow_plain)])?.way {
            Way::Smtp(server) => Ok(server),
            Way::Folder(_) => Err("a folder".to_owned()),
        }
    }

    #[test]
    fn an_address_gives_host_port_protection_and_credentials() {
        for (url, host, port, security) in [
            ("smtps://mail.example.org", "mail.example.org", 465, Security::Tls),
            ("smtp+starttls://u:p@mail.example.org", "mail.example.org", 587, Security::StartTls),
            ("smtp+starttls://u:p@mail.example.org:2525", "mail.example.org", 2525, Security::StartTls),
            ("smtp://localhost", "localhost", 25, Security::Plain),
            ("smtp://[::1]:1025", "::1", 1025, Security::Plain),
        ] {
            let server = server(url, "false").expect(url);
            assert_eq!((server.host.as_str(), server.port, server.security), (host, port, security), "{url}");
        }
        let server = server("smtps://ana%40example.org:p%2F%3Aw%20%C3%A4@mail.example.org", "false");
        let (user, password) = server.expect("usable").credentials.expect("credentials");
        assert_eq!((user.as_str(), password.expose_secret()), ("ana@example.org", "p/:w ä"));
    }

    #[test]
    fn plain_smtp_stays_near_and_carries_no_password_unless_that_is_wanted() {
        for url in
            ["smtp://localhost", "smtp://127.0.0.1", "smtp://10.1.2.3:25", "smtp://[fd00::1]", "smtp://mail"]
        {
            assert!(server(url, "false").is_ok(), "{url}");
        }
        let [user, word] = ["user", "a-password-of-mail"];
        let with_password = format!("smtp://{user}:{word}@localhost");
        for url in ["smtp://mail.example.org", "smtp://8.8.8.8", "smtp://[2001:db8::1]", &with_password] {
            let fault = server(url, "false").err().unwrap_or_else(|| panic!("{url} was taken"));
            assert!(fault.contains("SMTP_ALLOW_PLAIN") && !fault.contains(word), "{fault}");
            assert!(server(url, "true").is_ok(), "{url}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_showing_the_password() {
        for url in [
            "https://user:a-password-of-mail@mail.example.org",
            "smtps://user:a-password-of-mail@mail.example.org/path",
            "smtps://user:a-password-of-mail@mail.example.org:99999",
            "smtps://user@mail.example.org",
            "smtps://:a-password-of-mail@mail.example.org",
            "smtps://user:a-password/of-mail@mail.example.org",
            "mail.example.org:25",
            "smtps://",
        ] {
            let fault = server(url, "false").err().unwrap_or_else(|| panic!("{url} was taken"));
            assert!(fault.contains("SMTP_URL") && !fault.contains("of-mail"), "{fault}");
        }
    }

    #[test]
    fn exactly_one_way_is_needed_and_a_server_needs_a_sender() {
        let fault = |pairs: &[(&str, &str)]| read(pairs).err().expect("a fault");
        let none = fault(&[]);
        assert!(none.contains("SMTP_URL is missing") && none.contains("MAIL_DIR"), "{none}");
        assert!(fault(&[("SMTP_URL", "smtp://localhost"), ("MAIL_DIR", "mails")]).contains("both"));
        assert!(fault(&[("SMTP_URL", "smtp://localhost")]).contains("MAIL_FROM is missing"));
        for from in ["nobody", "a@b@c", "Photos <x", "a@example.org\r\nBcc: b@example.org"] {
            assert!(fault(&[("MAIL_DIR", "mails"), ("MAIL_FROM", from)]).contains("MAIL_FROM"), "{from}");
        }
        let config = read(&[("MAIL_DIR", "mails"), ("SITE_NAME", "Ana, Bo & co")]).expect("usable");
        assert_eq!(config.from.to_string(), "\"Ana, Bo & co\" <no-reply@stsgym.com>");
    }
}
