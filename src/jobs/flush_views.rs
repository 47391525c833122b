//! Writes view counts and failed lookups to the database every few seconds, and on shutdown.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use crate::{
    app::App,
    db::types::NotFoundKind,
    error::Result,
    models::{not_found, view_count},
    not_found_counter::NotFoundCounter,
};

/// The time between two writes.
const INTERVAL: Duration = Duration::from_secs(5);

/// Runs until `stop` is sent or its sender is dropped, then writes a last time. After an error the counts are kept for
/// the next write.
pub async fn run(app: Arc<App>, mut stop: oneshot::Receiver<()>) {
    let mut ticks = tokio::time::interval(INTERVAL);
    let mut stopped = false;
    while !stopped {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = &mut stop => stopped = true,
        }
        let done = once(&app).await;
        app.metrics.job("flush_views", &done);
        if let Err(error) = done {
            tracing::error!(%error, "could not write the view counts; retrying");
        }
    }
}

/// Writes all counts.
///
/// # Errors
/// If the database cannot be written; the counts are kept.
pub async fn once(app: &App) -> Result<()> {
    let views = write_views(app).await;
    let paths = write_not_found(app, NotFoundKind::Path, &app.missed_paths).await;
    let words = write_not_found(app, NotFoundKind::Words, &app.missed_words).await;
    views.and(paths).and(words)
}

async fn write_not_found(app: &App, kind: NotFoundKind, counter: &NotFoundCounter) -> Result<()> {
    let counts = counter.drain();
    if counts.is_empty() {
        return Ok(());
    }
    let (rows, now) = (counts.clone(), app.clock.now());
    let written = app
        .db
        .write_unversioned(move |conn| Ok(not_found::add(conn, kind, &rows, now)?))
        .await;
    if written.is_err() {
        counter.restore(counts);
    }
    written
}

async fn write_views(app: &App) -> Result<()> {
    let counted = app.views.drain(app.clock.now());
    if counted.is_empty() {
        return Ok(());
    }
    let rows = counted.clone();
    let written = app
        .db
        .write_unversioned(move |conn| {
            view_count::add(conn, &rows.views)?;
            Ok(view_count::add_referrers(conn, &rows.referrers)?)
        })
        .await;
    if written.is_err() {
        app.views.restore(counted);
    }
    written
}
