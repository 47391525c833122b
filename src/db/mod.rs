//! The database: one handle over SQLite and PostgreSQL, with a connection pool for reads and one for writes.

mod advisory_lock;
mod circuit_breaker;
mod connection;
mod eq_any_padded;
mod error;
mod import_lock;
mod integrity;
mod migrate;
mod pool;
mod publish_throttle;
mod restore_lock;
pub mod rows;
pub mod schema;
mod snapshot;
pub mod types;
mod version;

pub use connection::{AnyConnection, DatabaseUrl, MultiBackend};
pub use eq_any_padded::eq_any_padded;
pub use error::{MigrateError, OpenError};
pub use import_lock::ImportLock;
pub use integrity::integrity;
pub use migrate::{migrate, pending_migrations};
pub use pool::Db;
pub use publish_throttle::PublishThrottle;
pub use restore_lock::{RestoreLock, RestoreLockError};
pub use snapshot::{SnapshotError, Staged};
pub use version::{SiteVersion, note_withdrawal, site_version};

/// Expands its body once per engine.
///
/// For statements that Diesel cannot build for a `MultiConnection` (`ON CONFLICT`, inserts of several rows), and
/// for the longest statements of an article page: built for one engine, Diesel caches their SQL text instead of
/// building it on every call.
#[macro_export]
macro_rules! each_backend {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::AnyConnection::Sqlite($c) => $body,
            $crate::db::AnyConnection::Postgres($c) => $body,
        }
    };
}
