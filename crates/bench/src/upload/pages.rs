//! A gallery page, asked for in a steady rhythm.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::time::{MissedTickBehavior, interval};

use super::{page, services::Person};
use crate::load::{Connection, Load};

/// One page in this time, as a few people who look around ask for them.
const RHYTHM: Duration = Duration::from_millis(50);

/// Pages that were asked for.
pub struct Pages;

impl Pages {
    /// Asks for the page of a gallery until something is over.
    pub async fn ask(
        port: u16,
        person: &Person,
        gallery: i64,
        over: impl Future<Output = ()>,
    ) -> anyhow::Result<Load> {
        let mut connection = Connection::open(port).await?;
        let path = format!("/gallery/{gallery}");
        let mut rhythm = interval(RHYTHM);
        rhythm.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (begun, mut latencies, mut over) = (Instant::now(), Vec::new(), pin!(over));
        let asking = async {
            loop {
                rhythm.tick().await;
                let asked = Instant::now();
                let status = page(&mut connection, &path, &person.cookies).await?;
                latencies.push(asked.elapsed());
                ensure!(status == 200, "the page of a gallery had the status {status}");
            }
        };
        tokio::select! {
            () = &mut over => {}
            fault = asking => { let fault: anyhow::Result<()> = fault; fault? }
        }
        latencies.sort_unstable();
        Ok(Load { latencies, took: begun.elapsed() })
    }
}
