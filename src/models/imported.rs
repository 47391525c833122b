//! The mapping of imported objects from ids of the source system to ids here.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    db::{AnyConnection, schema::imported},
    each_backend,
};

/// Rows per statement.
const BATCH: usize = 5_000;

/// The id of an imported object, and the digest of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportedObject {
    pub target_id: i64,
    pub digest: i64,
}

/// An imported object.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = imported, treat_none_as_default_value = false)]
pub struct NewImported<'a> {
    pub source: &'a str,
    /// `article`, `author` and so on.
    pub kind: &'a str,
    /// Its id in the source system.
    pub foreign_id: String,
    pub target_id: i64,
    pub digest: i64,
}

/// All objects of a kind that were imported from a source, by their id there.
pub fn known(
    conn: &mut AnyConnection,
    source: &str,
    kind: &str,
) -> QueryResult<HashMap<String, ImportedObject>> {
    let rows: Vec<(String, i64, i64)> = imported::table
        .filter(imported::source.eq(source))
        .filter(imported::kind.eq(kind))
        .select((imported::foreign_id, imported::target_id, imported::digest))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, target_id, digest)| (id, ImportedObject { target_id, digest }))
        .collect())
}

/// The ids of up to two objects that were imported with this id from any source: two mean that it is ambiguous.
pub fn find(conn: &mut AnyConnection, kind: &str, foreign_id: &str) -> QueryResult<Vec<i64>> {
    imported::table
        .filter(imported::kind.eq(kind))
        .filter(imported::foreign_id.eq(foreign_id))
        .select(imported::target_id)
        .limit(2)
        .load(conn)
}

/// Records objects that are imported for the first time.
///
/// # Errors
/// A unique violation if one of them was recorded before: the transaction that created it must not be committed.
pub fn insert(conn: &mut AnyConnection, objects: &[NewImported<'_>]) -> QueryResult<()> {
    // In batches, because both engines limit the bind parameters of a statement.
    for batch in objects.chunks(BATCH) {
        each_backend!(conn, |c| diesel::insert_into(imported::table)
            .values(batch)
            .execute(c))?;
    }
    Ok(())
}

/// Records objects again whose source has changed.
pub fn update(conn: &mut AnyConnection, objects: &[NewImported<'_>]) -> QueryResult<()> {
    for object in objects {
        let key = (object.source, object.kind, object.foreign_id.as_str());
        diesel::update(imported::table.find(key))
            .set((
                imported::target_id.eq(object.target_id),
                imported::digest.eq(object.digest),
            ))
            .execute(conn)?;
    }
    Ok(())
}
