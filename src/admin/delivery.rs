//! A form with files that are too large for memory: they are written to disk as they come.

use std::{
    collections::HashMap,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::Duration,
};

use actix_multipart::{Field as Part, Multipart};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::{fs::File, io::AsyncWriteExt};

use super::{
    Newsroom, WithFiles,
    posted::{check_token, same_origin_or_refused},
    upload::{broken, file_name},
};
use crate::error::{Error, Result};

/// The most that all files may hold together, in bytes.
const LARGEST: u64 = 8 << 30;
/// The longest text of a field, in bytes.
const LONGEST: usize = 2_000;
const MOST_PARTS: usize = 20;
/// No import takes so long: what has lain there for longer was left.
const FORGOTTEN: Duration = Duration::from_secs(7 * 24 * 3_600);

/// A file that arrived. Neither its name nor its content was looked at.
#[derive(Debug)]
pub struct Delivered {
    /// What it was called where it comes from.
    pub name: String,
    pub path: PathBuf,
    pub bytes: u64,
}

/// What such a form brought.
pub struct Delivery {
    fields: HashMap<String, String>,
    files: HashMap<String, Delivered>,
    /// Where the files are; they go with it.
    pub folder: TempDir,
}

impl WithFiles for Delivery {
    async fn receive(
        desk: &Newsroom,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self> {
        same_origin_or_refused(&desk.app.base_url, request)?;
        let mut parts = Multipart::new(request.headers(), payload);
        let first = parts.next().await.transpose().map_err(broken)?;
        let token = match first {
            Some(mut part) if part.name() == Some("csrf") => text(&mut part).await?,
            _ => String::new(),
        };
        check_token(Some(&token), &desk.forms_token)?;
        let within = desk.app.config.data_dir.join("incoming");
        let folder = web::block(move || new_folder(&within))
            .await?
            .map_err(not_kept)?;
        let mut delivery = Self {
            fields: HashMap::new(),
            files: HashMap::new(),
            folder,
        };
        let mut room = LARGEST;
        for count in 1.. {
            let Some(part) = parts.next().await else {
                break;
            };
            if count > MOST_PARTS {
                return Err(Error::Unusable("These are too many parts.".to_owned()));
            }
            let mut part = part.map_err(broken)?;
            let field = part.name().unwrap_or_default().to_owned();
            match file_name(&part) {
                // What a form without a chosen file sends.
                Some(name) if name.is_empty() => {
                    text(&mut part).await?;
                }
                Some(name) => {
                    let path = delivery.folder.path().join(count.to_string());
                    let bytes = written(&mut part, &path, room).await?;
                    room -= bytes;
                    let file = Delivered { name, path, bytes };
                    delivery.files.insert(field, file);
                }
                None => {
                    delivery.fields.insert(field, text(&mut part).await?);
                }
            }
        }
        Ok(delivery)
    }
}

impl Delivery {
    /// The text of a field; empty if it is not there.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub fn file(&self, name: &str) -> Option<&Delivered> {
        self.files.get(name)
    }
}

/// A folder for one delivery. Those go that were left when the program was killed.
fn new_folder(within: &Path) -> io::Result<TempDir> {
    std::fs::create_dir_all(within)?;
    for entry in within.read_dir()? {
        let entry = entry?;
        let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if age > FORGOTTEN {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    TempDir::new_in(within)
}

async fn text(part: &mut Part) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        bytes.extend_from_slice(&chunk.map_err(broken)?);
        if bytes.len() > LONGEST {
            return Err(Error::Unusable("A field is too long.".to_owned()));
        }
    }
    // A NUL nobody types, and PostgreSQL keeps none.
    Ok(String::from_utf8_lossy(&bytes).replace('\0', ""))
}

/// Writes a part down; returns its bytes, of which there may be so many.
async fn written(part: &mut Part, path: &Path, room: u64) -> Result<u64> {
    let mut file = File::create_new(path).await.map_err(not_kept)?;
    let mut bytes = 0;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(broken)?;
        bytes += chunk.len() as u64;
        if bytes > room {
            let megabytes = usize::try_from(LARGEST / 1_000_000).unwrap_or(usize::MAX);
            return Err(Error::TooLarge(megabytes));
        }
        file.write_all(&chunk).await.map_err(not_kept)?;
    }
    file.flush().await.map_err(not_kept)?;
    Ok(bytes)
}

fn not_kept(error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Unusable(
            "There is no room on the server's disk for this file. Nothing of it was kept."
                .to_owned(),
        ),
        _ => Error::Io(error),
    }
}
