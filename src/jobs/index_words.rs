//! Processes the queue of the search index: related articles after a save, and the words of all articles after the
//! language or the format of the index has changed.

use std::{sync::Arc, time::Duration};

use crate::{
    app::App,
    db::AnyConnection,
    error::Result,
    models::{related, search},
};

/// The time between two checks of the queue.
const INTERVAL: Duration = Duration::from_secs(2);
/// The pause after an error.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// Articles per transaction; an editor who saves waits for one transaction at most.
const BATCH: i64 = 25;

/// Runs until it is dropped.
pub async fn run(app: Arc<App>) {
    loop {
        let done = once(&app).await;
        app.metrics.job("index_words", &done);
        match done {
            Ok(()) => tokio::time::sleep(INTERVAL).await,
            Err(error) => {
                tracing::error!(%error, "could not update the search index; retrying");
                tokio::time::sleep(RETRY_AFTER).await;
            }
        }
    }
}

/// Processes the queue until it is empty, after the run in progress. A change is published when the throttle permits
/// it, and at the end of a short queue immediately; after a second run nothing is left to publish.
///
/// # Errors
/// If the database cannot be read or written. Finished batches stay, and the throttle stays dirty.
pub async fn once(app: &App) -> Result<()> {
    let mut throttle = app.index_throttle.lock().await;
    let version = || app.db.known_version();
    let mut done = 0;
    loop {
        let queued = app.db.read(|conn| Ok(search::queued(conn, BATCH)?)).await?;
        if queued.is_empty() {
            if throttle.is_dirty() && (done <= BATCH || throttle.is_due(version())) {
                app.db.write_deferred(|_| Ok(())).await?;
                throttle.note_shown(version());
            }
            return Ok(());
        }
        done += queued.len() as i64;
        let whole: Vec<i64> = queued
            .iter()
            .filter(|(_, words)| *words)
            .map(|(id, _)| *id)
            .collect();
        if !whole.is_empty() {
            app.db
                .write_unversioned(move |conn| Ok(search::put_words(conn, &whole)?))
                .await?;
        }
        let now = app.clock.now().naive_utc();
        let (found, has_changed) = app
            .db
            .read_low_priority(move |conn| {
                let mut found = Vec::with_capacity(queued.len());
                let mut has_changed = false;
                for (id, words) in queued {
                    let related = related::look_for(conn, id, now)?;
                    // Only the related articles of a saved article are published. Re-indexing the whole archive
                    // must not invalidate every page again and again.
                    has_changed |= !words && related != related::of(conn, id)?;
                    found.push((id, related));
                }
                Ok((found, has_changed))
            })
            .await?;
        let keep = move |conn: &mut AnyConnection| {
            let ids: Vec<i64> = found.iter().map(|(id, _)| *id).collect();
            search::lock(conn, &ids)?;
            for (id, related) in &found {
                related::keep(conn, *id, related)?;
                search::done(conn, *id)?;
            }
            Ok(())
        };
        if has_changed {
            throttle.mark_dirty();
        }
        if throttle.is_dirty() && throttle.is_due(version()) {
            app.db.write_deferred(keep).await?;
            throttle.note_shown(version());
        } else {
            app.db.write_unversioned(keep).await?;
        }
    }
}
