//! The rows of every table as JSON, independent of the engine: for the JSON export, and for copying a database from
//! one engine to the other.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Text},
};
use serde_json::Value;

use super::{
    connection::{AnyConnection, DatabaseUrl, Manager, Role},
    error::MigrateError,
    migrate::migrate,
};
use crate::clock;

/// Internal tables, and the search index, which differs between the engines.
const EXCLUDED: [&str; 4] = [
    "__diesel_schema_migrations",
    "findable",
    "article_words",
    "headline_words",
];

/// Rows per batch.
const BATCH: i64 = 500;

/// Why rows cannot be read or written; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    #[error("cannot open the database: {0}")]
    Connect(#[from] diesel::r2d2::Error),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("database: {0}")]
    Query(#[from] diesel::result::Error),
    #[error("cannot read a row of the table {table}: {why}")]
    Unreadable { table: String, why: String },
    #[error("the table {0} refers to rows that do not exist")]
    Dangling(String),
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Boolean,
    Text,
    Time,
    Day,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Kind,
    is_key: bool,
}

/// A table and its columns.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    columns: Vec<Column>,
}

/// The values of a row, in the order of the table's columns.
pub type Row = Vec<Value>;

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    declared: String,
    #[diesel(sql_type = Bool)]
    is_key: bool,
}

#[derive(QueryableByName)]
struct JsonRow {
    #[diesel(sql_type = Text)]
    json: String,
}

/// Opens a connection outside the pools, with foreign keys off on SQLite, and runs pending migrations.
pub fn open(url: &DatabaseUrl) -> Result<AnyConnection, RowsError> {
    let mut conn = Manager::new(url.clone(), Role::Migrator, Default::default()).open()?;
    migrate(&mut conn)?;
    Ok(conn)
}

/// All tables but the excluded ones, by name.
pub fn tables(conn: &mut AnyConnection) -> Result<Vec<Table>, RowsError> {
    let rows: Vec<ColumnRow> = sql_query(match conn {
        AnyConnection::Sqlite(_) => {
            "SELECT m.name AS table_name, c.name AS column_name, LOWER(c.type) AS declared, \
             c.pk > 0 AS is_key FROM sqlite_schema m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~' \
             ORDER BY m.name, c.cid"
        }
        AnyConnection::Postgres(_) => {
            "SELECT c.table_name::text, c.column_name::text, c.data_type::text AS declared, \
             EXISTS (SELECT 1 FROM information_schema.table_constraints t \
              JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name) \
              WHERE t.constraint_type = 'PRIMARY KEY' AND k.table_schema = c.table_schema \
              AND k.table_name = c.table_name AND k.column_name = c.column_name) AS is_key \
             FROM information_schema.columns c WHERE c.table_schema = current_schema() \
             ORDER BY c.table_name COLLATE \"C\", c.ordinal_position"
        }
    })
    .load(conn)?;
    let mut tables: Vec<Table> = Vec::new();
    for column in rows {
        // An FTS5 index has shadow tables named `<index>_<suffix>`.
        let is_included = !EXCLUDED.iter().any(|other| {
            let rest = column.table_name.strip_prefix(other);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        });
        if !is_included {
            continue;
        }
        let kind = match column.declared.as_str() {
            "integer" | "bigint" => Kind::Integer,
            "boolean" => Kind::Boolean,
            "text" => Kind::Text,
            "date" => Kind::Day,
            declared if declared.starts_with("timestamp") => Kind::Time,
            other => {
                return Err(RowsError::Unreadable {
                    table: column.table_name,
                    why: format!("column {} has the type {other}", column.column_name),
                });
            }
        };
        if tables
            .last()
            .is_none_or(|table| table.name != column.table_name)
        {
            tables.push(Table {
                name: column.table_name,
                columns: Vec::new(),
            });
        }
        if let Some(table) = tables.last_mut() {
            table.columns.push(Column {
                name: column.column_name,
                kind,
                is_key: column.is_key,
            });
        }
    }
    Ok(tables)
}

impl Table {
    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The primary key of a row.
    pub fn key(&self, row: &Row) -> Row {
        let key = row
            .iter()
            .zip(&self.columns)
            .filter(|(_, column)| column.is_key);
        key.map(|(value, _)| value.clone()).collect()
    }

    fn key_columns(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.is_key)
    }

    /// The quoted column names, separated by commas.
    fn names<'c>(columns: impl Iterator<Item = &'c Column>) -> String {
        let names: Vec<String> = columns.map(|c| format!("\"{}\"", c.name)).collect();
        names.join(", ")
    }

    /// The SQL expression for element `at` of the JSON array `from`.
    fn value(conn: &AnyConnection, from: &str, at: usize, kind: Kind) -> String {
        match conn {
            AnyConnection::Sqlite(_) => format!("json_extract({from}, '$[{at}]')"),
            AnyConnection::Postgres(_) => {
                let cast = match kind {
                    Kind::Integer => "bigint",
                    Kind::Boolean => "boolean",
                    Kind::Text => "text",
                    Kind::Time => "timestamp",
                    Kind::Day => "date",
                };
                format!("({from}->>{at})::{cast}")
            }
        }
    }

    fn values<'c>(
        conn: &AnyConnection,
        from: &str,
        columns: impl Iterator<Item = &'c Column>,
    ) -> String {
        let values: Vec<String> = columns
            .enumerate()
            .map(|(at, column)| Self::value(conn, from, at, column.kind))
            .collect();
        values.join(", ")
    }

    fn as_json(&self, conn: &AnyConnection) -> String {
        let names = Self::names(self.columns.iter());
        match conn {
            AnyConnection::Sqlite(_) => format!("json_array({names})"),
            AnyConnection::Postgres(_) => format!("json_build_array({names})::text"),
        }
    }

    /// Up to `limit` rows in the order of their keys, after the row `after`.
    pub fn read(
        &self,
        conn: &mut AnyConnection,
        after: Option<&Row>,
        limit: i64,
    ) -> Result<Vec<Row>, RowsError> {
        let keys = Self::names(self.key_columns());
        let json = self.as_json(conn);
        let cast = cast(conn);
        let condition = match after {
            Some(_) => format!(
                "({keys}) > ({})",
                Self::values(conn, &format!("$1{cast}"), self.key_columns())
            ),
            None => format!("$1{cast} IS NOT NULL"),
        };
        let after = Value::Array(after.map(|row| self.key(row)).unwrap_or_default());
        let found: Vec<JsonRow> = sql_query(format!(
            "SELECT {json} AS json FROM \"{}\" WHERE {condition} ORDER BY {keys} LIMIT $2",
            self.name
        ))
        .bind::<Text, _>(after.to_string())
        .bind::<BigInt, _>(limit)
        .load(conn)?;
        self.parsed(found)
    }

    /// Passes all rows to `work` in batches; returns how many there were.
    pub fn each_batch<E: From<RowsError>>(
        &self,
        conn: &mut AnyConnection,
        mut work: impl FnMut(Vec<Row>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let mut count = 0;
        let mut last: Option<Row> = None;
        loop {
            let batch = self.read(conn, last.as_ref(), BATCH)?;
            let Some(last_row) = batch.last().cloned() else {
                return Ok(count);
            };
            count += batch.len() as u64;
            work(batch)?;
            last = Some(last_row);
        }
    }

    /// The stored rows with the same primary keys as `rows`, by key as JSON.
    pub fn counterparts(
        &self,
        conn: &mut AnyConnection,
        rows: &[Row],
    ) -> Result<HashMap<String, Row>, RowsError> {
        let json = self.as_json(conn);
        let cast = cast(conn);
        let source = match conn {
            AnyConnection::Sqlite(_) => "json_each($1) AS wanted",
            AnyConnection::Postgres(_) => "json_array_elements($1::json) AS wanted(value)",
        };
        let values = Self::values(conn, &format!("wanted.value{cast}"), self.key_columns());
        let keys: Vec<Value> = rows.iter().map(|row| Value::Array(self.key(row))).collect();
        let found: Vec<JsonRow> = sql_query(format!(
            "SELECT {json} AS json FROM \"{}\" WHERE ({}) IN (SELECT {values} FROM {source})",
            self.name,
            Self::names(self.key_columns()),
        ))
        .bind::<Text, _>(Value::Array(keys).to_string())
        .load(conn)?;
        let rows = self.parsed(found)?;
        Ok(rows
            .into_iter()
            .map(|row| (Value::Array(self.key(&row)).to_string(), row))
            .collect())
    }

    /// Inserts rows, with their ids.
    pub fn insert(&self, conn: &mut AnyConnection, rows: Vec<Row>) -> Result<(), RowsError> {
        let names = Self::names(self.columns.iter());
        let source = match conn {
            AnyConnection::Sqlite(_) => "json_each($1) AS input",
            AnyConnection::Postgres(_) => "json_array_elements($1::json) AS input(value)",
        };
        let values = Self::values(conn, "input.value", self.columns.iter());
        let rows = Value::Array(rows.into_iter().map(Value::Array).collect());
        sql_query(format!(
            "INSERT INTO \"{}\" ({names}) SELECT {values} FROM {source}",
            self.name
        ))
        .bind::<Text, _>(rows.to_string())
        .execute(conn)?;
        Ok(())
    }

    /// How many rows there are.
    pub fn count(&self, conn: &mut AnyConnection) -> Result<i64, RowsError> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            rows: i64,
        }
        let counted: Count = sql_query(format!("SELECT COUNT(*) AS rows FROM \"{}\"", self.name))
            .get_result(conn)?;
        Ok(counted.rows)
    }

    /// Deletes all rows.
    pub fn clear(&self, conn: &mut AnyConnection) -> Result<(), RowsError> {
        sql_query(format!("DELETE FROM \"{}\"", self.name)).execute(conn)?;
        Ok(())
    }

    fn parsed(&self, found: Vec<JsonRow>) -> Result<Vec<Row>, RowsError> {
        let unreadable = |why: String| RowsError::Unreadable {
            table: self.name.clone(),
            why,
        };
        found
            .into_iter()
            .map(|JsonRow { json }| {
                let row: Row =
                    serde_json::from_str(&json).map_err(|error| unreadable(error.to_string()))?;
                row.into_iter()
                    .zip(&self.columns)
                    .map(|(value, column)| {
                        normalize(value, column.kind)
                            .ok_or_else(|| unreadable(format!("{} in {json}", column.name)))
                    })
                    .collect()
            })
            .collect()
    }
}

fn cast(conn: &AnyConnection) -> &'static str {
    match conn {
        AnyConnection::Sqlite(_) => "",
        AnyConnection::Postgres(_) => "::json",
    }
}

/// A value in the form that both engines use: times as Diesel writes them to SQLite, which compares them as text, and in
/// microseconds.
/// `None` if it does not fit the column's type.
fn normalize(value: Value, kind: Kind) -> Option<Value> {
    Some(match (kind, value) {
        (_, Value::Null) => Value::Null,
        (Kind::Integer, Value::Number(number)) if number.is_i64() => number.into(),
        (Kind::Boolean, Value::Bool(is)) => is.into(),
        (Kind::Boolean, Value::Number(number)) => (number.as_i64()? != 0).into(),
        (Kind::Text, Value::String(text)) => text.into(),
        (Kind::Time, Value::String(text)) => ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok())
            .map(clock::stored)?
            .format("%F %T%.f")
            .to_string()
            .into(),
        (Kind::Day, Value::String(text)) => text
            .parse::<NaiveDate>()
            .ok()?
            .format("%F")
            .to_string()
            .into(),
        _ => return None,
    })
}

/// Runs `work`, which fills the database, in one transaction without foreign keys, which are checked at its end.
///
/// # Errors
/// [`RowsError::Dangling`] if a foreign key is violated; nothing is written then.
pub fn fill<T, E: From<RowsError> + From<diesel::result::Error>>(
    conn: &mut AnyConnection,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    conn.write_transaction(|conn| {
        let foreign_keys = foreign_keys(conn).map_err(RowsError::from)?;
        for key in &foreign_keys {
            conn.batch_execute(&format!(
                "ALTER TABLE {} DROP CONSTRAINT {}",
                key.on, key.name
            ))?;
        }
        let done = work(conn)?;
        for key in &foreign_keys {
            conn.batch_execute(&format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {}",
                key.on, key.name, key.definition
            ))?;
        }
        check_foreign_keys(conn)?;
        restart_sequences(conn).map_err(RowsError::from)?;
        Ok(done)
    })
}

#[derive(QueryableByName)]
struct ForeignKey {
    #[diesel(sql_type = Text)]
    on: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    definition: String,
}

/// The foreign keys to drop temporarily: none on SQLite, where the connection does not enforce them.
fn foreign_keys(conn: &mut AnyConnection) -> QueryResult<Vec<ForeignKey>> {
    match conn {
        AnyConnection::Sqlite(_) => Ok(Vec::new()),
        AnyConnection::Postgres(conn) => sql_query(
            "SELECT conrelid::regclass::text AS on, quote_ident(conname) AS name, \
             pg_get_constraintdef(oid) AS definition FROM pg_constraint \
             WHERE contype = 'f' AND connamespace = current_schema()::regnamespace",
        )
        .load(conn),
    }
}

fn check_foreign_keys(conn: &mut AnyConnection) -> Result<(), RowsError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        on: String,
    }
    if let AnyConnection::Sqlite(conn) = conn {
        let found: Vec<Found> =
            sql_query("SELECT \"table\" AS \"on\" FROM pragma_foreign_key_check LIMIT 1")
                .load(conn)?;
        if let Some(found) = found.into_iter().next() {
            return Err(RowsError::Dangling(found.on));
        }
    }
    Ok(())
}

/// Makes PostgreSQL's identity sequences continue after the inserted ids, and updates its statistics.
fn restart_sequences(conn: &mut AnyConnection) -> QueryResult<()> {
    #[derive(QueryableByName)]
    struct Identity {
        #[diesel(sql_type = Text)]
        table_name: String,
        #[diesel(sql_type = Text)]
        column_name: String,
    }
    let AnyConnection::Postgres(conn) = conn else {
        return Ok(());
    };
    let identities: Vec<Identity> = sql_query(
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND is_identity = 'YES'",
    )
    .load(conn)?;
    for Identity {
        table_name,
        column_name,
    } in identities
    {
        conn.batch_execute(&format!(
            "SELECT setval(pg_get_serial_sequence('\"{table_name}\"', '{column_name}'), \
             COALESCE((SELECT MAX(\"{column_name}\") FROM \"{table_name}\"), 0) + 1, FALSE)"
        ))?;
    }
    conn.batch_execute("ANALYZE")
}
