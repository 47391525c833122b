//! One connection type over both engines, and how a connection is made ready for use.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::{
    connection::{
        AnsiTransactionManager, InstrumentationEvent, SimpleConnection, TransactionManager,
    },
    prelude::*,
    r2d2::{ManageConnection, R2D2Connection},
};

/// A connection to either engine.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl AnyConnection {
    /// Runs `work` in a transaction that may write from its first statement on.
    ///
    /// SQLite's own default begins as a reader, and becoming a writer later fails at once when
    /// somebody else wrote in between, however long `busy_timeout` is.
    pub fn write_transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")?;
            }
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn)?,
        }
        self.in_begun_transaction(work)
    }

    /// Runs `work` in a transaction that sees the database as it is when it begins.
    pub fn read_transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction(conn)?,
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
            )?,
        }
        self.in_begun_transaction(work)
    }

    /// Runs `work` in the transaction that was begun, and commits it, or rolls it back.
    fn in_begun_transaction<T, E: From<diesel::result::Error>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        type Manager = <AnyConnection as Connection>::TransactionManager;
        match work(self) {
            Ok(done) => {
                Manager::commit_transaction(self)?;
                Ok(done)
            }
            Err(error) => {
                // The first error is the one to report; a connection that cannot roll back is
                // found broken by the pool.
                if let Err(second) = Manager::rollback_transaction(self) {
                    tracing::warn!(error = %second, "a transaction could not be rolled back");
                }
                Err(error)
            }
        }
    }
}

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// Says in words what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            if path.is_empty() || path.starts_with(':') {
                return Err("it names no file".to_owned());
            }
            Ok(Self::Sqlite(PathBuf::from(path)))
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self::Postgres(text.to_owned()))
        } else {
            Err("it starts with neither sqlite: nor postgres://".to_owned())
        }
    }
}

impl DatabaseUrl {
    /// Of a database that is this file.
    pub fn file(path: PathBuf) -> Self {
        Self::Sqlite(path)
    }

    /// The file that it is in, if it is one that is not there.
    pub fn missing_file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path.as_path()).filter(|path| !path.exists()),
            Self::Postgres(_) => None,
        }
    }

    /// As it may be printed: a password is not.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres(text) => match url::Url::parse(text) {
                Ok(mut url) => {
                    // It is refused only where there is no host, and so no password.
                    if url.password().is_some() && url.set_password(Some("***")).is_err() {
                        return "postgres://…".to_owned();
                    }
                    url.to_string()
                }
                Err(_) => "postgres://…".to_owned(),
            },
        }
    }
}

/// So often, and with such pauses, a new SQLite file is tried while another process sets it up: five
/// seconds, as long as `busy_timeout`.
const WAL_TRIES: u32 = 250;
const WAL_PAUSE: Duration = Duration::from_millis(20);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Reader,
    Writer,
    /// Changes the schema. SQLite loosens a constraint only by making a table anew, which must not
    /// delete what refers to the old one.
    Migrator,
    /// Fills a database from scratch: fast, and not safe against a loss of power.
    Filler,
}

/// Makes connections for a pool.
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
                // The timeout comes first: the statements after it may already meet a lock.
                conn.batch_execute("PRAGMA busy_timeout = 5000;")
                    .map_err(diesel::r2d2::Error::QueryError)?;
                use_wal(&mut conn).map_err(diesel::r2d2::Error::QueryError)?;
                // Nothing is mapped into memory: it would save a twentieth of the work of a page that is not in
                // memory, and every connection would count the file once more as the program's own. What a reader
                // keeps for itself is little, too: the system keeps what several need.
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

/// Turns a SQLite file to write-ahead logging, which it then keeps for good.
///
/// Where several processes do so to a new file at once, SQLite refuses all but one of them without
/// regard to `busy_timeout`.
fn use_wal(conn: &mut SqliteConnection) -> QueryResult<()> {
    let mut tries = 0;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL;") {
            Err(error) if tries < WAL_TRIES && error.to_string().contains("locked") => {
                tries += 1;
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
