//! Multipart uploads that are held in memory, for pictures.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, web};
use futures_util::StreamExt;

use super::{
    StaffRequest, WithFiles,
    csrf_form::{check_origin, check_token},
};
use crate::{
    error::{Error, Result},
    locale::Newsroom,
    media::{DecodeError, Limits},
};

/// The maximum size of an upload, in bytes: a file of the largest size, and the multipart framing.
const MAX_BYTES: usize = Limits::UPLOAD.bytes + 100_000;
/// The maximum number of bytes that are read and discarded of a refused upload. Browsers show the response only after
/// they have sent the whole request.
const MAX_DISCARDED_BYTES: usize = 2 * MAX_BYTES;
/// The maximum number of parts of a form.
const MAX_PARTS: usize = 100;
/// The maximum length of a file name, in characters; longer ones are truncated. The name is only displayed.
const MAX_NAME_CHARS: usize = 200;

/// An uploaded file, not yet validated.
#[derive(Debug)]
pub struct File {
    /// The file name on the user's device.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// The files of a form whose token was checked.
pub struct Upload {
    pub files: Vec<File>,
}

impl WithFiles for Upload {
    async fn receive(
        request: &StaffRequest,
        http: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self> {
        check_origin(&request.app.base_url, http)?;
        let (texts, forms_token) = (request.texts(), &request.forms_token);
        let mut parts = Multipart::new(http.headers(), payload);
        let mut received = Received::default();
        let mut files = Vec::new();
        let mut refused = None;
        while let Some(part) = parts.next().await {
            let mut part = part.map_err(|error| multipart_error(texts, error))?;
            received.parts += 1;
            if received.parts == 1 {
                if part.name() != Some("csrf") {
                    check_token(None, forms_token)?;
                }
                let token = read(texts, &mut part, &mut received).await?;
                check_token(std::str::from_utf8(&token).ok(), forms_token)?;
                continue;
            }
            if received.parts > MAX_PARTS && refused.is_none() {
                let text = texts.upload.too_many_files(MAX_PARTS - 1);
                refused = Some(Error::Unusable(text));
            }
            let name = file_name(&part);
            if refused.is_some() {
                skip(texts, &mut part, &mut received).await?;
                continue;
            }
            match (name, read(texts, &mut part, &mut received).await) {
                (_, Err(too_large @ Error::TooLarge(_))) => {
                    files.clear();
                    refused = Some(too_large);
                    skip(texts, &mut part, &mut received).await?;
                }
                (_, Err(error)) => return Err(error),
                // Browsers send an empty part if no file was chosen.
                (Some(name), Ok(bytes)) if !(name.is_empty() && bytes.is_empty()) => {
                    files.push(File { name, bytes });
                }
                _ => {}
            }
        }
        match refused {
            Some(error) => Err(error),
            None if received.parts == 0 => check_token(None, forms_token).map(|()| Self { files }),
            None => Ok(Self { files }),
        }
    }
}

impl Upload {
    /// The file of a form with a single one.
    pub fn only(self, texts: &Newsroom) -> Result<File> {
        self.files
            .into_iter()
            .next()
            .ok_or_else(|| Error::Unusable(texts.upload.no_file.to_owned()))
    }
}

/// Parts and bytes received so far.
#[derive(Default)]
struct Received {
    parts: usize,
    bytes: usize,
}

/// Reads a part into memory.
async fn read(texts: &Newsroom, part: &mut Field, received: &mut Received) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| multipart_error(texts, error))?;
        received.bytes += chunk.len();
        if received.bytes > MAX_BYTES {
            return Err(Error::TooLarge(Limits::UPLOAD.bytes / 1_000_000));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads and discards a part.
async fn skip(texts: &Newsroom, part: &mut Field, received: &mut Received) -> Result<()> {
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| multipart_error(texts, error))?;
        received.bytes += chunk.len();
        if received.bytes > MAX_DISCARDED_BYTES {
            return Err(Error::TooLarge(Limits::UPLOAD.bytes / 1_000_000));
        }
    }
    Ok(())
}

/// The file name of a part; `None` if the part is no file.
pub(super) fn file_name(part: &Field) -> Option<String> {
    let sent = part.content_disposition()?.get_filename()?;
    // Old browsers send the whole path.
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = last.chars().filter(|c| !c.is_control());
    Some(clean.take(MAX_NAME_CHARS).collect())
}

/// The error of a multipart body that could not be read.
pub(super) fn multipart_error(texts: &Newsroom, error: MultipartError) -> Error {
    let text = match error {
        MultipartError::Payload(_) | MultipartError::Incomplete => texts.upload.incomplete,
        _ => texts.upload.unreadable,
    };
    Error::Refused(text.to_owned())
}

/// The message for a file that is not a picture that can be used.
pub(super) fn decode_error(texts: &Newsroom, error: &DecodeError) -> String {
    let texts = &texts.upload;
    let text = match error {
        DecodeError::Empty => texts.empty,
        DecodeError::TooManyBytes { megabytes } => return texts.too_many_bytes(megabytes),
        DecodeError::TooManyPixels {
            width,
            height,
            megapixels,
            side,
        } => return texts.too_many_pixels(width, height, megapixels, side),
        DecodeError::TooMuchMemory => texts.too_much_memory,
        DecodeError::NotAPicture => texts.not_a_picture,
        DecodeError::Svg => texts.svg,
        DecodeError::Broken => texts.broken,
        DecodeError::Unusual => texts.unusual,
    };
    text.to_owned()
}
