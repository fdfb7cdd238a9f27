//! `GET /metrics`: what a service counts and measures, for Prometheus, on an address of its own that no proxy leads to.

use std::{
    future::Future,
    net::{SocketAddr, TcpListener},
    sync::OnceLock,
    time::Instant,
};

use actix_web::{
    App, HttpMessage, HttpResponse, HttpServer,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    web::get,
};
use anyhow::Context;
use metrics::{Counter, counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sqlx::PgPool;

use crate::{config::Settings, mailer::Outbox};

/// Seconds up to which answers are counted together.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

static RECORDED: OnceLock<PrometheusHandle> = OnceLock::new();

/// When a request came.
struct Begun(Instant);

/// The address of a setting such as `AUTH_METRICS_BIND`; by default nothing is told.
pub fn bind(settings: &mut Settings, name: &str) -> Option<SocketAddr> {
    let text = settings.optional(name)?;
    let fault = |error| settings.fault(format!("{name} can't be understood: {error}"));
    text.parse().map_err(fault).ok()
}

/// Where figures will be told.
pub struct Figures(TcpListener);

impl Figures {
    /// Begins to count. Until then counting costs nothing.
    pub fn start(address: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address);
        let listener = listener.with_context(|| format!("figures can't be told at {address}"))?;
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).ok().context("this process counts already")?;
        RECORDED.set(handle).ok().context("this process counts already")?;
        // What begins at nothing is told from the start: a first refusal would otherwise be no increase.
        refusals().increment(0);
        for kept in [true, false] {
            session_answers(kept).increment(0);
        }
        Ok(Self(listener))
    }

    /// Answers from now on. `gather` sets what is not counted where it happens, each time somebody asks.
    pub fn tell<Gathered>(self, gather: impl Fn() -> Gathered + Clone + Send + 'static) -> anyhow::Result<()>
    where
        Gathered: Future<Output = ()> + 'static,
    {
        let server = HttpServer::new(move || {
            let gather = gather.clone();
            let answer = move || {
                let gathered = gather();
                async move {
                    gathered.await;
                    rendered()
                }
            };
            App::new().route("/metrics", get().to(answer))
        });
        tokio::spawn(server.workers(1).disable_signals().listen(self.0)?.run());
        Ok(())
    }
}

/// Notes when a request came.
pub fn begin(request: &ServiceRequest) {
    if RECORDED.get().is_some() {
        request.extensions_mut().insert(Begun(Instant::now()));
    }
}

/// Counts an answer and how long it took to its first byte. Addresses are told as patterns: they may hold tokens.
pub fn answered<B>(response: &ServiceResponse<B>) {
    if RECORDED.get().is_none() {
        return;
    }
    let request = response.request();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let method = known(request.method());
    let status = response.status().as_u16().to_string();
    counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status)
        .increment(1);
    if let Some(begun) = request.extensions().get::<Begun>() {
        histogram!("http_request_seconds", "method" => method, "route" => route).record(begun.0.elapsed());
    }
}

/// Counts a request that a limit refused.
pub fn refused() {
    refusals().increment(1);
}

/// Counts a question who is behind a token, and whether memory answered it.
pub fn session_answered(kept: bool) {
    session_answers(kept).increment(1);
}

/// Tells how the connections to the database and the outbox stand; both services have them.
pub async fn gather(db: &PgPool) {
    gauge!("database_connections").set(db.size());
    gauge!("database_connections_idle").set(f64::from(u32::try_from(db.num_idle()).unwrap_or(u32::MAX)));
    let standing = Outbox::find_standing(db).await;
    gauge!("database_up").set(whether(standing.is_ok()));
    if let Ok(standing) = standing {
        gauge!("mails_waiting").set(whole(standing.waiting));
        gauge!("mails_given_up").set(whole(standing.failed));
    }
}

/// A count, also of bytes, as Prometheus has its figures.
pub fn whole(count: i64) -> f64 {
    let count = count.max(0).unsigned_abs();
    let half = |bits: u64| f64::from(u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX));
    half(count >> 32) * 4_294_967_296.0 + half(count)
}

/// A yes or a no as Prometheus has its figures.
pub fn whether(so: bool) -> f64 {
    if so { 1.0 } else { 0.0 }
}

fn refusals() -> Counter {
    counter!("limits_refused_total")
}

fn session_answers(kept: bool) -> Counter {
    counter!("session_answers_total", "kept" => if kept { "yes" } else { "no" })
}

fn rendered() -> HttpResponse {
    let Some(recorded) = RECORDED.get() else { return HttpResponse::NotFound().finish() };
    recorded.run_upkeep();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(recorded.render())
}

/// Anybody may invent methods; a name for each would fill the memory.
fn known(method: &Method) -> &'static str {
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let names = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    methods.iter().position(|known| known == method).map_or("other", |at| names[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_beyond_32_bits_stay_what_they_are() {
        let told = [-1, 0, 7, 1 << 32, 5_000_000_000].map(whole);
        assert!(
            told.iter()
                .zip([0.0, 0.0, 7.0, 4_294_967_296.0, 5e9])
                .all(|(one, other)| one.total_cmp(&other).is_eq())
        );
    }
}
