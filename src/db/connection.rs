//! One connection type for both engines, and the connection manager of the pools.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

pub use crate::database_url::DatabaseUrl;
use diesel::{
    connection::{
        AnsiTransactionManager, InstrumentationEvent, SimpleConnection, TransactionManager,
    },
    dsl::sql,
    prelude::*,
    r2d2::{ManageConnection, R2D2Connection},
    sql_types::Bool,
};

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl AnyConnection {
    /// Runs `work` in a transaction that takes the write lock when it begins.
    ///
    /// A plain SQLite `BEGIN` takes only a read lock; upgrading it fails immediately, regardless of `busy_timeout`, if
    /// another connection has written in between.
    pub fn write_transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin_write()?;
        self.in_begun_transaction(work)
    }

    /// Runs `work` in a read-only transaction that sees one snapshot of the database.
    pub fn read_transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin_read()?;
        self.in_begun_transaction(work)
    }

    fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
            }
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn),
        }
    }

    fn begin_read(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction(conn),
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }
    }

    /// Runs `work` in the transaction that has begun, then commits, or rolls back on an error.
    fn in_begun_transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let done = work(self);
        match done {
            Ok(_) => self.commit()?,
            Err(_) => self.roll_back(),
        }
        done
    }

    fn commit(&mut self) -> QueryResult<()> {
        <AnyConnection as Connection>::TransactionManager::commit_transaction(self)
    }

    /// Rolls back after an error, which the caller returns. The pool discards a connection that could not roll back.
    fn roll_back(&mut self) {
        let rolled_back =
            <AnyConnection as Connection>::TransactionManager::rollback_transaction(self);
        if let Err(error) = rolled_back {
            tracing::warn!(%error, "could not roll back a transaction");
        }
    }
}

/// How often and with what pause `journal_mode` is set while another process sets up the same new SQLite file: for
/// 5 s in total, like `busy_timeout`.
const WAL_ATTEMPTS: u32 = 250;
const WAL_PAUSE: Duration = Duration::from_millis(20);

/// The advisory lock of PostgreSQL that connections share and a restore has alone: an arbitrary number that no other
/// program locks.
pub(super) const RESTORE_LOCK: i64 = 7_263_849_503;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Reader,
    Writer,
    /// Changes the schema, without foreign keys: SQLite changes a constraint only by replacing the table, which must
    /// not delete the rows that refer to the old one.
    Migrator,
    /// Fills a database from scratch: fast, but a power failure can corrupt the file.
    Filler,
}

/// Opens the connections of a connection pool and counts their statements.
pub(super) struct Manager {
    url: DatabaseUrl,
    role: Role,
    queries: Arc<AtomicU64>,
}

impl Manager {
    pub(super) fn new(url: DatabaseUrl, role: Role, queries: Arc<AtomicU64>) -> Self {
        Self { url, role, queries }
    }

    pub(super) fn open(&self) -> Result<AnyConnection, diesel::r2d2::Error> {
        let mut conn = match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.display().to_string())
                    .map_err(diesel::r2d2::Error::ConnectionError)?;
                // Set the timeout first: the next statements may already find the file locked.
                conn.batch_execute("PRAGMA busy_timeout = 5000;")
                    .map_err(diesel::r2d2::Error::QueryError)?;
                use_wal(&mut conn).map_err(diesel::r2d2::Error::QueryError)?;
                // No memory mapping: it makes an uncached page 5% cheaper, but the file would count towards the
                // process's memory once per connection. Readers' page caches are small too (2 MB): the operating
                // system's page cache is shared.
                conn.batch_execute(
                    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA temp_store = MEMORY; \
                     PRAGMA mmap_size = 0;",
                )
                .map_err(diesel::r2d2::Error::QueryError)?;
                conn.batch_execute(match self.role {
                    Role::Reader => "PRAGMA cache_size = -2000; PRAGMA query_only = ON;",
                    Role::Writer => "PRAGMA cache_size = -8000;",
                    Role::Migrator => "PRAGMA cache_size = -8000; PRAGMA foreign_keys = OFF;",
                    Role::Filler => {
                        "PRAGMA synchronous = OFF; PRAGMA cache_size = -400000; \
                         PRAGMA wal_autocheckpoint = 50000;"
                    }
                })
                .map_err(diesel::r2d2::Error::QueryError)?;
                AnyConnection::Sqlite(conn)
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn =
                    PgConnection::establish(url).map_err(diesel::r2d2::Error::ConnectionError)?;
                conn.batch_execute("SET TIME ZONE 'UTC'; SET jit = off;")
                    .map_err(diesel::r2d2::Error::QueryError)?;
                if matches!(self.role, Role::Reader | Role::Writer) {
                    share_restore_lock(&mut conn)?;
                }
                if self.role == Role::Reader {
                    conn.batch_execute(
                        "SET default_transaction_read_only = on; SET statement_timeout = '30s';",
                    )
                    .map_err(diesel::r2d2::Error::QueryError)?;
                }
                AnyConnection::Postgres(conn)
            }
        };
        let queries = self.queries.clone();
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                queries.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(conn)
    }
}

/// Takes the shared advisory lock that keeps a restore from replacing the data, until the connection is closed.
fn share_restore_lock(conn: &mut PgConnection) -> Result<(), diesel::r2d2::Error> {
    let lock = format!("pg_try_advisory_lock_shared({RESTORE_LOCK})");
    let is_locked: bool = diesel::select(sql::<Bool>(&lock))
        .get_result(conn)
        .map_err(diesel::r2d2::Error::QueryError)?;
    if is_locked {
        return Ok(());
    }
    let why = "it is being restored or copied into; try again when that is finished";
    Err(diesel::r2d2::Error::ConnectionError(
        ConnectionError::BadConnection(why.to_owned()),
    ))
}

/// Switches a SQLite file to write-ahead logging, which is stored in the file.
///
/// When several processes do so to a new file at the same time, SQLite refuses all but one of them, regardless of
/// `busy_timeout`.
fn use_wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    let mut attempts = 0;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL;") {
            Err(error) if attempts < WAL_ATTEMPTS && error.to_string().contains("locked") => {
                attempts += 1;
                std::thread::sleep(WAL_PAUSE);
            }
            done => return done,
        }
    }
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, Self::Error> {
        self.open()
    }

    fn is_valid(&self, conn: &mut AnyConnection) -> Result<(), Self::Error> {
        conn.ping().map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut AnyConnection) -> bool {
        std::thread::panicking() || conn.is_broken()
    }
}

impl fmt::Debug for AnyConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Sqlite",
            Self::Postgres(_) => "Postgres",
        })
    }
}
