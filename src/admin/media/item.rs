//! One picture: its texts, focal point and uses; replacing and deleting it.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{decode, event, may_describe, refusal, title, url_at_least};
use crate::{
    admin::{CsrfForm, EmptyForm, FormOutcome, Layout, StaffRequest, Upload, labels},
    db::types::{HistoryAction, HistoryKind, UserRole},
    error::{Error, Result},
    locale::{NewsroomHistoryDetails, NewsroomMediaItem},
    media::{Focal, Limits, Rect, Shape},
    models::{
        history::{self, Event, NewEvent},
        media::{self as pictures, Description, Item, Media, Use},
    },
    view::form::{Errors, Field},
};

/// The maximum length of a text, in characters.
const MAX_CHARS: usize = 1000;
/// The newest changes that the page lists.
const MAX_CHANGES: i64 = 20;

/// A crop: a part of the picture, in pixels.
struct Crop {
    name: &'static str,
    part: Rect,
}

/// A place where the picture is used.
struct Place {
    what: &'static str,
    name: String,
    path: String,
}

/// A change of the picture.
struct Change {
    time: String,
    /// The value of a `datetime` attribute.
    machine: String,
    who: String,
    what: String,
    detail: String,
}

impl Change {
    fn new(request: &StaffRequest, event: Event) -> Self {
        let moment = event.made_at.and_utc();
        Self {
            time: request.locale.date_and_time(moment),
            machine: request.locale.machine(moment),
            what: labels::action(request.texts(), &event.action).to_owned(),
            who: event.who,
            detail: event.detail,
        }
    }
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
    /// Position of the focal point and radius of its mark, in pixels of the picture.
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
    /// The number of articles that use it and that this user cannot open.
    elsewhere: usize,
    in_use: bool,
    /// Newest first; none for a user who may not change the texts.
    changes: Vec<Change>,
    unfinished: bool,
    may_describe: bool,
    may_replace: bool,
    errors: Errors,
    megabytes: usize,
}

/// `GET /admin/media/{id}`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, StatusCode::OK, None, Errors::default()).await
}

async fn page(
    request: &StaffRequest,
    status: StatusCode,
    form: Option<MediaForm>,
    errors: Errors,
) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let (item, uses, uploader, events) = request
        .read(move |conn| {
            let item = pictures::item(conn, id)?.ok_or(Error::NotFound)?;
            let uses = pictures::uses(conn, id)?;
            let uploader = pictures::taken_in_by(conn, &item)?;
            let events = history::of_object(conn, HistoryKind::Media, id, MAX_CHANGES)?;
            Ok((item, uses, uploader, events))
        })
        .await?;
    let texts = &request.texts().media_item;
    let media = &item.media;
    let form = form.unwrap_or_else(|| MediaForm::from(&item));
    let side = |n: i32| u32::try_from(n).unwrap_or(1).max(1);
    let (width, height) = (side(media.width), side(media.height));
    let focal = Focal::new(media.focal_x, media.focal_y);
    let (places, elsewhere) = places(request, &uses);
    let mut facts = vec![
        (texts.file, item.name.clone()),
        (texts.size, texts.pixels(width, height)),
        (texts.uploaded, file_size(texts, item.bytes)),
        (
            texts.date,
            request.locale.date_and_time(item.created_at.and_utc()),
        ),
        (texts.by, uploader.unwrap_or_default()),
    ];
    facts.retain(|(_, fact)| !fact.is_empty());
    let may_describe = may_describe(request, &item);
    let events = if may_describe { events } else { Vec::new() };
    let page = ItemPage {
        layout: request.layout(title(&item), "/admin/media"),
        script: request.app.assets.url("js/media.js").to_owned(),
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
        alt: Field::new("alt", texts.alt)
            .hint(texts.alt_hint)
            .value(form.alt)
            .errors(&errors),
        caption: Field::new("caption", texts.caption)
            .hint(texts.caption_hint)
            .value(form.caption)
            .errors(&errors),
        credit: Field::new("credit", texts.credit)
            .hint(texts.credit_hint)
            .value(form.credit)
            .errors(&errors),
        focal_x: Field::new("focal_x", texts.from_left)
            .value(form.focal_x)
            .errors(&errors),
        focal_y: Field::new("focal_y", texts.from_top)
            .value(form.focal_y)
            .errors(&errors),
        facts,
        in_use: !uses.is_empty(),
        places,
        elsewhere,
        unfinished: !media.has_crops() && item.user_id.is_some(),
        changes: events
            .into_iter()
            .map(|event| Change::new(request, event))
            .collect(),
        may_describe,
        may_replace: request.may(UserRole::Editor),
        errors,
        megabytes: Limits::UPLOAD.bytes / 1_000_000,
    };
    request.page_as(status, &page)
}

/// The size of a file as text; empty if it is unknown.
fn file_size(texts: &NewsroomMediaItem, bytes: i64) -> String {
    match bytes {
        ..=0 => String::new(),
        1..100_000 => texts.kilobytes((bytes + 999) / 1000),
        _ => texts.megabytes(bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The uses that this user may see, and the number of other uses.
fn places(request: &StaffRequest, uses: &[Use]) -> (Vec<Place>, usize) {
    let texts = &request.texts().media_item;
    let places: Vec<Place> = uses
        .iter()
        .filter_map(|used| match used {
            Use::Article {
                id,
                headline,
                owner_id,
            } => {
                let is_visible =
                    request.may(UserRole::Editor) || *owner_id == Some(request.user.id);
                is_visible.then(|| Place {
                    what: texts.article,
                    name: if headline.is_empty() {
                        texts.untitled.to_owned()
                    } else {
                        headline.clone()
                    },
                    path: format!("/admin/articles/{id}"),
                })
            }
            Use::Page { id, title } => Some(Place {
                what: texts.page,
                name: title.clone(),
                path: format!("/admin/pages/{id}"),
            }),
            Use::Portrait { author_id, name } => Some(Place {
                what: texts.portrait_of,
                name: name.clone(),
                path: format!("/admin/authors/{author_id}"),
            }),
            Use::Logo => Some(Place {
                what: texts.logo_in,
                name: texts.settings.to_owned(),
                path: "/admin/settings".to_owned(),
            }),
        })
        .collect();
    let elsewhere = uses.len() - places.len();
    (places, elsewhere)
}

/// The submitted form.
#[derive(Clone, Debug, Deserialize)]
pub struct MediaForm {
    alt: String,
    caption: String,
    credit: String,
    /// In percent.
    focal_x: String,
    focal_y: String,
}

impl From<&Item> for MediaForm {
    fn from(item: &Item) -> Self {
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
}

impl MediaForm {
    fn validate(&self, texts: &NewsroomMediaItem) -> FormOutcome<Description> {
        let mut errors = Errors::default();
        let inputs = [
            ("alt", texts.the_alt, &self.alt),
            ("caption", texts.the_caption, &self.caption),
            ("credit", texts.the_credit, &self.credit),
        ];
        for (field, name, input) in inputs {
            if input.chars().count() > MAX_CHARS {
                errors.add(field, texts.too_long(name, MAX_CHARS));
            }
        }
        let mut thousandths = |field, text: &str| {
            let percent: Option<f64> = text.trim().replace(',', ".").parse().ok();
            match percent.filter(|percent| (0.0..=100.0).contains(percent)) {
                Some(percent) => (percent * 10.0).round() as i32,
                None => {
                    errors.add(field, texts.focal_point_range);
                    0
                }
            }
        };
        let (focal_x, focal_y) = (
            thousandths("focal_x", &self.focal_x),
            thousandths("focal_y", &self.focal_y),
        );
        let text = |text: &str| text.trim().to_owned();
        let description = Description {
            alt: text(&self.alt),
            caption: text(&self.caption),
            credit: text(&self.credit),
            focal_x,
            focal_y,
        };
        FormOutcome::new(description, errors)
    }
}

/// The changed texts before and after, as the history shows them.
fn differences(texts: &NewsroomHistoryDetails, before: &Media, after: &Description) -> String {
    let changed = [
        (
            before.alt != after.alt,
            texts.new_alt(&before.alt, &after.alt),
        ),
        (
            before.caption != after.caption,
            texts.new_caption(&before.caption, &after.caption),
        ),
        (
            before.credit != after.credit,
            texts.new_credit(&before.credit, &after.credit),
        ),
        (
            (before.focal_x, before.focal_y) != (after.focal_x, after.focal_y),
            texts.focal_point.to_owned(),
        ),
    ];
    let changed: Vec<String> = changed
        .into_iter()
        .filter(|(is_changed, _)| *is_changed)
        .map(|(_, text)| text)
        .collect();
    changed.join("; ")
}

/// `POST /admin/media/{id}`
pub async fn describe(request: StaffRequest, posted: CsrfForm<MediaForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let item = request
        .read(move |conn| pictures::item(conn, id)?.ok_or(Error::NotFound))
        .await?;
    if !may_describe(&request, &item) {
        return Err(Error::Forbidden);
    }
    let texts = &request.texts().media_item;
    let description = match posted.form.validate(texts) {
        FormOutcome::Accepted(description) => description,
        FormOutcome::Invalid(errors) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return page(&request, status, Some(posted.form), errors).await;
        }
    };
    request
        .write(move |conn, actor| {
            // Read again: the history names the texts that this change replaces.
            let before = pictures::item(conn, id)?.ok_or(Error::NotFound)?;
            pictures::describe(conn, &before, &description)?;
            let detail = differences(&actor.texts().history_details, &before.media, &description);
            actor.audit(
                conn,
                &NewEvent {
                    detail: &detail,
                    ..event(HistoryAction::Described, &before)
                },
            )
        })
        .await?;
    request.app.media_changed.notify_one();
    request.see_other(&format!("/admin/media/{id}"), texts.saved)
}

/// `POST /admin/media/{id}/replace`: replaces the file of the picture.
pub async fn replace(request: StaffRequest, upload: Upload) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let texts = request.texts();
    let files = match decode(&request, upload.only(texts)?).await? {
        Ok(files) => files,
        Err(error) => return Err(refusal(texts, &error)),
    };
    let texts = &texts.media_item;
    let notice = request
        .write(move |conn, actor| {
            let item = pictures::item(conn, id)?.ok_or(Error::NotFound)?;
            match pictures::with_hash(conn, &files.hash)? {
                Some(same) if same.media.id == id => return Ok(texts.unchanged),
                Some(other) => {
                    return Err(Error::Unusable(texts.existing(title(&other))));
                }
                None => {}
            }
            pictures::replace(conn, id, &files)?;
            actor.audit(
                conn,
                &NewEvent {
                    detail: &files.name,
                    ..event(HistoryAction::Replaced, &item)
                },
            )?;
            Ok(texts.replaced)
        })
        .await?;
    request.app.media_changed.notify_one();
    request.see_other(&format!("/admin/media/{id}"), notice)
}

/// `POST /admin/media/{id}/delete`
pub async fn delete(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let deleted = request
        .write(move |conn, actor| {
            let item = pictures::item(conn, id)?.ok_or(Error::NotFound)?;
            if !pictures::uses(conn, id)?.is_empty() {
                return Ok(false);
            }
            pictures::delete(conn, id)?;
            actor.audit(conn, &event(HistoryAction::Deleted, &item))?;
            Ok(true)
        })
        .await?;
    let texts = &request.texts().media_item;
    if !deleted {
        let mut errors = Errors::default();
        errors.add("uses", texts.in_use);
        return page(&request, StatusCode::CONFLICT, None, errors).await;
    }
    request.app.media_changed.notify_one();
    request.see_other("/admin/media", texts.deleted)
}
