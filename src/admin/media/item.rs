//! One picture: what is said of it, its focal point, where it is used; replacing and deleting it.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{begin, event, may_describe, refusal, title, url_at_least};
use crate::{
    admin::{Layout, Newsroom, Nothing, Posted, Upload},
    db::types::UserRole,
    error::{Error, Result},
    media::{Focal, Limits, Rect, Shape},
    models::{
        history::NewEvent,
        media::{self as pictures, Description, Item, Use},
    },
    view::form::{Errors, Field},
};

/// The longest text, in characters.
const LONGEST: usize = 1000;

/// How a crop looks: a part of the picture, in its pixels.
struct Crop {
    name: &'static str,
    part: Rect,
}

/// A place where the picture is used.
struct Place {
    what: String,
    name: String,
    path: String,
}

#[derive(Template)]
#[template(path = "admin/media/item.html")]
struct ItemPage {
    layout: Layout,
    script: String,
    id: i64,
    title: String,
    src: String,
    largest: String,
    width: i32,
    height: i32,
    shown_alt: String,
    /// Of the focal point, in pixels of the picture, and of its mark.
    focal: (i32, i32),
    mark: i32,
    crops: Vec<Crop>,
    alt: Field,
    caption: Field,
    credit: Field,
    focal_x: Field,
    focal_y: Field,
    facts: Vec<(&'static str, String)>,
    places: Vec<Place>,
    /// Articles of others, which this user cannot open.
    elsewhere: usize,
    in_use: bool,
    unfinished: bool,
    may_describe: bool,
    may_replace: bool,
    errors: Errors,
    megabytes: usize,
}

/// `GET /admin/media/{id}`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, StatusCode::OK, None, Errors::default()).await
}

async fn page(
    desk: &Newsroom,
    status: StatusCode,
    typed: Option<Typed>,
    errors: Errors,
) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let (item, uses, taken_in_by) = desk
        .read(move |conn| {
            let item = pictures::item(conn, id)?.ok_or(Error::NotFound)?;
            let uses = pictures::uses(conn, id)?;
            let taken_in_by = pictures::taken_in_by(conn, &item)?;
            Ok((item, uses, taken_in_by))
        })
        .await?;
    let media = &item.media;
    let typed = typed.unwrap_or_else(|| Typed::of(&item));
    let side = |n: i32| u32::try_from(n).unwrap_or(1).max(1);
    let (width, height) = (side(media.width), side(media.height));
    let focal = Focal::new(media.focal_x, media.focal_y);
    let (places, elsewhere) = places(desk, &uses);
    let mut facts = vec![
        ("File", item.name.clone()),
        ("Size", format!("{width} × {height} pixels")),
        ("Uploaded", megabytes(item.bytes)),
        (
            "Since",
            desk.locale.date_and_time(item.created_at.and_utc()),
        ),
        ("By", taken_in_by.unwrap_or_default()),
    ];
    facts.retain(|(_, fact)| !fact.is_empty());
    let page = ItemPage {
        layout: desk.layout(title(&item), "/admin/media"),
        script: desk.app.assets.url("js/media.js").to_owned(),
        id,
        title: title(&item).to_owned(),
        src: url_at_least(media, 1280),
        largest: url_at_least(media, u32::MAX),
        width: media.width,
        height: media.height,
        shown_alt: media.alt.clone(),
        focal: (
            media.width * media.focal_x / 1000,
            media.height * media.focal_y / 1000,
        ),
        mark: (media.width.max(media.height) / 40).max(1),
        crops: Shape::ALL
            .map(|shape| Crop {
                name: shape.name(),
                part: shape.crop(width, height, focal),
            })
            .into(),
        alt: Field::new("alt", "Alternative text")
            .hint("What the picture shows, for those who cannot see it")
            .value(typed.alt)
            .errors(&errors),
        caption: Field::new("caption", "Caption")
            .hint("Stands below the picture")
            .value(typed.caption)
            .errors(&errors),
        credit: Field::new("credit", "Credit")
            .hint("Photographer and agency")
            .value(typed.credit)
            .errors(&errors),
        focal_x: Field::new("focal_x", "From the left, in %")
            .value(typed.focal_x)
            .errors(&errors),
        focal_y: Field::new("focal_y", "From the top, in %")
            .value(typed.focal_y)
            .errors(&errors),
        facts,
        in_use: !uses.is_empty(),
        places,
        elsewhere,
        unfinished: !media.has_crops() && item.user_id.is_some(),
        may_describe: may_describe(desk, &item),
        may_replace: desk.may(UserRole::Editor),
        errors,
        megabytes: Limits::UPLOAD.bytes / 1_000_000,
    };
    desk.page_as(status, &page)
}

fn megabytes(bytes: i64) -> String {
    match bytes {
        ..=0 => String::new(),
        1..100_000 => format!("{} kB", (bytes + 999) / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The uses that this user may see, and how many others there are.
fn places(desk: &Newsroom, uses: &[Use]) -> (Vec<Place>, usize) {
    let places: Vec<Place> = uses
        .iter()
        .filter_map(|used| match used {
            Use::Article {
                id,
                headline,
                owner_id,
            } => {
                let theirs = desk.may(UserRole::Editor) || *owner_id == Some(desk.user.id);
                theirs.then(|| Place {
                    what: "Article".to_owned(),
                    name: if headline.is_empty() {
                        "without a headline".to_owned()
                    } else {
                        headline.clone()
                    },
                    path: format!("/admin/articles/{id}"),
                })
            }
            Use::Page { id, title } => Some(Place {
                what: "Page".to_owned(),
                name: title.clone(),
                path: format!("/admin/pages/{id}"),
            }),
            Use::Portrait { author_id, name } => Some(Place {
                what: "Portrait of".to_owned(),
                name: name.clone(),
                path: format!("/admin/authors/{author_id}"),
            }),
            Use::Logo => Some(Place {
                what: "Logo in the".to_owned(),
                name: "settings".to_owned(),
                path: "/admin/settings".to_owned(),
            }),
        })
        .collect();
    let elsewhere = uses.len() - places.len();
    (places, elsewhere)
}

/// The form, as it was typed.
#[derive(Clone, Debug, Deserialize)]
pub struct Typed {
    alt: String,
    caption: String,
    credit: String,
    /// In per cent.
    focal_x: String,
    focal_y: String,
}

impl Typed {
    fn of(item: &Item) -> Self {
        let media = &item.media;
        let percent = |thousandths: i32| {
            let text = format!("{}.{}", thousandths / 10, thousandths % 10);
            text.trim_end_matches(".0").to_owned()
        };
        Self {
            alt: media.alt.clone(),
            caption: media.caption.clone(),
            credit: media.credit.clone(),
            focal_x: percent(media.focal_x),
            focal_y: percent(media.focal_y),
        }
    }

    fn understood(&self) -> Result<Description, Errors> {
        let mut errors = Errors::default();
        let texts = [
            ("alt", "The alternative text", &self.alt),
            ("caption", "The caption", &self.caption),
            ("credit", "The credit", &self.credit),
        ];
        for (field, what, text) in texts {
            if text.chars().count() > LONGEST {
                errors.add(field, format!("{what} has more than {LONGEST} characters"));
            }
        }
        let mut thousandths = |field, text: &str| {
            let percent: Option<f64> = text.trim().replace(',', ".").parse().ok();
            match percent.filter(|percent| (0.0..=100.0).contains(percent)) {
                Some(percent) => (percent * 10.0).round() as i32,
                None => {
                    errors.add(field, "The focal point is a number between 0 and 100");
                    0
                }
            }
        };
        let (focal_x, focal_y) = (
            thousandths("focal_x", &self.focal_x),
            thousandths("focal_y", &self.focal_y),
        );
        let text = |text: &str| text.trim().to_owned();
        if errors.is_empty() {
            Ok(Description {
                alt: text(&self.alt),
                caption: text(&self.caption),
                credit: text(&self.credit),
                focal_x,
                focal_y,
            })
        } else {
            Err(errors)
        }
    }
}

/// `POST /admin/media/{id}`
pub async fn describe(desk: Newsroom, posted: Posted<Typed>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let item = desk
        .read(move |conn| pictures::item(conn, id)?.ok_or(Error::NotFound))
        .await?;
    if !may_describe(&desk, &item) {
        return Err(Error::Forbidden);
    }
    let new = match posted.form.understood() {
        Ok(new) => new,
        Err(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return page(&desk, status, Some(posted.form), errors).await;
        }
    };
    desk.write(move |conn, actor| {
        pictures::describe(conn, &item, &new)?;
        actor.did(conn, &event("described", &item))
    })
    .await?;
    desk.app.media_changed.notify_one();
    desk.see_other(&format!("/admin/media/{id}"), "Saved.")
}

/// `POST /admin/media/{id}/replace`: another file for the same picture.
pub async fn replace(desk: Newsroom, upload: Upload) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let files = match begin(&desk, upload.only()?).await? {
        Ok(files) => files,
        Err(refused) => return Err(refusal(&refused)),
    };
    let notice = desk
        .write(move |conn, actor| {
            let item = pictures::item(conn, id)?.ok_or(Error::NotFound)?;
            match pictures::with_hash(conn, &files.hash)? {
                Some(same) if same.media.id == id => return Ok("That is the same picture."),
                Some(other) => {
                    return Err(Error::Unusable(format!(
                        "That picture is in the library already, as “{}”. Use that one instead.",
                        title(&other)
                    )));
                }
                None => {}
            }
            pictures::replace(conn, id, &files)?;
            actor.did(
                conn,
                &NewEvent {
                    detail: &files.name,
                    ..event("replaced", &item)
                },
            )?;
            Ok("The picture is replaced wherever it is used. Check its texts and its focal point.")
        })
        .await?;
    desk.app.media_changed.notify_one();
    desk.see_other(&format!("/admin/media/{id}"), notice)
}

/// `POST /admin/media/{id}/delete`
pub async fn delete(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let deleted = desk
        .write(move |conn, actor| {
            let item = pictures::item(conn, id)?.ok_or(Error::NotFound)?;
            if !pictures::uses(conn, id)?.is_empty() {
                return Ok(false);
            }
            pictures::delete(conn, id)?;
            actor.did(conn, &event("deleted", &item))?;
            Ok(true)
        })
        .await?;
    if !deleted {
        let mut errors = Errors::default();
        errors.add(
            "uses",
            "The picture is in use, so it was not deleted. Take it out there first",
        );
        return page(&desk, StatusCode::CONFLICT, None, errors).await;
    }
    desk.app.media_changed.notify_one();
    desk.see_other("/admin/media", "The picture is deleted.")
}
