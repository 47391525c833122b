//! A lock that one import at a time holds in a database, across all processes. It is free again when its process ends,
//! however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::Bool};

use super::connection::{AnyConnection, DatabaseUrl, Manager, Role};
use crate::error::{Error, Result};

/// The advisory lock of PostgreSQL, an arbitrary number that no other program locks.
const KEY: i64 = 7_263_849_502;

/// The lock, until it is dropped: a locked file beside a SQLite database, or a session of PostgreSQL with an advisory lock.
pub struct ImportLock {
    _file: Option<File>,
    session: Option<AnyConnection>,
}

impl Drop for ImportLock {
    fn drop(&mut self) {
        // The server notices a closed connection later than the next import may begin.
        if let Some(session) = &mut self.session
            && let Err(error) = session.batch_execute(&format!("SELECT pg_advisory_unlock({KEY})"))
        {
            tracing::warn!(%error, "could not release the lock of an import");
        }
    }
}

/// Takes the lock; `None` if another import holds it.
pub(super) fn lock(url: &DatabaseUrl) -> Result<Option<ImportLock>> {
    match url {
        DatabaseUrl::Sqlite(path) => Ok(lock_file(path)?.map(|file| ImportLock {
            _file: Some(file),
            session: None,
        })),
        DatabaseUrl::Postgres(_) => Ok(lock_session(url)?.map(|session| ImportLock {
            _file: None,
            session: Some(session),
        })),
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

fn lock_session(url: &DatabaseUrl) -> Result<Option<AnyConnection>> {
    #[derive(QueryableByName)]
    struct Locked {
        #[diesel(sql_type = Bool)]
        locked: bool,
    }
    let manager = Manager::new(url.clone(), Role::Writer, Default::default());
    let mut conn = manager
        .open()
        .map_err(|error| Error::Io(io::Error::other(error)))?;
    // The session is idle for the whole import. Older servers do not have this setting.
    conn.batch_execute(
        "SELECT set_config(name, '0', FALSE) FROM pg_settings WHERE name = 'idle_session_timeout'",
    )?;
    let found: Locked =
        sql_query(format!("SELECT pg_try_advisory_lock({KEY}) AS locked")).get_result(&mut conn)?;
    Ok(found.locked.then_some(conn))
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
