//! Brings the schema up to date at start, and refuses one that is newer than this program.

use diesel::{
    connection::SimpleConnection,
    migration::MigrationSource,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    AnyConnection, DatabaseUrl, OpenError,
    connection::{Manager, Role},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Why the schema is not usable; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error(
        "this database was made by a newer version of dateline (its schema is at {0}); \
         start that version, or restore a backup made before the upgrade. Nothing was changed"
    )]
    Newer(String),
    #[error(
        "{1} rows of {0} refer to something that is not there, so the schema was not brought up to date; \
         restore a backup, or mend them"
    )]
    Broken(String, i64),
    #[error("the database's schema could not be brought up to date: {0}")]
    Failed(#[from] Box<dyn std::error::Error + Send + Sync>),
    #[error("the database's schema could not be brought up to date: {0}")]
    Database(#[from] diesel::result::Error),
}

/// Runs what has not been run, in one transaction: one process at a time, all or nothing.
pub fn migrate(conn: &mut AnyConnection) -> Result<(), MigrateError> {
    conn.write_transaction(|conn| match conn {
        // `write_transaction` holds the file's one write lock already.
        AnyConnection::Sqlite(conn) => {
            if run(conn, SQLITE)? {
                // Foreign keys were not enforced meanwhile.
                let broken: Vec<Broken> = sql_query(
                    "SELECT \"table\" AS name, COUNT(*) AS rows_broken \
                     FROM pragma_foreign_key_check GROUP BY \"table\"",
                )
                .load(conn)?;
                if let Some(first) = broken.first() {
                    return Err(MigrateError::Broken(first.name.clone(), first.rows_broken));
                }
            }
            Ok(())
        }
        AnyConnection::Postgres(conn) => {
            // Any number will do that nothing else on the server locks.
            conn.batch_execute("SELECT pg_advisory_xact_lock(7263849501);")?;
            run(conn, POSTGRES).map(|_| ())
        }
    })
}

/// The versions of the schema that a database has still to go through; nothing is changed.
pub fn pending_migrations(url: &DatabaseUrl) -> Result<Vec<String>, OpenError> {
    fn pending<C>(conn: &mut C, ours: EmbeddedMigrations) -> Result<Vec<String>, MigrateError>
    where
        C: Connection + MigrationHarness<C::Backend>,
        EmbeddedMigrations: MigrationSource<C::Backend>,
    {
        let pending = conn.pending_migrations(ours)?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_string())
            .collect())
    }
    let mut conn = Manager::new(url.clone(), Role::Migrator, Default::default()).open()?;
    Ok(match &mut conn {
        AnyConnection::Sqlite(conn) => pending(conn, SQLITE)?,
        AnyConnection::Postgres(conn) => pending(conn, POSTGRES)?,
    })
}

#[derive(QueryableByName)]
struct Broken {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows_broken: i64,
}

/// Runs what has not been run; returns whether there was anything to run.
fn run<C>(conn: &mut C, ours: EmbeddedMigrations) -> Result<bool, MigrateError>
where
    C: Connection + MigrationHarness<C::Backend>,
    EmbeddedMigrations: MigrationSource<C::Backend>,
{
    let known: Vec<String> = ours
        .migrations()?
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    let newest_unknown = conn
        .applied_migrations()?
        .into_iter()
        .map(|version| version.to_string())
        .filter(|version| !known.contains(version))
        .max();
    match newest_unknown {
        Some(version) => Err(MigrateError::Newer(version)),
        None => Ok(!conn.run_pending_migrations(ours)?.is_empty()),
    }
}
