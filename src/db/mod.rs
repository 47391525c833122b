//! The database: one handle for both engines, with a door for reading and two for writing.

mod connection;
mod integrity;
mod migrate;
mod one_of;
mod pace;
pub mod rows;
pub mod schema;
mod silence;
mod snapshot;
pub mod types;
mod version;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{QueryResult, r2d2::Pool};
use tokio::sync::Semaphore;

pub use connection::{AnyConnection, DatabaseUrl, MultiBackend};
use connection::{Manager, Role};
pub use integrity::integrity;
pub use migrate::{MigrateError, migrate, pending_migrations};
pub use one_of::one_of;
pub use pace::Pace;
use silence::{LONGEST_READ, LONGEST_WRITE, Silence, answered_within};
pub use snapshot::SnapshotError;
use version::Known;
pub use version::{SiteVersion, note_withdrawal, site_version};

use crate::{
    error::{Error, Result},
    parallel::{aside, step_back},
};

/// Expands one body per engine, for the statements that Diesel cannot build for "either engine":
/// `ON CONFLICT` and inserts of many rows; and for the longest of those that every article needs, whose
/// text it would put together anew each time.
#[macro_export]
macro_rules! each_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::AnyConnection::Sqlite($c) => $body,
            $crate::db::AnyConnection::Postgres($c) => $body,
        }
    };
}

/// A pool of readers and a pool of writers over one database.
#[derive(Clone)]
pub struct Db {
    readers: Pool<Manager>,
    /// As many as there are connections for readers: who has to wait for one holds up no thread.
    turns: Arc<Semaphore>,
    writers: Pool<Manager>,
    queries: Arc<AtomicU64>,
    known: Arc<Known>,
    waits: Arc<Waits>,
    silence: Arc<Silence>,
}

/// How long readers waited for a connection.
#[derive(Default)]
struct Waits {
    microseconds: AtomicU64,
    reads: AtomicU64,
}

impl Db {
    /// Opens the database, making it if it is a SQLite file that is not there, and brings its
    /// schema up to date.
    pub fn open(url: &DatabaseUrl, readers: u32) -> Result<Self, OpenError> {
        Self::open_as(url, readers, Role::Writer)
    }

    /// [`Db::open`] for filling a database from scratch: fast, and not safe against a loss of power.
    pub fn open_to_fill(url: &DatabaseUrl) -> Result<Self, OpenError> {
        Self::open_as(url, 1, Role::Filler)
    }

    fn open_as(url: &DatabaseUrl, readers: u32, writer: Role) -> Result<Self, OpenError> {
        if let DatabaseUrl::Sqlite(path) = url
            && let Some(folder) = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).map_err(|why| OpenError::Folder {
                path: folder.display().to_string(),
                why,
            })?;
        }
        let queries = Arc::new(AtomicU64::new(0));
        let mut first = Manager::new(url.clone(), Role::Migrator, queries.clone()).open()?;
        migrate(&mut first)?;
        drop(first);
        // SQLite has one writer at a time; a second one here would only wait.
        let writers = if matches!(url, DatabaseUrl::Sqlite(_)) {
            1
        } else {
            4
        };
        Ok(Self {
            readers: pool(url, Role::Reader, readers, &queries)?,
            turns: Arc::new(Semaphore::new(readers as usize)),
            writers: pool(url, writer, writers, &queries)?,
            queries,
            known: Arc::default(),
            waits: Arc::default(),
            silence: Arc::default(),
        })
    }

    /// Runs `work` on a reading connection, off the async threads. All that it reads is of one
    /// moment.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.silence.is_on() {
            return Err(Error::Silent);
        }
        let db = self.clone();
        let asked = Instant::now();
        let read = async {
            let turn = self.turns.clone().acquire_owned().await;
            actix_web::web::block(move || {
                // Held for as long as the connection is, though nobody may wait for the answer any more.
                let _turn = turn;
                db.read_since(asked, work)
            })
            .await
        };
        let began = self.silence.moment();
        let answer = answered_within(LONGEST_READ, read).await;
        self.silence.note(
            began,
            !matches!(answer, Err(Error::Silent | Error::Pool(_))),
        );
        answer
    }

    /// [`Db::read`] for callers that are not on an async thread, and may take their time: commands. Others can
    /// write meanwhile.
    pub fn read_blocking<T, E: From<Error> + From<diesel::result::Error>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read_since(Instant::now(), work)
    }

    /// [`Db::read`] for a job that nobody waits for, in a thread of its own: readers come first, and it may take
    /// its time.
    pub async fn read_behind_readers<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        let turn = self.turns.clone().acquire_owned().await;
        aside("reading", move || {
            let _turn = turn;
            step_back();
            db.read_blocking(work)
        })
        .await?
    }

    fn read_since<T, E: From<Error> + From<diesel::result::Error>>(
        &self,
        asked: Instant,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.readers.get().map_err(Error::from)?;
        let waited = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waits.microseconds.fetch_add(waited, Ordering::Relaxed);
        self.waits.reads.fetch_add(1, Ordering::Relaxed);
        conn.read_transaction(work)
    }

    /// How many microseconds readers have waited for a connection, and how often they got one.
    pub fn waits(&self) -> (u64, u64) {
        (
            self.waits.microseconds.load(Ordering::Relaxed),
            self.waits.reads.load(Ordering::Relaxed),
        )
    }

    /// Runs `work` in one writing transaction and raises the site version with it: for every change
    /// that a reader could see.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.off_the_async_threads(|db| db.write_blocking(work))
            .await
    }

    /// [`Db::write`] for callers that are not on an async thread: commands.
    pub fn write_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T>,
    ) -> Result<T> {
        self.write_and(work, version::raise)
    }

    /// [`Db::write`] for work that nobody waits for: readers may be sent a page as it was before while it is made
    /// anew, unless something is withdrawn.
    pub async fn write_unhurried<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.off_the_async_threads(|db| db.write_unhurried_blocking(work))
            .await
    }

    /// [`Db::write_unhurried`] for callers that are not on an async thread: commands.
    pub fn write_unhurried_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T>,
    ) -> Result<T> {
        self.write_and(work, version::raise_unhurried)
    }

    fn write_and<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T>,
        raise: impl FnOnce(&mut AnyConnection) -> QueryResult<()>,
    ) -> Result<T> {
        let mut conn = self.writers.get()?;
        let (done, version) = conn.write_transaction(|conn| {
            let done = work(conn)?;
            raise(conn)?;
            Ok::<_, Error>((done, site_version(conn)?))
        })?;
        self.note(version);
        Ok(done)
    }

    /// The site version as far as this process knows: every change that it made itself, and those of
    /// others that were noticed.
    pub fn known_version(&self) -> i64 {
        self.known.current()
    }

    /// What the site version was when something was withdrawn last, as far as this process knows.
    pub fn known_withdrawal(&self) -> i64 {
        self.known.withdrawn()
    }

    /// Notes a version that was found in the database.
    pub fn note(&self, found: SiteVersion) {
        self.known.note(found);
    }

    /// Whether a page that was made from this version may be shown while it is made anew: nothing has changed since
    /// but what is in no hurry, and that just now.
    pub fn may_wait(&self, version: i64) -> bool {
        self.known.may_wait(version)
    }

    /// Runs `work` in one writing transaction and leaves the site version alone: for bookkeeping
    /// that no page shows at once, such as views.
    pub async fn record<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.off_the_async_threads(|db| db.record_blocking(work))
            .await
    }

    async fn off_the_async_threads<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        let written = actix_web::web::block(move || write(&db));
        answered_within(LONGEST_WRITE, written).await
    }

    /// [`Db::record`] for callers that are not on an async thread: commands.
    pub fn record_blocking<T, E: From<Error> + From<diesel::result::Error>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.writers.get().map_err(Error::from)?;
        conn.write_transaction(work)
    }

    /// How many statements were sent to the database since it was opened.
    pub fn queries(&self) -> u64 {
        self.queries.load(Ordering::Relaxed)
    }
}

fn pool(
    url: &DatabaseUrl,
    role: Role,
    size: u32,
    queries: &Arc<AtomicU64>,
) -> Result<Pool<Manager>, OpenError> {
    Pool::builder()
        .max_size(size)
        // SQLite connections cost little memory but time to open; PostgreSQL's cost its server.
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(4))
        .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
        .build(Manager::new(url.clone(), role, queries.clone()))
        .map_err(OpenError::Pool)
}

/// Why a database cannot be used; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot make the folder {path}: {why}")]
    Folder { path: String, why: std::io::Error },
    #[error("cannot open the database: {0}")]
    Connect(#[from] diesel::r2d2::Error),
    #[error("cannot open the database: {0}")]
    Pool(diesel::r2d2::PoolError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}
