//! Exports of the database: for WordPress, and as documented JSON.

mod json;
mod wordpress;

use std::{
    fs,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

pub use json::json;
pub use wordpress::wordpress;

use crate::{db::rows::RowsError, error::Error, media::Store, private_file};

/// Why an export failed; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{path}: {why}")]
    File { path: String, why: io::Error },
    #[error(transparent)]
    Rows(#[from] RowsError),
    #[error(transparent)]
    Read(#[from] Error),
    #[error("{0} exists and is not empty")]
    NotEmpty(String),
    #[error("base_url is not set; the export contains the site's public address")]
    NoBaseUrl,
}

impl From<diesel::result::Error> for ExportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Read(error.into())
    }
}

/// Adds the path to an I/O error.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
    let path = path.display().to_string();
    move |why| ExportError::File { path, why }
}

/// Creates the folder of an export.
///
/// # Errors
/// If it exists and is not empty.
pub(crate) fn create_folder(to: &Path) -> Result<(), ExportError> {
    private_file::create_folder(to).map_err(at(to))?;
    match fs::read_dir(to).map_err(at(to))?.next() {
        None => Ok(()),
        Some(_) => Err(ExportError::NotEmpty(to.display().to_string())),
    }
}

/// Flushes a file and syncs it to disk.
fn finish(out: BufWriter<fs::File>, path: &Path) -> Result<(), ExportError> {
    let file = out
        .into_inner()
        .map_err(|error| at(path)(error.into_error()))?;
    file.sync_all().map_err(at(path))
}

/// Copies the file of a picture; returns whether it exists.
fn copy_picture(from: &Store, name: &str, to: PathBuf) -> Result<bool, ExportError> {
    if let Some(folder) = to.parent() {
        private_file::create_folder(folder).map_err(at(folder))?;
    }
    match private_file::copy(&from.path(name), &to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        copied => copied.map_err(at(&to)).map(|()| true),
    }
}
