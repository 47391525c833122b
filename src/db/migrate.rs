//! Runs pending migrations at start, and refuses a schema that is newer than this program.

use diesel::{
    connection::SimpleConnection,
    migration::MigrationSource,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    connection::{AnyConnection, DatabaseUrl, Manager, Role},
    error::{MigrateError, OpenError},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Runs all pending migrations in one transaction; concurrent processes wait for it.
pub fn migrate(conn: &mut AnyConnection) -> Result<(), MigrateError> {
    conn.write_transaction(|conn| match conn {
        // `write_transaction` holds the file's write lock already.
        AnyConnection::Sqlite(conn) => {
            if run(conn, SQLITE)? {
                // Foreign keys are not enforced during migrations (see `Role::Migrator`).
                let broken: Vec<BrokenRows> = sql_query(
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
            // An arbitrary number that no other program locks.
            conn.batch_execute("SELECT pg_advisory_xact_lock(7263849501);")?;
            run(conn, POSTGRES).map(|_| ())
        }
    })
}

/// The names of the pending migrations, without running them.
pub fn pending_migrations(url: &DatabaseUrl) -> Result<Vec<String>, OpenError> {
    fn pending<C>(conn: &mut C, embedded: EmbeddedMigrations) -> Result<Vec<String>, MigrateError>
    where
        C: Connection + MigrationHarness<C::Backend>,
        EmbeddedMigrations: MigrationSource<C::Backend>,
    {
        let pending = conn.pending_migrations(embedded)?;
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
struct BrokenRows {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    rows_broken: i64,
}

/// Runs pending migrations; returns whether there were any.
fn run<C>(conn: &mut C, embedded: EmbeddedMigrations) -> Result<bool, MigrateError>
where
    C: Connection + MigrationHarness<C::Backend>,
    EmbeddedMigrations: MigrationSource<C::Backend>,
{
    let known: Vec<String> = embedded
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
        None => Ok(!conn.run_pending_migrations(embedded)?.is_empty()),
    }
}
