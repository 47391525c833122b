//! Corrections, clarifications and updates of an article: they stand with it for readers.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::{Tabs, opened, opened_to_publish, path};
use crate::{
    admin::{Layout, Newsroom, Posted},
    db::types::{CorrectionKind, Placement},
    error::{Error, Result},
    models::correction::{self, Correction},
    view::form::{Choice, Errors, Field},
};

struct Note {
    id: i64,
    kind: &'static str,
    placement: &'static str,
    text: String,
    when: String,
}

#[derive(Template)]
#[template(path = "admin/article/corrections.html")]
struct CorrectionsPage {
    layout: Layout,
    tabs: Tabs,
    notes: Vec<Note>,
    kind: Field,
    placement: Field,
    text: Field,
    made_at: Field,
    errors: Errors,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CorrectionForm {
    kind: String,
    placement: String,
    text: String,
    /// `2023-12-15T14:05` in the site's zone; empty for now.
    made_at: String,
}

async fn page(desk: &Newsroom, form: CorrectionForm, errors: Errors) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let user = desk.user.clone();
    let (record, live_path, notes) = desk
        .read(move |conn| {
            Ok((
                opened(conn, &user, id)?,
                path(conn, id)?,
                correction::of_article(conn, id)?,
            ))
        })
        .await?;
    let choices = |chosen: &str, all: &[(&str, &str)]| {
        let first = all.first().map_or("", |(value, _)| value);
        let chosen = if chosen.is_empty() { first } else { chosen };
        all.iter()
            .map(|(value, text)| Choice::new(*value, *text, *value == chosen))
            .collect()
    };
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = CorrectionsPage {
        layout: desk.layout("Corrections", "/admin/articles"),
        tabs: Tabs::new(desk, &record, live_path, "corrections"),
        notes: notes.iter().map(|note| self::note(desk, note)).collect(),
        kind: Field::new("kind", "What it is")
            .choices(choices(
                &form.kind,
                &[
                    ("correction", "Correction: something was wrong"),
                    (
                        "clarification",
                        "Clarification: something could be misunderstood",
                    ),
                    ("update", "Update: something has changed since"),
                ],
            ))
            .errors(&errors),
        placement: Field::new("placement", "Where it stands")
            .choices(choices(
                &form.placement,
                &[("below", "Below the text"), ("above", "Above the text")],
            ))
            .errors(&errors),
        text: Field::new("text", "What readers are told")
            .value(&form.text)
            .hint("Say what was wrong and what is right, as plain text")
            .required()
            .errors(&errors),
        made_at: Field::new("made_at", "Since when")
            .value(&form.made_at)
            .hint(format!(
                "Empty: from now on. Time zone: {}",
                desk.site.settings.time_zone
            ))
            .errors(&errors),
        errors,
    };
    desk.page_as(status, &page)
}

fn note(desk: &Newsroom, note: &Correction) -> Note {
    Note {
        id: note.id,
        kind: match note.kind {
            CorrectionKind::Correction => "Correction",
            CorrectionKind::Clarification => "Clarification",
            CorrectionKind::Update => "Update",
        },
        placement: match note.placement {
            Placement::Above => "above the text",
            Placement::Below => "below the text",
        },
        text: note.text.clone(),
        when: desk.locale.date_and_time(note.made_at.and_utc()),
    }
}

/// `GET /admin/articles/{id}/corrections`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, CorrectionForm::default(), Errors::default()).await
}

/// In characters.
const LONGEST: usize = 2_000;

/// `POST /admin/articles/{id}/corrections`
pub async fn add(desk: Newsroom, posted: Posted<CorrectionForm>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let form = posted.form;
    let mut errors = Errors::default();
    let kind = form.kind.parse::<CorrectionKind>();
    let placement = form.placement.parse::<Placement>();
    let text = form.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if kind.is_err() {
        errors.add("kind", "Choose what it is");
    }
    if placement.is_err() {
        errors.add("placement", "Choose where it stands");
    }
    if text.is_empty() {
        errors.add("text", "Say what readers are to know");
    }
    if text.chars().count() > LONGEST {
        errors.add("text", format!("At most {LONGEST} characters"));
    }
    let made_at = match form.made_at.trim() {
        "" => Ok(desk.now),
        typed => desk.locale.moment(typed),
    };
    match made_at {
        Err(wrong) => errors.add("made_at", wrong.to_string()),
        Ok(time) if time > desk.now => errors.add("made_at", "This time has not come yet"),
        Ok(_) => {}
    }
    let (Ok(kind), Ok(placement), Ok(made_at), true) =
        (kind, placement, made_at, errors.is_empty())
    else {
        return page(&desk, form, errors).await;
    };
    desk.write(move |conn, actor| {
        let record = opened_to_publish(conn, &actor.user, id)?;
        correction::insert(conn, id, kind, placement, &text, made_at)?;
        actor.did(
            conn,
            &super::event("corrected", id, &super::title(&record.headline), &text),
        )
    })
    .await?;
    desk.see_other(
        &format!("/admin/articles/{id}/corrections"),
        "It stands with the article now.",
    )
}

#[derive(Deserialize)]
pub struct RemoveForm {
    note: i64,
}

/// `POST /admin/articles/{id}/corrections/remove`: a note that was a slip. What it said stays in the
/// history.
pub async fn remove(desk: Newsroom, posted: Posted<RemoveForm>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let note = posted.form.note;
    desk.write(move |conn, actor| {
        let record = opened_to_publish(conn, &actor.user, id)?;
        let text = correction::remove(conn, note, id)?.ok_or(Error::NotFound)?;
        actor.did(
            conn,
            &super::event(
                "took a correction back from",
                id,
                &super::title(&record.headline),
                &text,
            ),
        )
    })
    .await?;
    desk.see_other(
        &format!("/admin/articles/{id}/corrections"),
        "It does not stand with the article any more.",
    )
}
