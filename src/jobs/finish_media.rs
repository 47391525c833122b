//! Creates the remaining files of new pictures, and deletes unused files.

use std::{sync::Arc, time::Duration};

use actix_web::web;
use chrono::TimeDelta;

use crate::{
    app::App,
    error::Result,
    media::{Focal, widths_text},
    models::media::{self, Unfinished},
};

/// The time between two runs without being woken, for the work of other instances.
const INTERVAL: Duration = Duration::from_secs(600);

/// The age up to which files without a database row are kept: the row may not be written yet.
const GRACE: TimeDelta = TimeDelta::hours(1);

/// Runs until it is dropped. Unfinished work is repeated after the next start.
pub async fn run(app: Arc<App>) {
    loop {
        let done = once(&app).await;
        app.metrics.job("finish_media", &done);
        if let Err(error) = done {
            tracing::error!(%error, "could not finish the pictures; retrying");
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = app.media_changed.notified() => {}
        }
    }
}

/// Finishes all unfinished pictures and deletes unused files.
///
/// # Errors
/// If the database or the folder cannot be read, or was replaced, as the files of another newspaper are not unused; a
/// picture that cannot be finished is only logged.
pub async fn once(app: &App) -> Result<()> {
    app.check_data()?;
    let mut after = 0;
    while let Some(picture) = next(app, after).await? {
        after = picture.id;
        let id = picture.id;
        // A failure must not prevent the others from being finished.
        if let Err(error) = finish(app, picture).await {
            tracing::error!(%error, id, "could not finish a picture");
        }
    }
    collect(app).await
}

async fn next(app: &App, after: i64) -> Result<Option<Unfinished>> {
    app.db
        .read(move |conn| Ok(media::next_unfinished(conn, after)?))
        .await
}

async fn finish(app: &App, picture: Unfinished) -> Result<()> {
    let store = app.media.clone();
    let work = move || {
        let focal = Focal::new(picture.focal_x, picture.focal_y);
        let finished = store.finish(&picture.hash, focal);
        (picture, finished)
    };
    let (picture, finished) = app.decoding.run(work).await?;
    let finished = finished?;
    app.db
        .write(move |conn| {
            let widths = widths_text(&finished.widths);
            let size = (finished.width, finished.height);
            Ok(media::finish(conn, &picture, &widths, size)?)
        })
        .await
}

async fn collect(app: &App) -> Result<()> {
    let before = (app.clock.now() - GRACE).into();
    let store = app.media.clone();
    let old = web::block(move || -> Result<Vec<String>> {
        store.remove_unfinished(before)?;
        let hashes = store.hashes()?.into_iter();
        let old = hashes.filter(|(_, newest)| *newest < before);
        Ok(old.map(|(hash, _)| hash).collect())
    })
    .await??;
    if old.is_empty() {
        return Ok(());
    }
    let orphans = app
        .db
        .read(move |conn| Ok(media::unknown(conn, old)?))
        .await?;
    let store = app.media.clone();
    web::block(move || {
        for hash in orphans {
            store.remove(&hash, before)?;
        }
        Ok(())
    })
    .await?
}
