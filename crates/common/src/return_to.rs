//! Where a browser may be sent after signing in or out: nowhere but to this site.

use url::Url;

use crate::config::Site;

/// The address if a browser that follows it lands on this site; `None` otherwise.
///
/// Parsed by the WHATWG rules that browsers follow (crate `url`); what is sent is the parsed address, not the text.
pub fn absolute(site: &Site, target: &str) -> Option<Url> {
    Url::parse(target).ok().filter(|url| site.allows(url))
}

/// A path on our own service, as path and query; anything that would leave it gives `None`.
pub fn local(public_url: &Url, target: &str) -> Option<String> {
    if !target.starts_with('/') {
        return None;
    }
    let url = public_url.join(target).ok().filter(|url| url.origin() == public_url.origin())?;
    let path = url.path().to_owned() + &url.query().map(|query| format!("?{query}")).unwrap_or_default();
    // A path that begins with two slashes would be read as another host.
    (!path.starts_with("//")).then_some(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::Settings;

    fn site() -> Site {
        Site::from_settings(&mut Settings::from_pairs([]))
    }

    fn ours() -> Url {
        Url::parse("https://photos.stsgym.com/").expect("a constant address")
    }

    #[test]
    fn siblings_are_allowed_and_lookalikes_are_not() {
        assert!(absolute(&site(), "https://photos.stsgym.com/gallery/1?x=2").is_some());
        for evil in [
            "https://stsgym.com.evil.example/",
            "https://evilstsgym.com/",
            "http://photos.stsgym.com/",
            "//photos.stsgym.com",
            "javascript:alert(1)",
            "https://photos.stsgym.com@evil.example/",
            "https://u:p@photos.stsgym.com/",
            "https:/\\evil.example",
            "https://evil.example\\.stsgym.com/",
            "/gallery",
            "",
            "https://stsgym.com%2eevil.example",
        ] {
            assert_eq!(absolute(&site(), evil), None, "{evil}");
        }
    }

    #[test]
    fn a_local_path_never_leaves_the_service() {
        assert_eq!(local(&ours(), "/gallery/1?a=b#c").as_deref(), Some("/gallery/1?a=b"));
        for evil in [
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "",
            "gallery",
            "/.//evil.example",
        ] {
            assert_eq!(local(&ours(), evil), None, "{evil}");
        }
    }

    /// Pieces on which parsers of addresses have disagreed: backslashes, characters that are dropped or mapped, user
    /// names, ports, dots, encoded hosts.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "https:",
            "http:",
            "HTTPS:",
            "javascript:",
            "//",
            "/",
            "\\",
            "/\\",
            "\t",
            "\n",
            "\r",
            " ",
            "@",
            ":",
            ":443",
            ":8443",
            "#",
            "?",
            "%2e",
            "%2f",
            "%5c",
            "%00",
            "%40",
            "。",
            "．",
            "ｓ",
            "ß",
            "\u{ad}",
            "\u{200b}",
            "evil.example",
            "evil",
            "stsgym.com",
            "photos.stsgym.com",
            ".",
            "..",
            "u:p@",
            "xn--",
            "[::1]",
            "127.1",
        ]);
        let start = prop::sample::select(vec!["", "https://", "https://photos.stsgym.com", "/", "https:"]);
        (start, prop::collection::vec(piece, 0..7))
            .prop_map(|(start, rest)| start.to_owned() + &rest.concat())
    }

    #[test]
    fn odd_ways_to_write_our_own_addresses_are_what_browsers_take_them_for() {
        for (odd, plain) in [
            ("https:\\\\photos.stsgym.com\\a", "https://photos.stsgym.com/a"),
            (" ht\ttps://photos.sts\ngym.com/ ", "https://photos.stsgym.com/"),
            ("https:photos.stsgym.com", "https://photos.stsgym.com/"),
            ("https://photos%2estsgym。com:443/", "https://photos.stsgym.com/"),
            ("https://PHOTOS.ｓtsgym.com:8443", "https://photos.stsgym.com:8443/"),
        ] {
            assert_eq!(absolute(&site(), odd).map(String::from).as_deref(), Some(plain), "{odd}");
        }
        for foreign in [
            "https://stsgym.com.",
            "https://photos.stsgym.com./",
            "https://evil.example%00.stsgym.com/",
            "https://evil.example#.stsgym.com/",
            "https://evil.example?.stsgym.com/",
            "https://evil.example\t/.stsgym.com/",
            "https://evil.example:443\\@photos.stsgym.com/",
            "https://photos.stsgym.com@evil.example",
            "https://xn--stsgym-.com/",
            "https://stsgym.com:x/",
            "https:///evil.example",
        ] {
            assert_eq!(absolute(&site(), foreign), None, "{foreign}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn what_is_accepted_lands_on_an_allowed_origin(target in prop_oneof![
            hostile(),
            r"(https?:)?[/\\]{0,3}[a-z@:.\\/%0-9\t]{0,20}(stsgym\.com)?[a-z@:./\\%?#]{0,20}",
        ]) {
            if let Some(url) = absolute(&site(), &target) {
                let landed = Url::parse(url.as_str()).expect("it was parsed once");
                let host = landed.domain().unwrap_or_default();
                prop_assert!(host == "stsgym.com" || host.ends_with(".stsgym.com"));
                prop_assert_eq!((landed.scheme(), landed.username(), landed.password()), ("https", "", None));
            }
            if let Some(path) = local(&ours(), &target) {
                let landed = ours().join(&path).expect("it was joined once");
                prop_assert_eq!(landed.origin(), ours().origin());
            }
        }
    }
}
