//! Backs the newspaper up every few hours, if the operator has named a folder for it.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use chrono::{TimeDelta, Utc};

use crate::{
    app::App,
    parallel::{aside, step_back},
    transfer::backup::{self, BackupError, Condition, Manifest},
};

/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(30);
/// After a failure it is tried again after so long.
const AGAIN: TimeDelta = TimeDelta::minutes(10);

/// Backs up for ever.
pub async fn run(app: Arc<App>) {
    let Some(to) = app.config.backup_to.clone() else {
        return;
    };
    let every = TimeDelta::hours(i64::from(app.config.backup_every));
    let folder = to.clone();
    match web::block(move || backup::newest(&folder)).await {
        Ok(Ok(newest)) => app.set_backups(|state| state.last = newest.map(|one| one.made_at)),
        Ok(Err(error)) => tracing::error!(%error, "the backups cannot be read"),
        Err(_) => return,
    }
    loop {
        let state = app.backups();
        let now = Utc::now();
        let waits = state
            .failure
            .as_ref()
            .is_some_and(|(at, _)| now - *at < AGAIN);
        let is_due = state.last.is_none_or(|last| now - last >= every);
        if is_due && !waits {
            let worker = app.clone();
            let folder = to.clone();
            let keep = app.config.backup_keep;
            let made = aside("backup", move || -> Result<Manifest, BackupError> {
                step_back();
                let config = &worker.config;
                let media = config.data_dir.join("media");
                let (_, manifest) = backup::back_up(&config.database_url, &media, &folder, now)?;
                backup::prune(&folder, keep)?;
                Ok(manifest)
            })
            .await;
            let made = match made {
                Ok(made) => made.map_err(|error| error.to_string()),
                Err(fell) => Err(fell.to_string()),
            };
            app.metrics.job("back_up", &made);
            match made {
                Ok(manifest) => {
                    tracing::info!(bytes = manifest.bytes, "backed up");
                    app.set_backups(|state| {
                        *state = Condition {
                            last: Some(manifest.made_at),
                            failure: None,
                        };
                    });
                }
                Err(why) => {
                    tracing::error!(why, "the backup failed");
                    app.set_backups(|state| state.failure = Some((now, why)));
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}
