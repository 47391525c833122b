//! Makes backups at the configured interval, if `backup_to` is set.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use chrono::TimeDelta;

use crate::{
    app::App,
    clock,
    parallel::{Priority, lower_priority, spawn_thread},
    transfer::backup::{self, BackupError, Condition, Manifest},
};

/// The time between two checks whether a backup is due.
const CHECK_INTERVAL: Duration = Duration::from_secs(30);
/// The pause after a failure.
const RETRY_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Runs until it is dropped.
pub async fn run(app: Arc<App>) {
    let Some(to) = app.config.backup_to.clone() else {
        return;
    };
    let every = TimeDelta::hours(i64::from(app.config.backup_every));
    let folder = to.clone();
    match web::block(move || backup::newest(&folder)).await {
        Ok(Ok(newest)) => app.set_backups(|state| state.last = newest.map(|one| one.made_at)),
        Ok(Err(error)) => tracing::error!(%error, "could not read the existing backups"),
        Err(_) => return,
    }
    loop {
        let state = app.backups();
        let now = clock::now();
        let is_paused = state
            .failure
            .as_ref()
            .is_some_and(|(at, _)| now - *at < RETRY_AFTER);
        let is_due = state.last.is_none_or(|last| now - last >= every);
        if is_due && !is_paused {
            let worker = app.clone();
            let folder = to.clone();
            let keep = app.config.backup_keep;
            let made = spawn_thread("backup", move || -> Result<Manifest, BackupError> {
                lower_priority(Priority::Background);
                // A backup of another database would in time replace all of this one.
                worker.check_data()?;
                let config = &worker.config;
                let media = config.data_dir.join("media");
                let (_, manifest) = backup::back_up(&config.database_url, &media, &folder, now)?;
                backup::prune(&folder, keep)?;
                Ok(manifest)
            })
            .await;
            let made = match made {
                Ok(made) => made.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            app.metrics.job("back_up", &made);
            match made {
                Ok(manifest) => {
                    tracing::info!(bytes = manifest.bytes, "created a backup");
                    app.set_backups(|state| {
                        *state = Condition {
                            last: Some(manifest.made_at),
                            failure: None,
                        };
                    });
                }
                Err(why) => {
                    tracing::error!(why, "could not create a backup");
                    app.set_backups(|state| state.failure = Some((now, why)));
                }
            }
        }
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}
