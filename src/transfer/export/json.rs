//! Everything that is in the database, but for secrets, as one JSON file, and the files of the pictures
//! beside it. `docs/EXPORT.md` says what is in it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{ExportError, at, copy_picture, finish, make_folder};
use crate::{
    db::{
        AnyConnection, DatabaseUrl,
        rows::{self, Table},
    },
    media::Store,
};

/// Of the form, for whoever reads it: raised when something is called otherwise.
const VERSION: u32 = 1;

/// What lets somebody in, and what is only of this moment.
const TABLES_LEFT_OUT: [&str; 9] = [
    "sessions",
    "recovery_codes",
    "reset_links",
    "preview_links",
    "login_failures",
    "presences",
    "index_queue",
    "known_words",
    "site_state",
];
const COLUMNS_LEFT_OUT: [(&str, &str); 3] = [
    ("users", "password_hash"),
    ("users", "totp_secret"),
    ("users", "totp_step"),
];

/// Writes `newspaper.json` and the folder `media` into the folder `to`; returns how many rows of each table
/// there are.
pub fn json(
    database: &DatabaseUrl,
    media: &Store,
    to: &Path,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, u64>, ExportError> {
    make_folder(to)?;
    let path = to.join("newspaper.json");
    let file = fs::File::create(&path).map_err(at(&path))?;
    let mut out = BufWriter::new(file);
    let mut conn = rows::open(database)?;
    let tables = rows::tables(&mut conn)?;
    let counts = conn.read_transaction(|conn| {
        let head = format!(
            "{{\n\"format\": \"dateline\",\n\"version\": {VERSION},\n\"exported_at\": \"{}\",\n\"tables\": {{",
            now.format("%FT%TZ")
        );
        out.write_all(head.as_bytes()).map_err(at(&path))?;
        let mut counts = BTreeMap::new();
        for table in &tables {
            if TABLES_LEFT_OUT.contains(&table.name.as_str()) {
                continue;
            }
            let comma = if counts.is_empty() { "" } else { "," };
            write!(out, "{comma}\n\"{}\": [", table.name).map_err(at(&path))?;
            let count = write_rows(conn, table, &mut out, &path)?;
            out.write_all(b"\n]").map_err(at(&path))?;
            counts.insert(table.name.clone(), count);
        }
        out.write_all(b"\n}\n}\n").map_err(at(&path))?;
        Ok::<_, ExportError>(counts)
    })?;
    finish(out, &path)?;
    for name in media.names()? {
        let below = to.join("media").join(&name);
        copy_picture(media, &name, below)?;
    }
    Ok(counts)
}

fn write_rows(
    conn: &mut AnyConnection,
    table: &Table,
    out: &mut impl Write,
    path: &Path,
) -> Result<u64, ExportError> {
    let mut is_first = true;
    table.each_batch(conn, |batch| {
        for row in batch {
            let named: serde_json::Map<String, Value> = table
                .columns()
                .zip(row)
                .filter(|(column, _)| !COLUMNS_LEFT_OUT.contains(&(table.name.as_str(), column)))
                .map(|(column, value)| (column.to_owned(), value))
                .collect();
            let comma = if is_first { "" } else { "," };
            is_first = false;
            write!(out, "{comma}\n{}", Value::Object(named)).map_err(at(path))?;
        }
        Ok(())
    })
}
