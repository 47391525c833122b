//! What readers asked for in vain, paths that lead nowhere and words that nothing was found for: what was asked
//! for most.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{prelude::*, upsert::excluded};

use crate::{
    db::{AnyConnection, schema::misses, types::MissKind},
    each_backend,
};

/// How much of a kind is kept.
const MOST: i64 = 5_000;

#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = misses, treat_none_as_default_value = false)]
pub struct Miss {
    pub kind: MissKind,
    pub asked: String,
    pub hits: i64,
    pub last_at: NaiveDateTime,
}

/// Adds hits: (what was asked for, hits). Of more than is kept, what was asked for least and longest ago
/// goes.
pub fn add(
    conn: &mut AnyConnection,
    kind: MissKind,
    counted: &[(String, i64)],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let mut rows: Vec<Miss> = counted
        .iter()
        .map(|(asked, hits)| Miss {
            kind,
            asked: asked.clone(),
            hits: *hits,
            last_at: now.naive_utc(),
        })
        .collect();
    // Ordered, so that two processes lock the rows in one order.
    rows.sort_unstable_by(|a, b| a.asked.cmp(&b.asked));
    // Few enough for the variables that one statement may have.
    for some in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(misses::table)
            .values(some)
            .on_conflict((misses::kind, misses::asked))
            .do_update()
            .set((
                misses::hits.eq(misses::hits + excluded(misses::hits)),
                misses::last_at.eq(excluded(misses::last_at)),
            ))
            .execute(c))?;
    }
    let of_kind = misses::table.filter(misses::kind.eq(kind));
    let there: i64 = of_kind.count().get_result(conn)?;
    if there > MOST {
        let least: Vec<String> = of_kind
            .order((misses::hits, misses::last_at))
            .limit(there - MOST)
            .select(misses::asked)
            .load(conn)?;
        for some in least.chunks(5_000) {
            diesel::delete(of_kind.filter(misses::asked.eq_any(some))).execute(conn)?;
        }
    }
    Ok(())
}

/// What was asked for most, at least `hits` times, most first.
pub fn most_asked(
    conn: &mut AnyConnection,
    kind: MissKind,
    hits: i64,
    limit: i64,
) -> QueryResult<Vec<Miss>> {
    misses::table
        .filter(misses::kind.eq(kind))
        .filter(misses::hits.ge(hits))
        .order((misses::hits.desc(), misses::asked))
        .limit(limit)
        .load(conn)
}

/// Forgets one. `false`: it is not there.
pub fn forget(conn: &mut AnyConnection, kind: MissKind, asked: &str) -> QueryResult<bool> {
    Ok(diesel::delete(misses::table.find((kind, asked))).execute(conn)? == 1)
}
