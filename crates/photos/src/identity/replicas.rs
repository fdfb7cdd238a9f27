//! Which replica of the auth-service is asked: the one that answered last, and where it is gone another one.

use std::sync::atomic::{AtomicUsize, Ordering};

use reqwest::{Client, Method, Request, RequestBuilder, Response, Result};
use url::Url;

/// The addresses of the auth-service from server to server.
pub(super) struct Replicas {
    urls: Vec<Url>,
    /// The one that answered last.
    answering: AtomicUsize,
}

impl Replicas {
    /// At least one address.
    pub fn new(urls: Vec<Url>) -> Self {
        Self { urls, answering: AtomicUsize::new(0) }
    }

    /// The address for which requests are made; they are sent to whoever answers.
    pub fn first(&self) -> &Url {
        &self.urls[0]
    }

    /// Sends a request. Where nobody is reached, another replica is asked, and where the connection breaks under a question
    /// that changes nothing. A single address may stand for several replicas, so it is tried twice.
    pub async fn send(&self, asked: RequestBuilder) -> Result<Response> {
        let (client, request) = asked.build_split();
        let request = request?;
        for _ in 0..self.urls.len().max(2) - 1 {
            let Some(again) = request.try_clone() else { break };
            let asks_only = request.method() == Method::GET;
            match self.try_one(&client, again).await {
                Err(error) if error.is_connect() || (asks_only && !error.is_timeout()) => {}
                outcome => return outcome,
            }
        }
        self.try_one(&client, request).await
    }

    async fn try_one(&self, client: &Client, mut request: Request) -> Result<Response> {
        let asked = self.answering.load(Ordering::Relaxed);
        let to = &self.urls[asked % self.urls.len()];
        let url = request.url_mut();
        // Of constant addresses beside each other nothing but these differs.
        url.set_scheme(to.scheme()).and_then(|()| url.set_port(to.port())).ok();
        url.set_host(to.host_str()).ok();
        let outcome = client.execute(request).await;
        if outcome.is_err() {
            // Unless somebody else has already gone on.
            let next = asked.wrapping_add(1);
            self.answering.compare_exchange(asked, next, Ordering::Relaxed, Ordering::Relaxed).ok();
        }
        outcome
    }
}
