//! The security headers on every answer of both services.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
};

use crate::web::Web;

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_XSS_PROTECTION, "0"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];
const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()";

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
        keep_or_set(headers, header::REFERRER_POLICY, "no-referrer");
        keep_or_set(headers, HeaderName::from_static("x-robots-tag"), "noindex");
    }
    for (name, value) in FIXED {
        keep_or_set(headers, name, value);
    }
    keep_or_set(headers, header::PERMISSIONS_POLICY, PERMISSIONS);
    keep_or_set(headers, header::CONTENT_SECURITY_POLICY, &content_policy(&web));
    // Pages hold what only this person may see; a handler that wants caching says so itself.
    keep_or_set(headers, header::CACHE_CONTROL, "no-store");
    if !web.site.development {
        let preload = if web.site.hsts_preload { "; preload" } else { "" };
        let transport = format!("max-age=31536000; includeSubDomains{preload}");
        keep_or_set(headers, header::STRICT_TRANSPORT_SECURITY, &transport);
    }
    Ok(response)
}

/// Nothing inline, nothing from elsewhere. The auth-service's forms end on sibling hosts, because Chromium applies
/// `form-action` to the redirect after a form too.
fn content_policy(web: &Web) -> String {
    let (scheme, port) = if web.site.development { ("http", ":*") } else { ("https", "") };
    match web.service {
        "auth" => policy_with_forms_to(&format!("{scheme}://*.{}{port}", web.site.base_domain)),
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

fn keep_or_set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if !headers.contains_key(&name) {
        let value = HeaderValue::from_str(value).expect("the policies are plain ASCII");
        headers.insert(name, value);
    }
}
