//! What photos tells Prometheus besides what is counted where it happens: the queue, the photos in each state, the storage.

use actix_web::web::Data;
use common::figures::{self, Figures, whether, whole};
use metrics::gauge;
use sqlx::PgPool;

use crate::{app::App, jobs, renditions::store, storage::Storage};

/// Tells them from now on.
pub fn tell(figures: Figures, app: Data<App>) -> anyhow::Result<()> {
    figures.tell(move || {
        let app = app.clone();
        async move {
            figures::gather(&app.db).await;
            if let Err(error) = gather(&app.db).await {
                tracing::debug!(%error, "figures could not be gathered");
            }
            look_at(&app.storage).await;
        }
    })
}

async fn gather(db: &PgPool) -> sqlx::Result<()> {
    gauge!("jobs_waiting", "of" => "new").set(whole(jobs::count_renders(db).await?));
    gauge!("jobs_waiting", "of" => "again").set(whole(jobs::count_rebuilds(db).await?));
    let given_up = jobs::listing::list_counts(db).await?.iter().map(|count| count.given_up).sum();
    gauge!("jobs_given_up").set(whole(given_up));
    let states = store::outdated::list_states(db).await?;
    for state in ["pending", "ready", "failed"] {
        let count = states.iter().filter(|(found, ..)| found == state).map(|(.., count)| count).sum();
        gauge!("photos", "state" => state).set(whole(count));
    }
    Ok(())
}

async fn look_at(storage: &Storage) {
    gauge!("storage_up").set(whether(storage.is_ready().await));
    if let Some(volume) = storage.volume() {
        gauge!("storage_free_bytes").set(whole(volume.free));
        gauge!("storage_size_bytes").set(whole(volume.size));
    }
}
