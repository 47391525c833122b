//! The dashboard: scheduled and waiting articles, views, referrers, failed searches, latest changes.

use std::collections::HashMap;

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};

use super::{Layout, StaffRequest, article as article_pages, calendar, history::USER_KIND, labels};
use crate::{
    db::{
        AnyConnection,
        types::{HistoryKind, NotFoundKind, UserRole},
    },
    error::Result,
    models::{
        article,
        article_list::{self, Filter, Listed, Sort, State},
        author,
        history::{self, Event},
        not_found,
        timeline::{self, Period},
        view_count,
    },
    view::chart::{Chart, Share, shares},
};

/// Articles in a panel.
const PANEL_ARTICLES: i64 = 8;
/// Rows of a ranking: most read, sections, authors, referrers.
const RANKING_ROWS: usize = 10;
/// The number of most-read articles that views by section and author are computed from.
const RANKED_ARTICLES: i64 = 2_000;
/// The number of searches from which words without results are listed. A single search could identify
/// its reader.
const MIN_SEARCHES: i64 = 2;
/// The number of latest changes that are shown.
const MAX_CHANGES: i64 = 12;
/// Days in the chart of views by day.
const DAYS: u64 = 30;
/// Days over which referrers are counted.
const REFERRER_DAYS: u64 = 7;

/// A scheduled or waiting article.
struct Entry {
    id: i64,
    title: String,
    time: String,
    authors: String,
    may_open: bool,
}

/// An event of the history.
struct Change {
    who: String,
    what: String,
    object: String,
    /// The admin page of the object; empty for none.
    url: String,
    when: String,
}

/// One of the most-read articles.
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
    /// Articles that wait for an editor, or the drafts of a writer.
    waiting_title: &'static str,
    waiting_path: &'static str,
    waiting: Vec<Entry>,
    read_now: Vec<ReadNow>,
    hours: Chart,
    days: Chart,
    sections: Vec<Share>,
    authors: Vec<Share>,
    referrers: Vec<Share>,
    /// Searches without results.
    failed_searches: Vec<Share>,
    changes: Vec<Change>,
    may_see_history: bool,
    backup: Option<Backup>,
}

/// The state of the backups, for admins.
struct Backup {
    text: String,
    is_bad: bool,
}

/// The state of the backups. The last one is overdue when it is older than two backup intervals.
fn backup(request: &StaffRequest) -> Option<Backup> {
    let config = &request.app.config;
    if !request.may(UserRole::Admin) || config.backup_to.is_none() {
        return None;
    }
    let state = request.app.backups();
    let locale = &request.locale;
    let texts = &request.texts().dashboard;
    let last = match state.last {
        Some(last) => texts.last_backup(locale.date_and_time(last)),
        None => texts.no_backup.to_owned(),
    };
    let is_overdue = state.last.is_none_or(|last| {
        request.now - last > TimeDelta::hours(2 * i64::from(config.backup_every))
    });
    Some(match state.failure {
        Some((at, error)) => Backup {
            text: texts.backup_failed(locale.date_and_time(at), error, last),
            is_bad: true,
        },
        None => Backup {
            text: last,
            is_bad: is_overdue,
        },
    })
}

/// The data that the page shows.
struct DashboardData {
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
    failed_searches: Vec<not_found::NotFoundCount>,
    changes: Vec<Event>,
}

/// `GET /admin`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let zone = request.locale.time_zone();
    let today = request.now.with_timezone(&zone).date_naive();
    let week_ago = today - Days::new(7);
    let first_day = today - Days::new(DAYS - 1);
    let day = |date: NaiveDate| timeline::bounds(Period::of_day(date), zone);
    let (of_today, of_week_ago, from) = (day(today), day(week_ago), day(first_day).0);
    let is_editor = request.may(UserRole::Editor);
    let own = (!is_editor).then_some(request.user.id);
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
        // Only admins see logins.
        hidden_kind: if request.may(UserRole::Admin) || !is_editor {
            ""
        } else {
            USER_KIND
        },
        ..history::Filter::default()
    };
    let now = request.now;
    let data = request
        .read(move |conn| {
            let list = |conn: &mut AnyConnection, filter: &Filter| {
                article_list::page(conn, filter, Sort::Changed, None, PANEL_ARTICLES, now)
            };
            let (due, waiting) = (list(conn, &due)?, list(conn, &waiting)?);
            let listed: Vec<i64> = due
                .iter()
                .chain(&waiting)
                .map(|listed| listed.record.id)
                .collect();
            let since = view_count::hour_of((now - TimeDelta::hours(23)).naive_utc());
            let read = view_count::read_since(conn, since, RANKED_ARTICLES)?;
            let ids: Vec<i64> = read.iter().map(|(id, _)| *id).collect();
            // Some of the most-read articles may have been unpublished since.
            let first = &ids[..ids.len().min(RANKING_ROWS * 2)];
            Ok(DashboardData {
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
                failed_searches: not_found::most_asked(
                    conn,
                    NotFoundKind::Words,
                    MIN_SEARCHES,
                    RANKING_ROWS as i64,
                )?,
                referrers: view_count::referrers(
                    conn,
                    now.date_naive() - Days::new(REFERRER_DAYS - 1),
                    RANKING_ROWS as i64,
                )?,
                changes: history::find(conn, &changes, MAX_CHANGES)?,
                read,
            })
        })
        .await?;

    let entries = |listed: &[Listed]| {
        listed
            .iter()
            .map(|listed| entry(&request, listed, &data.names))
            .collect()
    };
    let hours = hours(
        &request,
        &DayViews {
            interval: of_today,
            by_hour: &data.today,
        },
        &DayViews {
            interval: of_week_ago,
            by_hour: &data.last_week,
        },
    );
    let days = days(&request, first_day, &data.month);
    let views: HashMap<i64, i64> = data.read.iter().copied().collect();
    let of_section = data.sections.iter().filter_map(|(id, section_id)| {
        let section = request.site.sections.get((*section_id)?)?;
        Some((section.name.clone(), *views.get(id)?))
    });
    let of_author = data
        .authors
        .iter()
        .filter_map(|(id, name)| Some((name.clone(), *views.get(id)?)));
    let texts = &request.texts().dashboard;
    request.page(&DashboardPage {
        layout: request.layout(texts.title, "/admin"),
        due: entries(&data.due),
        waiting_title: if is_editor {
            texts.waiting
        } else {
            texts.your_drafts
        },
        waiting_path: if is_editor {
            "/admin/articles?state=review"
        } else {
            "/admin/articles?state=draft"
        },
        waiting: entries(&data.waiting),
        read_now: data
            .read
            .iter()
            .filter_map(|(id, views)| Some((data.cards.get(id)?, views)))
            .take(RANKING_ROWS)
            .map(|(card, views)| ReadNow {
                headline: card.headline.clone(),
                path: card.path.clone(),
                views: request.locale.number(*views),
            })
            .collect(),
        hours,
        days,
        sections: shares(of_section, RANKING_ROWS, &request.locale),
        authors: shares(of_author, RANKING_ROWS, &request.locale),
        referrers: shares(data.referrers.into_iter(), RANKING_ROWS, &request.locale),
        failed_searches: shares(
            data.failed_searches
                .into_iter()
                .map(|not_found| (not_found.asked, not_found.hits)),
            RANKING_ROWS,
            &request.locale,
        ),
        changes: data
            .changes
            .iter()
            .map(|event| change(&request, event))
            .collect(),
        may_see_history: is_editor,
        backup: backup(&request),
    })
}

fn entry(request: &StaffRequest, listed: &Listed, names: &[(i64, String)]) -> Entry {
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
        title: article_pages::title(request.texts(), &record.headline),
        time: request.locale.date_and_time(time.and_utc()),
        authors: request.locale.list(&authors),
        may_open: article_pages::may_edit(&request.user, record),
    }
}

fn change(request: &StaffRequest, event: &Event) -> Change {
    Change {
        who: event.who.clone(),
        what: labels::action(request.texts(), &event.action).to_owned(),
        // Users' events about themselves omit the object.
        object: if event.kind == USER_KIND && event.object == event.who {
            String::new()
        } else {
            request.texts().dashboard.quoted(&event.object)
        },
        url: match (event.kind.parse(), event.object_id) {
            (Ok(HistoryKind::Article), Some(id)) => format!("/admin/articles/{id}/revisions"),
            _ => String::new(),
        },
        when: request.locale.date_and_time(event.made_at.and_utc()),
    }
}

/// Start and end in UTC, as [`timeline::bounds`] returns them.
type Interval = (NaiveDateTime, NaiveDateTime);

/// The views of a day by hour.
struct DayViews<'v> {
    interval: Interval,
    /// Hours in UTC with their number of views.
    by_hour: &'v [(NaiveDateTime, i64)],
}

/// Views in each hour of a day. Days on which clocks change have 23 or 25 hours.
fn hourly_views(day: &DayViews<'_>) -> Vec<i64> {
    let (from, to) = day.interval;
    let first = view_count::hour_of(from);
    let hours = usize::try_from((to - from).num_hours()).unwrap_or_default();
    let mut views = vec![0; hours];
    for (hour, count) in day.by_hour {
        let index = usize::try_from((*hour - first).num_hours()).unwrap_or(usize::MAX);
        if let Some(views) = views.get_mut(index) {
            *views += count;
        }
    }
    views
}

/// The chart of today's views by hour, with the same day of last week.
fn hours(request: &StaffRequest, today: &DayViews<'_>, week_ago: &DayViews<'_>) -> Chart {
    let now = hourly_views(today);
    let then = hourly_views(week_ago);
    let labels: Vec<String> = (0..now.len().max(then.len()))
        .map(|index| {
            let hours = TimeDelta::hours(i64::try_from(index).unwrap_or_default());
            let local = (today.interval.0 + hours)
                .and_utc()
                .with_timezone(&request.locale.time_zone());
            local.format("%H:%M").to_string()
        })
        .collect();
    let (sum, sum_then): (i64, i64) = (now.iter().sum(), then.iter().sum());
    let weekday = week_ago
        .interval
        .0
        .and_utc()
        .with_timezone(&request.locale.time_zone())
        .weekday();
    let locale = &request.locale;
    let texts = request.texts();
    let summary = texts.dashboard.views_by_hour(
        locale.number(sum),
        locale.number(sum_then),
        calendar::weekday(&texts.calendar, weekday),
    );
    Chart::new(&summary, &labels, &now, &then, 6, locale)
}

/// The chart of views by day.
fn days(request: &StaffRequest, first: NaiveDate, by_hour: &[(NaiveDateTime, i64)]) -> Chart {
    let zone = request.locale.time_zone();
    let mut views = vec![0; usize::try_from(DAYS).unwrap_or_default()];
    for (hour, count) in by_hour {
        let date = hour.and_utc().with_timezone(&zone).date_naive();
        // In time zones with half-hour offsets, the first hour begins on the day before.
        let index = usize::try_from((date - first).num_days()).unwrap_or_default();
        if let Some(views) = views.get_mut(index) {
            *views += count;
        }
    }
    let labels: Vec<String> = (0..DAYS)
        .map(|day| (first + Days::new(day)).format("%-d %b").to_string())
        .collect();
    let sum = request.locale.number(views.iter().sum());
    let summary = request.texts().dashboard.views_by_day(sum, DAYS);
    Chart::new(&summary, &labels, &views, &[], 6, &request.locale)
}
