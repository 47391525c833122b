//! The media library: all pictures, their texts, and where they are used.

mod item;
mod json;
mod library;

pub use item::{delete, describe, replace, show as item};
pub use json::{list as list_json, take as take_json};
pub use library::{add, show as library};

use super::{
    StaffRequest,
    upload::{File, decode_error},
};
use crate::{
    db::types::{HistoryAction, HistoryKind, UserRole},
    error::{Error, Result},
    locale::Newsroom,
    media::{self, Begun, DecodeError, Limits, widths_text},
    models::{
        history::NewEvent,
        media::{self as pictures, Files, Item, Media, pixels},
    },
};

/// Decodes a file and writes its first sizes, on the pool of decoding threads.
async fn decode(request: &StaffRequest, file: File) -> Result<Result<Files, DecodeError>> {
    request.app.check_data()?;
    let store = request.app.media.clone();
    let budget = request.app.picture_memory.clone();
    let work = move || {
        let decoded = match media::decode(&file.bytes, Limits::UPLOAD, &budget) {
            Ok(decoded) => decoded,
            Err(refused) => return Ok(Err(refused)),
        };
        let begun: Begun = store.begin(&decoded)?;
        Ok(Ok(Files {
            widths: widths_text(&begun.widths),
            hash: begun.hash,
            width: pixels(begun.width),
            height: pixels(begun.height),
            name: file.name,
            bytes: i64::try_from(file.bytes.len()).unwrap_or(i64::MAX),
        }))
    };
    request.app.decoding.run(work).await?
}

/// The result of an upload.
enum Uploaded {
    New(Item),
    /// The library already contains this picture.
    Existing(Item),
    Refused(DecodeError),
}

/// Adds a file to the library.
async fn upload(request: &StaffRequest, file: File) -> Result<Uploaded> {
    let files = match decode(request, file).await? {
        Ok(files) => files,
        Err(refused) => return Ok(Uploaded::Refused(refused)),
    };
    let (item, is_new) = request
        .write_unversioned(move |conn, actor| {
            let (item, is_new) = pictures::take_in(conn, &files, Some(actor.user.id), actor.now)?;
            if is_new {
                actor.audit(conn, &event(HistoryAction::Uploaded, &item))?;
            }
            Ok((item, is_new))
        })
        .await?;
    request.app.media_changed.notify_one();
    Ok(if is_new {
        Uploaded::New(item)
    } else {
        Uploaded::Existing(item)
    })
}

fn event<'a>(action: HistoryAction, item: &'a Item) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: HistoryKind::Media,
        object_id: Some(item.media.id),
        object: title(item),
        detail: "",
    }
}

/// The title of a picture: its name, alternative text, caption or hash.
fn title(item: &Item) -> &str {
    let media = &item.media;
    [&item.name, &media.alt, &media.caption, &media.hash]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("", String::as_str)
}

/// Whether the user may change the texts of a picture: authors of any, contributors of their own.
fn may_describe(request: &StaffRequest, item: &Item) -> bool {
    request.may(UserRole::Author) || item.user_id == Some(request.user.id)
}

/// The URL of the smallest file that is at least `width` pixels wide, or else of the widest.
fn url_at_least(media: &Media, width: u32) -> String {
    let mut widths = media.widths.split(',');
    let wide_enough = |text: &&str| text.parse().is_ok_and(|available: u32| available >= width);
    let widest = media.widths.rsplit(',').next().unwrap_or_default();
    let width = widths.find(wide_enough).unwrap_or(widest);
    format!("/media/{}-{width}.jpg", media.hash)
}

/// The error of a refused file.
fn refusal(texts: &Newsroom, error: &DecodeError) -> Error {
    match error {
        DecodeError::TooManyBytes { megabytes } => Error::TooLarge(*megabytes),
        error => Error::Unusable(decode_error(texts, error)),
    }
}
