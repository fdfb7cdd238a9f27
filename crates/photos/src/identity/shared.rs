//! Good answers about sessions that the replicas of photos remember together, in Redis where the operator has one.
//!
//! Redis is memory and decides nothing. Each replica hears from the auth-service by itself what ends an answer, and gives
//! what another one kept only if it takes into account all that was heard of its account (`common::verdicts`). So nothing
//! has to be deleted there for a revocation to hold, and a Redis that forgets, hangs or is gone costs questions to the
//! auth-service and nothing else. Entries are sealed, each for its token: who writes to Redis makes nobody somebody.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use common::secrets::{Digest, Secrets, hex};
use metrics::{Counter, counter};
use redis::{
    Client, Cmd, FromRedisValue, IntoConnectionInfo, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::verify::Known;

/// Redis answers within a millisecond or is not worth waiting for: the auth-service is asked then.
const PATIENCE: Duration = Duration::from_millis(100);
/// After a failure it is left alone for so long, so that one that hangs delays few.
const REST: Duration = Duration::from_secs(1);
/// A machine that is gone says nothing; its connection ends after this.
const GONE_AFTER: Duration = Duration::from_secs(5);

/// The memory of all replicas.
pub struct Shared {
    connection: ConnectionManager,
    secrets: Secrets,
    /// Until when it is left alone after a failure.
    rests_until: Mutex<Option<Instant>>,
}

/// An answer as it lies in Redis.
#[derive(Serialize, Deserialize)]
pub struct Remembered {
    /// The answer.
    pub known: Known,
    /// The newest event that it takes into account.
    pub through: i64,
    /// Until when it may be given; Redis is not relied on for that.
    pub until: DateTime<Utc>,
}

impl Shared {
    /// Connects when it is first asked, so that a start doesn't wait for Redis.
    pub fn new(client: Client, secrets: Secrets) -> anyhow::Result<Self> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(REST))
            .set_response_timeout(Some(PATIENCE));
        for outcome in ["kept", "none", "away"] {
            counted(outcome).increment(0);
        }
        let connection = ConnectionManager::new_lazy_with_config(client, config)?;
        Ok(Self { connection, secrets, rests_until: Mutex::default() })
    }

    /// What any replica keeps for a token.
    pub async fn find(&self, token: &Digest) -> Option<Remembered> {
        let Some(found) = self.ask::<Option<Vec<u8>>>(redis::cmd("GET").arg(self.name(token))).await else {
            counted("away").increment(1);
            return None;
        };
        let opened = found.and_then(|sealed| self.secrets.open(&purpose(token), &sealed));
        let read = opened.and_then(|text| serde_json::from_str::<Remembered>(&text).ok());
        let remembered = read.filter(|remembered| Utc::now() < remembered.until);
        counted(if remembered.is_some() { "kept" } else { "none" }).increment(1);
        remembered
    }

    /// Keeps an answer for all replicas until it is over.
    pub async fn keep(&self, token: &Digest, remembered: &Remembered) {
        let left = (remembered.until - Utc::now()).num_milliseconds();
        let Ok(text) = serde_json::to_string(remembered) else { return };
        if left > 0 {
            let sealed = self.secrets.seal(&purpose(token), &text);
            let mut command = redis::cmd("SET");
            self.ask::<()>(command.arg(self.name(token)).arg(sealed).arg("PX").arg(left)).await;
        }
    }

    /// What Redis says; `None` when it can't be asked, which is nobody's fault but told once.
    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let resting = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        if resting.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let mut connection = self.connection.clone();
        let outcome = timeout(PATIENCE, command.query_async(&mut connection)).await;
        let outcome: Result<T, String> = match outcome {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(_over) => Err(format!("no answer within {} ms", PATIENCE.as_millis())),
        };
        let rests_until = outcome.is_err().then(|| Instant::now() + REST);
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = rests_until;
        match &outcome {
            Err(error) if resting.is_none() => {
                tracing::warn!(error, "Redis can't be asked; the auth-service is, about each request");
            }
            Ok(_) if resting.is_some() => tracing::info!("Redis answers again"),
            _ => {}
        }
        outcome.ok()
    }

    /// Who reads Redis learns no token and not what the auth-service's database knows it by.
    fn name(&self, token: &Digest) -> String {
        format!("photos:session:{}", self.secrets.sign("name of a shared answer", &hex(token)))
    }
}

/// A client for the address of a setting; its faults don't repeat the address, which may hold a password.
pub fn client(address: &str) -> RedisResult<Client> {
    let info = address.into_connection_info()?;
    Client::open(info.set_tcp_settings(TcpSettings::default().set_nodelay(true).set_user_timeout(GONE_AFTER)))
}

/// Whether Redis answers.
pub async fn is_there(client: &Client) -> Result<(), String> {
    let connect = client.get_multiplexed_async_connection();
    let asked = timeout(GONE_AFTER, async { redis::cmd("PING").exec_async(&mut connect.await?).await }).await;
    asked.map_err(|_over| "no answer".to_owned())?.map_err(|error| error.to_string())
}

/// An entry that was made for one token opens for no other.
fn purpose(token: &Digest) -> String {
    format!("shared answer about session {}", hex(token))
}

fn counted(outcome: &'static str) -> Counter {
    counter!("shared_answers_total", "outcome" => outcome)
}
