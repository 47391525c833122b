//! The edition: the lead and the pins of the front page or of a section's top, and the breaking-news
//! bar. Every button of the form sends all of it back; nothing reaches readers before it is saved.

use std::collections::{HashMap, HashSet};

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use chrono::NaiveDateTime;
use serde::Deserialize;

use super::{Layout, Newsroom, Posted};
use crate::{
    db::{AnyConnection, types::River},
    error::{Error, Result},
    models::{
        address,
        article::{self, Record},
        edition::{self, Slot},
        history::{self, NewEvent},
        river, search,
        setting::{self, Breaking},
    },
    routes,
    view::{
        card::Card,
        form::{Choice, Errors, Field},
        picture::Place,
    },
};

/// More than this nobody can keep an eye on.
const MOST_PINS: usize = 20;
/// How many stories a search finds.
const FOUND: usize = 8;
/// In characters.
const LONGEST_BREAKING: usize = 160;
const LONGEST_QUERY: usize = 200;
/// What the history calls an arrangement and the bar.
const EDITION: &str = "edition";
const BREAKING: &str = "breaking news";

/// The form as it is sent: an arrangement that is being made, and the button that was pressed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EditionForm {
    section: String,
    /// The arrangement that it started from.
    base: String,
    article: Vec<String>,
    /// As many as there are articles.
    until: Vec<String>,
    /// What is searched for.
    q: String,
    /// The number or address of an article to be added.
    add: String,
    /// `show`, `save`, `breaking-on`, `breaking-off`; `up:7`, `down:7`, `remove:7`, `pin:7`, `lead:7`.
    #[serde(rename = "do")]
    deed: String,
    /// The bar that the form started from.
    breaking_base: String,
    breaking_text: String,
    breaking_link: String,
    breaking_until: String,
}

/// A placed article as the form has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pin {
    article_id: i64,
    until: String,
    error: String,
}

/// What somebody works on: the form, made ready.
#[derive(Clone, Debug, Default)]
struct Work {
    section_id: Option<i64>,
    base: String,
    pins: Vec<Pin>,
    q: String,
    add: String,
    breaking_base: String,
    breaking_text: String,
    breaking_link: String,
    breaking_until: String,
    errors: Errors,
    /// What the pressed button did, for those who do not see it.
    said: String,
    /// Somebody else's arrangement was saved meanwhile.
    overtaken: bool,
}

impl Work {
    /// What stands on the page now.
    fn stored(
        desk: &Newsroom,
        section_id: Option<i64>,
        slots: &[Slot],
        now: NaiveDateTime,
    ) -> Self {
        let breaking = desk.site.settings.breaking.as_ref();
        Self {
            section_id,
            base: fingerprint(slots),
            pins: slots
                .iter()
                .filter(|slot| slot.until.is_none_or(|until| until > now))
                .map(|slot| Pin {
                    article_id: slot.article_id,
                    until: slot
                        .until
                        .map(|until| desk.locale.input(until.and_utc()))
                        .unwrap_or_default(),
                    error: String::new(),
                })
                .collect(),
            breaking_base: breaking_fingerprint(breaking),
            breaking_text: breaking.map(|bar| bar.text.clone()).unwrap_or_default(),
            breaking_link: breaking.map(|bar| bar.link.clone()).unwrap_or_default(),
            breaking_until: breaking
                .map(|bar| desk.locale.input(bar.until))
                .unwrap_or_default(),
            ..Self::default()
        }
    }

    fn sent(form: EditionForm, section_id: Option<i64>, base_url: &str) -> Self {
        let mut until = form.until.into_iter();
        let mut pins: Vec<Pin> = Vec::new();
        for id in form.article {
            let until = until.next().unwrap_or_default();
            let Ok(article_id) = id.parse() else { continue };
            if pins.iter().all(|pin| pin.article_id != article_id) {
                pins.push(Pin {
                    article_id,
                    until,
                    error: String::new(),
                });
            }
        }
        Self {
            section_id,
            base: form.base,
            pins,
            q: form.q.trim().chars().take(LONGEST_QUERY).collect(),
            add: local(base_url, form.add.trim()).to_owned(),
            breaking_base: form.breaking_base,
            breaking_text: form
                .breaking_text
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            breaking_link: local(base_url, form.breaking_link.trim()).to_owned(),
            breaking_until: form.breaking_until,
            ..Self::default()
        }
    }

    fn position(&self, article_id: i64) -> Option<usize> {
        self.pins
            .iter()
            .position(|pin| pin.article_id == article_id)
    }

    /// Moves an article of the list, takes it out, or puts one in.
    fn arrange(&mut self, verb: &str, article_id: i64) {
        let at = self.position(article_id);
        match (verb, at) {
            ("up", Some(at)) if at > 0 => self.pins.swap(at, at - 1),
            ("down", Some(at)) if at + 1 < self.pins.len() => self.pins.swap(at, at + 1),
            ("remove", Some(at)) => {
                self.pins.remove(at);
            }
            ("lead", Some(at)) => self.pins[..=at].rotate_right(1),
            ("pin" | "lead", None) if self.pins.len() >= MOST_PINS => self.errors.add(
                "add",
                format!("There is room for {MOST_PINS}: remove another one first"),
            ),
            ("pin" | "lead", None) => {
                let to = if verb == "lead" { 0 } else { self.pins.len() };
                let pin = Pin {
                    article_id,
                    until: String::new(),
                    error: String::new(),
                };
                self.pins.insert(to, pin);
            }
            _ => {}
        }
    }

    /// The slots that the list asks for; an end that cannot be is told beside its field.
    fn slots(&mut self, desk: &Newsroom) -> Vec<Slot> {
        let mut slots = Vec::with_capacity(self.pins.len());
        for pin in &mut self.pins {
            let until = match pin.until.trim() {
                "" => Ok(None),
                typed => match desk.locale.moment(typed) {
                    Ok(moment) if moment <= desk.now => Err("This time is over".to_owned()),
                    Ok(moment) => Ok(Some(moment.naive_utc())),
                    Err(error) => Err(error.to_string()),
                },
            };
            match until {
                Ok(until) => slots.push(Slot {
                    article_id: pin.article_id,
                    until,
                }),
                Err(error) => pin.error = error,
            }
        }
        slots
    }

    fn is_wrong(&self) -> bool {
        !self.errors.is_empty() || self.pins.iter().any(|pin| !pin.error.is_empty())
    }

    /// The bar that the fields ask for; `leads` says whether its link leads somewhere.
    fn breaking(&mut self, desk: &Newsroom, leads: bool) -> Option<Breaking> {
        if self.breaking_text.is_empty() {
            self.errors.add("breaking_text", "Write what has happened");
        } else if self.breaking_text.chars().count() > LONGEST_BREAKING {
            let text = format!("Shorter, please: at most {LONGEST_BREAKING} characters");
            self.errors.add("breaking_text", text);
        }
        if !leads {
            let text = "This is no page of this site: write a path like /2023/12/15/talks-begin";
            self.errors.add("breaking_link", text);
        }
        let until = desk.locale.moment(&self.breaking_until);
        match &until {
            Ok(until) if *until <= desk.now => {
                self.errors.add("breaking_until", "This time is over");
            }
            Ok(_) => {}
            Err(error) => self.errors.add("breaking_until", error.to_string()),
        }
        until.ok().map(|until| Breaking {
            text: self.breaking_text.clone(),
            link: self.breaking_link.clone(),
            until,
        })
    }
}

/// An address as it was typed, without the site's own part.
fn local<'t>(base_url: &str, typed: &'t str) -> &'t str {
    typed.strip_prefix(base_url).unwrap_or(typed)
}

/// Whether a link may stand in the bar: a page of this site, or none.
fn leads_somewhere(conn: &mut AnyConnection, link: &str) -> Result<bool> {
    if link.is_empty() {
        return Ok(true);
    }
    let path = link.split(['?', '#']).next().unwrap_or(link).to_owned();
    let is_path = path.starts_with('/')
        && !path.starts_with("//")
        && !link.contains(|c: char| c == '\\' || c.is_whitespace() || c.is_control());
    Ok(is_path && (routes::is_fixed_page(&path) || !address::known(conn, &[path])?.is_empty()))
}

/// An arrangement in a line: two that are the same have the same.
fn fingerprint(slots: &[Slot]) -> String {
    let slot = |slot: &Slot| match slot.until {
        Some(until) => format!("{}@{}", slot.article_id, until.and_utc().timestamp_micros()),
        None => slot.article_id.to_string(),
    };
    slots.iter().map(slot).collect::<Vec<_>>().join(",")
}

fn breaking_fingerprint(bar: Option<&Breaking>) -> String {
    bar.map(|bar| {
        let until = bar.until.timestamp_micros();
        format!("{until} {} {}", bar.link, bar.text)
    })
    .unwrap_or_default()
}

#[derive(Template)]
#[template(path = "admin/edition.html")]
struct EditionPage {
    layout: Layout,
    script: String,
    editor_script: String,
    editor_stylesheet: String,
    of_section: Field,
    section: String,
    /// "Front page", or the section's name.
    name: String,
    /// Where readers see it.
    path: String,
    base: String,
    rows: Vec<Row>,
    /// What is wrong, with the address of the field on the page.
    wrong: Vec<(String, String)>,
    said: String,
    /// Whether it is not what readers see.
    unsaved: bool,
    conflict: Option<Conflict>,
    q: Field,
    found: Option<Vec<Found>>,
    add: Field,
    looks: Looks,
    bar: Option<Bar>,
}

/// A placed article in the list.
struct Row {
    id: i64,
    headline: String,
    /// "Lead", "Beside the lead" and so on.
    place: &'static str,
    /// Why readers do not see it there, or empty.
    note: String,
    until: String,
    error: String,
    first: bool,
    last: bool,
}

/// The arrangement that somebody else saved meanwhile.
struct Conflict {
    who: String,
    when: String,
    theirs: Vec<String>,
}

struct Found {
    id: i64,
    headline: String,
    about: String,
    placed: bool,
}

/// The page as it will look.
#[derive(Default)]
struct Looks {
    lead: Option<Seen>,
    beside: Vec<Seen>,
    below: Vec<Seen>,
    rest: Vec<Seen>,
}

struct Seen {
    id: i64,
    card: Card,
    placed: bool,
}

/// The breaking-news bar.
struct Bar {
    base: String,
    /// Until when it is up; none while it is not.
    up_until: Option<String>,
    text: Field,
    link: Field,
    until: Field,
}

/// The section whose number this is; empty is the front page.
fn section_of(desk: &Newsroom, typed: &str) -> Result<Option<i64>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let id = typed.parse().map_err(|_| Error::NotFound)?;
    match desk.site.sections.get(id) {
        Some(_) => Ok(Some(id)),
        None => Err(Error::NotFound),
    }
}

/// `GET /admin/edition?section=ID`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let section_id = section_of(&desk, &desk.query("section"))?;
    let slots = desk
        .read(move |conn| Ok(edition::arrangement(conn, section_id)?))
        .await?;
    let work = Work::stored(&desk, section_id, &slots, desk.now.naive_utc());
    page(&desk, work).await
}

/// `POST /admin/edition`
pub async fn update(desk: Newsroom, posted: Posted<EditionForm>) -> Result<HttpResponse> {
    let form = posted.form;
    let section_id = section_of(&desk, &form.section)?;
    let deed = form.deed.clone();
    let mut work = Work::sent(form, section_id, &desk.app.base_url);
    if let Some((verb, id)) = deed.split_once(':') {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        let record = desk
            .read(move |conn| Ok(article::record(conn, id)?))
            .await?
            .ok_or(Error::NotFound)?;
        // What is on the list already may be moved and taken out, whatever has become of it.
        if record.is_published() || work.position(id).is_some() {
            work.arrange(verb, id);
            work.said = match work.position(id) {
                Some(at) => format!(
                    "“{}”: number {} of {} now.",
                    record.headline,
                    at + 1,
                    work.pins.len()
                ),
                None if work.errors.is_empty() => format!("“{}” is removed.", record.headline),
                None => String::new(),
            };
        }
    }
    if !work.add.is_empty() {
        add_typed(&desk, &mut work).await?;
    }
    match deed.as_str() {
        "save" => save(&desk, work).await,
        "breaking-on" | "breaking-off" if section_id.is_none() => {
            set_breaking(&desk, work, deed == "breaking-on").await
        }
        _ => page(&desk, work).await,
    }
}

/// Adds the article whose number or address was typed; what leads to none stays in its field.
async fn add_typed(desk: &Newsroom, work: &mut Work) -> Result<()> {
    let typed = work.add.clone();
    let number = typed.strip_prefix("/admin/articles/").unwrap_or(&typed);
    let number = number.split('/').next().and_then(|part| part.parse().ok());
    let record = desk
        .read(move |conn| {
            let id = match number {
                Some(id) => Some(id),
                None => address::articles_at(conn, &[typed])?.pop(),
            };
            Ok(match id {
                Some(id) => article::record(conn, id)?,
                None => None,
            })
        })
        .await?;
    match record {
        None => work.errors.add("add", "There is no article there"),
        Some(record) if !record.is_published() => work
            .errors
            .add("add", "This article is not published, nor scheduled"),
        Some(record) if work.position(record.id).is_some() => {
            work.errors.add("add", "It is on the list already");
        }
        Some(record) => {
            work.arrange("pin", record.id);
            if work.errors.is_empty() {
                work.add.clear();
                work.said = format!("“{}” is added at the end.", record.headline);
            }
        }
    }
    Ok(())
}

/// Puts the arrangement on the page, unless somebody else's was put there meanwhile.
async fn save(desk: &Newsroom, mut work: Work) -> Result<HttpResponse> {
    let wanted = work.slots(desk);
    if work.is_wrong() {
        return page(desk, work).await;
    }
    let (section_id, base) = (work.section_id, work.base.clone());
    let name = name(desk, section_id);
    // Whether it is saved: not on top of what somebody else saved meanwhile.
    let saved = desk
        .write(move |conn, actor| {
            edition::lock(conn)?;
            let before = edition::arrangement(conn, section_id)?;
            let ids: Vec<i64> = before
                .iter()
                .chain(&wanted)
                .map(|slot| slot.article_id)
                .collect();
            let stories = edition::stories(conn, &ids)?;
            let mut wanted = wanted;
            wanted.retain(|slot| stories.contains_key(&slot.article_id));
            if before == wanted {
                return Ok(true);
            }
            if fingerprint(&before) != base {
                return Ok(false);
            }
            let slots: Vec<_> = wanted
                .iter()
                .map(|slot| (slot.article_id, slot.until))
                .collect();
            edition::place(conn, section_id, &slots)?;
            actor.did(
                conn,
                &NewEvent {
                    action: "arranged",
                    kind: EDITION,
                    object_id: Some(section_id.unwrap_or(0)),
                    object: &name,
                    detail: &told(&before, &wanted, &stories),
                },
            )?;
            Ok(true)
        })
        .await?;
    if saved {
        return desk.see_other(&address_of(section_id), "The arrangement is saved.");
    }
    work.overtaken = true;
    page(desk, work).await
}

/// What is different, in words for the history.
fn told(before: &[Slot], after: &[Slot], stories: &HashMap<i64, Record>) -> String {
    let named = |ids: Vec<i64>| {
        let names: Vec<String> = ids
            .iter()
            .filter_map(|id| stories.get(id))
            .map(|record| format!("“{}”", record.headline))
            .collect();
        names.join(", ")
    };
    let ids = |slots: &[Slot]| -> Vec<i64> { slots.iter().map(|slot| slot.article_id).collect() };
    let (old, new) = (ids(before), ids(after));
    let missing = |from: &[i64], other: &[i64]| -> Vec<i64> {
        from.iter()
            .filter(|id| !other.contains(id))
            .copied()
            .collect()
    };
    let (come, gone) = (missing(&new, &old), missing(&old, &new));
    let mut parts = Vec::new();
    if old.first() != new.first() {
        parts.push(match new.first() {
            Some(id) => format!("lead {}", named(vec![*id])),
            None => "no lead placed".to_owned(),
        });
    }
    if !come.is_empty() {
        parts.push(format!("added {}", named(come.clone())));
    }
    if !gone.is_empty() {
        parts.push(format!("removed {}", named(gone.clone())));
    }
    if come.is_empty() && gone.is_empty() && old != new {
        parts.push("another order".to_owned());
    }
    if after
        .iter()
        .any(|slot| slot.until.is_some() && !before.contains(slot))
    {
        parts.push("other end times".to_owned());
    }
    if parts.is_empty() {
        parts.push("end times taken away".to_owned());
    }
    parts.join("; ")
}

/// Puts the breaking-news bar up, changes it, or takes it down.
async fn set_breaking(desk: &Newsroom, mut work: Work, up: bool) -> Result<HttpResponse> {
    let mut bar = None;
    if up {
        let link = work.breaking_link.clone();
        let leads = desk.read(move |conn| leads_somewhere(conn, &link)).await?;
        bar = work.breaking(desk, leads);
        if work.is_wrong() {
            return page(desk, work).await;
        }
    }
    let (wanted, base) = (bar.clone(), work.breaking_base.clone());
    // What stands there instead, if somebody else was quicker.
    let theirs = desk
        .write(move |conn, actor| {
            edition::lock(conn)?;
            let mut settings = setting::load(conn)?;
            if settings.breaking == wanted {
                return Ok(None);
            }
            if breaking_fingerprint(settings.breaking.as_ref()) != base {
                return Ok(Some(settings.breaking));
            }
            let action = match (&settings.breaking, &wanted) {
                (Some(_), Some(_)) => "changed",
                (None, _) => "put up",
                (_, None) => "took down",
            };
            let told = wanted.clone().or(settings.breaking);
            settings.breaking = wanted;
            setting::save(conn, &settings)?;
            actor.did(
                conn,
                &NewEvent {
                    action,
                    kind: BREAKING,
                    object_id: None,
                    object: told.as_ref().map_or("", |bar| &bar.text),
                    detail: told.as_ref().map_or("", |bar| &bar.link),
                },
            )?;
            Ok(None)
        })
        .await?;
    match theirs {
        None => {
            work.breaking_base = breaking_fingerprint(bar.as_ref());
            work.said = if up {
                "The breaking-news bar is up.".to_owned()
            } else {
                "The breaking-news bar is down.".to_owned()
            };
        }
        Some(theirs) => {
            work.breaking_base = breaking_fingerprint(theirs.as_ref());
            work.overtaken = true;
            work.errors.add(
                "breaking_text",
                match theirs {
                    Some(bar) => format!(
                        "Somebody else has changed the bar meanwhile, to “{}”. Press the button \
                         again to have it as you wrote it",
                        bar.text
                    ),
                    None => "Somebody else has taken the bar down meanwhile. Press the button \
                             again to have it as you wrote it"
                        .to_owned(),
                },
            );
        }
    }
    page(desk, work).await
}

/// The page of a top.
fn address_of(section_id: Option<i64>) -> String {
    match section_id {
        Some(id) => format!("/admin/edition?section={id}"),
        None => "/admin/edition".to_owned(),
    }
}

/// What a top is called.
fn name(desk: &Newsroom, section_id: Option<i64>) -> String {
    section_id
        .and_then(|id| desk.site.sections.get(id))
        .map_or_else(|| "Front page".to_owned(), |section| section.name.clone())
}

/// What the page needs to know besides the form.
struct Known {
    slots: Vec<Slot>,
    /// Who arranged it last, and when.
    last: Option<history::Event>,
    stories: HashMap<i64, Record>,
    newest: Vec<i64>,
    found: Vec<i64>,
    cards: article::Cards,
    breaking: Option<Breaking>,
}

impl Known {
    fn read(
        conn: &mut AnyConnection,
        section_id: Option<i64>,
        pins: &[i64],
        q: &str,
        now: NaiveDateTime,
    ) -> Result<Self> {
        let slots = edition::arrangement(conn, section_id)?;
        let source = section_id.map_or(river::SITE, |id| (River::Section, id));
        let newest = river::newest(conn, source, now, edition::FRONT as i64)?;
        let mut found = search::newest(conn, q, now)?;
        found.truncate(FOUND);
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
            last: history::of_object(conn, EDITION, section_id.unwrap_or(0), 1)?.pop(),
            stories: edition::stories(conn, &placed)?,
            cards: article::cards(conn, &shown, now)?,
            breaking: setting::load(conn)?.breaking,
            slots,
            newest,
            found,
        })
    }
}

/// Shows what somebody works on, and how the page will look.
async fn page(desk: &Newsroom, mut work: Work) -> Result<HttpResponse> {
    let now = desk.now.naive_utc();
    let section_id = work.section_id;
    let known = {
        let pins: Vec<i64> = work.pins.iter().map(|pin| pin.article_id).collect();
        let q = work.q.clone();
        desk.read(move |conn| Known::read(conn, section_id, &pins, &q, now))
            .await?
    };
    work.pins
        .retain(|pin| known.stories.contains_key(&pin.article_id));
    let stored = Work::stored(desk, section_id, &known.slots, now);
    let status = match (work.overtaken, work.is_wrong()) {
        (true, _) => StatusCode::CONFLICT,
        (_, true) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let unsaved = work.pins != stored.pins;
    let conflict = (fingerprint(&known.slots) != work.base && unsaved).then(|| {
        let (who, when) = match &known.last {
            Some(event) => (
                event.who.clone(),
                desk.locale.date_and_time(event.made_at.and_utc()),
            ),
            None => ("Somebody".to_owned(), String::new()),
        };
        let theirs = stored.pins.iter();
        Conflict {
            who,
            when,
            theirs: theirs.map(|pin| headline(&known, pin.article_id)).collect(),
        }
    });
    let rows = rows(desk, &work, &known);
    let mut wrong: Vec<(String, String)> = work
        .errors
        .0
        .iter()
        .map(|(field, text)| (format!("field-{field}"), text.clone()))
        .collect();
    for row in rows.iter().filter(|row| !row.error.is_empty()) {
        let text = format!("{}: {}", row.headline, row.error);
        wrong.push((format!("until-{}", row.id), text));
    }
    let assets = &desk.app.assets;
    let section = section_id.and_then(|id| desk.site.sections.get(id));
    let page = EditionPage {
        layout: desk.layout(
            &format!("Edition: {}", name(desk, section_id)),
            "/admin/edition",
        ),
        script: assets.url("js/edition.js").to_owned(),
        editor_script: assets.url("js/editor.js").to_owned(),
        editor_stylesheet: assets.url("css/editor.css").to_owned(),
        of_section: Field::new("section", "Top of").choices(tops(desk, section_id)),
        section: section_id.map(|id| id.to_string()).unwrap_or_default(),
        name: name(desk, section_id),
        path: section.map_or_else(|| "/".to_owned(), |section| section.path.clone()),
        rows,
        wrong,
        said: work.said.clone(),
        unsaved,
        q: Field::new("q", "Find a story to place").value(&work.q),
        found: (!work.q.is_empty()).then(|| found(desk, &work, &known)),
        add: Field::new("add", "Or its number or address")
            .value(&work.add)
            .errors(&work.errors),
        looks: looks(desk, &work, &known),
        bar: section_id.is_none().then(|| bar(desk, &work, &known)),
        // Whoever has seen both may put theirs in place of the other.
        base: if conflict.is_some() {
            stored.base
        } else {
            work.base
        },
        conflict,
    };
    desk.page_as(status, &page)
}

/// The front page and every section, to choose from.
fn tops(desk: &Newsroom, section_id: Option<i64>) -> Vec<Choice> {
    let sections = desk.site.sections.called_by_trail();
    std::iter::once(Choice::new("", "Front page", section_id.is_none()))
        .chain(
            sections
                .into_iter()
                .map(|(id, name)| Choice::new(id.to_string(), name, section_id == Some(id))),
        )
        .collect()
}

fn headline(known: &Known, id: i64) -> String {
    known
        .stories
        .get(&id)
        .map(|record| record.headline.clone())
        .unwrap_or_default()
}

fn rows(desk: &Newsroom, work: &Work, known: &Known) -> Vec<Row> {
    let mut live = 0;
    work.pins
        .iter()
        .enumerate()
        .map(|(index, pin)| {
            let record = known.stories.get(&pin.article_id);
            let is_live = record.is_some_and(|record| record.is_live(desk.now));
            let note = match record.filter(|_| !is_live) {
                None => String::new(),
                Some(record) if record.is_published() => record
                    .published_at
                    .map(|time| desk.locale.date_and_time(time.and_utc()))
                    .map(|time| format!("Readers see it from {time} on"))
                    .unwrap_or_default(),
                Some(_) => "Not published any more: readers do not see it".to_owned(),
            };
            let place = if is_live {
                live += 1;
                place(live, work.section_id.is_none())
            } else {
                ""
            };
            Row {
                id: pin.article_id,
                headline: headline(known, pin.article_id),
                place,
                note,
                until: pin.until.clone(),
                error: pin.error.clone(),
                first: index == 0,
                last: index + 1 == work.pins.len(),
            }
        })
        .collect()
}

/// What the place of the `n`th story is called.
fn place(n: usize, is_front: bool) -> &'static str {
    const BELOW: usize = edition::SECTION + edition::BELOW;
    match n {
        1 => "Lead",
        _ if n <= edition::SECTION => "Beside the lead",
        _ if is_front && n <= BELOW => "Below the lead",
        _ if is_front && n <= edition::FRONT => "Among the latest",
        _ => "Waits: there is no more room",
    }
}

fn found(desk: &Newsroom, work: &Work, known: &Known) -> Vec<Found> {
    known
        .found
        .iter()
        .filter_map(|id| known.cards.get(id))
        .map(|card| {
            let section = desk.site.sections.get(card.section_id);
            Found {
                id: card.id,
                headline: card.headline.clone(),
                about: format!(
                    "{}, {}",
                    section.map_or("", |section| &section.name),
                    desk.locale.date_and_time(card.published_at)
                ),
                placed: work.position(card.id).is_some(),
            }
        })
        .collect()
}

/// The top as readers will see it: what is placed, then the newest, no story twice.
fn looks(desk: &Newsroom, work: &Work, known: &Known) -> Looks {
    let is_front = work.section_id.is_none();
    let room = if is_front {
        edition::FRONT
    } else {
        edition::SECTION
    };
    let placed = work
        .pins
        .iter()
        .filter_map(|pin| known.cards.get(&pin.article_id))
        .take(room)
        .map(|card| (card, true));
    let newest = known
        .newest
        .iter()
        .filter_map(|id| known.cards.get(id))
        .map(|card| (card, false));
    let mut taken = HashSet::new();
    let mut stories = placed
        .chain(newest)
        .filter(|(card, _)| taken.insert(card.id))
        .take(edition::FRONT)
        .map(|(card, placed)| Seen {
            id: card.id,
            card: Card::new(card, &desk.site, Place::Card),
            placed,
        });
    Looks {
        lead: stories.next(),
        beside: stories.by_ref().take(edition::BESIDE).collect(),
        below: stories
            .by_ref()
            .take(if is_front { edition::BELOW } else { 0 })
            .collect(),
        rest: stories.collect(),
    }
}

fn bar(desk: &Newsroom, work: &Work, known: &Known) -> Bar {
    let up = known.breaking.as_ref();
    Bar {
        base: work.breaking_base.clone(),
        up_until: up
            .filter(|bar| bar.until > desk.now)
            .map(|bar| desk.locale.date_and_time(bar.until)),
        text: Field::new("breaking_text", "What has happened")
            .value(&work.breaking_text)
            .errors(&work.errors),
        link: Field::new("breaking_link", "Where it leads")
            .hint("A path of this site, or nothing.")
            .value(&work.breaking_link)
            .errors(&work.errors),
        until: Field::new("breaking_until", "Until")
            .hint(format!("Time zone: {}", desk.locale.time_zone()))
            .value(&work.breaking_until)
            .errors(&work.errors),
    }
}
