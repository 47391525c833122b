//! Works off what the search index owes: stories in the same vein as what was saved, and the words of articles after
//! the language, or the index itself, changed.

use std::{sync::Arc, time::Duration};

use crate::{
    app::App,
    db::{AnyConnection, Pace},
    error::Result,
    models::{related, search},
};

/// How often it looks around.
const EVERY: Duration = Duration::from_secs(2);
/// After something went wrong it waits for so long.
const PAUSE: Duration = Duration::from_secs(30);
/// Articles at a time: editors who save meanwhile wait for no more.
const BATCH: i64 = 25;

/// Runs until it is dropped.
pub async fn run(app: Arc<App>) {
    let mut pace = Pace::default();
    loop {
        let done = once(&app, &mut pace).await;
        app.metrics.job("index_words", &done);
        match done {
            Ok(()) => tokio::time::sleep(EVERY).await,
            Err(error) => {
                tracing::error!(%error, "the search index could not be brought up to date; it is tried again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Works until nothing is queued. What a few saves owed is shown at once; of more, readers see something at this
/// pace.
///
/// # Errors
/// When the database cannot be read or written; what is done stays done, and owed to readers.
pub async fn once(app: &App, pace: &mut Pace) -> Result<()> {
    let version = || app.db.known_version();
    let mut done = 0;
    loop {
        let queued = app.db.read(|conn| Ok(search::queued(conn, BATCH)?)).await?;
        if queued.is_empty() {
            if pace.is_owed() && (done <= BATCH || pace.is_due(version())) {
                app.db.write_unhurried(|_| Ok(())).await?;
                pace.note_shown(version());
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
                .record(move |conn| Ok(search::put_words(conn, &whole)?))
                .await?;
        }
        let now = app.clock.now().naive_utc();
        let (found, is_news) = app
            .db
            .read_behind_readers(move |conn| {
                let mut found = Vec::with_capacity(queued.len());
                let mut is_news = false;
                for (id, words) in queued {
                    let related = related::look_for(conn, id, now)?;
                    // Pages show what is found for a story that was just saved. An archive that is indexed
                    // anew must not have every page made anew all the while.
                    is_news |= !words && related != related::of(conn, id)?;
                    found.push((id, related));
                }
                Ok((found, is_news))
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
        if is_news {
            pace.owe();
        }
        if pace.is_owed() && pace.is_due(version()) {
            app.db.write_unhurried(keep).await?;
            pace.note_shown(version());
        } else {
            app.db.record(keep).await?;
        }
    }
}
