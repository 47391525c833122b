//! Integrity check of the database file.

use diesel::{prelude::*, sql_query, sql_types::Text};

use super::connection::AnyConnection;

#[derive(QueryableByName)]
struct FileProblem {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct ForeignKeyProblem {
    #[diesel(sql_type = Text)]
    problem: String,
}

/// At most 20 problems of the file and at most 20 foreign-key violations, as the engine reports them; empty if there
/// are none. PostgreSQL is not checked: it verifies its own files.
pub fn integrity(conn: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let AnyConnection::Sqlite(conn) = conn else {
        return Ok(Vec::new());
    };
    let in_file: Vec<FileProblem> = sql_query("PRAGMA integrity_check(20)").load(conn)?;
    let foreign_keys: Vec<ForeignKeyProblem> = sql_query(
        "SELECT \"table\" || ' refers to a row of ' || parent || ' that does not exist' AS problem \
         FROM pragma_foreign_key_check LIMIT 20",
    )
    .load(conn)?;
    let in_file = in_file.into_iter().map(|row| row.integrity_check);
    Ok(in_file
        .filter(|problem| problem != "ok")
        .chain(foreign_keys.into_iter().map(|row| row.problem))
        .collect())
}
