//! An exclusive advisory lock of PostgreSQL, held by a session of its own.

use diesel::{connection::SimpleConnection, dsl::sql, prelude::*, sql_types::Bool};

use super::connection::{AnyConnection, DatabaseUrl, Manager, Role};

/// The lock, until it is dropped or the process ends.
pub(super) struct AdvisoryLock {
    session: AnyConnection,
    key: i64,
}

/// Why the lock could not be requested.
#[derive(Debug, thiserror::Error)]
pub enum AdvisoryLockError {
    #[error(transparent)]
    Connection(#[from] diesel::r2d2::Error),
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl AdvisoryLock {
    /// Takes the lock with this key, without waiting; `None` if another session holds it, alone or shared.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub(super) fn try_take(
        url: &DatabaseUrl,
        role: Role,
        key: i64,
    ) -> Result<Option<Self>, AdvisoryLockError> {
        let mut session = Manager::new(url.clone(), role, Default::default()).open()?;
        // The session is idle for as long as the lock is held. Older servers do not have this setting.
        session.batch_execute(
            "SELECT set_config(name, '0', FALSE) FROM pg_settings WHERE name = 'idle_session_timeout'",
        )?;
        let lock = format!("pg_try_advisory_lock({key})");
        let is_locked: bool = diesel::select(sql::<Bool>(&lock)).get_result(&mut session)?;
        Ok(is_locked.then_some(Self { session, key }))
    }
}

impl Drop for AdvisoryLock {
    fn drop(&mut self) {
        // The server notices a closed connection later than the next session may request the lock.
        let unlock = format!("SELECT pg_advisory_unlock({})", self.key);
        if let Err(error) = self.session.batch_execute(&unlock) {
            tracing::warn!(%error, key = self.key, "could not release a lock of the database");
        }
    }
}
