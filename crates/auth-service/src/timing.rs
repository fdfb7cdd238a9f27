//! Answers that must not tell by the clock what was found on their way.

use std::future::Future;

use common::Result;
use tokio::time::{Instant, sleep_until};

use crate::App;

/// Holds an answer until a fixed time after the work began. Waiting takes no core.
pub async fn held<T>(app: &App, work: impl Future<Output = Result<T>>) -> Result<T> {
    let answer_at = Instant::now() + app.config.sign_in_refusal;
    let done = work.await;
    sleep_until(answer_at).await;
    done
}
