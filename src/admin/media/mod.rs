//! The media library: every picture of the newsroom, what is said of it, and where it is used.

mod item;
mod json;
mod library;

pub use item::{delete, describe, replace, show as item};
pub use json::{list as list_json, take as take_json};
pub use library::{add, show as library};

use super::{Newsroom, upload::File};
use crate::{
    db::types::UserRole,
    error::{Error, Result},
    media::{self, Begun, Limits, Refused, widths_text},
    models::{
        history::NewEvent,
        media::{self as pictures, Files, Item, Media, pixels},
    },
};

/// Decodes a file and writes what is needed at once, off the async threads and few at a time. The
/// refusal is for whoever sent it.
async fn begin(desk: &Newsroom, file: File) -> Result<Result<Files, Refused>> {
    let store = desk.app.media.clone();
    let work = move || {
        let decoded = match media::decode(&file.bytes, Limits::UPLOAD) {
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
    desk.app.decoding.run(work).await?
}

/// Takes a file into the library; returns the picture, and whether it is new there.
async fn take_in(desk: &Newsroom, file: File) -> Result<Result<(Item, bool), Refused>> {
    let files = match begin(desk, file).await? {
        Ok(files) => files,
        Err(refused) => return Ok(Err(refused)),
    };
    let taken = desk
        .record(move |conn, actor| {
            let (item, new) = pictures::take_in(conn, &files, Some(actor.user.id), actor.now)?;
            if new {
                actor.did(conn, &event("uploaded", &item))?;
            }
            Ok((item, new))
        })
        .await?;
    desk.app.media_changed.notify_one();
    Ok(Ok(taken))
}

fn event<'a>(action: &'a str, item: &'a Item) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: "media",
        object_id: Some(item.media.id),
        object: title(item),
        detail: "",
    }
}

/// What a picture is called where there is no room for it.
fn title(item: &Item) -> &str {
    let media = &item.media;
    [&item.name, &media.alt, &media.caption, &media.hash]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("", String::as_str)
}

/// Whether this user may change what is said of a picture: authors every one's, contributors their own.
fn may_describe(desk: &Newsroom, item: &Item) -> bool {
    desk.may(UserRole::Author) || item.user_id == Some(desk.user.id)
}

/// The URL of the smallest file that is at least this wide, or else of the widest.
fn url_at_least(media: &Media, width: u32) -> String {
    let mut widths = media.widths.split(',');
    let wide_enough = |text: &&str| text.parse().is_ok_and(|known: u32| known >= width);
    let widest = media.widths.rsplit(',').next().unwrap_or_default();
    let width = widths.find(wide_enough).unwrap_or(widest);
    format!("/media/{}-{width}.jpg", media.hash)
}

/// The status and the text of a refusal.
fn refusal(refused: &Refused) -> Error {
    match refused {
        Refused::TooManyBytes { megabytes } => Error::TooLarge(*megabytes),
        refused => Error::Unusable(refused.to_string()),
    }
}
