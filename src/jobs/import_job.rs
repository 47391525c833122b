//! Runs the imports that admins start, one at a time on a separate thread, and saves their progress.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::{Mutex, MutexGuard};

use crate::{
    app::App,
    db::types::{RunState, Stage},
    error::Result,
    models::import_run::{self, End, Position},
    parallel::{Priority, lower_priority, spawn_thread},
    transfer::{
        Report,
        import::RunError,
        queue::QueuedImport,
        wordpress::{Progress, Stop},
    },
};

/// How often the progress is saved and a request to stop is read.
const INTERVAL: Duration = Duration::from_secs(1);

/// Runs queued imports until it is dropped.
pub async fn run(app: Arc<App>) {
    loop {
        let queued = app.imports.next().await;
        run_import(&app, queued).await;
    }
}

async fn run_import(app: &Arc<App>, queued: QueuedImport) {
    let id = queued.run_id;
    let beginning = Position {
        stage: Stage::Survey,
        done: 0,
        whole: queued.export_bytes,
        articles: 0,
    };
    let now = app.clock.now();
    let may_begin = app
        .db
        .write_unversioned(move |conn| {
            let may_begin = import_run::record_progress(conn, id, beginning, now)?;
            if !may_begin {
                import_run::cancel(conn, id, now)?;
            }
            Ok(may_begin)
        })
        .await;
    match may_begin {
        Ok(true) => {}
        // It was stopped, or taken for interrupted, while it waited in the queue.
        Ok(false) => return,
        Err(error) => tracing::warn!(%error, "could not save the beginning of an import"),
    }
    let position = Arc::new(Mutex::new(beginning));
    let stop = Arc::new(AtomicBool::new(false));
    let work = {
        let (app, position, stop) = (app.clone(), position.clone(), stop.clone());
        spawn_thread("import", move || {
            lower_priority(Priority::Writer);
            import(&app, &queued, &position, &stop)
        })
    };
    let mut work = std::pin::pin!(work);
    let outcome = loop {
        if let Ok(outcome) = tokio::time::timeout(INTERVAL, &mut work).await {
            break outcome;
        }
        let now = app.clock.now();
        let reached = *lock(&position);
        let noted = app
            .db
            .write_unversioned(move |conn| Ok(import_run::record_progress(conn, id, reached, now)?))
            .await;
        match noted {
            Ok(true) => {}
            Ok(false) => stop.store(true, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "could not save the progress of an import"),
        }
    };
    app.media_changed.notify_one();
    let end = end(outcome);
    let reached = *lock(&position);
    while let Err(error) = {
        let (now, end) = (app.clock.now(), end.clone());
        app.db
            .write_unversioned(move |conn| {
                import_run::record_progress(conn, id, reached, now)?;
                Ok(import_run::end(conn, id, &end, now)?)
            })
            .await
    } {
        tracing::error!(%error, "could not save the end of an import; retrying");
        tokio::time::sleep(INTERVAL).await;
    }
}

/// A poisoned lock holds a consistent value: it is only ever replaced.
fn lock(position: &Mutex<Position>) -> MutexGuard<'_, Position> {
    position.lock()
}

fn import(
    app: &App,
    queued: &QueuedImport,
    position: &Mutex<Position>,
    stop: &AtomicBool,
) -> std::result::Result<Report, RunError> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let bytes = queued.export_bytes;
    let mut watch = |progress| {
        let (stage, done, whole, articles) = match progress {
            Progress::Survey(read) => (Stage::Survey, count(read), bytes, 0),
            Progress::Pictures(done, all) => (Stage::Pictures, count(done), count(all), 0),
            Progress::Articles(read, articles) => {
                (Stage::Articles, count(read), bytes, count(articles))
            }
        };
        *lock(position) = Position {
            stage,
            done,
            whole,
            articles,
        };
        if stop.load(Ordering::Relaxed) {
            Err(Stop)
        } else {
            Ok(())
        }
    };
    let now = app.clock.now();
    if queued.is_trial {
        queued.import.dry_run(now, &mut watch)
    } else {
        queued.import.run(&app.db, &app.media, now, &mut watch)
    }
}

/// The final state of an import, as it is stored.
fn end(outcome: Result<std::result::Result<Report, RunError>>) -> End {
    let early = |state, failure: String| End {
        state,
        failure,
        report: String::new(),
    };
    let imported = match outcome {
        Ok(imported) => imported,
        Err(error) => return early(RunState::Failed, error.to_string()),
    };
    match imported {
        Ok(report) => match serde_json::to_string(&report) {
            Ok(report) => End {
                state: RunState::Done,
                failure: String::new(),
                report,
            },
            Err(error) => early(RunState::Failed, error.to_string()),
        },
        Err(error) if error.is_stop() => early(RunState::Stopped, String::new()),
        Err(error) => {
            tracing::error!(%error, "an import failed");
            early(RunState::Failed, error.to_string())
        }
    }
}
