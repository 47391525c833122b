//! Moving in, from whichever system: what the command and the newsroom both do.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{
    Report,
    ghost::{self, GhostError, OldSite},
    wordpress::{Import, ImportError, Pictures, Watch},
};
use crate::{
    db::{DatabaseUrl, Db, OpenError},
    media::Store,
};

/// What the export comes from.
#[derive(Clone, Debug)]
pub enum System {
    Wordpress,
    Ghost {
        old: OldSite,
        /// Its `redirects.json`.
        redirects: Option<PathBuf>,
    },
}

/// An export that is to be taken in.
#[derive(Clone, Debug)]
pub struct MovingIn {
    pub system: System,
    pub export: PathBuf,
    pub pictures: Pictures,
}

/// Why moving in ended early; its text is for whoever moves.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error(transparent)]
    Wordpress(#[from] ImportError),
    #[error(transparent)]
    Ghost(GhostError),
    #[error("there is no place to try it in: {0}")]
    Place(#[from] std::io::Error),
    #[error("there is no place to try it in: {0}")]
    Trial(#[from] OpenError),
}

impl From<GhostError> for MoveError {
    fn from(error: GhostError) -> Self {
        match error {
            GhostError::Import(error) => Self::Wordpress(error),
            error => Self::Ghost(error),
        }
    }
}

impl MoveError {
    /// Whether somebody wanted it to end.
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Wordpress(ImportError::Stopped))
    }
}

impl MovingIn {
    /// Takes the export into this newspaper.
    ///
    /// # Errors
    /// Only for what makes going on impossible; everything else is in the report.
    pub fn run(
        &self,
        db: &Db,
        store: &Store,
        now: DateTime<Utc>,
        watch: &mut Watch<'_>,
    ) -> Result<Report, MoveError> {
        let import = Import {
            db,
            store,
            pictures: self.pictures.clone(),
            now,
        };
        Ok(match &self.system {
            System::Wordpress => import.run(&self.export, watch)?,
            System::Ghost { old, redirects } => {
                ghost::import(&import, &self.export, old, redirects.as_deref(), watch)?
            }
        })
    }

    /// Tells what would come of it in an empty newspaper: in one of its own, which goes with it.
    pub fn try_out(&self, now: DateTime<Utc>, watch: &mut Watch<'_>) -> Result<Report, MoveError> {
        let folder = tempfile::tempdir()?;
        // As any other: to fill one fast takes memory, and the newsroom tries out in the process that serves readers.
        let db = Db::open(&DatabaseUrl::file(folder.path().join("trial.db")), 1)?;
        let store = Store::new(folder.path().join("media"));
        self.run(&db, &store, now, watch)
    }
}
