//! The newsroom of the demo edition: its staff and their unpublished articles.

use chrono::{DateTime, TimeDelta, Utc};
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::{
    db::{
        AnyConnection,
        types::{HistoryAction, HistoryKind, RevisionKind, Status, UserRole},
    },
    error::{Error, Result},
    models::{
        address,
        address::Destination,
        history::{self, NewEvent},
        revision::{self, Content, EditContext, ReviewedState, Saved},
        section, setting,
        user::{self, NewUser, UserError},
    },
    text::SanitizedHtml,
};

#[derive(RustEmbed)]
#[folder = "demo/newsroom"]
struct Files;

/// The front matter of a file in `demo/newsroom/`.
#[derive(Deserialize)]
struct Story {
    headline: String,
    standfirst: String,
    kicker: String,
    section: String,
    author: String,
    topics: Vec<String>,
    dateline: String,
    state: State,
    /// For a scheduled article: hours until its publication.
    #[serde(default)]
    hours_ahead: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Draft,
    Review,
    Scheduled,
}

/// The staff besides the demo's own admin: slug of the author page, name, role.
const STAFF: [(&str, &str, UserRole); 2] = [
    ("ines-halloran", "Ines Halloran", UserRole::Author),
    ("tomas-verrick", "Tomas Verrick", UserRole::Contributor),
];

/// A random password. It is not stored in plain text: an admin can create a link that sets another one.
fn password() -> String {
    crate::secrets::token::new()
}

fn failed(error: UserError) -> Error {
    Error::Data(error.to_string())
}

/// Adds the staff and their unpublished articles. The edition must have been published: both refer to its
/// authors and sections.
pub fn fill(conn: &mut AnyConnection, now: DateTime<Utc>) -> Result<()> {
    let sections = section::tree(conn)?;
    let settings = setting::load(conn)?;
    let mut staff = Vec::new();
    for (slug, name, role) in STAFF {
        let author_id = target(conn, &format!("/author/{slug}"))?;
        let email = format!("{slug}@dunmere-courier.example");
        let new = NewUser::new(&email, name, &password(), role, Some(author_id)).map_err(failed)?;
        let id = user::insert(conn, &new, now).map_err(failed)?;
        staff.push((slug, name, id, author_id));
    }
    for file in Files::iter() {
        let (story, body) = read(&file)?;
        let wrong = |what: &str| Error::Data(format!("demo/newsroom/{file}: unknown {what}"));
        let (_, name, user_id, author_id) = *staff
            .iter()
            .find(|(slug, ..)| *slug == story.author)
            .ok_or_else(|| wrong("author"))?;
        let began = EditContext {
            user_id,
            now: now - TimeDelta::hours(5),
            sections: &sections,
            time_zone: settings.time_zone,
            page: "",
        };
        let content = Content {
            headline: story.headline.clone(),
            kicker: story.kicker,
            section_id: Some(target(conn, &format!("/{}", story.section))?),
            author_ids: vec![author_id],
            dateline_place: story.dateline,
            dateline_date: now.date_naive().to_string(),
            dateline_agency: settings.agency.clone(),
            ..Content::default()
        };
        let saved = revision::begin(conn, &content, RevisionKind::Save, &began)?;
        let Saved::As {
            article_id,
            revision_id,
        } = saved
        else {
            continue;
        };
        let written = Content {
            standfirst: story.standfirst,
            topics: story.topics,
            body: SanitizedHtml::new(&body),
            ..content
        };
        let later = EditContext {
            now: now - TimeDelta::hours(2),
            ..began
        };
        let saved = revision::save(
            conn,
            article_id,
            Some(revision_id),
            &written,
            RevisionKind::Save,
            &later,
        )?;
        let action = match (story.state, saved) {
            (State::Review, _) => {
                revision::withdraw(conn, article_id, Status::Review, &later)?;
                HistoryAction::SentForReview
            }
            (State::Scheduled, Some(Saved::As { revision_id, .. })) => {
                let at = now + TimeDelta::hours(story.hours_ahead);
                let of = ReviewedState {
                    revision_id,
                    status: Status::Draft,
                };
                let done = revision::publish(conn, article_id, of, at, false, &later)?;
                done.map_err(|why| Error::Data(format!("demo/newsroom/{file}: {why:?}")))?;
                HistoryAction::Scheduled
            }
            _ => HistoryAction::Saved,
        };
        let event = NewEvent {
            action,
            kind: HistoryKind::Article,
            object_id: Some(article_id),
            object: &story.headline,
            detail: "",
        };
        history::add(conn, Some(user_id), name, &event, later.now)?;
    }
    Ok(())
}

/// The id of the section or author at a path of the edition.
fn target(conn: &mut AnyConnection, path: &str) -> Result<i64> {
    match address::resolve(conn, path)? {
        Some(Destination::Here(_, id)) => Ok(id),
        _ => Err(Error::Data(format!("the demo edition has no {path}"))),
    }
}

fn read(name: &str) -> Result<(Story, String)> {
    let file = Files::get(name).ok_or_else(|| Error::Data(format!("no demo/newsroom/{name}")))?;
    let text = std::str::from_utf8(&file.data)
        .map_err(|_| Error::Data(format!("demo/newsroom/{name}: not UTF-8")))?;
    let (front_matter, body) = super::split_front_matter(text).ok_or_else(|| {
        Error::Data(format!(
            "demo/newsroom/{name}: no front matter between +++ lines"
        ))
    })?;
    let story = toml::from_str(front_matter)
        .map_err(|error| Error::Data(format!("demo/newsroom/{name}: {error}")))?;
    Ok((story, body.to_owned()))
}
