//! Polls the site version, to notice changes by other processes such as an import or a second instance.

use std::{sync::Arc, time::Duration};

use tokio::time::MissedTickBehavior;

use crate::{app::App, db};

/// The time between two queries; a change is seen within a second.
const INTERVAL: Duration = Duration::from_millis(400);

/// Runs until it is dropped.
pub async fn run(app: Arc<App>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed = false;
    loop {
        ticks.tick().await;
        let queried = app.db.read(|conn| Ok(db::site_version(conn)?)).await;
        app.metrics.job("watch_version", &queried);
        match queried {
            Ok(version) => {
                app.db.observe_version(version);
                failed = false;
            }
            Err(error) => {
                // Logged once per outage: every failed request logs it, too.
                if !failed {
                    tracing::error!(%error, "could not query the site version");
                }
                failed = true;
            }
        }
    }
}
