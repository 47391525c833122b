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
    pub(super) fn of(run: &Run, now: DateTime<Utc>) -> Self {
        let (text, is_bad) = match run.state_at(now) {
            RunState::Running => ("running", false),
            RunState::Done if run.is_trial => ("dry run", false),
            RunState::Done => ("done", false),
            RunState::Stopped => ("stopped", false),
            RunState::Failed => ("failed", true),
            RunState::Broken => ("interrupted", true),
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
        let position = run.position;
        let (done, whole) = (position.done, position.whole.max(1));
        let number = |number: i64| request.locale.number(number);
        let seconds = (run.seen_at - run.stage_at).num_seconds();
        let left = if seconds >= 2 && done > 0 {
            time_left(seconds.saturating_mul(whole - done) / done)
        } else {
            String::new()
        };
        let text = match position.stage {
            Stage::Looking => format!("Reading the file{left}"),
            Stage::Pictures => {
                format!(
                    "Pictures: {} of {}{left}",
                    number(done),
                    number(position.whole)
                )
            }
            Stage::Taking => {
                let rate = if seconds > 0 {
                    format!(", {} per second", number(position.articles / seconds))
                } else {
                    String::new()
                };
                format!("Articles: {}{rate}{left}", number(position.articles))
            }
        };
        Self {
            running: run.state_at(request.now) == RunState::Running,
            percent: (done.saturating_mul(100) / whole).clamp(0, 100),
            text: if run.stop_asked {
                "Stopping…".to_owned()
            } else {
                text
            },
        }
    }
}

/// The remaining time as text; empty if it is below a second.
fn time_left(seconds: i64) -> String {
    match seconds {
        ..1 => String::new(),
        1 => ", 1 second left".to_owned(),
        2..90 => format!(", {seconds} seconds left"),
        90..5_400 => format!(", {} minutes left", (seconds + 30) / 60),
        _ => format!(", {} hours left", (seconds + 1_800) / 3_600),
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
    more: Option<String>,
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
    let next_step = if run.is_trial {
        "A dry run saves nothing."
    } else {
        "Imported objects are kept. Upload the same file again to continue; nothing is imported \
         twice."
    };
    let ended_early = match run.state_at(request.now) {
        RunState::Stopped => Some(format!("The import was stopped. {next_step}")),
        RunState::Failed => Some(format!("The import failed: {}. {next_step}", run.failure)),
        RunState::Broken => Some(format!(
            "The server was stopped during the import. {next_step}"
        )),
        RunState::Running | RunState::Done => None,
    };
    let page = ImportPage {
        layout: request.layout("Import", "/admin/import"),
        script: request.app.assets.url("js/import.js").to_owned(),
        id,
        file_name: run.file_name.clone(),
        is_trial: run.is_trial,
        began: request.locale.date_and_time(run.began_at.and_utc()),
        tag: Tag::of(&run, request.now),
        progress: Some(progress).filter(|progress| progress.running),
        stop_asked: run.stop_asked,
        ended_early,
        outcome,
    };
    request.page(&page)
}

fn outcome(request: &StaffRequest, report: Report) -> Outcome {
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
                kind: kind.to_string(),
                taken: of(&report.taken).unwrap_or_default(),
                updated: of(&report.updated).unwrap_or_default(),
                left: of(&report.left).unwrap_or_default(),
            }
        })
        .collect();
    let mut facts = vec![format!(
        "Addresses: {} articles keep theirs, {} redirects were created.",
        number(report.addresses_kept),
        number(report.redirects_made)
    )];
    if !report.states.is_empty() {
        let states: Vec<String> = report
            .states
            .iter()
            .map(|(state, count)| format!("{} {state}", number(*count)))
            .collect();
        facts.push(format!("New articles by state: {}.", states.join(", ")));
    }
    if report.comments > 0 {
        facts.push(format!(
            "{} comments were not imported.",
            number(report.comments)
        ));
    }
    if report.unnamed > 0 {
        facts.push(format!(
            "{} more objects were skipped, lost or unreadable than are listed here.",
            number(report.unnamed)
        ));
    }
    let groups = [
        ("Skipped", report.skipped),
        ("Lost", report.lost),
        ("Unreadable", report.unreadable),
    ]
    .into_iter()
    .filter(|(_, troubles)| !troubles.is_empty())
    .map(|(title, mut troubles)| {
        let count = troubles.len();
        troubles.truncate(MAX_SHOWN);
        Group {
            title: format!("{title} ({})", number(count as u64)),
            troubles,
            more: (count > MAX_SHOWN).then(|| number((count - MAX_SHOWN) as u64)),
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
