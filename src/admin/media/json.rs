//! The library for scripts: the body editor, and uploads with progress.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;

use super::{refusal, take_in, url_at_least};
use crate::{
    admin::{Newsroom, Upload, json},
    error::Result,
    models::media::{self as pictures, Item},
};

/// So many pictures at a time.
const PAGE: i64 = 48;
/// So many of `ids` are looked up.
const MOST_IDS: usize = 200;

/// A picture, as the body editor knows it.
#[derive(Serialize)]
struct Answer {
    id: i64,
    thumb: String,
    src: String,
    width: i32,
    height: i32,
    alt: String,
    caption: String,
    credit: String,
    name: String,
}

impl From<Item> for Answer {
    fn from(item: Item) -> Self {
        let media = item.media;
        Self {
            id: media.id,
            thumb: url_at_least(&media, 320),
            src: url_at_least(&media, 1280),
            width: media.width,
            height: media.height,
            alt: media.alt,
            caption: media.caption,
            credit: media.credit,
            name: item.name,
        }
    }
}

#[derive(Serialize)]
struct List {
    items: Vec<Answer>,
    /// What `before` has to be for those that follow.
    next: Option<i64>,
}

/// `GET /admin/media.json?q=…&before=…` or `?ids=1,2`
pub async fn list(desk: Newsroom) -> Result<HttpResponse> {
    let ids = desk.query("ids");
    let (words, before) = (desk.query("q"), desk.query("before").parse().ok());
    let list = desk
        .read(move |conn| {
            if !ids.is_empty() {
                let ids = ids.split(',').filter_map(|id| id.trim().parse().ok());
                let ids: Vec<i64> = ids.take(MOST_IDS).collect();
                let mut items = pictures::items(conn, &ids)?;
                // In the order that was asked for.
                items.sort_by_key(|item| ids.iter().position(|id| *id == item.media.id));
                return Ok(List {
                    items: items.into_iter().map(Answer::from).collect(),
                    next: None,
                });
            }
            let mut items = pictures::search(conn, &words, before, PAGE + 1)?;
            let more = items.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
            if more {
                items.pop();
            }
            Ok(List {
                next: items.last().map(|item| item.media.id).filter(|_| more),
                items: items.into_iter().map(Answer::from).collect(),
            })
        })
        .await?;
    Ok(desk.json(&list))
}

#[derive(Serialize)]
struct Taken {
    item: Answer,
    /// False for a picture that the library has already.
    new: bool,
}

/// `POST /admin/media.json`: one file.
pub async fn take(desk: Newsroom, upload: Upload) -> Result<HttpResponse> {
    match take_in(&desk, upload.only()?).await? {
        Ok((item, new)) => Ok(json(
            StatusCode::CREATED,
            &Taken {
                item: item.into(),
                new,
            },
        )),
        Err(refused) => Err(refusal(&refused)),
    }
}
