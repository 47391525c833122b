//! [`EditionDraft`]: an arrangement and a breaking-news bar that are being edited, as the form holds
//! them.

use chrono::NaiveDateTime;
use serde::Deserialize;

use crate::{
    admin::{StaffRequest, checks},
    locale::NewsroomEdition,
    models::{edition::Slot, setting::Breaking},
    view::form::Errors,
};

/// The maximum number of articles in an arrangement.
const MAX_PINS: usize = 20;
/// Limits in characters.
const MAX_BREAKING_CHARS: usize = 160;
const MAX_QUERY_CHARS: usize = 200;

/// The submitted form: the whole draft, and the button that was pressed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EditionForm {
    pub(super) section: String,
    /// The fingerprint of the arrangement that the draft started from.
    base: String,
    article: Vec<String>,
    /// Parallel to `article`.
    until: Vec<String>,
    /// Search words.
    q: String,
    /// The id or the address of an article to add.
    add: String,
    /// `show`, `save`, `breaking-on`, `breaking-off`; `up:7`, `down:7`, `remove:7`, `pin:7`, `lead:7`.
    #[serde(rename = "do")]
    pub(super) action: String,
    /// The fingerprint of the bar that the draft started from.
    breaking_base: String,
    breaking_text: String,
    breaking_link: String,
    breaking_until: String,
}

/// A placed article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pin {
    pub article_id: i64,
    pub until: String,
    pub error: String,
}

impl Pin {
    fn new(article_id: i64, until: String) -> Self {
        Self {
            article_id,
            until,
            error: String::new(),
        }
    }
}

/// An arrangement and a breaking-news bar that are being edited.
#[derive(Clone, Debug, Default)]
pub(super) struct EditionDraft {
    /// `None` is the front page.
    pub section_id: Option<i64>,
    /// The fingerprint of the arrangement that the draft started from.
    pub base: String,
    pub pins: Vec<Pin>,
    pub q: String,
    pub add: String,
    /// The fingerprint of the bar that the draft started from.
    pub breaking_base: String,
    pub breaking_text: String,
    pub breaking_link: String,
    pub breaking_until: String,
    pub errors: Errors,
    /// The effect of the pressed button, for screen readers.
    pub status: String,
    /// Whether another user changed what the draft started from.
    pub is_outdated: bool,
}

impl EditionDraft {
    /// The published arrangement and bar.
    pub(super) fn stored(
        request: &StaffRequest,
        section_id: Option<i64>,
        slots: &[Slot],
        now: NaiveDateTime,
    ) -> Self {
        let breaking = request.site.settings.breaking.as_ref();
        Self {
            section_id,
            base: fingerprint(slots),
            pins: slots
                .iter()
                .filter(|slot| slot.until.is_none_or(|until| until > now))
                .map(|slot| {
                    let until = slot
                        .until
                        .map(|until| request.locale.input(until.and_utc()));
                    Pin::new(slot.article_id, until.unwrap_or_default())
                })
                .collect(),
            breaking_base: breaking_fingerprint(breaking),
            breaking_text: breaking.map(|bar| bar.text.clone()).unwrap_or_default(),
            breaking_link: breaking.map(|bar| bar.link.clone()).unwrap_or_default(),
            breaking_until: breaking
                .map(|bar| request.locale.input(bar.until))
                .unwrap_or_default(),
            ..Self::default()
        }
    }

    /// The draft that was submitted.
    pub(super) fn from_form(form: EditionForm, section_id: Option<i64>, base_url: &str) -> Self {
        let mut until = form.until.into_iter();
        let mut pins: Vec<Pin> = Vec::new();
        for id in form.article {
            let until = until.next().unwrap_or_default();
            let Ok(article_id) = id.parse() else { continue };
            if pins.iter().all(|pin| pin.article_id != article_id) {
                pins.push(Pin::new(article_id, until));
            }
        }
        Self {
            section_id,
            base: form.base,
            pins,
            q: form.q.trim().chars().take(MAX_QUERY_CHARS).collect(),
            add: strip_base_url(base_url, form.add.trim()).to_owned(),
            breaking_base: form.breaking_base,
            breaking_text: form
                .breaking_text
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            breaking_link: strip_base_url(base_url, form.breaking_link.trim()).to_owned(),
            breaking_until: form.breaking_until,
            ..Self::default()
        }
    }

    /// The index of an article in the list.
    pub(super) fn position(&self, article_id: i64) -> Option<usize> {
        self.pins
            .iter()
            .position(|pin| pin.article_id == article_id)
    }

    /// Moves, removes or adds an article; `action` is `up`, `down`, `remove`, `pin` or `lead`.
    pub(super) fn arrange(&mut self, texts: &NewsroomEdition, action: &str, article_id: i64) {
        let position = self.position(article_id);
        match (action, position) {
            ("up", Some(at)) if at > 0 => self.pins.swap(at, at - 1),
            ("down", Some(at)) if at + 1 < self.pins.len() => self.pins.swap(at, at + 1),
            ("remove", Some(at)) => {
                self.pins.remove(at);
            }
            ("lead", Some(at)) => self.pins[..=at].rotate_right(1),
            ("pin" | "lead", None) if self.pins.len() >= MAX_PINS => {
                self.errors.add("add", texts.too_many(MAX_PINS));
            }
            ("pin" | "lead", None) => {
                let index = if action == "lead" { 0 } else { self.pins.len() };
                self.pins.insert(index, Pin::new(article_id, String::new()));
            }
            _ => {}
        }
    }

    /// The slots of the list. An invalid end time becomes the error of its pin.
    pub(super) fn slots(&mut self, request: &StaffRequest) -> Vec<Slot> {
        let texts = request.texts();
        let mut slots = Vec::with_capacity(self.pins.len());
        for pin in &mut self.pins {
            let until = match pin.until.trim() {
                "" => Ok(None),
                value => match request.locale.moment(value) {
                    Ok(moment) if moment <= request.now => Err(texts.edition.time_past),
                    Ok(moment) => Ok(Some(moment.naive_utc())),
                    Err(error) => Err(checks::typed_time(texts, error)),
                },
            };
            match until {
                Ok(until) => slots.push(Slot {
                    article_id: pin.article_id,
                    until,
                }),
                Err(error) => pin.error = error.to_owned(),
            }
        }
        slots
    }

    /// Whether any field is invalid.
    pub(super) fn has_errors(&self) -> bool {
        !self.errors.is_empty() || self.pins.iter().any(|pin| !pin.error.is_empty())
    }

    /// The bar that the fields describe; `link_exists` returns whether its link is a page of this site.
    pub(super) fn breaking(
        &mut self,
        request: &StaffRequest,
        link_exists: bool,
    ) -> Option<Breaking> {
        let texts = request.texts();
        if self.breaking_text.is_empty() {
            self.errors
                .add("breaking_text", texts.edition.bar_text_required);
        } else if self.breaking_text.chars().count() > MAX_BREAKING_CHARS {
            let text = texts.edition.bar_text_too_long(MAX_BREAKING_CHARS);
            self.errors.add("breaking_text", text);
        }
        if !link_exists {
            self.errors
                .add("breaking_link", texts.edition.bar_link_missing);
        }
        let until = request.locale.moment(&self.breaking_until);
        match &until {
            Ok(until) if *until <= request.now => {
                self.errors.add("breaking_until", texts.edition.time_past);
            }
            Ok(_) => {}
            Err(error) => self
                .errors
                .add("breaking_until", checks::typed_time(texts, *error)),
        }
        until.ok().map(|until| Breaking {
            text: self.breaking_text.clone(),
            link: self.breaking_link.clone(),
            until,
        })
    }
}

/// An address without the site's own base URL.
fn strip_base_url<'t>(base_url: &str, address: &'t str) -> &'t str {
    address.strip_prefix(base_url).unwrap_or(address)
}

/// Identifies an arrangement: equal arrangements have equal fingerprints.
pub(super) fn fingerprint(slots: &[Slot]) -> String {
    let slot = |slot: &Slot| match slot.until {
        Some(until) => format!("{}@{}", slot.article_id, until.and_utc().timestamp_micros()),
        None => slot.article_id.to_string(),
    };
    slots.iter().map(slot).collect::<Vec<_>>().join(",")
}

/// Identifies a breaking-news bar; empty for none.
pub(super) fn breaking_fingerprint(bar: Option<&Breaking>) -> String {
    bar.map(|bar| {
        let until = bar.until.timestamp_micros();
        format!("{until} {} {}", bar.link, bar.text)
    })
    .unwrap_or_default()
}
