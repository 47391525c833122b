//! Whether the engine finds its own file in order.

use diesel::{prelude::*, sql_query, sql_types::Text};

use super::AnyConnection;

#[derive(QueryableByName)]
struct OfFile {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct OfRows {
    #[diesel(sql_type = Text)]
    said: String,
}

/// What the engine finds wrong with its own file, up to twenty things; nothing if all is well. Of PostgreSQL,
/// which looks after itself, nothing is asked.
pub fn integrity(conn: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let AnyConnection::Sqlite(conn) = conn else {
        return Ok(Vec::new());
    };
    let of_file: Vec<OfFile> = sql_query("PRAGMA integrity_check(20)").load(conn)?;
    let of_rows: Vec<OfRows> = sql_query(
        "SELECT \"table\" || ' refers to a row of ' || parent || ' that is not there' AS said \
         FROM pragma_foreign_key_check LIMIT 20",
    )
    .load(conn)?;
    let of_file = of_file.into_iter().map(|row| row.integrity_check);
    Ok(of_file
        .filter(|said| said != "ok")
        .chain(of_rows.into_iter().map(|row| row.said))
        .collect())
}
