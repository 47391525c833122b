//! Counts of requests for paths that do not exist and of searches without results.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{prelude::*, upsert::excluded};

use crate::{
    db::{AnyConnection, schema::misses, types::NotFoundKind},
    each_backend,
};

/// The maximum number of entries of a kind.
const MAX_ENTRIES: i64 = 5_000;

/// How often something was requested and not found.
#[derive(Clone, Debug, Queryable, Insertable)]
#[diesel(table_name = misses, treat_none_as_default_value = false)]
pub struct NotFoundCount {
    pub kind: NotFoundKind,
    /// The path or the words.
    pub asked: String,
    pub hits: i64,
    pub last_at: NaiveDateTime,
}

/// Adds hits: (path or words, number of hits). Beyond the maximum, the entries with the fewest and oldest hits are
/// deleted.
pub fn add(
    conn: &mut AnyConnection,
    kind: NotFoundKind,
    counted: &[(String, i64)],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let mut rows: Vec<NotFoundCount> = counted
        .iter()
        .map(|(asked, hits)| NotFoundCount {
            kind,
            asked: asked.clone(),
            hits: *hits,
            last_at: now.naive_utc(),
        })
        .collect();
    // Sorted, so that concurrent transactions lock the rows in the same order.
    rows.sort_unstable_by(|a, b| a.asked.cmp(&b.asked));
    // In batches, because both engines limit the bind parameters of a statement.
    for batch in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(misses::table)
            .values(batch)
            .on_conflict((misses::kind, misses::asked))
            .do_update()
            .set((
                misses::hits.eq(misses::hits + excluded(misses::hits)),
                misses::last_at.eq(excluded(misses::last_at)),
            ))
            .execute(c))?;
    }
    let of_kind = misses::table.filter(misses::kind.eq(kind));
    let stored: i64 = of_kind.count().get_result(conn)?;
    if stored > MAX_ENTRIES {
        let least: Vec<String> = of_kind
            .order((misses::hits, misses::last_at))
            .limit(stored - MAX_ENTRIES)
            .select(misses::asked)
            .load(conn)?;
        for batch in least.chunks(5_000) {
            diesel::delete(of_kind.filter(misses::asked.eq_any(batch))).execute(conn)?;
        }
    }
    Ok(())
}

/// Up to `limit` entries with at least `hits` hits, most frequent first.
pub fn most_asked(
    conn: &mut AnyConnection,
    kind: NotFoundKind,
    hits: i64,
    limit: i64,
) -> QueryResult<Vec<NotFoundCount>> {
    misses::table
        .filter(misses::kind.eq(kind))
        .filter(misses::hits.ge(hits))
        .order((misses::hits.desc(), misses::asked))
        .limit(limit)
        .load(conn)
}

/// Deletes an entry. `false` if it does not exist.
pub fn forget(conn: &mut AnyConnection, kind: NotFoundKind, asked: &str) -> QueryResult<bool> {
    Ok(diesel::delete(misses::table.find((kind, asked))).execute(conn)? == 1)
}
