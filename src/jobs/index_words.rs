//! Works off what the search index owes: stories in the same vein as what was saved, and the words of articles after
//! the language, or the index itself, changed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    app::App,
    db::AnyConnection,
    error::Result,
    models::{related, search},
};

/// How often it looks around.
const EVERY: Duration = Duration::from_secs(2);
/// After something went wrong it waits for so long.
const PAUSE: Duration = Duration::from_secs(30);
/// Articles at a time: editors who save meanwhile wait for no more.
const BATCH: i64 = 25;
/// While there is much to do, what was found is shown so seldom: with it every kept page is made anew.
const SHOWN_EVERY: Duration = Duration::from_secs(5);

/// Runs until it is dropped.
pub async fn run(app: Arc<App>) {
    loop {
        let done = once(&app).await;
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

/// Works until nothing is queued.
pub async fn once(app: &App) -> Result<()> {
    let mut shown: Option<Instant> = None;
    let mut is_owed = false;
    loop {
        let queued = app.db.read(|conn| Ok(search::queued(conn, BATCH)?)).await?;
        if queued.is_empty() {
            if is_owed {
                app.db.write(|_| Ok(())).await?;
            }
            return Ok(());
        }
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
            .read(move |conn| {
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
        is_owed |= is_news;
        if is_owed && shown.is_none_or(|last| last.elapsed() >= SHOWN_EVERY) {
            app.db.write(keep).await?;
            shown = Some(Instant::now());
            is_owed = false;
        } else {
            app.db.record(keep).await?;
        }
    }
}
