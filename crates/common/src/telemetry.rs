//! Logs: structured, with a request id, and never with a token (the route's pattern is logged, not the address).

use std::io::IsTerminal;

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::Span;
use tracing_actix_web::{RequestId, RootSpanBuilder, TracingLogger};
use tracing_subscriber::EnvFilter;

use crate::{config::Settings, figures};

/// Starts logging: `LOG_FORMAT` is `json` or `text` (the default is `json`, in development `text`), `RUST_LOG` says how
/// much.
pub fn start(settings: &mut Settings) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,graphile_worker=warn,actix_server=warn"));
    let logger = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let usual = if settings.text("DEVELOPMENT", "false") == "true" { "text" } else { "json" };
    if settings.text("LOG_FORMAT", usual) == "text" {
        logger.compact().init();
    } else {
        logger.json().init();
    }
}

/// The middleware that opens a span for each request.
pub fn logger() -> TracingLogger<RequestSpan> {
    TracingLogger::new()
}

/// The span of a request: what a log needs to find it again, without what would open anything.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        figures::begin(request);
        let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::info_span!(
            "request",
            method = %request.method(),
            route,
            request_id = id,
            status = tracing::field::Empty
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => {
                figures::answered(response);
                response.status()
            }
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        let _entered = span.enter();
        tracing::debug!("answered");
    }
}
