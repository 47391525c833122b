//! A lock that one import at a time holds in a database, across all processes. It is free again when its process ends,
//! however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use super::{
    advisory_lock::AdvisoryLock,
    connection::{DatabaseUrl, Role},
};
use crate::error::{Error, Result};

/// The advisory lock of PostgreSQL, an arbitrary number that no other program locks.
const KEY: i64 = 7_263_849_502;

/// The lock, until it is dropped: a locked file beside a SQLite database, or an advisory lock of PostgreSQL.
pub struct ImportLock {
    _file: Option<File>,
    _session: Option<AdvisoryLock>,
}

/// Takes the lock; `None` if another import holds it.
pub(super) fn lock(url: &DatabaseUrl) -> Result<Option<ImportLock>> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(lock_file(path)?.map(|file| ImportLock {
            _file: Some(file),
            _session: None,
        })),
        DatabaseUrl::Postgres(_) => {
            let session = AdvisoryLock::try_take(url, Role::Writer, KEY)
                .map_err(|error| Error::Io(io::Error::other(error)))?;
            Ok(session.map(|session| ImportLock {
                _file: None,
                _session: Some(session),
            }))
        }
    }
}

/// Locks the file `<database>.import`. It is never deleted: another process may be about to lock it.
fn lock_file(database: &Path) -> io::Result<Option<File>> {
    let mut path = database.as_os_str().to_owned();
    path.push(".import");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_is_exclusive_and_free_once_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("paper.db"));
        let other = DatabaseUrl::Sqlite(folder.path().join("other.db"));
        let held = lock(&url).unwrap();
        assert!(held.is_some());
        assert!(lock(&url).unwrap().is_none());
        assert!(lock(&other).unwrap().is_some());
        drop(held);
        assert!(lock(&url).unwrap().is_some());
    }
}
