//! The security headers on every answer of both services.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

use crate::{config::Site, web::Web};

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_XSS_PROTECTION, "0"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()";

/// The headers that every answer of a service has unless its handler says otherwise; made once, at the start.
pub struct Fixed(Vec<(HeaderName, HeaderValue)>);

impl Fixed {
    /// Those of a service: `auth` or `photos`.
    pub fn new(service: &str, site: &Site) -> Self {
        let mut texts: Vec<_> =
            FIXED.iter().map(|(name, value)| (name.clone(), (*value).to_owned())).collect();
        texts.push((header::PERMISSIONS_POLICY, PERMISSIONS.to_owned()));
        texts.push((header::CONTENT_SECURITY_POLICY, content_policy(service, site)));
        // Pages hold what only this person may see; a handler that wants caching says so itself.
        texts.push((header::CACHE_CONTROL, "no-store".to_owned()));
        if !site.development {
            let preload = if site.hsts_preload { "; preload" } else { "" };
            let transport = format!("max-age=31536000; includeSubDomains{preload}");
            texts.push((header::STRICT_TRANSPORT_SECURITY, transport));
        }
        let value = |text: String| HeaderValue::try_from(text).expect("the policies are plain ASCII");
        Self(texts.into_iter().map(|(name, text)| (name, value(text))).collect())
    }

    /// The same, and pictures may come from another origin.
    #[must_use]
    pub fn with_images_from(mut self, origin: &str) -> Self {
        for (name, value) in &mut self.0 {
            if *name == header::CONTENT_SECURITY_POLICY {
                let policy = value.to_str().expect("made above of plain ASCII");
                let policy = policy.replace("img-src 'self'", &format!("img-src 'self' {origin}"));
                *value = HeaderValue::try_from(policy).expect("an origin is plain ASCII");
            }
        }
        self
    }
}

/// The middleware: adds what a handler did not set itself.
pub async fn add(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let web = Web::of(request.request());
    let is_secret = web.secret_paths.iter().any(|path| request.path().starts_with(path));
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    if is_secret {
        keep_or_set(headers, &header::REFERRER_POLICY, &HeaderValue::from_static("no-referrer"));
        keep_or_set(headers, &HeaderName::from_static("x-robots-tag"), &HeaderValue::from_static("noindex"));
    }
    for (name, value) in &web.headers.0 {
        keep_or_set(headers, name, value);
    }
    Ok(response)
}

/// Nothing inline, nothing from elsewhere. The auth-service's forms end on sibling hosts, because Chromium applies
/// `form-action` to the redirect after a form too.
fn content_policy(service: &str, site: &Site) -> String {
    let (scheme, port) = if site.development { ("http", ":*") } else { ("https", "") };
    match service {
        "auth" => policy_with_forms_to(&format!("{scheme}://*.{}{port}", site.base_domain)),
        _ => policy_with_forms_to(""),
    }
}

/// The same for a page whose forms may end at one other origin: a handler sets it as `Content-Security-Policy`.
pub fn policy_with_forms_to(origin: &str) -> String {
    let forms = format!("'self' {origin}");
    let forms = forms.trim_end();
    format!(
        "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'self'; form-action {forms}"
    )
}

fn keep_or_set(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    if !headers.contains_key(name) {
        headers.insert(name.clone(), value.clone());
    }
}
