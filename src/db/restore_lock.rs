//! The lock of a PostgreSQL database against a restore: each connection of servers and commands shares it, and a restore or
//! copy has it alone. It ends with its session. A SQLite database is locked together with its data folder.

use super::{
    advisory_lock::{AdvisoryLock, AdvisoryLockError},
    connection::{DatabaseUrl, RESTORE_LOCK, Role},
};

/// Why a database cannot be locked; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum RestoreLockError {
    #[error(
        "{0} is in use by a running server or another command; stop it first. Nothing was changed"
    )]
    InUse(String),
    #[error("cannot lock the database: {0}")]
    Database(#[from] AdvisoryLockError),
}

/// The exclusive lock on a database, until it is dropped; nothing for SQLite.
pub struct RestoreLock {
    _lock: Option<AdvisoryLock>,
}

impl RestoreLock {
    /// # Errors
    /// If another connection uses the database.
    pub fn take(url: &DatabaseUrl) -> Result<Self, RestoreLockError> {
        if url.sqlite_file().is_some() {
            return Ok(Self { _lock: None });
        }
        match AdvisoryLock::try_take(url, Role::Migrator, RESTORE_LOCK)? {
            Some(lock) => Ok(Self { _lock: Some(lock) }),
            None => Err(RestoreLockError::InUse(url.shown())),
        }
    }
}
