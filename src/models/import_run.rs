//! Imports that were begun in the newsroom: how far each is, and what came of it.

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

/// An import whose process was not heard of for so long has ended with it.
const GONE: TimeDelta = TimeDelta::seconds(45);

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = import_runs)]
pub struct Run {
    pub id: i64,
    pub file_name: String,
    /// Whether nothing of it is kept.
    pub is_trial: bool,
    pub state: RunState,
    pub began_at: NaiveDateTime,
    pub seen_at: NaiveDateTime,
    #[diesel(embed)]
    pub position: Position,
    pub stage_at: NaiveDateTime,
    pub stop_asked: bool,
    /// Why it ended early.
    pub failure: String,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = import_runs)]
pub struct Position {
    pub stage: Stage,
    /// Bytes of the file, or pictures.
    pub done: i64,
    pub whole: i64,
    pub articles: i64,
}

impl Run {
    /// How it is now: what is stored, but broken off if nothing was heard of it for too long.
    pub fn state_at(&self, now: DateTime<Utc>) -> RunState {
        match self.state {
            RunState::Running if now.naive_utc() - self.seen_at >= GONE => RunState::Broken,
            state => state,
        }
    }
}

/// Begins an import of so many bytes. `None` if another one goes on.
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
            .filter(import_runs::seen_at.le(now - GONE)),
    )
    .set(import_runs::state.eq(RunState::Broken))
    .execute(conn)?;
    // Of its own, or PostgreSQL would refuse everything that comes after a row that it has refused.
    let begun = conn.transaction(|conn| {
        diesel::insert_into(import_runs::table)
            .values((
                import_runs::user_id.eq(user_id),
                import_runs::file_name.eq(file_name),
                import_runs::is_trial.eq(is_trial),
                import_runs::state.eq(RunState::Running),
                import_runs::began_at.eq(now),
                import_runs::seen_at.eq(now),
                import_runs::stage.eq(Stage::Looking),
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
    match begun {
        Ok(id) => Ok(Some(id)),
        // The index lets one run at a time.
        Err(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Notes how far an import is; returns whether it is to go on.
pub fn note(
    conn: &mut AnyConnection,
    id: i64,
    position: Position,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let now = now.naive_utc();
    let running = import_runs::table
        .find(id)
        .filter(import_runs::state.eq(RunState::Running));
    let known: Option<(Stage, bool)> = running
        .select((import_runs::stage, import_runs::stop_asked))
        .first(conn)
        .optional()?;
    let Some((stage, stop_asked)) = known else {
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

/// How an import ended.
#[derive(Clone, Debug)]
pub struct End {
    pub state: RunState,
    pub failure: String,
    /// As JSON, or empty.
    pub report: String,
}

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

/// Asks an import to end.
pub fn ask_to_stop(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    diesel::update(import_runs::table.find(id))
        .set(import_runs::stop_asked.eq(true))
        .execute(conn)?;
    Ok(())
}

pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Run>> {
    import_runs::table
        .find(id)
        .select(Run::as_select())
        .first(conn)
        .optional()
}

/// What came of an import, as JSON; `None` of one that is not there, empty of one that has not ended well.
pub fn report(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<String>> {
    import_runs::table
        .find(id)
        .select(import_runs::report)
        .first(conn)
        .optional()
}

/// The last ones, newest first.
pub fn latest(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Run>> {
    import_runs::table
        .order(import_runs::id.desc())
        .limit(limit)
        .select(Run::as_select())
        .load(conn)
}
