//! Corrections, clarifications and updates, which readers see with the article.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Tabs, find_publishable, find_viewable, path};
use crate::{
    admin::{CsrfForm, Layout, StaffRequest},
    db::types::{CorrectionKind, Placement},
    error::{Error, Result},
    models::correction::{self, Correction},
    view::form::{Choice, Errors, Field},
};

/// A correction in the list.
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
    /// `2023-12-15T14:05` in the site's time zone; empty for now.
    made_at: String,
}

async fn page(
    request: &StaffRequest,
    form: CorrectionForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let user = request.user.clone();
    let (record, live_path, notes) = request
        .read(move |conn| {
            Ok((
                find_viewable(conn, &user, id)?,
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
    let page = CorrectionsPage {
        layout: request.layout("Corrections", "/admin/articles"),
        tabs: Tabs::new(request, &record, live_path, "corrections"),
        notes: notes.iter().map(|note| self::note(request, note)).collect(),
        kind: Field::new("kind", "Type")
            .choices(choices(
                &form.kind,
                &[
                    ("correction", "Correction: a statement was wrong"),
                    (
                        "clarification",
                        "Clarification: a statement could be misunderstood",
                    ),
                    ("update", "Update: the facts have changed since"),
                ],
            ))
            .errors(&errors),
        placement: Field::new("placement", "Position")
            .choices(choices(
                &form.placement,
                &[("below", "Below the text"), ("above", "Above the text")],
            ))
            .errors(&errors),
        text: Field::new("text", "Text for readers")
            .value(&form.text)
            .hint("What was wrong and what is correct. Plain text")
            .required()
            .errors(&errors),
        made_at: Field::new("made_at", "Time")
            .value(&form.made_at)
            .hint(format!(
                "Empty: now. Time zone: {}",
                request.site.settings.time_zone
            ))
            .errors(&errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

fn note(request: &StaffRequest, note: &Correction) -> Note {
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
        when: request.locale.date_and_time(note.made_at.and_utc()),
    }
}

/// `GET /admin/articles/{id}/corrections`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, CorrectionForm::default(), Errors::default()).await
}

/// The maximum length of a text, in characters.
const MAX_CHARS: usize = 2_000;

/// `POST /admin/articles/{id}/corrections`
pub async fn add(request: StaffRequest, posted: CsrfForm<CorrectionForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let form = posted.form;
    let mut errors = Errors::default();
    let kind = form.kind.parse::<CorrectionKind>();
    let placement = form.placement.parse::<Placement>();
    let text = form.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if kind.is_err() {
        errors.add("kind", "Choose a type");
    }
    if placement.is_err() {
        errors.add("placement", "Choose a position");
    }
    if text.is_empty() {
        errors.add("text", "A text is required");
    }
    if text.chars().count() > MAX_CHARS {
        errors.add("text", format!("At most {MAX_CHARS} characters"));
    }
    let made_at = match form.made_at.trim() {
        "" => Ok(request.now),
        value => request.locale.moment(value),
    };
    match made_at {
        Err(error) => errors.add("made_at", error.to_string()),
        Ok(time) if time > request.now => errors.add("made_at", "This time is in the future"),
        Ok(_) => {}
    }
    let (Ok(kind), Ok(placement), Ok(made_at), true) =
        (kind, placement, made_at, errors.is_empty())
    else {
        return page(&request, form, errors).await;
    };
    request
        .write(move |conn, actor| {
            let record = find_publishable(conn, &actor.user, id)?;
            correction::insert(conn, id, kind, placement, &text, made_at)?;
            actor.audit(
                conn,
                &super::event("corrected", id, &super::title(&record.headline), &text),
            )
        })
        .await?;
    request.see_other(
        &format!("/admin/articles/{id}/corrections"),
        "Correction added.",
    )
}

#[derive(Deserialize)]
pub struct RemoveForm {
    note: i64,
}

/// `POST /admin/articles/{id}/corrections/remove`: removes a correction. Its text remains in the
/// history.
pub async fn remove(request: StaffRequest, posted: CsrfForm<RemoveForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let note = posted.form.note;
    request
        .write(move |conn, actor| {
            let record = find_publishable(conn, &actor.user, id)?;
            let text = correction::remove(conn, note, id)?.ok_or(Error::NotFound)?;
            actor.audit(
                conn,
                &super::event(
                    "removed a correction from",
                    id,
                    &super::title(&record.headline),
                    &text,
                ),
            )
        })
        .await?;
    request.see_other(
        &format!("/admin/articles/{id}/corrections"),
        "Correction removed.",
    )
}
