//! What imports have taken in: which of our things each thing of another system has become.

use std::collections::HashMap;

use diesel::{prelude::*, upsert::excluded};

use crate::{
    db::{AnyConnection, schema::imported},
    each_backend,
};

/// What something has become, and the digest of what it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    pub target_id: i64,
    pub digest: i64,
}

#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = imported, treat_none_as_default_value = false)]
pub struct Taken<'a> {
    pub source: &'a str,
    /// `article`, `author` and so on.
    pub kind: &'a str,
    /// What it is called there.
    pub foreign_id: String,
    pub target_id: i64,
    pub digest: i64,
}

/// Everything of a kind that was taken from a source, by what it is called there.
pub fn known(
    conn: &mut AnyConnection,
    source: &str,
    kind: &str,
) -> QueryResult<HashMap<String, Known>> {
    let rows: Vec<(String, i64, i64)> = imported::table
        .filter(imported::source.eq(source))
        .filter(imported::kind.eq(kind))
        .select((imported::foreign_id, imported::target_id, imported::digest))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, target_id, digest)| (id, Known { target_id, digest }))
        .collect())
}

/// What a thing has become that was taken from whichever source.
pub fn find(conn: &mut AnyConnection, kind: &str, foreign_id: &str) -> QueryResult<Vec<i64>> {
    imported::table
        .filter(imported::kind.eq(kind))
        .filter(imported::foreign_id.eq(foreign_id))
        .select(imported::target_id)
        .limit(2)
        .load(conn)
}

/// Notes what was taken.
pub fn note(conn: &mut AnyConnection, taken: &[Taken<'_>]) -> QueryResult<()> {
    // Few enough for the variables that one statement may have.
    for some in taken.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(imported::table)
            .values(some)
            .on_conflict((imported::source, imported::kind, imported::foreign_id))
            .do_update()
            .set((
                imported::target_id.eq(excluded(imported::target_id)),
                imported::digest.eq(excluded(imported::digest)),
            ))
            .execute(c))?;
    }
    Ok(())
}
