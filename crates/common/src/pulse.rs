//! Whether the database is there, tried again and again on a connection of its own. While it is away requests are answered
//! at once, before any of their layers waits for it and before a browser's state is taken for lost.

use std::time::Duration;

use actix_web::{
    Error as ActixError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use sqlx::{
    Connection, PgConnection,
    postgres::{PgConnectOptions, PgPool},
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::{Result, database, error_pages};

const TRY_EVERY: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Silent for so long, a database is as good as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// What needs no database, or says by itself that it is away.
const GOES_ON: [&str; 4] = ["/health", "/api/health", "/assets/", "/api/openapi.json"];

/// For so long whoever comes while it is away looks whether it still is.
const GLANCE: Duration = Duration::from_millis(300);

/// Whether the database is there, as this process knows it.
#[derive(Clone, Debug)]
pub struct Pulse {
    there: watch::Receiver<bool>,
    options: PgConnectOptions,
}

impl Pulse {
    /// Feels it for as long as somebody asks; begins with a database that is there.
    pub fn feel(pool: &PgPool) -> Self {
        let (sender, there) = watch::channel(true);
        let options = pool.connect_options().as_ref().clone();
        tokio::spawn(beat(options.clone(), sender));
        Self { there, options }
    }

    /// Fails, soon, while the database is away.
    pub async fn check(&self) -> Result<()> {
        if *self.there.borrow() {
            return Ok(());
        }
        match timeout(GLANCE, PgConnection::connect_with(&self.options)).await {
            Ok(Ok(connection)) => connection.close().await.ok(),
            Ok(Err(error)) if answers(&error) => None,
            _ => return Err(database::away()),
        };
        Ok(())
    }
}

async fn beat(options: PgConnectOptions, there: watch::Sender<bool>) {
    while !there.is_closed() {
        // A single connection may end for reasons of its own: whether another one is to be had, that counts.
        match timeout(PATIENCE, PgConnection::connect_with(&options)).await {
            Ok(Ok(connection)) => {
                tell(&there, true);
                while_it_answers(connection, &there).await;
            }
            Ok(Err(error)) if answers(&error) => {
                // Every request will find out by itself what it gets.
                tell(&there, true);
                sleep(TRY_EVERY).await;
            }
            Ok(Err(_)) | Err(_) => {
                tell(&there, false);
                sleep(LOOK_EVERY).await;
            }
        }
    }
}

/// Whether it refused this connection and is there all the same: full of others, it still has those of the pool.
fn answers(error: &sqlx::Error) -> bool {
    !database::is_away(error) || database::is_full(error)
}

async fn while_it_answers(mut connection: PgConnection, there: &watch::Sender<bool>) {
    while !there.is_closed() {
        sleep(TRY_EVERY).await;
        if !matches!(timeout(PATIENCE, connection.ping()).await, Ok(Ok(()))) {
            return;
        }
    }
    connection.close().await.ok();
}

fn tell(there: &watch::Sender<bool>, now: bool) {
    let changed = there.send_if_modified(|before| std::mem::replace(before, now) != now);
    match (changed, now) {
        (true, true) => tracing::warn!("the database is there again"),
        (true, false) => tracing::error!("the database is away; requests are answered with 503"),
        (false, _) => {}
    }
}

/// The middleware, outside of all that asks the database.
pub async fn gate(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let goes_on = GOES_ON.iter().any(|path| request.path().starts_with(path));
    let pulse = request.app_data::<Data<Pulse>>().expect("the pulse is registered at start");
    let pulse = pulse.clone();
    match if goes_on { Ok(()) } else { pulse.check().await } {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => {
            let answer = error_pages::answer(request.request(), &error);
            Ok(request.into_response(answer))
        }
    }
}
