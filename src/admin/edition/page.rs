//! The page of the edition: the list, the search results, the preview and the breaking-news bar.

use std::collections::HashMap;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use chrono::NaiveDateTime;

use super::{
    draft::{EditionDraft, fingerprint},
    preview::Preview,
};
use crate::{
    admin::{Layout, StaffRequest},
    db::{
        AnyConnection,
        types::{HistoryKind, TimelineKind},
    },
    error::Result,
    locale::NewsroomEdition,
    models::{
        article::{self, Record},
        edition::{self, Slot},
        history, search,
        setting::{self, Breaking},
        timeline,
    },
    view::form::{Choice, Field},
};

/// The maximum number of search results that are shown.
const MAX_RESULTS: usize = 8;

#[derive(Template)]
#[template(path = "admin/edition.html")]
struct EditionPage {
    layout: Layout,
    script: String,
    editor_script: String,
    editor_stylesheet: String,
    of_section: Field,
    section: String,
    /// The path of the page for readers.
    path: String,
    base: String,
    rows: Vec<Row>,
    errors: Vec<FieldError>,
    status: String,
    /// Whether the draft differs from the published arrangement.
    unsaved: bool,
    conflict: Option<Conflict>,
    q: Field,
    found: Option<Vec<Found>>,
    add: Field,
    preview: Preview,
    bar: Option<Bar>,
}

/// An error with the id of its field on the page.
struct FieldError {
    id: String,
    text: String,
}

/// A placed article in the list.
struct Row {
    id: i64,
    headline: String,
    /// "Lead", "Beside the lead" and so on.
    place: &'static str,
    /// Why readers do not see it there; empty if they do.
    note: String,
    until: String,
    error: String,
    first: bool,
    last: bool,
}

/// An arrangement that another user saved after the draft was begun.
struct Conflict {
    title: String,
    theirs: Vec<String>,
}

/// A search result.
struct Found {
    id: i64,
    headline: String,
    about: String,
    placed: bool,
}

/// The breaking-news bar.
struct Bar {
    base: String,
    /// The time until which readers see it; `None` while they do not.
    up_until: Option<String>,
    text: Field,
    link: Field,
    until: Field,
}

/// The name of the front page or of a section.
pub(super) fn name(request: &StaffRequest, section_id: Option<i64>) -> String {
    section_id
        .and_then(|id| request.site.sections.get(id))
        .map_or_else(
            || request.texts().edition.front_page.to_owned(),
            |section| section.name.clone(),
        )
}

/// The data that the page shows in addition to the draft.
struct PageData {
    slots: Vec<Slot>,
    /// The latest change of the arrangement.
    last: Option<history::Event>,
    stories: HashMap<i64, Record>,
    newest: Vec<i64>,
    found: Vec<i64>,
    cards: article::Cards,
    breaking: Option<Breaking>,
}

impl PageData {
    fn read(
        conn: &mut AnyConnection,
        section_id: Option<i64>,
        pins: &[i64],
        q: &str,
        now: NaiveDateTime,
    ) -> Result<Self> {
        let slots = edition::arrangement(conn, section_id)?;
        let key = section_id.map_or(timeline::SITE, |id| (TimelineKind::Section, id));
        let newest = timeline::newest(conn, key, now, edition::FRONT as i64)?;
        let mut found = search::newest(conn, q, now)?;
        found.truncate(MAX_RESULTS);
        let placed: Vec<i64> = slots
            .iter()
            .map(|slot| slot.article_id)
            .chain(pins.iter().copied())
            .collect();
        let shown: Vec<i64> = placed
            .iter()
            .chain(&newest)
            .chain(&found)
            .copied()
            .collect();
        Ok(Self {
            last: history::of_object(conn, HistoryKind::Edition, section_id.unwrap_or(0), 1)?.pop(),
            stories: edition::stories(conn, &placed)?,
            cards: article::cards(conn, &shown, now)?,
            breaking: setting::load(conn)?.breaking,
            slots,
            newest,
            found,
        })
    }
}

/// Renders the draft and its preview.
pub(super) async fn page(request: &StaffRequest, mut draft: EditionDraft) -> Result<HttpResponse> {
    let now = request.now.naive_utc();
    let section_id = draft.section_id;
    let data = {
        let pins: Vec<i64> = draft.pins.iter().map(|pin| pin.article_id).collect();
        let q = draft.q.clone();
        request
            .read(move |conn| PageData::read(conn, section_id, &pins, &q, now))
            .await?
    };
    draft
        .pins
        .retain(|pin| data.stories.contains_key(&pin.article_id));
    let stored = EditionDraft::stored(request, section_id, &data.slots, now);
    let http_status = match (draft.is_outdated, draft.has_errors()) {
        (true, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let texts = &request.texts().edition;
    let unsaved = draft.pins != stored.pins;
    let conflict = (fingerprint(&data.slots) != draft.base && unsaved).then(|| {
        let title = match &data.last {
            Some(event) => texts.conflict(
                &event.who,
                request.locale.date_and_time(event.made_at.and_utc()),
            ),
            None => texts.conflict_unknown.to_owned(),
        };
        let theirs = stored.pins.iter();
        Conflict {
            title,
            theirs: theirs.map(|pin| headline(&data, pin.article_id)).collect(),
        }
    });
    let rows = rows(request, &draft, &data);
    let mut errors: Vec<FieldError> = draft
        .errors
        .0
        .iter()
        .map(|(field, text)| FieldError {
            id: format!("field-{field}"),
            text: text.clone(),
        })
        .collect();
    for row in rows.iter().filter(|row| !row.error.is_empty()) {
        errors.push(FieldError {
            id: format!("until-{}", row.id),
            text: texts.story_error(&row.headline, &row.error),
        });
    }
    let assets = &request.app.assets;
    let section = section_id.and_then(|id| request.site.sections.get(id));
    let page = EditionPage {
        layout: request.layout(&texts.title(name(request, section_id)), "/admin/edition"),
        script: assets.url("js/edition.js").to_owned(),
        editor_script: assets.url("js/editor.js").to_owned(),
        editor_stylesheet: assets.url("css/editor.css").to_owned(),
        of_section: Field::new("section", texts.page).choices(page_choices(request, section_id)),
        section: section_id.map(|id| id.to_string()).unwrap_or_default(),
        path: section.map_or_else(|| "/".to_owned(), |section| section.path.clone()),
        rows,
        errors,
        status: draft.status.clone(),
        unsaved,
        q: Field::new("q", texts.search).value(&draft.q),
        found: (!draft.q.is_empty()).then(|| found(request, &draft, &data)),
        add: Field::new("add", texts.number_or_address)
            .value(&draft.add)
            .errors(&draft.errors),
        preview: Preview::new(&request.site, &draft, &data.cards, &data.newest),
        bar: section_id.is_none().then(|| bar(request, &draft, &data)),
        // After the conflict was shown, saving replaces the other arrangement.
        base: if conflict.is_some() {
            stored.base
        } else {
            draft.base
        },
        conflict,
    };
    request.page_as(http_status, &page)
}

/// The front page and every section.
fn page_choices(request: &StaffRequest, section_id: Option<i64>) -> Vec<Choice> {
    let sections = request.site.sections.called_by_trail();
    let front_page = request.texts().edition.front_page;
    std::iter::once(Choice::new("", front_page, section_id.is_none()))
        .chain(
            sections
                .into_iter()
                .map(|(id, name)| Choice::new(id.to_string(), name, section_id == Some(id))),
        )
        .collect()
}

fn headline(data: &PageData, id: i64) -> String {
    data.stories
        .get(&id)
        .map(|record| record.headline.clone())
        .unwrap_or_default()
}

fn rows(request: &StaffRequest, draft: &EditionDraft, data: &PageData) -> Vec<Row> {
    let texts = &request.texts().edition;
    let mut live = 0;
    draft
        .pins
        .iter()
        .enumerate()
        .map(|(index, pin)| {
            let record = data.stories.get(&pin.article_id);
            let is_live = record.is_some_and(|record| record.is_live(request.now));
            let note = match record.filter(|_| !is_live) {
                None => String::new(),
                Some(record) if record.is_published() => record
                    .published_at
                    .map(|time| request.locale.date_and_time(time.and_utc()))
                    .map(|time| texts.visible_from(time))
                    .unwrap_or_default(),
                Some(_) => texts.unpublished.to_owned(),
            };
            let place = if is_live {
                live += 1;
                place(texts, live, draft.section_id.is_none())
            } else {
                ""
            };
            Row {
                id: pin.article_id,
                headline: headline(data, pin.article_id),
                place,
                note,
                until: pin.until.clone(),
                error: pin.error.clone(),
                first: index == 0,
                last: index + 1 == draft.pins.len(),
            }
        })
        .collect()
}

/// The name of the `n`th place, counted from 1.
fn place(texts: &NewsroomEdition, n: usize, is_front: bool) -> &'static str {
    const BELOW: usize = edition::SECTION + edition::BELOW;
    match n {
        1 => texts.place_lead,
        _ if n <= edition::SECTION => texts.place_beside,
        _ if is_front && n <= BELOW => texts.place_below,
        _ if is_front && n <= edition::FRONT => texts.place_latest,
        _ => texts.place_full,
    }
}

fn found(request: &StaffRequest, draft: &EditionDraft, data: &PageData) -> Vec<Found> {
    data.found
        .iter()
        .filter_map(|id| data.cards.get(id))
        .map(|card| {
            let section = request.site.sections.get(card.section_id);
            Found {
                id: card.id,
                headline: card.headline.clone(),
                about: request.texts().edition.story_about(
                    section.map_or("", |section| &section.name),
                    request.locale.date_and_time(card.published_at),
                ),
                placed: draft.position(card.id).is_some(),
            }
        })
        .collect()
}

fn bar(request: &StaffRequest, draft: &EditionDraft, data: &PageData) -> Bar {
    let texts = &request.texts().edition;
    let up = data.breaking.as_ref();
    Bar {
        base: draft.breaking_base.clone(),
        up_until: up
            .filter(|bar| bar.until > request.now)
            .map(|bar| request.locale.date_and_time(bar.until)),
        text: Field::new("breaking_text", texts.bar_text)
            .value(&draft.breaking_text)
            .errors(&draft.errors),
        link: Field::new("breaking_link", texts.bar_link)
            .hint(texts.bar_link_hint)
            .value(&draft.breaking_link)
            .errors(&draft.errors),
        until: Field::new("breaking_until", texts.until)
            .hint(texts.bar_time_zone(request.locale.time_zone()))
            .value(&draft.breaking_until)
            .errors(&draft.errors),
    }
}
