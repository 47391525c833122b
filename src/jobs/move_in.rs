//! Takes in an export that an admin handed over, in a thread of its own, and tells how far it is.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::web;
use tempfile::TempDir;

use crate::{
    app::App,
    db::types::{RunState, Stage},
    error::Result,
    models::import_run::{self, End, Position},
    parallel::{aside, give_way},
    transfer::{
        Report,
        moving_in::{MoveError, MovingIn},
        wordpress::{Progress, Stop},
    },
};

/// How often it is noted how far an import is.
const EVERY: Duration = Duration::from_secs(1);

/// An import that was begun.
pub struct Begun {
    pub id: i64,
    pub moving: MovingIn,
    pub is_trial: bool,
    /// Where its files are, which go with it.
    pub folder: TempDir,
    /// Bytes of the export.
    pub bytes: i64,
}

/// Sees an import to its end.
pub async fn run(app: web::Data<App>, begun: Begun) {
    let id = begun.id;
    let position = Arc::new(Mutex::new(Position {
        stage: Stage::Looking,
        done: 0,
        whole: begun.bytes,
        articles: 0,
    }));
    let stop = Arc::new(AtomicBool::new(false));
    let work = {
        let (app, position, stop) = (app.clone(), position.clone(), stop.clone());
        aside("import", move || {
            give_way();
            take(&app, &begun, &position, &stop)
        })
    };
    let mut work = std::pin::pin!(work);
    let outcome = loop {
        if let Ok(outcome) = tokio::time::timeout(EVERY, &mut work).await {
            break outcome;
        }
        let now = app.clock.now();
        let reached = *locked(&position);
        let noted = app
            .db
            .record(move |conn| Ok(import_run::note(conn, id, reached, now)?))
            .await;
        match noted {
            Ok(true) => {}
            Ok(false) => stop.store(true, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "how far an import is could not be noted"),
        }
    };
    app.media_changed.notify_one();
    let end = end(outcome);
    let reached = *locked(&position);
    while let Err(error) = {
        let (now, end) = (app.clock.now(), end.clone());
        app.db
            .record(move |conn| {
                import_run::note(conn, id, reached, now)?;
                Ok(import_run::end(conn, id, &end, now)?)
            })
            .await
    } {
        tracing::error!(%error, "the end of an import could not be noted; it is tried again");
        tokio::time::sleep(EVERY).await;
    }
}

/// A lock that is poisoned holds a whole value still: it is only ever replaced.
fn locked(position: &Mutex<Position>) -> std::sync::MutexGuard<'_, Position> {
    position
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn take(
    app: &App,
    begun: &Begun,
    position: &Mutex<Position>,
    stop: &AtomicBool,
) -> std::result::Result<Report, MoveError> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut watch = |progress| {
        let (stage, done, whole, articles) = match progress {
            Progress::Looking(bytes) => (Stage::Looking, count(bytes), begun.bytes, 0),
            Progress::Pictures(done, all) => (Stage::Pictures, count(done), count(all), 0),
            Progress::Taking(bytes, articles) => {
                (Stage::Taking, count(bytes), begun.bytes, count(articles))
            }
        };
        *locked(position) = Position {
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
    if begun.is_trial {
        begun.moving.try_out(now, &mut watch)
    } else {
        begun.moving.run(&app.db, &app.media, now, &mut watch)
    }
}

/// What is noted of how an import ended.
fn end(outcome: Result<std::result::Result<Report, MoveError>>) -> End {
    let early = |state, failure: String| End {
        state,
        failure,
        report: String::new(),
    };
    let moved = match outcome {
        Ok(moved) => moved,
        Err(error) => return early(RunState::Failed, error.to_string()),
    };
    match moved {
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
