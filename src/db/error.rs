//! Errors of opening a database and bringing its schema up to date. Their texts are for the operator.

use crate::data_folder::DataError;

/// Why the schema is not usable.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The newest migration that this program does not know.
    #[error(
        "this database was made by a newer version of dateline (its schema is at {0}); \
         start that version, or restore a backup made before the upgrade. Nothing was changed"
    )]
    Newer(String),
    /// A table and how many of its rows violate a foreign key.
    #[error(
        "{1} rows of {0} refer to rows that do not exist, so the schema was not brought up to date; \
         restore a backup, or repair them"
    )]
    Broken(String, i64),
    #[error("the database's schema could not be brought up to date: {0}")]
    Failed(#[from] Box<dyn std::error::Error + Send + Sync>),
    #[error("the database's schema could not be brought up to date: {0}")]
    Database(#[from] diesel::result::Error),
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("cannot create the folder {path}: {why}")]
    Folder { path: String, why: std::io::Error },
    #[error("cannot open the database {path}: {why}")]
    File { path: String, why: std::io::Error },
    #[error("cannot open the database: {0}")]
    Connect(#[from] diesel::r2d2::Error),
    #[error("cannot open the database: {0}")]
    Pool(diesel::r2d2::PoolError),
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("cannot read the database: {0}")]
    Read(crate::error::Error),
}
