//! Paths that readers asked for and that lead nowhere: the ones asked for most.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{prelude::*, upsert::excluded};

use crate::{
    db::{AnyConnection, schema::missing_paths},
    each_backend,
};

/// How many paths are kept.
const MOST: i64 = 5_000;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = missing_paths, treat_none_as_default_value = false)]
pub struct MissingPath {
    pub path: String,
    pub hits: i64,
    pub last_at: NaiveDateTime,
}

/// Adds hits: (path, hits). Of more paths than are kept, those asked for least and longest ago go.
pub fn add(
    conn: &mut AnyConnection,
    misses: &[(String, i64)],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let mut rows: Vec<MissingPath> = misses
        .iter()
        .map(|(path, hits)| MissingPath {
            path: path.clone(),
            hits: *hits,
            last_at: now.naive_utc(),
        })
        .collect();
    // Ordered, so that two processes lock the rows in one order.
    rows.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    // Few enough for the variables that one statement may have.
    for some in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(missing_paths::table)
            .values(some)
            .on_conflict(missing_paths::path)
            .do_update()
            .set((
                missing_paths::hits.eq(missing_paths::hits + excluded(missing_paths::hits)),
                missing_paths::last_at.eq(excluded(missing_paths::last_at)),
            ))
            .execute(c))?;
    }
    let there: i64 = missing_paths::table.count().get_result(conn)?;
    if there > MOST {
        let least: Vec<String> = missing_paths::table
            .order((missing_paths::hits, missing_paths::last_at))
            .limit(there - MOST)
            .select(missing_paths::path)
            .load(conn)?;
        for some in least.chunks(5_000) {
            diesel::delete(missing_paths::table.filter(missing_paths::path.eq_any(some)))
                .execute(conn)?;
        }
    }
    Ok(())
}

/// The paths asked for most, most first.
pub fn most_asked(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<MissingPath>> {
    missing_paths::table
        .order((missing_paths::hits.desc(), missing_paths::path))
        .limit(limit)
        .load(conn)
}

/// Forgets a path. `false`: it is not there.
pub fn forget(conn: &mut AnyConnection, path: &str) -> QueryResult<bool> {
    Ok(diesel::delete(missing_paths::table.find(path)).execute(conn)? == 1)
}
