//! Exports the database, without secrets, as one JSON file, with the files of the pictures beside it.
//! `docs/EXPORT.md` describes the format.

use std::{
    collections::BTreeMap,
    io::{BufWriter, Write},
    path::Path,
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{ExportError, at, copy_picture, create_folder, finish};
use crate::{
    db::{
        AnyConnection, DatabaseUrl,
        rows::{self, Table},
    },
    media::Store,
    private_file,
};

/// The version of the format. It rises when a table or a column is renamed or removed.
const VERSION: u32 = 2;

/// The columns of an exported table.
enum Columns {
    All,
    /// For tables with secrets.
    Only(&'static [&'static str]),
}

use Columns::{All, Only};

/// The exported tables. Nothing else is exported.
const EXPORTED: &[(&str, Columns)] = &[
    ("addresses", All),
    ("article_also_read", All),
    ("article_authors", All),
    ("article_sections", All),
    ("article_topics", All),
    ("articles", All),
    ("authors", All),
    ("bodies", All),
    ("corrections", All),
    ("edition_slots", All),
    ("history", All),
    ("import_runs", All),
    ("imported", All),
    ("media", All),
    ("menu_items", All),
    ("misses", All),
    ("pages", All),
    ("referrer_days", All),
    ("related_articles", All),
    ("revisions", All),
    ("sections", All),
    ("settings", All),
    ("site_hours", All),
    ("timeline_counts", All),
    ("timeline_entries", All),
    ("told_articles", All),
    ("topics", All),
    (
        "users",
        Only(&[
            "id",
            "email",
            "name",
            "role",
            "author_id",
            "created_at",
            "disabled",
        ]),
    ),
    ("view_hours", All),
    ("view_totals", All),
];

/// The tables that are not exported.
#[cfg(test)]
const NOT_EXPORTED: &[&str] = &[
    // Secrets that grant access, or their hashes.
    "sessions",
    "recovery_codes",
    "reset_links",
    "preview_links",
    // Addresses of visitors.
    "login_failures",
    // Short-lived state of this installation.
    "presences",
    "site_state",
    // The search index, which is built from the articles.
    "findable",
    "index_queue",
    "known_words",
];

/// The columns of exported tables that are not exported: passwords and second factors.
#[cfg(test)]
const COLUMNS_NOT_EXPORTED: &[(&str, &[&str])] =
    &[("users", &["password_hash", "totp_secret", "totp_step"])];

impl Columns {
    /// The exported columns of a table; `None` if it is not exported.
    fn of(table: &str) -> Option<&'static Self> {
        EXPORTED
            .iter()
            .find(|(name, _)| *name == table)
            .map(|(_, columns)| columns)
    }

    fn contains(&self, column: &str) -> bool {
        match self {
            All => true,
            Only(columns) => columns.contains(&column),
        }
    }
}

/// Writes `newspaper.json` and the folder `media` into the folder `to`; returns the number of rows by table.
///
/// # Errors
/// If the folder is not empty, the database cannot be read, or a file cannot be written.
pub fn json(
    database: &DatabaseUrl,
    media: &Store,
    to: &Path,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, u64>, ExportError> {
    create_folder(to)?;
    let path = to.join("newspaper.json");
    let file = private_file::create(&path).map_err(at(&path))?;
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
            let Some(columns) = Columns::of(&table.name) else {
                continue;
            };
            let comma = if counts.is_empty() { "" } else { "," };
            write!(out, "{comma}\n\"{}\": [", table.name).map_err(at(&path))?;
            let count = write_rows(conn, table, columns, &mut out, &path)?;
            out.write_all(b"\n]").map_err(at(&path))?;
            counts.insert(table.name.clone(), count);
        }
        out.write_all(b"\n}\n}\n").map_err(at(&path))?;
        Ok::<_, ExportError>(counts)
    })?;
    finish(out, &path)?;
    for name in media.names()? {
        let target = to.join("media").join(&name);
        copy_picture(media, &name, target)?;
    }
    Ok(counts)
}

fn write_rows(
    conn: &mut AnyConnection,
    table: &Table,
    columns: &Columns,
    out: &mut impl Write,
    path: &Path,
) -> Result<u64, ExportError> {
    let mut is_first = true;
    table.each_batch(conn, |batch| {
        for row in batch {
            let fields: serde_json::Map<String, Value> = table
                .columns()
                .zip(row)
                .filter(|(column, _)| columns.contains(column))
                .map(|(column, value)| (column.to_owned(), value))
                .collect();
            let comma = if is_first { "" } else { "," };
            is_first = false;
            write!(out, "{comma}\n{}", Value::Object(fields)).map_err(at(path))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The tables of `src/db/schema.rs`, some of which `rows::tables` leaves out.
    fn schema_tables() -> impl Iterator<Item = &'static str> {
        include_str!("../../db/schema.rs")
            .split("diesel::table! {")
            .skip(1)
            .filter_map(|table| table.split('(').next()?.split_whitespace().last())
    }

    #[test]
    fn every_table_is_either_exported_or_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::file(folder.path().join("empty.db"));
        let tables = rows::tables(&mut rows::open(&url).unwrap()).unwrap();
        for (name, columns) in EXPORTED {
            let Only(exported) = columns else { continue };
            let table = tables.iter().find(|table| table.name == *name).unwrap();
            let refused = COLUMNS_NOT_EXPORTED
                .iter()
                .find(|(refused, _)| refused == name)
                .map_or(&[][..], |(_, columns)| *columns);
            let listed: BTreeSet<&str> = exported.iter().chain(refused).copied().collect();
            assert_eq!(listed.len(), exported.len() + refused.len());
            let existing: BTreeSet<&str> = table.columns().collect();
            assert_eq!(existing, listed, "the columns of {name}");
        }
        let mut existing: BTreeSet<&str> = tables.iter().map(|table| table.name.as_str()).collect();
        for name in schema_tables() {
            existing.insert(name);
        }
        let exported = EXPORTED.iter().map(|(name, _)| *name);
        let listed: Vec<&str> = exported.chain(NOT_EXPORTED.iter().copied()).collect();
        assert!(existing.len() > 30);
        assert_eq!(
            listed.len(),
            existing.len(),
            "a table is listed twice, or missing"
        );
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), existing);
    }
}
