//! Multipart uploads that are written to disk as they arrive, for files too large for memory.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use actix_multipart::{Field as Part, Multipart};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::{fs::File, io::AsyncWriteExt};

use super::{
    StaffRequest, WithFiles,
    csrf_form::{check_origin, check_token},
    upload::{file_name, multipart_error},
};
use crate::{
    error::{Error, Result},
    locale::Newsroom,
    private_file,
};

/// The maximum total size of all files, in bytes.
const MAX_FILE_BYTES: u64 = 8 << 30;
/// The maximum size of a text field, in bytes.
const MAX_FIELD_BYTES: usize = 2_000;
/// The maximum number of parts of a form after its token.
const MAX_PARTS: usize = 20;
/// Age from which a folder is a leftover of a killed process: no import takes this long.
const STALE_AFTER: Duration = Duration::from_secs(7 * 24 * 3_600);

/// An uploaded file on disk, not yet validated.
#[derive(Debug)]
pub struct StreamedFile {
    /// The file name on the user's device.
    pub name: String,
    pub path: PathBuf,
    pub bytes: u64,
}

/// The fields and files of a form whose token was checked.
pub struct StreamedUpload {
    fields: HashMap<String, String>,
    files: HashMap<String, StreamedFile>,
    /// Holds the files; deleted on drop.
    pub folder: TempDir,
}

impl WithFiles for StreamedUpload {
    async fn receive(
        request: &StaffRequest,
        http: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self> {
        check_origin(&request.app.base_url, http)?;
        let texts = request.texts();
        let mut parts = Multipart::new(http.headers(), payload);
        let first = parts.next().await.transpose();
        let first = first.map_err(|error| multipart_error(texts, error))?;
        let token = match first {
            Some(mut part) if part.name() == Some("csrf") => text(texts, &mut part).await?,
            _ => String::new(),
        };
        check_token(Some(&token), &request.forms_token)?;
        let parent = request.app.config.data_dir.join("incoming");
        request.app.check_data()?;
        let folder = web::block(move || new_folder(&parent)).await??;
        let mut upload = Self {
            fields: HashMap::new(),
            files: HashMap::new(),
            folder,
        };
        let mut remaining = MAX_FILE_BYTES;
        for count in 1.. {
            let Some(part) = parts.next().await else {
                break;
            };
            if count > MAX_PARTS {
                return Err(Error::Unusable(texts.upload.too_many_parts.to_owned()));
            }
            let mut part = part.map_err(|error| multipart_error(texts, error))?;
            let field = part.name().unwrap_or_default().to_owned();
            match file_name(&part) {
                // Browsers send an empty part if no file was chosen.
                Some(name) if name.is_empty() => {
                    text(texts, &mut part).await?;
                }
                Some(name) => {
                    let path = upload.folder.path().join(count.to_string());
                    let bytes = write(texts, &mut part, &path, remaining).await?;
                    remaining -= bytes;
                    let file = StreamedFile { name, path, bytes };
                    upload.files.insert(field, file);
                }
                None => {
                    upload.fields.insert(field, text(texts, &mut part).await?);
                }
            }
        }
        Ok(upload)
    }
}

impl StreamedUpload {
    /// The text of a field; empty if it is missing.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The file of a field; `None` if no file was chosen.
    pub fn file(&self, name: &str) -> Option<&StreamedFile> {
        self.files.get(name)
    }
}

/// Creates a folder for one upload, and deletes stale ones.
fn new_folder(parent: &Path) -> io::Result<TempDir> {
    private_file::create_folder(parent)?;
    for entry in parent.read_dir()? {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > STALE_AFTER {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    TempDir::new_in(parent)
}

/// Reads a text field.
async fn text(texts: &Newsroom, part: &mut Part) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| multipart_error(texts, error))?);
        if bytes.len() > MAX_FIELD_BYTES {
            return Err(Error::Unusable(texts.upload.field_too_long.to_owned()));
        }
    }
    // PostgreSQL cannot store a NUL in text.
    Ok(String::from_utf8_lossy(&bytes).replace('\0', ""))
}

/// Writes a part to a new file of at most `max_bytes`; returns its size in bytes.
async fn write(texts: &Newsroom, part: &mut Part, path: &Path, max_bytes: u64) -> Result<u64> {
    let mut file = File::create_new(path).await?;
    let mut bytes = 0;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| multipart_error(texts, error))?;
        bytes += chunk.len() as u64;
        if bytes > max_bytes {
            let megabytes = usize::try_from(MAX_FILE_BYTES / 1_000_000).unwrap_or(usize::MAX);
            return Err(Error::TooLarge(megabytes));
        }
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    Ok(bytes)
}
