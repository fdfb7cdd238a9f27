//! The one place where an error becomes an answer: a page for people, problem+json (RFC 9457) for programs.

use actix_web::{
    Error as ActixError, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName},
    },
    middleware::Next,
};
use serde::Serialize;
use tracing_actix_web::RequestId;

use crate::{
    Error,
    error::FieldErrors,
    view::{Page, View, sign_in_address},
    web::{Web, see_other, wants_page},
};
use actix_web::HttpMessage;

/// A problem document of RFC 9457 with our members `errors`; `extra` adds those of one endpoint.
#[derive(Serialize)]
pub struct Problem<Extra: Serialize = ()> {
    /// Always `about:blank`: the status says which kind of problem it is.
    pub r#type: &'static str,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// Field → message.
    #[serde(skip_serializing_if = "FieldErrors::is_empty")]
    pub errors: FieldErrors,
    /// Further members.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra>,
}

impl<Extra: Serialize> Problem<Extra> {
    /// A problem with this status and sentence.
    pub fn new(status: StatusCode, detail: String, errors: FieldErrors, extra: Option<Extra>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Self { r#type: "about:blank", title, status: status.as_u16(), detail, errors, extra }
    }

    /// The answer.
    pub fn response(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        HttpResponse::build(status).content_type("application/problem+json").body(
            serde_json::to_string(self)
                .unwrap_or_else(|_| r#"{"type":"about:blank","status":500}"#.to_owned()),
        )
    }
}

#[derive(Serialize)]
struct Reauthentication {
    reason: &'static str,
    reauthentication_url: String,
}

#[derive(Serialize)]
struct ErrorPage {
    status: u16,
    title: &'static str,
    message: String,
    advice: &'static str,
    actions: Vec<Action>,
    request_id: String,
}

#[derive(Serialize)]
struct Action {
    label: &'static str,
    href: String,
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error.html";

    fn title(&self) -> String {
        self.title.to_owned()
    }
}

/// The middleware: replaces the empty answer of an error by one that helps, and logs faults of ours once.
pub async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let response = next.call(request).await?;
    if response.response().error().is_none() {
        return Ok(response.map_into_boxed_body());
    }
    let (request, failed) = response.into_parts();
    let framework = framework_error(failed.status(), failed.error());
    let error = failed.error().and_then(|error| error.as_error::<Error>()).unwrap_or(&framework);
    if let Error::Internal(cause) = error {
        tracing::error!(cause = format!("{cause:#}"), "a request failed");
    }
    let mut answer = answer(&request, error);
    keep_headers(failed.headers(), answer.headers_mut());
    Ok(ServiceResponse::new(request, answer))
}

/// The answer that an error becomes.
pub(crate) fn answer(request: &HttpRequest, error: &Error) -> HttpResponse {
    let web = Web::of(request);
    let page_wanted = wants_page(request);
    if page_wanted && request.method() == Method::GET && matches!(error, Error::SignInRequired) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return see_other(&sign_in_address(&web, path));
    }
    if let (true, Error::ReauthenticationRequired(address)) = (page_wanted, error) {
        return see_other(address);
    }
    let mut response =
        page_wanted.then(|| page(request, error, &web)).flatten().unwrap_or_else(|| problem(error));
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn page(request: &HttpRequest, error: &Error, web: &Web) -> Option<HttpResponse> {
    let status = error.status();
    let (title, advice) = wording(status);
    let request_id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let mut actions = vec![Action { label: "Go to the start page", href: "/".to_owned() }];
    if status == StatusCode::SERVICE_UNAVAILABLE && request.method() == Method::GET {
        let here = request.uri().path_and_query().map_or("/", |path| path.as_str());
        actions.insert(0, Action { label: "Try again", href: here.to_owned() });
    }
    if status == StatusCode::UNAUTHORIZED {
        actions.insert(0, Action { label: "Sign in", href: sign_in_address(web, "/") });
    }
    let page =
        ErrorPage { status: status.as_u16(), title, message: error.to_string(), advice, actions, request_id };
    let rendered = View::of(request).status(status, &page);
    rendered.inspect_err(|error| tracing::error!(%error, "the error page can't be rendered")).ok()
}

fn problem(error: &Error) -> HttpResponse {
    let fields = if let Error::Invalid(fields) = error { fields.clone() } else { FieldErrors::new() };
    let extra = match error {
        Error::ReauthenticationRequired(address) => Some(Reauthentication {
            reason: "reauthentication_required",
            reauthentication_url: address.clone(),
        }),
        _ => None,
    };
    Problem::new(error.status(), error.to_string(), fields, extra).response()
}

fn wording(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        401 => (
            "Please sign in",
            "Your session may have ended. After signing in you come back to the start page.",
        ),
        403 => ("Not allowed", ""),
        404 => {
            ("Nothing here", "The address may be mistyped, or what was here is gone or not shared with you.")
        }
        409 => ("That does not fit", "Reload the page to see how things stand now."),
        410 => ("No longer here", "Please ask the person who sent you this address."),
        413 => ("Too large", "Send less at once, or smaller files."),
        422 => ("Please check what you entered", "Go back and correct the form."),
        429 => ("Too many tries", ""),
        503 => ("Back in a moment", "Please try again in a few seconds."),
        507 => ("No room left", "Nothing that was stored is lost. Please tell the people who run this site."),
        400..=499 => ("That can't be done", "Go back and try again."),
        _ => (
            "Something went wrong",
            "It is not your fault, and it has been noted. Please try again; if it stays, tell us the code below.",
        ),
    }
}

/// What actix itself refuses (an id that is no number, a body over the limit), in our words.
fn framework_error(status: StatusCode, error: Option<&ActixError>) -> Error {
    let text = error.map(ToString::to_string).unwrap_or_default();
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Error::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::TooLarge("That is more than can be taken at once.".to_owned())
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::UnsupportedMediaType(text),
        status if status.is_client_error() => {
            Error::BadRequest(format!("The request can't be understood: {text}"))
        }
        _ => Error::Internal(anyhow::anyhow!("{text}")),
    }
}

/// Keeps what inner layers set (cookies, `Clear-Site-Data`), but nothing that describes the empty body.
fn keep_headers(from: &HeaderMap, to: &mut HeaderMap) {
    let body: [HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_LENGTH];
    for (name, value) in from.iter().filter(|(name, _)| !body.contains(*name)) {
        to.append(name.clone(), value.clone());
    }
}
