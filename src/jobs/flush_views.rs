//! Writes the counted views, and the counted misses, to the database every few seconds, and once more on shutdown.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use crate::{
    app::App,
    db::types::MissKind,
    error::Result,
    miss_counter::MissCounter,
    models::{miss, view_count},
};

/// How often.
const EVERY: Duration = Duration::from_secs(5);

/// Writes until `stop` comes, or whoever could send it is gone; then a last time. What cannot be
/// written is kept for the next time.
pub async fn run(app: Arc<App>, mut stop: oneshot::Receiver<()>) {
    let mut ticks = tokio::time::interval(EVERY);
    let mut stopped = false;
    while !stopped {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = &mut stop => stopped = true,
        }
        let done = once(&app).await;
        app.metrics.job("flush_views", &done);
        if let Err(error) = done {
            tracing::error!(%error, "views could not be written; they are kept and tried again");
        }
    }
}

/// Writes what was counted so far.
pub async fn once(app: &App) -> Result<()> {
    let views = write_views(app).await;
    let paths = write_misses(app, MissKind::Path, &app.missed_paths).await;
    let words = write_misses(app, MissKind::Words, &app.missed_words).await;
    views.and(paths).and(words)
}

async fn write_misses(app: &App, kind: MissKind, counter: &MissCounter) -> Result<()> {
    let misses = counter.drain();
    if misses.is_empty() {
        return Ok(());
    }
    let (rows, now) = (misses.clone(), app.clock.now());
    let written = app
        .db
        .record(move |conn| Ok(miss::add(conn, kind, &rows, now)?))
        .await;
    if written.is_err() {
        counter.restore(misses);
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
        .record(move |conn| {
            view_count::add(conn, &rows.views)?;
            Ok(view_count::add_referrers(conn, &rows.referrers)?)
        })
        .await;
    if written.is_err() {
        app.views.restore(counted);
    }
    written
}
