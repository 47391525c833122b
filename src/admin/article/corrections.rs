//! Corrections, clarifications and updates, which readers see with the article.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{Tabs, find_publishable, find_viewable, path};
use crate::{
    admin::{CsrfForm, Layout, StaffRequest, checks},
    db::types::{CorrectionKind, HistoryAction, Placement},
    error::{Error, Result},
    models::correction::{self, Correction},
    view::form::{Choice, Errors, Field},
};

/// A correction in the list.
struct Note {
    id: i64,
    kind: &'static str,
    text: String,
    /// The time and the position.
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
    let texts = &request.texts().corrections;
    let choices = |chosen: &str, all: &[(&str, &str)]| {
        let first = all.first().map_or("", |(value, _)| value);
        let chosen = if chosen.is_empty() { first } else { chosen };
        all.iter()
            .map(|(value, text)| Choice::new(*value, *text, *value == chosen))
            .collect()
    };
    let page = CorrectionsPage {
        layout: request.layout(texts.title, "/admin/articles"),
        tabs: Tabs::new(request, &record, live_path, "corrections"),
        notes: notes.iter().map(|note| self::note(request, note)).collect(),
        kind: Field::new("kind", texts.kind)
            .choices(choices(
                &form.kind,
                &[
                    ("correction", texts.kind_correction),
                    ("clarification", texts.kind_clarification),
                    ("update", texts.kind_update),
                ],
            ))
            .errors(&errors),
        placement: Field::new("placement", texts.placement)
            .choices(choices(
                &form.placement,
                &[
                    ("below", texts.placement_below),
                    ("above", texts.placement_above),
                ],
            ))
            .errors(&errors),
        text: Field::new("text", texts.text)
            .value(&form.text)
            .hint(texts.text_hint)
            .required()
            .errors(&errors),
        made_at: Field::new("made_at", texts.made_at)
            .value(&form.made_at)
            .hint(texts.made_at_hint(request.site.settings.time_zone))
            .errors(&errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

fn note(request: &StaffRequest, note: &Correction) -> Note {
    let texts = &request.texts().corrections;
    let time = request.locale.date_and_time(note.made_at.and_utc());
    Note {
        id: note.id,
        kind: match note.kind {
            CorrectionKind::Correction => texts.correction,
            CorrectionKind::Clarification => texts.clarification,
            CorrectionKind::Update => texts.update,
        },
        text: note.text.clone(),
        when: match note.placement {
            Placement::Above => texts.above_text(time),
            Placement::Below => texts.below_text(time),
        },
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
    let newsroom = request.texts();
    let texts = &newsroom.corrections;
    let form = posted.form;
    let mut errors = Errors::default();
    let kind = form.kind.parse::<CorrectionKind>();
    let placement = form.placement.parse::<Placement>();
    let text = form.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if kind.is_err() {
        errors.add("kind", texts.choose_kind);
    }
    if placement.is_err() {
        errors.add("placement", texts.choose_placement);
    }
    if text.is_empty() {
        errors.add("text", texts.text_required);
    }
    if text.chars().count() > MAX_CHARS {
        errors.add("text", texts.text_too_long(MAX_CHARS));
    }
    let made_at = match form.made_at.trim() {
        "" => Ok(request.now),
        value => request.locale.moment(value),
    };
    match made_at {
        Err(error) => errors.add("made_at", checks::typed_time(newsroom, error)),
        Ok(time) if time > request.now => errors.add("made_at", texts.in_future),
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
                &super::event(
                    HistoryAction::Corrected,
                    id,
                    &super::title(actor.texts(), &record.headline),
                    &text,
                ),
            )
        })
        .await?;
    request.see_other(&format!("/admin/articles/{id}/corrections"), texts.added)
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
                    HistoryAction::RemovedCorrection,
                    id,
                    &super::title(actor.texts(), &record.headline),
                    &text,
                ),
            )
        })
        .await?;
    request.see_other(
        &format!("/admin/articles/{id}/corrections"),
        request.texts().corrections.removed,
    )
}
