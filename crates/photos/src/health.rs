//! Whether the service can do its work, and the housekeeping that keeps it so.

use std::{num::NonZeroU16, time::Duration};

use actix_web::{HttpResponse, web::Data};
use common::{browser_session, database, mailer::Outbox};
use serde::Serialize;
use sqlx::PgPool;
use utoipa::ToSchema;

use crate::app::App;

/// Whether the service can do its work.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthBody {
    /// `ok` or `unavailable`.
    status: &'static str,
    database: bool,
    storage: bool,
}

/// Whether the service can do its work.
#[utoipa::path(
    get, path = "/health",
    security(()),
    responses((status = 200, body = HealthBody), (status = 503, description = "database or storage is away", body = HealthBody))
)]
pub async fn get(app: Data<App>) -> HttpResponse {
    let (database, storage) = (database::is_ready(&app.db).await, app.storage.is_ready().await);
    let status = if database && storage { "ok" } else { "unavailable" };
    let body = HealthBody { status, database, storage };
    if database && storage {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}

/// Every ten minutes deletes expired browser state, and what became of mails so many days ago.
pub async fn purge_for_ever(sessions: browser_session::Store, db: PgPool, mail_days: NonZeroU16) {
    loop {
        if let Err(error) = sessions.purge().await {
            tracing::warn!(%error, "expired browser state could not be deleted");
        }
        if let Err(error) = Outbox::delete_settled(&db, mail_days.get().into()).await {
            tracing::warn!(%error, "old mails could not be deleted");
        }
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
}
