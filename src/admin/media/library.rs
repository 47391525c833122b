//! The library itself: all pictures, newest first, and where new ones come in.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{take_in, url_at_least};
use crate::{
    admin::{Layout, Newsroom, Upload},
    error::Result,
    media::Limits,
    models::media::{self as pictures, Item},
};

/// So many pictures on a page.
const PAGE: i64 = 48;

/// A picture in the grid.
struct Tile {
    id: i64,
    thumb: String,
    alt: String,
    name: String,
    /// Whether nobody has said yet what it shows.
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

/// A file that was not taken, and why.
struct NotTaken {
    name: String,
    why: String,
}

#[derive(Template)]
#[template(path = "admin/media/library.html")]
struct LibraryPage {
    layout: Layout,
    script: String,
    words: String,
    tiles: Vec<Tile>,
    /// The query of the page of older pictures, if there are any.
    older: Option<String>,
    is_first_page: bool,
    not_taken: Vec<NotTaken>,
    megabytes: usize,
}

/// `GET /admin/media?q=…&before=…`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let (words, before) = (desk.query("q"), desk.query("before").parse().ok());
    page(&desk, StatusCode::OK, words, before, Vec::new()).await
}

async fn page(
    desk: &Newsroom,
    status: StatusCode,
    words: String,
    before: Option<i64>,
    not_taken: Vec<NotTaken>,
) -> Result<HttpResponse> {
    let sought = words.clone();
    let mut items = desk
        .read(move |conn| Ok(pictures::search(conn, &sought, before, PAGE + 1)?))
        .await?;
    let more = items.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    if more {
        items.pop();
    }
    let older = items.last().filter(|_| more).map(|last| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !words.is_empty() {
            query.append_pair("q", &words);
        }
        query.append_pair("before", &last.media.id.to_string());
        query.finish()
    });
    let page = LibraryPage {
        layout: desk.layout("Media", "/admin/media"),
        script: desk.app.assets.url("js/media.js").to_owned(),
        words,
        tiles: items.into_iter().map(Tile::from).collect(),
        older,
        is_first_page: before.is_none(),
        not_taken,
        megabytes: Limits::UPLOAD.bytes / 1_000_000,
    };
    desk.page_as(status, &page)
}

/// `POST /admin/media`: any number of files, sent as a plain form.
pub async fn add(desk: Newsroom, upload: Upload) -> Result<HttpResponse> {
    if upload.files.is_empty() {
        return desk.see_other("/admin/media", "No file was chosen.");
    }
    let (mut new, mut known, mut last) = (0, 0, None);
    let mut not_taken = Vec::new();
    for file in upload.files {
        let name = file.name.clone();
        match take_in(&desk, file).await? {
            Ok((item, is_new)) => {
                if is_new {
                    new += 1;
                } else {
                    known += 1;
                }
                last = Some(item.media.id);
            }
            Err(refused) => not_taken.push(NotTaken {
                name,
                why: refused.to_string(),
            }),
        }
    }
    if !not_taken.is_empty() {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&desk, status, String::new(), None, not_taken).await;
    }
    match (new, known, last) {
        (1, 0, Some(id)) => desk.see_other(
            &format!("/admin/media/{id}"),
            "The picture is in the library. Say what it shows.",
        ),
        (0, 1, Some(id)) => desk.see_other(
            &format!("/admin/media/{id}"),
            "That picture was in the library already.",
        ),
        (new, 0, _) => desk.see_other("/admin/media", &format!("{new} pictures were added.")),
        (new, known, _) => desk.see_other(
            "/admin/media",
            &format!("{new} pictures were added; {known} were in the library already."),
        ),
    }
}
