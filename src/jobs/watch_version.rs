//! Notices what other processes on the same database change: an import, a second instance.

use std::{sync::Arc, time::Duration};

use tokio::time::MissedTickBehavior;

use crate::{app::App, db};

/// How often the site version is looked up: a change is seen within a second.
const EVERY: Duration = Duration::from_millis(400);

/// Looks for ever.
pub async fn run(app: Arc<App>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed = false;
    loop {
        ticks.tick().await;
        let looked = app.db.read(|conn| Ok(db::site_version(conn)?)).await;
        app.metrics.job("watch_version", &looked);
        match looked {
            Ok(version) => {
                app.db.note(version);
                failed = false;
            }
            Err(error) => {
                // Once for a whole outage: every request that suffers says so too.
                if !failed {
                    tracing::error!(%error, "whether the site has changed cannot be looked up");
                }
                failed = true;
            }
        }
    }
}
