//! Imports started in the admin interface: their progress and results.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error as DieselError},
};

use crate::db::{
    AnyConnection,
    schema::import_runs,
    types::{RunState, Stage},
};

/// An import without progress for this long counts as broken: its process has ended.
const HEARTBEAT_TIMEOUT: TimeDelta = TimeDelta::seconds(45);

/// An import.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = import_runs)]
pub struct Run {
    pub id: i64,
    pub file_name: String,
    /// Whether it is a dry run, which is rolled back.
    pub is_trial: bool,
    pub state: RunState,
    pub began_at: NaiveDateTime,
    /// The time of the last progress report.
    pub seen_at: NaiveDateTime,
    #[diesel(embed)]
    pub position: Position,
    /// When the current stage began.
    pub stage_at: NaiveDateTime,
    /// Whether a user has requested it to stop.
    pub stop_asked: bool,
    /// The error that ended it, or empty.
    pub failure: String,
}

/// The progress of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = import_runs)]
pub struct Position {
    pub stage: Stage,
    /// Progress within the stage, out of `whole`: in bytes of the file, or in pictures.
    pub done: i64,
    pub whole: i64,
    pub articles: i64,
}

impl Run {
    /// The current state: the stored one, or [`RunState::Broken`] if it has made no progress for too long.
    pub fn state_at(&self, now: DateTime<Utc>) -> RunState {
        match self.state {
            RunState::Running if now.naive_utc() - self.seen_at >= HEARTBEAT_TIMEOUT => {
                RunState::Broken
            }
            state => state,
        }
    }
}

/// Starts an import of a file of `bytes` bytes; returns its id. `None` if another import is running.
pub fn begin(
    conn: &mut AnyConnection,
    user_id: i64,
    file_name: &str,
    is_trial: bool,
    bytes: i64,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    let now = now.naive_utc();
    diesel::update(
        import_runs::table
            .filter(import_runs::state.eq(RunState::Running))
            .filter(import_runs::seen_at.le(now - HEARTBEAT_TIMEOUT)),
    )
    .set(import_runs::state.eq(RunState::Broken))
    .execute(conn)?;
    // In a savepoint: PostgreSQL aborts the whole transaction on a unique violation otherwise.
    let inserted = conn.transaction(|conn| {
        diesel::insert_into(import_runs::table)
            .values((
                import_runs::user_id.eq(user_id),
                import_runs::file_name.eq(file_name),
                import_runs::is_trial.eq(is_trial),
                import_runs::state.eq(RunState::Running),
                import_runs::began_at.eq(now),
                import_runs::seen_at.eq(now),
                import_runs::stage.eq(Stage::Survey),
                import_runs::stage_at.eq(now),
                import_runs::done.eq(0_i64),
                import_runs::whole.eq(bytes),
                import_runs::articles.eq(0_i64),
                import_runs::stop_asked.eq(false),
                import_runs::failure.eq(""),
                import_runs::report.eq(""),
            ))
            .returning(import_runs::id)
            .get_result(conn)
    });
    match inserted {
        Ok(id) => Ok(Some(id)),
        // A unique index allows one running import.
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Records the progress of an import; returns whether it should continue.
pub fn record_progress(
    conn: &mut AnyConnection,
    id: i64,
    position: Position,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let now = now.naive_utc();
    let running = import_runs::table
        .find(id)
        .filter(import_runs::state.eq(RunState::Running));
    let stored: Option<(Stage, bool)> = running
        .select((import_runs::stage, import_runs::stop_asked))
        .first(conn)
        .optional()?;
    let Some((stage, stop_asked)) = stored else {
        return Ok(false);
    };
    if stage != position.stage {
        diesel::update(running)
            .set(import_runs::stage_at.eq(now))
            .execute(conn)?;
    }
    diesel::update(running)
        .set((
            import_runs::seen_at.eq(now),
            import_runs::stage.eq(position.stage),
            import_runs::done.eq(position.done),
            import_runs::whole.eq(position.whole),
            import_runs::articles.eq(position.articles),
        ))
        .execute(conn)?;
    Ok(!stop_asked)
}

/// The outcome of an import.
#[derive(Clone, Debug)]
pub struct End {
    pub state: RunState,
    pub failure: String,
    /// The report as JSON, or empty.
    pub report: String,
}

/// Ends an import that was stopped before it began. One that is not running any more keeps its state.
pub fn cancel(conn: &mut AnyConnection, id: i64, now: DateTime<Utc>) -> QueryResult<()> {
    let running = import_runs::table
        .find(id)
        .filter(import_runs::state.eq(RunState::Running));
    diesel::update(running)
        .set((
            import_runs::state.eq(RunState::Stopped),
            import_runs::seen_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Records the end of an import.
pub fn end(conn: &mut AnyConnection, id: i64, end: &End, now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(import_runs::table.find(id))
        .set((
            import_runs::state.eq(end.state),
            import_runs::seen_at.eq(now.naive_utc()),
            import_runs::failure.eq(&end.failure),
            import_runs::report.eq(&end.report),
        ))
        .execute(conn)?;
    Ok(())
}

/// Requests an import to stop.
pub fn ask_to_stop(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::update(import_runs::table.find(id))
        .set(import_runs::stop_asked.eq(true))
        .execute(conn)?;
    Ok(())
}

/// The import of this id.
pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Run>> {
    import_runs::table
        .find(id)
        .select(Run::as_select())
        .first(conn)
        .optional()
}

/// The report of an import as JSON: empty unless it has succeeded, `None` if there is no such import.
pub fn report(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<String>> {
    import_runs::table
        .find(id)
        .select(import_runs::report)
        .first(conn)
        .optional()
}

/// Up to `limit` of the newest imports, newest first.
pub fn latest(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Run>> {
    import_runs::table
        .order(import_runs::id.desc())
        .limit(limit)
        .select(Run::as_select())
        .load(conn)
}
