//! The media library as JSON, for the body editor and for uploads with progress.

use actix_web::{HttpResponse, http::StatusCode};
use serde::Serialize;

use super::{Uploaded, refusal, upload as upload_file, url_at_least};
use crate::{
    admin::{StaffRequest, Upload, json},
    error::Result,
    models::media::{self as pictures, Item},
};

/// Pictures in a response.
const PAGE_SIZE: i64 = 48;
/// The maximum number of `ids` that are looked up.
const MAX_IDS: usize = 200;

/// A picture, as the body editor expects it.
#[derive(Serialize)]
struct Picture {
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

impl From<Item> for Picture {
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
    items: Vec<Picture>,
    /// The `before` parameter of the next page.
    next: Option<i64>,
}

/// `GET /admin/media.json?q=…&before=…` or `?ids=1,2`
pub async fn list(request: StaffRequest) -> Result<HttpResponse> {
    let ids = request.query("ids");
    let (words, before) = (request.query("q"), request.query("before").parse().ok());
    let list = request
        .read(move |conn| {
            if !ids.is_empty() {
                let ids = ids.split(',').filter_map(|id| id.trim().parse().ok());
                let ids: Vec<i64> = ids.take(MAX_IDS).collect();
                let mut items = pictures::items(conn, &ids)?;
                // In the order of the request.
                items.sort_by_key(|item| ids.iter().position(|id| *id == item.media.id));
                return Ok(List {
                    items: items.into_iter().map(Picture::from).collect(),
                    next: None,
                });
            }
            let mut items = pictures::search(conn, &words, before, PAGE_SIZE + 1)?;
            let has_next = items.len() > usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
            if has_next {
                items.pop();
            }
            Ok(List {
                next: items.last().map(|item| item.media.id).filter(|_| has_next),
                items: items.into_iter().map(Picture::from).collect(),
            })
        })
        .await?;
    Ok(request.json(&list))
}

#[derive(Serialize)]
struct UploadResponse {
    item: Picture,
    /// False if the library already contained the picture.
    new: bool,
}

/// `POST /admin/media.json`: one file.
pub async fn take(request: StaffRequest, upload: Upload) -> Result<HttpResponse> {
    let texts = request.texts();
    let (item, new) = match upload_file(&request, upload.only(texts)?).await? {
        Uploaded::New(item) => (item.into(), true),
        Uploaded::Existing(item) => (item.into(), false),
        Uploaded::Refused(error) => return Err(refusal(texts, &error)),
    };
    Ok(json(StatusCode::CREATED, &UploadResponse { item, new }))
}
