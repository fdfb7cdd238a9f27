//! The canonicaliser of the Cookie header: runs before everything else, so that no sibling host can shadow our cookies.
//!
//! actix-web percent-decodes cookie names, takes the first match and fails the whole header on one invalid byte.
//! A sibling host may plant `__%48ost-x` or a raw `0xFF`; both are gone before any other code looks.

use actix_web::{
    Error, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{COOKIE, HeaderMap, HeaderValue},
    middleware::Next,
};
use percent_encoding::percent_decode;

use crate::web::Web;

/// The middleware: replaces the Cookie headers of a request by one canonical header.
pub async fn canonicalise_request(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let web = Web::of(request.request());
    let ours = [web.site.session_cookie.as_str(), web.host_cookie.as_str()];
    replace(request.headers_mut(), &ours);
    next.call(request).await
}

fn replace(headers: &mut HeaderMap, ours: &[&str]) {
    let raw = headers.get_all(COOKIE).map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b"; "[..]);
    headers.remove(COOKIE);
    let canonical = canonicalise(&raw, ours);
    if let Ok(value) = HeaderValue::from_str(&canonical)
        && !canonical.is_empty()
    {
        headers.insert(COOKIE, value);
    }
}

/// Keeps the pairs that decode, without those whose decoded name is one of `ours` while the name as sent is not.
pub fn canonicalise(raw: &[u8], ours: &[&str]) -> String {
    let kept: Vec<&str> =
        raw.split(|&byte| byte == b';').filter_map(|pair| canonical_pair(pair, ours)).collect();
    kept.join("; ")
}

fn canonical_pair<'a>(pair: &'a [u8], ours: &[&str]) -> Option<&'a str> {
    let pair = std::str::from_utf8(pair).ok()?.trim_matches([' ', '\t']);
    if !pair.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return None;
    }
    let (name, value) = pair.split_once('=')?;
    let decoded_name = percent_decode(name.as_bytes()).decode_utf8().ok()?;
    percent_decode(value.as_bytes()).decode_utf8().ok()?;
    let disguised = ours.contains(&decoded_name.trim()) && !ours.contains(&name);
    (!decoded_name.trim().is_empty() && !disguised).then_some(pair)
}

/// Every value sent under this exact name, in the order sent. Values are not decoded: our tokens need no encoding.
pub fn values(request: &HttpRequest, name: &str) -> Vec<String> {
    let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let pairs = headers.flat_map(|header| header.split("; ")).filter_map(|pair| pair.split_once('='));
    pairs.filter(|(pair_name, _)| *pair_name == name).map(|(_, value)| value.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use actix_web::cookie::Cookie;
    use proptest::prelude::*;

    use super::*;

    const OURS: [&str; 2] = ["photos_session", "__Host-photos"];

    #[test]
    fn a_percent_encoded_twin_of_our_cookie_is_dropped() {
        let raw = b"__%48ost-photos=evil; __Host-photos=good; photos%5fsession=evil; a=b";
        assert_eq!(canonicalise(raw, &OURS), "__Host-photos=good; a=b");
    }

    #[test]
    fn an_undecodable_pair_does_not_take_the_others_with_it() {
        assert_eq!(canonicalise(b"x=\xff; y=%ff; novalue; =n; photos_session=t", &OURS), "photos_session=t");
    }

    #[test]
    fn all_values_of_our_names_are_kept() {
        let raw = b"photos_session=a; photos_session=b";
        assert_eq!(canonicalise(raw, &OURS), "photos_session=a; photos_session=b");
    }

    proptest! {
        #[test]
        fn what_is_left_always_parses_and_never_answers_for_us_in_disguise(
            raw in prop::collection::vec(prop_oneof![
                any::<u8>(), Just(b';'), Just(b'='), Just(b'%'), Just(b'4'), Just(b'8'), Just(b'_'),
            ], 0..120),
            disguise in "(_|%5[fF])(_|%5[fF])(H|%48)(o|%6[fF])(s|%73)(t|%74)-photos",
        ) {
            let header = [raw.as_slice(), b"; ", disguise.as_bytes(), b"=evil"].concat();
            let canonical = canonicalise(&header, &OURS);
            for pair in canonical.split("; ").filter(|pair| !pair.is_empty()) {
                let cookie = Cookie::parse_encoded(pair.to_owned()).expect("every kept pair parses");
                let raw_name = pair.split('=').next().unwrap_or_default();
                prop_assert!(!OURS.contains(&cookie.name()) || OURS.contains(&raw_name));
            }
        }
    }
}
