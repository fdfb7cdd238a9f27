//! What the settings alone show: secrets and the cookie's domain.

use common::secrets::Secrets;
use url::Host;

use super::Outcome;
use crate::config::Config;

/// Second labels under which countries give names to everybody, so that browsers take no cookie for all of them.
const FOR_EVERYBODY: [&str; 8] = ["ac", "co", "com", "edu", "gov", "net", "or", "org"];

/// Whether the secrets could be random.
pub fn secrets(secrets: &Secrets) -> Outcome {
    if secrets.look_random() {
        return Ok("long enough and mixed".to_owned());
    }
    Err("one in AUTH_SECRETS looks made by hand; put a new one in front, made with `openssl rand -base64 48`, and \
        take the other out after a week"
        .to_owned())
}

/// Whether a browser takes our cookie and sends it to the hosts that need it.
pub fn cookie(config: &Config) -> Outcome {
    let domain = &config.site.base_domain;
    takes_cookies(domain)?;
    for (name, url) in [("AUTH_PUBLIC_URL", &config.public_url), ("HOME_URL", &config.home_url)] {
        let host = url.host_str().unwrap_or_default();
        let under =
            host == domain || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
        if !under {
            return Err(format!(
                "{name} is at {host}, which gets no cookie of {domain}; correct one of them"
            ));
        }
    }
    let (service, home) = (&config.public_url, config.home_url.origin().ascii_serialization());
    let origin = service.origin().ascii_serialization();
    if service.scheme() != config.home_url.scheme() {
        return Err(format!(
            "{origin} and {home} must both be https, or the cookie reaches one of them only"
        ));
    }
    let name = &config.site.session_cookie;
    let other = if origin == home { String::new() } else { format!(" and {home}") };
    Ok(format!("{name} of .{domain} reaches {origin}{other}"))
}

fn takes_cookies(domain: &str) -> Result<(), String> {
    if !matches!(Host::parse(domain), Ok(Host::Domain(_))) {
        return Err(format!(
            "BASE_DOMAIN is {domain}; a cookie for several hosts needs a name, not an address"
        ));
    }
    let labels: Vec<&str> = domain.split('.').collect();
    let everybody = match labels.as_slice() {
        [second, country] => country.len() == 2 && FOR_EVERYBODY.contains(second),
        labels => labels.len() < 2,
    };
    if everybody {
        return Err(format!(
            "BASE_DOMAIN is {domain}, for which browsers take no cookie; set it to the domain that is yours, such as \
             example.{domain}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_of_everybody_take_no_cookie() {
        for good in ["stsgym.com", "stsgym.localhost", "photos.co.uk", "a.b.example.org", "co.example"] {
            assert_eq!(takes_cookies(good), Ok(()), "{good}");
        }
        for bad in ["com", "localhost", "co.uk", "com.au", "10.0.0.1"] {
            assert!(takes_cookies(bad).is_err(), "{bad}");
        }
    }
}
