//! Writes the counted views, and the counted misses, to the database every few seconds, and once more on shutdown.

use std::{sync::Arc, time::Duration};

use tokio::sync::oneshot;

use crate::{
    app::App,
    error::Result,
    models::{missing_path, view_count},
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
        if let Err(error) = once(&app).await {
            tracing::error!(%error, "views could not be written; they are kept and tried again");
        }
    }
}

/// Writes what was counted so far.
pub async fn once(app: &App) -> Result<()> {
    let views = write_views(app).await;
    let misses = write_misses(app).await;
    views.and(misses)
}

async fn write_misses(app: &App) -> Result<()> {
    let misses = app.misses.drain();
    if misses.is_empty() {
        return Ok(());
    }
    let (rows, now) = (misses.clone(), app.clock.now());
    let written = app
        .db
        .record(move |conn| Ok(missing_path::add(conn, &rows, now)?))
        .await;
    if written.is_err() {
        app.misses.restore(misses);
    }
    written
}

async fn write_views(app: &App) -> Result<()> {
    let views = app.views.drain(app.clock.now());
    if views.is_empty() {
        return Ok(());
    }
    let rows = views.clone();
    let written = app
        .db
        .record(move |conn| Ok(view_count::add(conn, &rows)?))
        .await;
    if written.is_err() {
        app.views.restore(views);
    }
    written
}
