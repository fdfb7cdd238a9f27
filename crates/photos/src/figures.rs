//! What photos tells Prometheus besides what is counted where it happens: the queue and the photos in each state.

use common::figures::{self, Figures, whole};
use metrics::gauge;
use sqlx::PgPool;

use crate::{jobs, renditions::store};

/// Tells them from now on.
pub fn tell(figures: Figures, db: PgPool) -> anyhow::Result<()> {
    figures.tell(move || {
        let db = db.clone();
        async move {
            figures::gather(&db).await;
            if let Err(error) = gather(&db).await {
                tracing::debug!(%error, "figures could not be gathered");
            }
        }
    })
}

async fn gather(db: &PgPool) -> sqlx::Result<()> {
    gauge!("jobs_waiting", "of" => "new").set(whole(jobs::count_renders(db).await?));
    gauge!("jobs_waiting", "of" => "again").set(whole(jobs::count_rebuilds(db).await?));
    let states = store::outdated::list_states(db).await?;
    for state in ["pending", "ready", "failed"] {
        let count = states.iter().filter(|(found, ..)| found == state).map(|(.., count)| count).sum();
        gauge!("photos", "state" => state).set(whole(count));
    }
    Ok(())
}
