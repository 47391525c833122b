//! An import from any supported system, as the command and the newsroom both run it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{
    Report,
    ghost::{self, GhostError, OldSite},
    wordpress::{ImportError, Importer, Pictures, Watch},
};
use crate::{
    db::{DatabaseUrl, Db, OpenError},
    media::Store,
};

/// The system that the export comes from.
#[derive(Clone, Debug)]
pub enum System {
    Wordpress,
    Ghost {
        old: OldSite,
        /// The file `redirects.json` of the old site.
        redirects: Option<PathBuf>,
    },
}

/// An export to import, and the source of its pictures.
#[derive(Clone, Debug)]
pub struct Import {
    pub system: System,
    /// The file of the export.
    pub export: PathBuf,
    pub pictures: Pictures,
}

/// Why an import ended early; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Wordpress(#[from] ImportError),
    #[error(transparent)]
    Ghost(GhostError),
    #[error("could not create a temporary folder for the dry run: {0}")]
    Folder(#[from] std::io::Error),
    #[error("could not create a temporary database for the dry run: {0}")]
    Database(#[from] OpenError),
}

impl From<GhostError> for RunError {
    fn from(error: GhostError) -> Self {
        match error {
            GhostError::Import(error) => Self::Wordpress(error),
            error => Self::Ghost(error),
        }
    }
}

impl RunError {
    /// Whether the import was stopped on request.
    pub fn is_stop(&self) -> bool {
        matches!(self, Self::Wordpress(ImportError::Stopped))
    }
}

impl Import {
    /// Imports the export into this newspaper.
    ///
    /// # Errors
    /// Only for what makes continuing impossible; everything else is in the report.
    pub fn run(
        &self,
        db: &Db,
        store: &Store,
        now: DateTime<Utc>,
        watch: &mut Watch<'_>,
    ) -> Result<Report, RunError> {
        let importer = Importer {
            db,
            store,
            pictures: self.pictures.clone(),
            now,
        };
        Ok(match &self.system {
            System::Wordpress => importer.run(&self.export, watch)?,
            System::Ghost { old, redirects } => {
                ghost::import(&importer, &self.export, old, redirects.as_deref(), watch)?
            }
        })
    }

    /// Imports the export into a temporary, empty newspaper, and returns the report.
    ///
    /// # Errors
    /// As [`Self::run`], and if there is no room for a temporary database.
    pub fn dry_run(&self, now: DateTime<Utc>, watch: &mut Watch<'_>) -> Result<Report, RunError> {
        let folder = tempfile::tempdir()?;
        // Not `Db::open_to_fill`: its caches take memory, and the newsroom's dry run shares the process with the server.
        let db = Db::open(&DatabaseUrl::file(folder.path().join("trial.db")), 1)?;
        let store = Store::new(folder.path().join("media"));
        self.run(&db, &store, now, watch)
    }
}
