//! The dashboard: what is due, what waits, what is being read and by way of where, what was done last.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

use super::{Layout, Newsroom, article as of_article, history::OF_USERS};
use crate::{
    db::{
        AnyConnection,
        types::{MissKind, UserRole},
    },
    error::Result,
    models::{
        article,
        article_list::{self, Filter, Listed, Sort, State},
        author,
        history::{self, Event},
        miss,
        river::{self, Period},
        view_count,
    },
    view::chart::{Chart, Share, shares},
};

/// Articles in a panel.
const FEW: i64 = 8;
/// Ranks in a panel: most read, sections, authors, sites.
const RANKS: usize = 10;
/// Views by section and author are those of so many articles, the most read ones.
const RANKED: i64 = 2_000;
/// Words that nothing was found for are told when they were asked for so often: what one reader typed once is
/// nobody's business.
const ASKED: i64 = 2;
/// How many of the last changes are shown.
const CHANGES: i64 = 12;
/// Days in the chart of days, and those over which readers' origins are counted.
const DAYS: u64 = 30;
const REFERRER_DAYS: u64 = 7;

/// An article that is due, or that waits.
struct Entry {
    id: i64,
    title: String,
    time: String,
    authors: String,
    may_open: bool,
}

/// Something that was done.
struct Change {
    who: String,
    what: String,
    object: String,
    /// Where the newsroom has the object, or empty.
    url: String,
    when: String,
}

struct ReadNow {
    headline: String,
    path: String,
    views: String,
}

#[derive(Template)]
#[template(path = "admin/dashboard.html")]
struct DashboardPage {
    layout: Layout,
    due: Vec<Entry>,
    /// What waits for an editor, or what a writer is working on.
    waiting_title: &'static str,
    waiting_path: &'static str,
    waiting: Vec<Entry>,
    read_now: Vec<ReadNow>,
    hours: Chart,
    days: Chart,
    sections: Vec<Share>,
    authors: Vec<Share>,
    referrers: Vec<Share>,
    /// What readers searched for and did not find.
    missed: Vec<Share>,
    changes: Vec<Change>,
    may_see_history: bool,
    backup: Option<Backup>,
}

/// How the backups are, for those who run the newspaper.
struct Backup {
    text: String,
    is_bad: bool,
}

/// A backup is late when it is older than twice the time between two.
fn backup(desk: &Newsroom) -> Option<Backup> {
    let config = &desk.app.config;
    if !desk.may(UserRole::Admin) || config.backup_to.is_none() {
        return None;
    }
    let state = desk.app.backups();
    let locale = &desk.locale;
    let last = match state.last {
        Some(last) => format!("The last backup is of {}.", locale.date_and_time(last)),
        None => "There is no backup yet.".to_owned(),
    };
    let is_late = state
        .last
        .is_none_or(|last| desk.now - last > TimeDelta::hours(2 * i64::from(config.backup_every)));
    Some(match state.failure {
        Some((at, why)) => Backup {
            text: format!(
                "The backup failed at {}: {why}. {last}",
                locale.date_and_time(at)
            ),
            is_bad: true,
        },
        None => Backup {
            text: last,
            is_bad: is_late,
        },
    })
}

/// What the page is made of.
struct Found {
    due: Vec<Listed>,
    waiting: Vec<Listed>,
    names: Vec<(i64, String)>,
    read: Vec<(i64, i64)>,
    cards: article::Cards,
    sections: Vec<(i64, Option<i64>)>,
    authors: Vec<(i64, String)>,
    today: Vec<(NaiveDateTime, i64)>,
    last_week: Vec<(NaiveDateTime, i64)>,
    month: Vec<(NaiveDateTime, i64)>,
    referrers: Vec<(String, i64)>,
    missed: Vec<miss::Miss>,
    changes: Vec<Event>,
}

/// `GET /admin`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let zone = desk.locale.time_zone();
    let today = desk.now.with_timezone(&zone).date_naive();
    let week_ago = today - Days::new(7);
    let first_day = today - Days::new(DAYS - 1);
    let day = |date: NaiveDate| river::bounds(Period::of_day(date), zone);
    let (of_today, of_week_ago, from) = (day(today), day(week_ago), day(first_day).0);
    let is_editor = desk.may(UserRole::Editor);
    let own = (!is_editor).then_some(desk.user.id);
    let due = Filter {
        state: State::Scheduled,
        owner_id: own,
        ..Filter::default()
    };
    let waiting = Filter {
        state: if is_editor {
            State::Review
        } else {
            State::Draft
        },
        ..due.clone()
    };
    let changes = history::Filter {
        user_id: own,
        // Who logs in is for admins to know.
        hidden_kind: if desk.may(UserRole::Admin) || !is_editor {
            ""
        } else {
            OF_USERS
        },
        ..history::Filter::default()
    };
    let now = desk.now;
    let found = desk
        .read(move |conn| {
            let list = |conn: &mut AnyConnection, filter: &Filter| {
                article_list::page(conn, filter, Sort::Changed, None, FEW, now)
            };
            let (due, waiting) = (list(conn, &due)?, list(conn, &waiting)?);
            let listed: Vec<i64> = due
                .iter()
                .chain(&waiting)
                .map(|listed| listed.record.id)
                .collect();
            let since = view_count::hour_of((now - TimeDelta::hours(23)).naive_utc());
            let read = view_count::read_since(conn, since, RANKED)?;
            let ids: Vec<i64> = read.iter().map(|(id, _)| *id).collect();
            // Some of the most read may be withdrawn by now.
            let first = &ids[..ids.len().min(RANKS * 2)];
            Ok(Found {
                due,
                waiting,
                names: author::names_of_articles(conn, &listed)?,
                cards: article::cards(conn, first, now.naive_utc())?,
                sections: article::sections_of(conn, &ids)?,
                authors: author::names_of_articles(conn, &ids)?,
                today: view_count::site_hours(conn, view_count::hour_of(of_today.0), of_today.1)?,
                last_week: view_count::site_hours(
                    conn,
                    view_count::hour_of(of_week_ago.0),
                    of_week_ago.1,
                )?,
                month: view_count::site_hours(conn, view_count::hour_of(from), of_today.1)?,
                missed: miss::most_asked(conn, MissKind::Words, ASKED, RANKS as i64)?,
                referrers: view_count::referrers(
                    conn,
                    now.date_naive() - Days::new(REFERRER_DAYS - 1),
                    RANKS as i64,
                )?,
                changes: history::find(conn, &changes, CHANGES)?,
                read,
            })
        })
        .await?;

    let entries = |listed: &[Listed]| {
        listed
            .iter()
            .map(|listed| entry(&desk, listed, &found.names))
            .collect()
    };
    let hours = hours(
        &desk,
        (of_today, &found.today),
        (of_week_ago, &found.last_week),
    );
    let days = days(&desk, first_day, &found.month);
    let views: HashMap<i64, i64> = found.read.iter().copied().collect();
    let of_section = found.sections.iter().filter_map(|(id, section_id)| {
        let section = desk.site.sections.get((*section_id)?)?;
        Some((section.name.clone(), *views.get(id)?))
    });
    let of_author = found
        .authors
        .iter()
        .filter_map(|(id, name)| Some((name.clone(), *views.get(id)?)));
    desk.page(&DashboardPage {
        layout: desk.layout("Dashboard", "/admin"),
        due: entries(&found.due),
        waiting_title: if is_editor {
            "Waiting for review"
        } else {
            "Your drafts"
        },
        waiting_path: if is_editor {
            "/admin/articles?state=review"
        } else {
            "/admin/articles?state=draft"
        },
        waiting: entries(&found.waiting),
        read_now: found
            .read
            .iter()
            .filter_map(|(id, views)| Some((found.cards.get(id)?, views)))
            .take(RANKS)
            .map(|(card, views)| ReadNow {
                headline: card.headline.clone(),
                path: card.path.clone(),
                views: desk.locale.number(*views),
            })
            .collect(),
        hours,
        days,
        sections: shares(of_section, RANKS, &desk.locale),
        authors: shares(of_author, RANKS, &desk.locale),
        referrers: shares(found.referrers.into_iter(), RANKS, &desk.locale),
        missed: shares(
            found.missed.into_iter().map(|miss| (miss.asked, miss.hits)),
            RANKS,
            &desk.locale,
        ),
        changes: found
            .changes
            .iter()
            .map(|event| change(&desk, event))
            .collect(),
        may_see_history: is_editor,
        backup: backup(&desk),
    })
}

fn entry(desk: &Newsroom, listed: &Listed, names: &[(i64, String)]) -> Entry {
    let record = &listed.record;
    let authors: Vec<String> = names
        .iter()
        .filter(|(id, _)| *id == record.id)
        .map(|(_, name)| name.clone())
        .collect();
    let time = record
        .published_at
        .filter(|_| record.is_published())
        .unwrap_or(record.changed_at);
    Entry {
        id: record.id,
        title: of_article::title(&record.headline),
        time: desk.locale.date_and_time(time.and_utc()),
        authors: desk.locale.list(&authors),
        may_open: of_article::may_edit(&desk.user, record),
    }
}

fn change(desk: &Newsroom, event: &Event) -> Change {
    Change {
        who: event.who.clone(),
        what: event.action.clone(),
        // Nobody has to be told that whoever logged in is a user.
        object: if event.kind == OF_USERS && event.object == event.who {
            String::new()
        } else {
            format!("“{}”", event.object)
        },
        url: match (event.kind.as_str(), event.object_id) {
            ("article", Some(id)) => format!("/admin/articles/{id}/revisions"),
            _ => String::new(),
        },
        when: desk.locale.date_and_time(event.made_at.and_utc()),
    }
}

/// Beginning and end.
type Stretch = (NaiveDateTime, NaiveDateTime);

/// Views in each hour of a day, which has 23 or 25 of them when clocks are set.
fn by_hour((from, to): Stretch, counted: &[(NaiveDateTime, i64)]) -> Vec<i64> {
    let first = view_count::hour_of(from);
    let hours = usize::try_from((to - from).num_hours()).unwrap_or_default();
    let mut views = vec![0; hours];
    for (hour, count) in counted {
        let index = usize::try_from((*hour - first).num_hours()).unwrap_or(usize::MAX);
        if let Some(views) = views.get_mut(index) {
            *views += count;
        }
    }
    views
}

/// Today by the hour against the same day of last week.
fn hours(
    desk: &Newsroom,
    (today, counted): (Stretch, &[(NaiveDateTime, i64)]),
    (week_ago, counted_then): (Stretch, &[(NaiveDateTime, i64)]),
) -> Chart {
    let now = by_hour(today, counted);
    let then = by_hour(week_ago, counted_then);
    let labels: Vec<String> = (0..now.len().max(then.len()))
        .map(|index| {
            let hours = TimeDelta::hours(i64::try_from(index).unwrap_or_default());
            let local = (today.0 + hours)
                .and_utc()
                .with_timezone(&desk.locale.time_zone());
            local.format("%H:%M").to_string()
        })
        .collect();
    let (sum, sum_then): (i64, i64) = (now.iter().sum(), then.iter().sum());
    let weekday = week_ago
        .0
        .and_utc()
        .with_timezone(&desk.locale.time_zone())
        .format("%A");
    let locale = &desk.locale;
    let said = format!(
        "Views by hour: {} so far today; {} on the whole of {weekday} last week.",
        locale.number(sum),
        locale.number(sum_then),
    );
    Chart::new(&said, &labels, &now, &then, 6, locale)
}

/// Day by day.
fn days(desk: &Newsroom, first: NaiveDate, counted: &[(NaiveDateTime, i64)]) -> Chart {
    let zone = desk.locale.time_zone();
    let mut views = vec![0; usize::try_from(DAYS).unwrap_or_default()];
    for (hour, count) in counted {
        let date = hour.and_utc().with_timezone(&zone).date_naive();
        // The hour in which the first day began is told of the day before by zones of half hours.
        let index = usize::try_from((date - first).num_days()).unwrap_or_default();
        if let Some(views) = views.get_mut(index) {
            *views += count;
        }
    }
    let labels: Vec<String> = (0..DAYS)
        .map(|day| (first + Days::new(day)).format("%-d %b").to_string())
        .collect();
    let said = format!(
        "Views by day: {} in the last {DAYS} days.",
        desk.locale.number(views.iter().sum())
    );
    Chart::new(&said, &labels, &views, &[], 6, &desk.locale)
}
