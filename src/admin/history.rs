//! The history of changes in the admin area: read-only.

use actix_web::HttpResponse;
use askama::Template;

use super::{Layout, StaffRequest, labels};
use crate::{
    db::types::{HistoryKind, UserRole},
    error::{Error, Result},
    models::{
        history::{self, Event, Filter},
        user,
    },
    view::form::{Choice, Field},
};

/// Events on a page.
const PAGE_SIZE: usize = 50;
/// The maximum number of words of a search; further words are ignored.
const MAX_WORDS: usize = 12;
/// The kind of events about users, such as logins and roles: only admins see them.
pub(super) const USER_KIND: &str = HistoryKind::User.as_str();

#[derive(Template)]
#[template(path = "admin/history.html")]
struct HistoryPage {
    layout: Layout,
    words: Field,
    person: Field,
    kind: Field,
    days: Vec<Day>,
    /// The link to the unfiltered history; `None` if this is it.
    newest: Option<&'static str>,
    older: Option<String>,
}

/// The events of one day.
struct Day {
    date: String,
    entries: Vec<Entry>,
}

struct Entry {
    time: String,
    /// The value of a `datetime` attribute.
    machine: String,
    who: String,
    what: String,
    object: String,
    /// The admin page of the object; empty for none.
    url: String,
    detail: String,
}

/// `GET /admin/history?q=…&user=ID&kind=…&before=ID`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let words = request.query("q");
    let hidden_kind = if request.may(UserRole::Admin) {
        ""
    } else {
        USER_KIND
    };
    let filter = Filter {
        words: words
            .split_whitespace()
            .take(MAX_WORDS)
            .map(str::to_owned)
            .collect(),
        user_id: number(&request, "user")?,
        kind: request.query("kind"),
        hidden_kind,
        before: number(&request, "before")?,
    };
    let (mut events, users, kinds) = {
        let filter = filter.clone();
        request
            .read(move |conn| {
                Ok((
                    history::find(conn, &filter, PAGE_SIZE as i64 + 1)?,
                    user::all(conn)?,
                    history::kinds(conn)?,
                ))
            })
            .await?
    };
    let has_older = events.len() > PAGE_SIZE;
    events.truncate(PAGE_SIZE);
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
    let texts = request.texts();
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
        .map(|kind| {
            let is_chosen = *kind == filter.kind;
            Choice::new(kind, labels::kind(texts, kind), is_chosen)
        });
    let all = || Choice::new("", texts.common.all, false);
    request.page(&HistoryPage {
        layout: request.layout(texts.history.title, "/admin/history"),
        person: Field::new("user", texts.history.person)
            .choices([all()].into_iter().chain(people).collect()),
        kind: Field::new("kind", texts.history.object)
            .choices([all()].into_iter().chain(kinds).collect()),
        words: Field::new("q", texts.history.words).value(words),
        days: days(&request, events),
        newest: (!request.http.query_string().is_empty()).then_some("/admin/history"),
        older,
    })
}

/// A number in the query string; `None` if it is empty.
fn number(request: &StaffRequest, name: &str) -> Result<Option<i64>> {
    match request.query(name).as_str() {
        "" => Ok(None),
        value => value.parse().map(Some).map_err(|_| Error::NotFound),
    }
}

/// Groups events by day in the site's time zone.
fn days(request: &StaffRequest, events: Vec<Event>) -> Vec<Day> {
    let texts = request.texts();
    let mut days: Vec<Day> = Vec::new();
    for event in events {
        let moment = event.made_at.and_utc();
        let date = request.locale.date_with_weekday(moment);
        // Users' events about themselves omit the object.
        let is_own = event.kind == USER_KIND && event.object == event.who;
        let entry = Entry {
            time: request.locale.time(moment),
            machine: request.locale.machine(moment),
            what: if is_own {
                labels::action(texts, &event.action).to_owned()
            } else {
                let action = labels::action(texts, &event.action);
                let kind = labels::kind(texts, &event.kind);
                texts.history.action_and_object(action, kind)
            },
            url: match (event.kind.parse(), event.object_id) {
                (Ok(HistoryKind::Article), Some(id)) => format!("/admin/articles/{id}"),
                _ => String::new(),
            },
            object: match is_own {
                true => String::new(),
                // A link needs no quotation marks.
                false if event.kind == HistoryKind::Article.as_str() => event.object,
                false => texts.history.object_name(event.object),
            },
            who: event.who,
            detail: event.detail,
        };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.entries.push(entry),
            None => days.push(Day {
                date,
                entries: vec![entry],
            }),
        }
    }
    days
}
