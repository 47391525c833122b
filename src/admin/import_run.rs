//! One import: how far it is, and what came of it.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, http::header};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Layout, Newsroom, Nothing, Posted};
use crate::{
    db::types::{RunState, Stage},
    error::{Error, Result},
    models::import_run::{self, Run},
    transfer::{Counts, Report, Trouble},
};

/// Of each kind of trouble so many are shown; the file has all.
const SHOWN: usize = 100;

/// How an import is, in a word.
pub(super) struct Tag {
    pub text: &'static str,
    /// Whether it wants looking at.
    pub is_bad: bool,
}

impl Tag {
    pub(super) fn of(run: &Run, now: DateTime<Utc>) -> Self {
        let (text, is_bad) = match run.state_at(now) {
            RunState::Running => ("running", false),
            RunState::Done if run.is_trial => ("tried", false),
            RunState::Done => ("done", false),
            RunState::Stopped => ("stopped", false),
            RunState::Failed => ("failed", true),
            RunState::Broken => ("broken off", true),
        };
        Self { text, is_bad }
    }
}

/// How far a running import is.
#[derive(Serialize)]
struct Progress {
    running: bool,
    percent: i64,
    text: String,
}

impl Progress {
    fn of(run: &Run, desk: &Newsroom) -> Self {
        let position = run.position;
        let (done, whole) = (position.done, position.whole.max(1));
        let number = |number: i64| desk.locale.number(number);
        let seconds = (run.seen_at - run.stage_at).num_seconds();
        let left = if seconds >= 2 && done > 0 {
            time_left(seconds.saturating_mul(whole - done) / done)
        } else {
            String::new()
        };
        let text = match position.stage {
            Stage::Looking => format!("Looking through the file{left}"),
            Stage::Pictures => {
                format!(
                    "Pictures: {} of {}{left}",
                    number(done),
                    number(position.whole)
                )
            }
            Stage::Taking => {
                let rate = if seconds > 0 {
                    format!(", {} a second", number(position.articles / seconds))
                } else {
                    String::new()
                };
                format!("Articles: {}{rate}{left}", number(position.articles))
            }
        };
        Self {
            running: run.state_at(desk.now) == RunState::Running,
            percent: (done.saturating_mul(100) / whole).clamp(0, 100),
            text: if run.stop_asked {
                "It stops as soon as it can.".to_owned()
            } else {
                text
            },
        }
    }
}

fn time_left(seconds: i64) -> String {
    match seconds {
        ..1 => String::new(),
        1 => ", 1 second left".to_owned(),
        2..90 => format!(", {seconds} seconds left"),
        90..5_400 => format!(", {} minutes left", (seconds + 30) / 60),
        _ => format!(", {} hours left", (seconds + 1_800) / 3_600),
    }
}

/// A line of the table of what was taken.
struct Line {
    kind: String,
    taken: String,
    updated: String,
    left: String,
}

/// Things that were not taken, or not whole.
struct Group {
    title: String,
    troubles: Vec<Trouble>,
    /// How many more there are.
    more: Option<String>,
}

/// What came of it.
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
    /// Why it ended early, and what to do.
    ended_early: Option<String>,
    outcome: Option<Outcome>,
}

/// `GET /admin/import/{id}`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let (run, report) = desk
        .read(move |conn| Ok((import_run::find(conn, id)?, import_run::report(conn, id)?)))
        .await?;
    let run = run.ok_or(Error::NotFound)?;
    let outcome = match report.filter(|report| !report.is_empty()) {
        Some(json) => {
            let report: Report =
                serde_json::from_str(&json).map_err(|error| Error::Data(error.to_string()))?;
            Some(outcome(&desk, report))
        }
        None => None,
    };
    let progress = Progress::of(&run, &desk);
    let again = if run.is_trial {
        "Nothing of it was to be kept."
    } else {
        "What was taken stays. Hand the same file over again, and it goes on from there: nothing is \
         doubled."
    };
    let ended_early = match run.state_at(desk.now) {
        RunState::Stopped => Some(format!("It was stopped. {again}")),
        RunState::Failed => Some(format!("It failed: {}. {again}", run.failure)),
        RunState::Broken => Some(format!("The program ended while it went on. {again}")),
        RunState::Running | RunState::Done => None,
    };
    let page = ImportPage {
        layout: desk.layout("Import", "/admin/import"),
        script: desk.app.assets.url("js/import.js").to_owned(),
        id,
        file_name: run.file_name.clone(),
        is_trial: run.is_trial,
        began: desk.locale.date_and_time(run.began_at.and_utc()),
        tag: Tag::of(&run, desk.now),
        progress: Some(progress).filter(|progress| progress.running),
        stop_asked: run.stop_asked,
        ended_early,
        outcome,
    };
    desk.page(&page)
}

fn outcome(desk: &Newsroom, report: Report) -> Outcome {
    let number = |number: u64| {
        desk.locale
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
        "Addresses: {} articles keep theirs, {} redirects were made.",
        number(report.addresses_kept),
        number(report.redirects_made)
    )];
    if !report.states.is_empty() {
        let states: Vec<String> = report
            .states
            .iter()
            .map(|(state, count)| format!("{} {state}", number(*count)))
            .collect();
        facts.push(format!(
            "New articles by their state there: {}.",
            states.join(", ")
        ));
    }
    if report.comments > 0 {
        facts.push(format!(
            "{} comments stay in the export: they are not shown here.",
            number(report.comments)
        ));
    }
    if report.unnamed > 0 {
        facts.push(format!(
            "{} more things were skipped, lost or unreadable than can be named here.",
            number(report.unnamed)
        ));
    }
    let groups = [
        ("Skipped", report.skipped),
        ("Lost on the way", report.lost),
        ("Unreadable", report.unreadable),
    ]
    .into_iter()
    .filter(|(_, troubles)| !troubles.is_empty())
    .map(|(title, mut troubles)| {
        let all = troubles.len();
        troubles.truncate(SHOWN);
        Group {
            title: format!("{title} ({})", number(all as u64)),
            troubles,
            more: (all > SHOWN).then(|| number((all - SHOWN) as u64)),
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
pub async fn progress(desk: Newsroom) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let run = desk
        .read(move |conn| Ok(import_run::find(conn, id)?))
        .await?;
    let run = run.ok_or(Error::NotFound)?;
    Ok(desk.json(&Progress::of(&run, &desk)))
}

/// `GET /admin/import/{id}/report.json`: what came of it, whole.
pub async fn report(desk: Newsroom) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    let report = desk
        .read(move |conn| Ok(import_run::report(conn, id)?))
        .await?;
    let report = report
        .filter(|report| !report.is_empty())
        .ok_or(Error::NotFound)?;
    let report: Report =
        serde_json::from_str(&report).map_err(|error| Error::Data(error.to_string()))?;
    let mut response = desk.json(&report);
    let attached = header::HeaderValue::from_static("attachment; filename=\"import.json\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, attached);
    Ok(response)
}

/// `POST /admin/import/{id}/stop`
pub async fn stop(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let id = desk.id("id")?;
    desk.record(move |conn, _| {
        let run = import_run::find(conn, id)?.ok_or(Error::NotFound)?;
        Ok(import_run::ask_to_stop(conn, run.id)?)
    })
    .await?;
    desk.see_other(&format!("/admin/import/{id}"), "")
}
