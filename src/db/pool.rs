//! The connection pools: concurrent read transactions, and one writer (SQLite) or four (PostgreSQL).

use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use diesel::{QueryResult, r2d2::Pool};
use tokio::sync::{Semaphore, oneshot};

use super::{
    circuit_breaker::{CircuitBreaker, READ_TIMEOUT, WRITE_TIMEOUT, with_timeout},
    connection::{AnyConnection, DatabaseUrl, Manager, Role},
    error::OpenError,
    import_lock::{self, ImportLock},
    migrate::migrate,
    version::{self, KnownVersions, SiteVersion, site_version},
};
use crate::{
    data_folder::FileId,
    database_url::with_ending,
    error::{Error, Result},
    parallel::{Priority, lower_priority, spawn_thread},
    private_file,
};

/// How long a blocking thread waits for a free connection of a pool.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(4);

/// The work of one transaction, which sends its result to a channel. Timeouts, tasks and transactions are then compiled
/// once instead of once per caller, which costs two allocations a transaction.
type Work = Box<dyn FnOnce(&mut AnyConnection) -> Result<()> + Send>;

/// [`Work`] that runs `work`, and the channel for its result.
fn with_channel<T: Send + 'static>(
    work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
) -> (Work, oneshot::Receiver<T>) {
    let (sender, result) = oneshot::channel();
    let work = move |conn: &mut AnyConnection| {
        // The caller may have timed out.
        let _ = sender.send(work(conn)?);
        Ok(())
    };
    (Box::new(work), result)
}

/// The result of a transaction that is committed when `done` resolves.
async fn result_of<T>(
    done: impl Future<Output = Result<()>>,
    mut result: oneshot::Receiver<T>,
) -> Result<T> {
    done.await?;
    result
        .try_recv()
        .map_err(|_| Error::Io(io::Error::other("a transaction ended without a result")))
}

/// A handle to one database: a connection pool for readers and one for writers. Cloning it is cheap.
#[derive(Clone)]
pub struct Db {
    file: Option<Arc<OpenFile>>,
    url: DatabaseUrl,
    readers: Pool<Manager>,
    /// One permit per connection for readers. Requests queue on a semaphore, not on blocked threads.
    read_permits: Arc<Semaphore>,
    writers: Pool<Manager>,
    queries: Arc<AtomicU64>,
    known_versions: Arc<KnownVersions>,
    wait_stats: Arc<WaitStats>,
    circuit_breaker: Arc<CircuitBreaker>,
}

/// A SQLite database that is open.
struct OpenFile {
    /// The database and its log of changes, and their identities when they were opened.
    files: Vec<(PathBuf, FileId)>,
    /// Keeps both open, so that no other file can have their inode numbers: SQLite deletes the log when the last connection
    /// is closed. It is never used.
    _open: parking_lot::Mutex<AnyConnection>,
}

/// How long readers waited for a connection, in total.
#[derive(Default)]
struct WaitStats {
    microseconds: AtomicU64,
    reads: AtomicU64,
}

impl Db {
    /// Opens the database with up to `readers` connections for reading, and runs pending migrations. A SQLite file
    /// that does not exist is created, with its folder.
    pub fn open(url: &DatabaseUrl, readers: u32) -> Result<Self, OpenError> {
        Self::open_as(url, readers, Role::Writer)
    }

    /// [`Db::open`] for filling a database from scratch: fast, but a power failure can corrupt the file.
    pub fn open_to_fill(url: &DatabaseUrl) -> Result<Self, OpenError> {
        Self::open_as(url, 1, Role::Filler)
    }

    fn open_as(url: &DatabaseUrl, readers: u32, writer: Role) -> Result<Self, OpenError> {
        if let DatabaseUrl::Sqlite(path) = url {
            create_file(path)?;
        }
        let queries = Arc::new(AtomicU64::new(0));
        let mut migrator = Manager::new(url.clone(), Role::Migrator, queries.clone()).open()?;
        migrate(&mut migrator)?;
        let file = match url {
            DatabaseUrl::Sqlite(path) => {
                let mut files = Vec::new();
                for path in [path.clone(), with_ending(path, "-wal")] {
                    let id = FileId::of(&path).map_err(|why| file_error(&path, why))?;
                    files.push((path, id));
                }
                Some(Arc::new(OpenFile {
                    files,
                    _open: parking_lot::Mutex::new(migrator),
                }))
            }
            DatabaseUrl::Postgres(_) => None,
        };
        // Single writer: SQLite locks the whole file for a write transaction, so a second connection would only wait.
        let writers = if matches!(url, DatabaseUrl::Sqlite(_)) {
            1
        } else {
            4
        };
        Ok(Self {
            file,
            url: url.clone(),
            readers: pool(url, Role::Reader, readers, &queries)?,
            read_permits: Arc::new(Semaphore::new(readers as usize)),
            writers: pool(url, writer, writers, &queries)?,
            queries,
            known_versions: Arc::default(),
            wait_stats: Arc::default(),
            circuit_breaker: Arc::default(),
        })
    }

    /// Checks that the files of a SQLite database are still the ones that were opened: what is written to a deleted log
    /// of changes is lost as well.
    ///
    /// # Errors
    /// [`Error::DataReplaced`].
    pub fn check_file(&self) -> Result<()> {
        let files = self.file.iter().flat_map(|open| &open.files);
        for (path, id) in files {
            if FileId::of(path).ok() != Some(*id) {
                return Err(Error::DataReplaced(path.display().to_string()));
            }
        }
        Ok(())
    }

    /// Runs `work` in a read transaction on a blocking thread: all its statements see one snapshot.
    ///
    /// # Errors
    /// [`Error::DatabaseTimeout`] after 4.5 s, or immediately while the circuit breaker is open.
    pub fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> {
        let (work, result) = with_channel(work);
        result_of(self.run_read(work), result)
    }

    async fn run_read(&self, work: Work) -> Result<()> {
        if self.circuit_breaker.is_open() {
            return Err(Error::DatabaseTimeout);
        }
        let db = self.clone();
        let requested = Instant::now();
        let read = async {
            let permit = self.read_permits.clone().acquire_owned().await;
            actix_web::web::block(move || {
                // Held as long as the connection, even if the caller has timed out or been dropped.
                let _permit = permit;
                db.read_since(requested, work)
            })
            .await
        };
        let began = self.circuit_breaker.now();
        let result = with_timeout(READ_TIMEOUT, read).await;
        self.circuit_breaker.record(
            began,
            !matches!(result, Err(Error::DatabaseTimeout | Error::Pool(_))),
        );
        result
    }

    /// [`Db::read`] for commands and other callers off the async threads, without a timeout. It does not block writers.
    pub fn read_blocking<T, E: From<Error> + From<diesel::result::Error>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.read_since(Instant::now(), work)
    }

    /// [`Db::read`] for background jobs: on a thread of low priority, without a timeout.
    pub async fn read_low_priority<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        let permit = self.read_permits.clone().acquire_owned().await;
        spawn_thread("reading", move || {
            let _permit = permit;
            lower_priority(Priority::Background);
            db.read_blocking(work)
        })
        .await?
    }

    fn read_since<T, E: From<Error> + From<diesel::result::Error>>(
        &self,
        requested: Instant,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.readers.get().map_err(Error::from)?;
        let waited = u64::try_from(requested.elapsed().as_micros()).unwrap_or(u64::MAX);
        let stats = &self.wait_stats;
        stats.microseconds.fetch_add(waited, Ordering::Relaxed);
        stats.reads.fetch_add(1, Ordering::Relaxed);
        conn.read_transaction(work)
    }

    /// How long readers have waited for a connection, in microseconds, and how many reads there were.
    pub fn waits(&self) -> (u64, u64) {
        (
            self.wait_stats.microseconds.load(Ordering::Relaxed),
            self.wait_stats.reads.load(Ordering::Relaxed),
        )
    }

    /// Runs `work` in a write transaction that also increments the site version, which invalidates cached pages: for
    /// every change that readers can see.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> {
        let (work, result) = with_channel(work);
        result_of(self.run_write(work, Self::write_blocking), result)
    }

    /// [`Db::write`] for commands and other callers off the async threads.
    pub fn write_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T>,
    ) -> Result<T> {
        self.write_versioned(work, version::increment)
    }

    /// [`Db::write`] for changes that may become visible late. Deferred writes serve the stale page for up to 10 s
    /// while it is re-rendered, unless the transaction also withdraws something.
    pub fn write_deferred<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> {
        let (work, result) = with_channel(work);
        result_of(self.run_write(work, Self::write_deferred_blocking), result)
    }

    /// [`Db::write_deferred`] for commands and other callers off the async threads.
    pub fn write_deferred_blocking<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T>,
    ) -> Result<T> {
        self.write_versioned(work, version::increment_deferred)
    }

    fn write_versioned<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T>,
        increment: impl FnOnce(&mut AnyConnection) -> QueryResult<()>,
    ) -> Result<T> {
        self.check_file()?;
        let mut conn = self.writers.get()?;
        let (done, version) = conn.write_transaction(|conn| {
            let done = work(conn)?;
            increment(conn)?;
            Ok::<_, Error>((done, site_version(conn)?))
        })?;
        self.observe_version(version);
        Ok(done)
    }

    /// The newest site version that this process knows of: its own writes, and those of other processes that it has
    /// seen in the database.
    pub fn known_version(&self) -> i64 {
        self.known_versions.current()
    }

    /// The site version of the last withdrawal that this process knows of.
    pub fn known_withdrawal(&self) -> i64 {
        self.known_versions.withdrawn()
    }

    /// Records a version that was read from the database.
    pub fn observe_version(&self, version: SiteVersion) {
        self.known_versions.observe(version);
    }

    /// Whether a page rendered from `version` may be served stale while it is re-rendered: only a deferred write has
    /// happened since, within the last 10 s.
    pub fn may_serve_stale(&self, version: i64) -> bool {
        self.known_versions.may_serve_stale(version)
    }

    /// Runs `work` in a write transaction without incrementing the site version: for data that no cached page shows,
    /// such as view counts and sessions.
    pub fn write_unversioned<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> impl Future<Output = Result<T>> {
        let (work, result) = with_channel(work);
        result_of(
            self.run_write(work, Self::write_unversioned_blocking),
            result,
        )
    }

    async fn run_write(&self, work: Work, write: fn(&Self, Work) -> Result<()>) -> Result<()> {
        let db = self.clone();
        let written = actix_web::web::block(move || write(&db, work));
        with_timeout(WRITE_TIMEOUT, written).await
    }

    /// [`Db::write_unversioned`] for commands and other callers off the async threads.
    pub fn write_unversioned_blocking<T, E: From<Error> + From<diesel::result::Error>>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.check_file()?;
        let mut conn = self.writers.get().map_err(Error::from)?;
        conn.write_transaction(work)
    }

    /// Takes the lock of imports; `None` if another import into this database holds it.
    pub fn lock_for_import(&self) -> Result<Option<ImportLock>> {
        import_lock::lock(&self.url)
    }

    /// How many statements were sent to the database since it was opened.
    pub fn queries(&self) -> u64 {
        self.queries.load(Ordering::Relaxed)
    }
}

fn file_error(path: &Path, why: io::Error) -> OpenError {
    let path = path.display().to_string();
    OpenError::File { path, why }
}

/// Creates a SQLite file unless it exists, and its folder. SQLite would make it readable by other users, and gives its
/// write-ahead log the same permissions.
fn create_file(path: &Path) -> Result<(), OpenError> {
    if let Some(folder) = path.parent() {
        private_file::create_folder(folder).map_err(|why| OpenError::Folder {
            path: folder.display().to_string(),
            why,
        })?;
    }
    match private_file::create_new(path) {
        Err(why) if why.kind() != io::ErrorKind::AlreadyExists => Err(file_error(path, why)),
        _ => Ok(()),
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
        // Idle connections cost the PostgreSQL server memory; SQLite's are opened as they are needed.
        .min_idle(Some(1))
        .connection_timeout(CONNECTION_TIMEOUT)
        .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
        .build(Manager::new(url.clone(), role, queries.clone()))
        .map_err(OpenError::Pool)
}
