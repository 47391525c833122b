//! The lock of a PostgreSQL database against a restore: each connection of servers and commands shares it, and a restore or
//! copy has it alone. It ends with its session. A SQLite database is locked together with its data folder.

use diesel::{connection::SimpleConnection, prelude::*, sql_query};

use super::connection::{AnyConnection, DatabaseUrl, Locked, Manager, RESTORE_LOCK, Role};

/// Why a database cannot be locked; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum RestoreLockError {
    #[error(
        "{0} is in use by a running server or another command; stop it first. Nothing was changed"
    )]
    InUse(String),
    #[error("cannot lock the database: {0}")]
    Connection(#[from] diesel::r2d2::Error),
    #[error("cannot lock the database: {0}")]
    Query(#[from] diesel::result::Error),
}

/// The exclusive lock on a database, until it is dropped; nothing for SQLite.
pub struct RestoreLock {
    session: Option<AnyConnection>,
}

impl RestoreLock {
    /// # Errors
    /// If another connection uses the database.
    pub fn take(url: &DatabaseUrl) -> Result<Self, RestoreLockError> {
        if url.sqlite_file().is_some() {
            return Ok(Self { session: None });
        }
        let mut session = Manager::new(url.clone(), Role::Migrator, Default::default()).open()?;
        // The session is idle for the whole restore. Older servers do not have this setting.
        session.batch_execute(
            "SELECT set_config(name, '0', FALSE) FROM pg_settings WHERE name = 'idle_session_timeout'",
        )?;
        let query = format!("SELECT pg_try_advisory_lock({RESTORE_LOCK}) AS locked");
        let found: Locked = sql_query(query).get_result(&mut session)?;
        if !found.locked {
            return Err(RestoreLockError::InUse(url.shown()));
        }
        Ok(Self {
            session: Some(session),
        })
    }
}

impl Drop for RestoreLock {
    fn drop(&mut self) {
        // The server notices a closed connection later than the next connection is opened.
        if let Some(session) = &mut self.session
            && let Err(error) =
                session.batch_execute(&format!("SELECT pg_advisory_unlock({RESTORE_LOCK})"))
        {
            tracing::warn!(%error, "could not unlock the database");
        }
    }
}
