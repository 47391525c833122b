//! The media library: all pictures, newest first, and the upload form.

use actix_web::{HttpResponse, http::StatusCode, web};
use askama::Template;

use super::{Uploaded, upload as upload_file, url_at_least};
use crate::{
    admin::{Layout, StaffRequest, Upload, upload::decode_error},
    error::{Error, Result},
    media::{self, Limits},
    models::media::{self as pictures, Item},
};

/// Pictures on a page.
const PAGE_SIZE: i64 = 48;
/// The maximum number of pixels of the files of one form, together.
const MAX_PIXELS: u64 = 1_000_000_000;

/// A picture in the grid.
struct Tile {
    id: i64,
    thumb: String,
    alt: String,
    name: String,
    /// Whether it has no alternative text.
    undescribed: bool,
    size: String,
}

impl From<Item> for Tile {
    fn from(item: Item) -> Self {
        Self {
            id: item.media.id,
            thumb: url_at_least(&item.media, 320),
            size: format!("{} × {}", item.media.width, item.media.height),
            undescribed: item.media.alt.is_empty(),
            name: super::title(&item).to_owned(),
            alt: item.media.alt,
        }
    }
}

/// A file that was refused, with the reason.
struct RefusedFile {
    name: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "admin/media/library.html")]
struct LibraryPage {
    layout: Layout,
    script: String,
    words: String,
    tiles: Vec<Tile>,
    /// The query string of the next page, if any.
    older: Option<String>,
    is_first_page: bool,
    refused_files: Vec<RefusedFile>,
    megabytes: usize,
}

/// `GET /admin/media?q=…&before=…`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let (words, before) = (request.query("q"), request.query("before").parse().ok());
    page(&request, StatusCode::OK, words, before, Vec::new()).await
}

async fn page(
    request: &StaffRequest,
    status: StatusCode,
    words: String,
    before: Option<i64>,
    refused_files: Vec<RefusedFile>,
) -> Result<HttpResponse> {
    let search = words.clone();
    let mut items = request
        .read(move |conn| Ok(pictures::search(conn, &search, before, PAGE_SIZE + 1)?))
        .await?;
    let has_next = items.len() > usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX);
    if has_next {
        items.pop();
    }
    let older = items.last().filter(|_| has_next).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !words.is_empty() {
            query.append_pair("q", &words);
        }
        query.append_pair("before", &last.media.id.to_string());
        query.finish()
    });
    let page = LibraryPage {
        layout: request.layout(request.texts().media.title, "/admin/media"),
        script: request.app.assets.url("js/media.js").to_owned(),
        words,
        tiles: items.into_iter().map(Tile::from).collect(),
        older,
        is_first_page: before.is_none(),
        refused_files,
        megabytes: Limits::UPLOAD.bytes / 1_000_000,
    };
    request.page_as(status, &page)
}

/// `POST /admin/media`: any number of files, from a form without JavaScript.
pub async fn add(request: StaffRequest, upload: Upload) -> Result<HttpResponse> {
    let texts = request.texts();
    if upload.files.is_empty() {
        return request.see_other("/admin/media", texts.upload.no_file);
    }
    let (files, pixels) = web::block(move || {
        let pixels = upload
            .files
            .iter()
            .filter_map(|file| media::pixels(&file.bytes));
        let pixels: u64 = pixels.sum();
        (upload.files, pixels)
    })
    .await?;
    if pixels > MAX_PIXELS {
        let text = texts
            .upload
            .too_many_pixels_together(pixels / 1_000_000, MAX_PIXELS / 1_000_000);
        return Err(Error::Unusable(text));
    }
    let (mut new, mut existing, mut last_id) = (0, 0, None);
    let mut refused_files = Vec::new();
    for file in files {
        let name = file.name.clone();
        match upload_file(&request, file).await? {
            Uploaded::New(item) => {
                new += 1;
                last_id = Some(item.media.id);
            }
            Uploaded::Existing(item) => {
                existing += 1;
                last_id = Some(item.media.id);
            }
            Uploaded::Refused(error) => refused_files.push(RefusedFile {
                name,
                reason: decode_error(texts, &error),
            }),
        }
    }
    if !refused_files.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&request, status, String::new(), None, refused_files).await;
    }
    let texts = &texts.media;
    match (new, existing, last_id) {
        (1, 0, Some(id)) => request.see_other(&format!("/admin/media/{id}"), texts.added),
        (0, 1, Some(id)) => request.see_other(&format!("/admin/media/{id}"), texts.existing),
        (new, 0, _) => request.see_other("/admin/media", &texts.several_added(new)),
        (new, existing, _) => request.see_other(
            "/admin/media",
            &texts.several_added_or_existing(new, existing),
        ),
    }
}
