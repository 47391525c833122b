//! Files that a form sent, after its token was checked.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use super::{
    Newsroom, WithFiles,
    posted::{check_token, same_origin_or_refused},
};
use crate::{
    error::{Error, Result},
    media::Limits,
};

/// The largest upload in bytes: a file as large as one may be, and what is around it.
const LARGEST: usize = Limits::UPLOAD.bytes + 100_000;
/// The longest that is heard to its end, so that the sender gets to read the answer.
const HEARD_OUT: usize = 2 * LARGEST;
/// The most parts: many files, and a few fields.
const MOST_PARTS: usize = 100;
/// A file's name is told on, never used. So many characters of it.
const LONGEST_NAME: usize = 200;

/// A file, as it was sent. Neither its name nor its content was looked at.
#[derive(Debug)]
pub struct File {
    /// What it was called where it comes from.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The files of a form that came from a page of ours, in memory.
pub struct Upload {
    pub files: Vec<File>,
}

impl WithFiles for Upload {
    async fn receive(
        desk: &Newsroom,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self> {
        same_origin_or_refused(&desk.app.base_url, request)?;
        let forms_token = &desk.forms_token;
        let mut parts = Multipart::new(request.headers(), payload);
        let mut seen = Seen::default();
        let mut files = Vec::new();
        let mut refused = None;
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(broken)?;
            seen.parts += 1;
            if seen.parts == 1 {
                if part.name() != Some("csrf") {
                    check_token(None, forms_token)?;
                }
                let token = read(&mut part, &mut seen).await?;
                check_token(std::str::from_utf8(&token).ok(), forms_token)?;
                continue;
            }
            if seen.parts > MOST_PARTS && refused.is_none() {
                refused = Some(Error::Unusable(format!(
                    "These are too many files at once: up to {} are taken.",
                    MOST_PARTS - 1
                )));
            }
            let name = file_name(&part);
            if refused.is_some() {
                skip(&mut part, &mut seen).await?;
                continue;
            }
            match (name, read(&mut part, &mut seen).await) {
                (_, Err(too_large @ Error::TooLarge(_))) => {
                    files.clear();
                    refused = Some(too_large);
                    skip(&mut part, &mut seen).await?;
                }
                (_, Err(error)) => return Err(error),
                // What a form without a chosen file sends.
                (Some(name), Ok(bytes)) if !(name.is_empty() && bytes.is_empty()) => {
                    files.push(File { name, bytes });
                }
                _ => {}
            }
        }
        match refused {
            Some(error) => Err(error),
            None if seen.parts == 0 => check_token(None, forms_token).map(|()| Self { files }),
            None => Ok(Self { files }),
        }
    }
}

impl Upload {
    /// The only file of a form that sends one.
    pub fn only(self) -> Result<File> {
        self.files
            .into_iter()
            .next()
            .ok_or_else(|| Error::Unusable("No file was chosen.".to_owned()))
    }
}

#[derive(Default)]
struct Seen {
    parts: usize,
    bytes: usize,
}

async fn read(part: &mut Field, seen: &mut Seen) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(broken)?;
        seen.bytes += chunk.len();
        if seen.bytes > LARGEST {
            return Err(Error::TooLarge(Limits::UPLOAD.bytes / 1_000_000));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn skip(part: &mut Field, seen: &mut Seen) -> Result<()> {
    while let Some(chunk) = part.next().await {
        seen.bytes += chunk.map_err(broken)?.len();
        if seen.bytes > HEARD_OUT {
            return Err(Error::TooLarge(Limits::UPLOAD.bytes / 1_000_000));
        }
    }
    Ok(())
}

/// The name of a part that is a file.
pub(super) fn file_name(part: &Field) -> Option<String> {
    let said = part.content_disposition()?.get_filename()?;
    // Some browsers of old send the whole path.
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = last.chars().filter(|c| !c.is_control());
    Some(clean.take(LONGEST_NAME).collect())
}

pub(super) fn broken(error: MultipartError) -> Error {
    match error {
        MultipartError::Payload(_) | MultipartError::Incomplete => {
            Error::Refused("The connection broke before everything arrived.".to_owned())
        }
        _ => Error::Refused("The upload could not be read.".to_owned()),
    }
}
