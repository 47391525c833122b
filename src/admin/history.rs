//! The history: who did what to what, when. It is read here and changed nowhere.

use actix_web::HttpResponse;
use askama::Template;

use super::{Layout, Newsroom};
use crate::{
    db::types::UserRole,
    error::{Error, Result},
    models::{
        history::{self, Event, Filter},
        user,
    },
    view::form::{Choice, Field},
};

/// How many events a page shows.
const PAGE: usize = 50;
/// So many words of a search count.
const WORDS: usize = 12;
/// Who logged in, who was given which role: that is for admins.
pub(super) const OF_USERS: &str = "user";

#[derive(Template)]
#[template(path = "admin/history.html")]
struct HistoryPage {
    layout: Layout,
    words: Field,
    person: Field,
    kind: Field,
    days: Vec<Day>,
    /// Where the whole history begins again, from anything else than that.
    newest: Option<&'static str>,
    older: Option<String>,
}

/// What was done on one day.
struct Day {
    date: String,
    deeds: Vec<Deed>,
}

struct Deed {
    time: String,
    /// The moment, for machines.
    machine: String,
    who: String,
    what: String,
    object: String,
    /// Where the newsroom has the object, or empty.
    url: String,
    detail: String,
}

/// `GET /admin/history?q=…&user=ID&kind=…&before=ID`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let words = desk.query("q");
    let hidden_kind = if desk.may(UserRole::Admin) {
        ""
    } else {
        OF_USERS
    };
    let filter = Filter {
        words: words
            .split_whitespace()
            .take(WORDS)
            .map(str::to_owned)
            .collect(),
        user_id: number(&desk, "user")?,
        kind: desk.query("kind"),
        hidden_kind,
        before: number(&desk, "before")?,
    };
    let (mut events, users, kinds) = {
        let filter = filter.clone();
        desk.read(move |conn| {
            Ok((
                history::find(conn, &filter, PAGE as i64 + 1)?,
                user::all(conn)?,
                history::kinds(conn)?,
            ))
        })
        .await?
    };
    let has_older = events.len() > PAGE;
    events.truncate(PAGE);
    let older = events.last().filter(|_| has_older).map(|last| {
        let before = last.id.to_string();
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let user = filter.user_id.map(|id| id.to_string()).unwrap_or_default();
        for (name, value) in [("q", &words), ("user", &user), ("kind", &filter.kind)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.append_pair("before", &before).finish();
        format!("/admin/history?{query}")
    });
    let people = users.iter().map(|user| {
        Choice::new(
            user.id.to_string(),
            &user.name,
            filter.user_id == Some(user.id),
        )
    });
    let kinds = kinds
        .iter()
        .filter(|kind| *kind != hidden_kind)
        .map(|kind| Choice::new(kind, kind, *kind == filter.kind));
    let everything = || Choice::new("", "All", false);
    desk.page(&HistoryPage {
        layout: desk.layout("History", "/admin/history"),
        person: Field::new("user", "Person")
            .choices([everything()].into_iter().chain(people).collect()),
        kind: Field::new("kind", "What it was done to")
            .choices([everything()].into_iter().chain(kinds).collect()),
        words: Field::new("q", "Words").value(words),
        days: days(&desk, events),
        newest: (!desk.request.query_string().is_empty()).then_some("/admin/history"),
        older,
    })
}

/// A number of the query; `None` if it is empty.
fn number(desk: &Newsroom, name: &str) -> Result<Option<i64>> {
    match desk.query(name).as_str() {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| Error::NotFound),
    }
}

/// The events by the days of the site's zone.
fn days(desk: &Newsroom, events: Vec<Event>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for event in events {
        let moment = event.made_at.and_utc();
        let date = desk.locale.date_with_weekday(moment);
        // Nobody has to be told that whoever logged in is a user.
        let is_own = event.kind == OF_USERS && event.object == event.who;
        let deed = Deed {
            time: desk.locale.time(moment),
            machine: desk.locale.machine(moment),
            what: if is_own {
                event.action
            } else {
                format!("{} {}", event.action, event.kind)
            },
            url: match (event.kind.as_str(), event.object_id) {
                ("article", Some(id)) => format!("/admin/articles/{id}"),
                _ => String::new(),
            },
            object: if is_own { String::new() } else { event.object },
            who: event.who,
            detail: event.detail,
        };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.deeds.push(deed),
            None => days.push(Day {
                date,
                deeds: vec![deed],
            }),
        }
    }
    days
}
