//! Imports Ghost exports (JSON, versions 4 to 6), with the folder `content/images` for the pictures.
//!
//! The export is converted to a WordPress export, which the WordPress importer then imports.

mod convert;
mod export;

use std::{
    io::{self, BufWriter},
    path::Path,
};

use serde::Deserialize;

use super::{
    Report, Trouble,
    wordpress::{ImportError, Importer, Watch},
};
use crate::{
    db::types::AddressKind,
    error::Error,
    models::{address, imported},
};

/// Why an import failed; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum GhostError {
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("this is not a Ghost export: {0}")]
    NoExport(String),
    #[error("{0:?} is not the address of a site; it must look like https://example.com")]
    Url(String),
    #[error("the file with the redirects cannot be read: {0}")]
    Redirects(String),
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// Facts about the old site that are not in the export.
#[derive(Clone, Debug)]
pub struct OldSite {
    /// Its public address.
    pub url: String,
    /// The pattern of its addresses: `/{slug}/` unless its routes.yaml says otherwise. It may contain `{year}`,
    /// `{month}`, `{day}` and `{primary_tag}`.
    pub permalink: String,
}

impl OldSite {
    /// Whether the address is an http or https URL.
    pub fn is_address(&self) -> bool {
        self.parsed().is_some()
    }

    fn parsed(&self) -> Option<url::Url> {
        url::Url::parse(&self.url)
            .ok()
            .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
    }
}

/// Imports a Ghost export.
///
/// # Errors
/// Only for what makes continuing impossible; everything else is in the report.
pub fn import(
    importer: &Importer<'_>,
    export: &Path,
    old: &OldSite,
    redirects: Option<&Path>,
    watch: &mut Watch<'_>,
) -> Result<Report, GhostError> {
    let url = old
        .parsed()
        .ok_or_else(|| GhostError::Url(old.url.clone()))?;
    let base = url.as_str().trim_end_matches('/').to_owned();
    let data = export::read(export)?;
    let file = tempfile::NamedTempFile::new()?;
    let converted = convert::convert(data, &base, &old.permalink, BufWriter::new(file.as_file()))?;
    let mut report = importer.run(file.path(), watch)?;
    // Line numbers refer to the temporary file.
    for trouble in report
        .skipped
        .iter_mut()
        .chain(&mut report.lost)
        .chain(&mut report.unreadable)
    {
        trouble.line = 0;
    }
    report.control_characters += converted.control_characters;
    for trouble in converted.unreadable {
        report.cannot_read(trouble);
    }
    for trouble in converted.lost {
        report.lose(trouble);
    }
    let moved = match redirects {
        Some(path) => read_redirects(path)?,
        None => Vec::new(),
    };
    let source = base
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .to_owned();
    let (made, refused) = importer
        .db
        .write_blocking(|conn| {
            let sections = imported::known(conn, &source, "section")?;
            let mut wanted = Vec::new();
            // Tags that became sections had the address of a tag.
            for tag in &converted.sections {
                if let Some(known) = sections.get(tag)
                    && let Some(path) =
                        address::canonical(conn, AddressKind::Section, known.target_id)?
                {
                    wanted.push((format!("/tag/{tag}"), path));
                }
            }
            let (mut made, mut refused) = (0, Vec::new());
            for (from, to) in wanted.into_iter().chain(moved) {
                if !(is_plain(&from) && is_plain(&to)) {
                    refused.push((from, to));
                } else if from != to && address::holder(conn, &from)?.is_none() {
                    address::redirect(conn, &from, &to)?;
                    made += 1;
                }
            }
            Ok::<_, Error>((made, refused))
        })
        .map_err(ImportError::from)?;
    report.redirects_made += made;
    for (from, to) in refused {
        report.skip(Trouble {
            line: 0,
            what: format!("the redirect from {from} to {to}"),
            why: "only redirects between plain paths of the site are imported".to_owned(),
        });
    }
    Ok(report)
}

/// `redirects.json`: pairs of an old and a new address.
fn read_redirects(path: &Path) -> Result<Vec<(String, String)>, GhostError> {
    #[derive(Deserialize)]
    struct Redirect {
        from: String,
        to: String,
    }
    let failed = |why: String| GhostError::Redirects(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let all: Vec<Redirect> =
        serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    // Both are regular expressions; most are plain paths with anchors.
    let plain = |text: &str| {
        let text = text.trim_start_matches('^').trim_end_matches('$');
        let text = text.trim_end_matches("/?").trim_end_matches('/');
        text.replace("\\/", "/")
    };
    Ok(all
        .iter()
        .map(|redirect| (plain(&redirect.from), plain(&redirect.to)))
        .collect())
}

/// Whether this is a path, not a regular expression that matches several.
fn is_plain(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains(['(', ')', '*', '[', ']', '\\', '?', '+', '|', '$'])
        && !path.contains(char::is_control)
}
