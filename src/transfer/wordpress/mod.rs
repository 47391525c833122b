//! Imports WordPress exports (WXR), with the uploads folder for the pictures.
//!
//! The file is read twice: first for authors, terms, pictures and menus (`survey`), then for posts and pages. Every
//! imported object is recorded, so that an import can be stopped and run again at any time: existing objects are
//! updated or left unchanged, never duplicated.

mod addresses;
mod archive;
mod body;
mod context;
mod importer;
mod menus;
mod pictures;
mod plain;
mod post;
mod posts;
pub(super) mod round_trip;
mod state;
mod survey;
mod terms;
pub(super) mod writer;
mod wxr;

use std::io::Read;

use chrono_tz::Tz;

pub use importer::{Importer, Pictures};
pub use post::split_dateline;
pub(super) use survey::CREDIT;

use self::{
    archive::Archive,
    post::Post,
    wxr::{Piece, ReadError, Reader},
};
use crate::error::Error;

/// Returned by a [`Watch`] to stop the import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop;

/// Why an import ended early; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("the import was stopped; run it again to continue from there")]
    Stopped,
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Write(#[from] Error),
    #[error("another import into this newspaper is running; run this one when that has ended")]
    Busy,
    #[error("the export does not contain the address of its site")]
    NoSite,
}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Write(error.into())
    }
}

impl From<Stop> for ImportError {
    fn from(_: Stop) -> Self {
        Self::Stopped
    }
}

/// The progress of an import.
#[derive(Clone, Copy, Debug)]
pub enum Progress {
    /// Bytes read in the first pass.
    Survey(u64),
    /// Pictures done, and their total number.
    Pictures(u64, u64),
    /// Bytes read in the second pass, and articles done.
    Articles(u64, u64),
}

/// Called with the progress of an import, which it may stop.
pub type Watch<'w> = dyn FnMut(Progress) -> Result<(), Stop> + 'w;

/// Reads and converts every text of an export without storing anything; returns their number.
///
/// # Errors
/// If the file cannot be read or is not an export.
pub fn look_through(export: impl Read + 'static) -> Result<u64, ImportError> {
    let mut reader = Reader::new(export)?;
    let archive = Archive::default();
    let mut texts = 0;
    while let Some(piece) = reader.next()? {
        let Piece::Whole(element, line) = piece else {
            continue;
        };
        if element.name == "item"
            && let Ok(Some(post)) = Post::read(&element, line, Tz::UTC)
        {
            post::text(&post, &archive);
            texts += 1;
        }
    }
    Ok(texts)
}
