//! Moving out: for WordPress, as documented JSON, or as a site of files.

mod json;
mod site;
mod wordpress;

use std::{
    fs,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

pub use json::json;
pub use site::{Left, site};
pub use wordpress::wordpress;

use super::visitor::VisitError;
use crate::{db::rows::RowsError, error::Error, media::Store};

/// Why there is no export; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{path}: {why}")]
    File { path: String, why: io::Error },
    #[error(transparent)]
    Rows(#[from] RowsError),
    #[error(transparent)]
    Read(#[from] Error),
    #[error(transparent)]
    Visit(#[from] VisitError),
    #[error("{0} is there already, and is no empty folder")]
    NotEmpty(String),
    #[error("the site's public address is not set (base_url), and what is exported has to name it")]
    NoAddress,
}

impl From<diesel::result::Error> for ExportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Read(error.into())
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ExportError {
    let path = path.display().to_string();
    move |why| ExportError::File { path, why }
}

/// Makes the folder that an export goes to.
fn make_folder(to: &Path) -> Result<(), ExportError> {
    fs::create_dir_all(to).map_err(at(to))?;
    match fs::read_dir(to).map_err(at(to))?.next() {
        None => Ok(()),
        Some(_) => Err(ExportError::NotEmpty(to.display().to_string())),
    }
}

/// Ends a file so that it is there whatever happens next.
fn finish(out: BufWriter<fs::File>, path: &Path) -> Result<(), ExportError> {
    let file = out
        .into_inner()
        .map_err(|error| at(path)(error.into_error()))?;
    file.sync_all().map_err(at(path))
}

/// Copies the file of a picture to where it is to be; whether there was one.
fn copy_picture(from: &Store, name: &str, to: PathBuf) -> Result<bool, ExportError> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    match fs::copy(from.path(name), &to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        copied => {
            copied.map_err(at(&to))?;
            Ok(true)
        }
    }
}
