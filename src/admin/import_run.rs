//! One import: its progress and its report.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, http::header};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{CsrfForm, EmptyForm, Layout, StaffRequest};
use crate::{
    db::types::{RunState, Stage},
    error::{Error, Result},
    locale::{Newsroom, NewsroomImport},
    models::import_run::{self, Run},
    transfer::{Counts, Report, Trouble},
};

/// The maximum number of problems of a kind that the page shows; the report file contains all of them.
const MAX_SHOWN: usize = 100;

/// The state of an import as a tag.
pub(super) struct Tag {
    pub text: &'static str,
    /// Whether the import needs attention.
    pub is_bad: bool,
}

impl Tag {
    pub(super) fn of(texts: &Newsroom, run: &Run, now: DateTime<Utc>) -> Self {
        let texts = &texts.import;
        let (text, is_bad) = match run.state_at(now) {
            RunState::Running => (texts.running, false),
            RunState::Done if run.is_trial => (texts.dry_run, false),
            RunState::Done => (texts.done, false),
            RunState::Stopped => (texts.stopped, false),
            RunState::Failed => (texts.failed, true),
            RunState::Broken => (texts.interrupted, true),
        };
        Self { text, is_bad }
    }
}

/// The progress of a running import.
#[derive(Serialize)]
struct Progress {
    running: bool,
    percent: i64,
    text: String,
}

impl Progress {
    fn of(run: &Run, request: &StaffRequest) -> Self {
        let texts = &request.texts().import;
        let position = run.position;
        let (done, whole) = (position.done, position.whole.max(1));
        let number = |number: i64| request.locale.number(number);
        let seconds = (run.seen_at - run.stage_at).num_seconds();
        let mut parts = vec![match position.stage {
            Stage::Survey => texts.reading.to_owned(),
            Stage::Pictures => texts.pictures(number(done), number(position.whole)),
            Stage::Articles => texts.articles(number(position.articles)),
        }];
        if position.stage == Stage::Articles && seconds > 0 {
            parts.push(texts.rate(number(position.articles / seconds)));
        }
        if seconds >= 2 && done > 0 {
            let left = seconds.saturating_mul(whole - done) / done;
            parts.extend(time_left(texts, left));
        }
        Self {
            running: run.state_at(request.now) == RunState::Running,
            percent: (done.saturating_mul(100) / whole).clamp(0, 100),
            text: if run.stop_asked {
                texts.stopping.to_owned()
            } else {
                parts.join(request.locale.texts().list_separator)
            },
        }
    }
}

/// The remaining time as text; `None` if it is below a second.
fn time_left(texts: &NewsroomImport, seconds: i64) -> Option<String> {
    match seconds {
        ..1 => None,
        1..90 => Some(texts.seconds_left(seconds)),
        90..5_400 => Some(texts.minutes_left((seconds + 30) / 60)),
        _ => Some(texts.hours_left((seconds + 1_800) / 3_600)),
    }
}

/// The name of a kind of objects in a report.
fn kind_name<'a>(texts: &NewsroomImport, kind: &'a str) -> &'a str {
    match kind {
        "articles" => texts.kind_articles,
        "pages" => texts.kind_pages,
        "pictures" => texts.kind_pictures,
        "authors" => texts.kind_authors,
        "sections" => texts.kind_sections,
        "topics" => texts.kind_topics,
        "settings" => texts.kind_settings,
        other => other,
    }
}

/// A line of the table of imported objects.
struct Line {
    kind: String,
    taken: String,
    updated: String,
    left: String,
}

/// Objects that were not imported, or only in part.
struct Group {
    title: String,
    troubles: Vec<Trouble>,
    /// The number of problems that are not shown.
    more: Option<usize>,
}

/// The report of an import.
struct Outcome {
    lines: Vec<Line>,
    facts: Vec<String>,
    groups: Vec<Group>,
}

#[derive(Template)]
#[template(path = "admin/import.html")]
struct ImportPage {
    layout: Layout,
    script: String,
    id: i64,
    file_name: String,
    is_trial: bool,
    began: String,
    tag: Tag,
    progress: Option<Progress>,
    stop_asked: bool,
    /// Why it ended early, and how to continue.
    ended_early: Option<String>,
    outcome: Option<Outcome>,
}

/// `GET /admin/import/{id}`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let (run, report) = request
        .read(move |conn| Ok((import_run::find(conn, id)?, import_run::report(conn, id)?)))
        .await?;
    let run = run.ok_or(Error::NotFound)?;
    let outcome = match report.filter(|report| !report.is_empty()) {
        Some(json) => {
            let report: Report =
                serde_json::from_str(&json).map_err(|error| Error::Data(error.to_string()))?;
            Some(outcome(&request, report))
        }
        None => None,
    };
    let progress = Progress::of(&run, &request);
    let texts = &request.texts().import;
    let next_step = if run.is_trial {
        texts.nothing_saved
    } else {
        texts.continue_import
    };
    let ended_early = match run.state_at(request.now) {
        RunState::Stopped => Some(texts.was_stopped(next_step)),
        RunState::Failed => Some(texts.has_failed(&run.failure, next_step)),
        RunState::Broken => Some(texts.was_interrupted(next_step)),
        RunState::Running | RunState::Done => None,
    };
    let page = ImportPage {
        layout: request.layout(texts.title, "/admin/import"),
        script: request.app.assets.url("js/import.js").to_owned(),
        id,
        file_name: run.file_name.clone(),
        is_trial: run.is_trial,
        began: request.locale.date_and_time(run.began_at.and_utc()),
        tag: Tag::of(request.texts(), &run, request.now),
        progress: Some(progress).filter(|progress| progress.running),
        stop_asked: run.stop_asked,
        ended_early,
        outcome,
    };
    request.page(&page)
}

fn outcome(request: &StaffRequest, report: Report) -> Outcome {
    let texts = &request.texts().import;
    let number = |number: u64| {
        request
            .locale
            .number(i64::try_from(number).unwrap_or(i64::MAX))
    };
    let kinds: BTreeSet<_> = [&report.taken, &report.updated, &report.left]
        .into_iter()
        .flat_map(|counts| counts.keys())
        .collect();
    let lines = kinds
        .into_iter()
        .map(|kind| {
            let of = |counts: &Counts| counts.get(kind).map(|count| number(*count));
            Line {
                kind: kind_name(texts, kind).to_owned(),
                taken: of(&report.taken).unwrap_or_default(),
                updated: of(&report.updated).unwrap_or_default(),
                left: of(&report.left).unwrap_or_default(),
            }
        })
        .collect();
    let mut facts =
        vec![texts.addresses(number(report.addresses_kept), number(report.redirects_made))];
    if !report.states.is_empty() {
        let states: Vec<String> = report
            .states
            .iter()
            .map(|(state, count)| texts.in_state(number(*count), state))
            .collect();
        let states = states.join(request.locale.texts().list_separator);
        facts.push(texts.by_state(states));
    }
    if report.comments > 0 {
        facts.push(texts.comments(report.comments));
    }
    if report.control_characters > 0 {
        facts.push(texts.control_characters(report.control_characters));
    }
    if report.unnamed > 0 {
        facts.push(texts.unnamed(report.unnamed));
    }
    let count = |troubles: &[Trouble]| number(troubles.len() as u64);
    let groups = [
        (texts.skipped(count(&report.skipped)), report.skipped),
        (texts.lost(count(&report.lost)), report.lost),
        (
            texts.unreadable(count(&report.unreadable)),
            report.unreadable,
        ),
    ]
    .into_iter()
    .filter(|(_, troubles)| !troubles.is_empty())
    .map(|(title, mut troubles)| {
        let count = troubles.len();
        troubles.truncate(MAX_SHOWN);
        Group {
            title,
            troubles,
            more: (count > MAX_SHOWN).then(|| count - MAX_SHOWN),
        }
    })
    .collect();
    Outcome {
        lines,
        facts,
        groups,
    }
}

/// `GET /admin/import/{id}/progress.json`
pub async fn progress(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let run = request
        .read(move |conn| Ok(import_run::find(conn, id)?))
        .await?;
    let run = run.ok_or(Error::NotFound)?;
    Ok(request.json(&Progress::of(&run, &request)))
}

/// `GET /admin/import/{id}/report.json`: the whole report.
pub async fn report(request: StaffRequest) -> Result<HttpResponse> {
    let id = request.id("id")?;
    let report = request
        .read(move |conn| Ok(import_run::report(conn, id)?))
        .await?;
    let report = report
        .filter(|report| !report.is_empty())
        .ok_or(Error::NotFound)?;
    let report: Report =
        serde_json::from_str(&report).map_err(|error| Error::Data(error.to_string()))?;
    let mut response = request.json(&report);
    let attached = header::HeaderValue::from_static("attachment; filename=\"import.json\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, attached);
    Ok(response)
}

/// `POST /admin/import/{id}/stop`
pub async fn stop(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let id = request.id("id")?;
    request
        .write_unversioned(move |conn, _| {
            let run = import_run::find(conn, id)?.ok_or(Error::NotFound)?;
            Ok(import_run::ask_to_stop(conn, run.id)?)
        })
        .await?;
    request.see_other(&format!("/admin/import/{id}"), "")
}
