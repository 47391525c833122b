//! The calendar: what is published when, a month at a time.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Datelike, Months, NaiveDate};

use super::{Layout, Newsroom};
use crate::{
    db::types::UserRole,
    error::{Error, Result},
    models::calendar::{self, Entry},
};

/// How many articles of a day are shown.
const A_DAY: usize = 6;
/// So many of a day are counted.
const COUNTED: usize = 100;

#[derive(Template)]
#[template(path = "admin/calendar.html")]
struct CalendarPage {
    layout: Layout,
    month: String,
    /// `2026-11`
    typed: String,
    previous: Option<String>,
    next: Option<String>,
    /// Seven cells each; those before and after the month are empty.
    weeks: Vec<Vec<Option<Day>>>,
    nothing: bool,
}

struct Day {
    number: u32,
    /// `Thursday, 5 November 2026`
    name: String,
    today: bool,
    entries: Vec<Shown>,
    /// "and 12 more", or empty.
    more: String,
    /// Where readers find all of a day that is over or under way.
    archive: Option<String>,
}

struct Shown {
    time: String,
    headline: String,
    /// Where the newsroom has it, for those who may open it.
    url: Option<String>,
    scheduled: bool,
}

/// `GET /admin/calendar?month=2026-11`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let time_zone = desk.locale.time_zone();
    let today = desk.now.with_timezone(&time_zone).date_naive();
    let first = match desk.query("month").as_str() {
        "" => today.with_day(1),
        typed => NaiveDate::parse_from_str(&format!("{typed}-01"), "%Y-%m-%d").ok(),
    }
    .filter(is_of_our_time)
    .ok_or(Error::NotFound)?;
    let dates: Vec<NaiveDate> = first
        .iter_days()
        .take_while(|date| date.month() == first.month())
        .collect();
    let owner = (!desk.may(UserRole::Editor)).then_some(desk.user.id);
    let now = desk.now.naive_utc();
    let entries = {
        let dates = dates.clone();
        let limit = COUNTED as i64 + 1;
        desk.read(move |conn| {
            Ok(calendar::entries(
                conn, &dates, time_zone, owner, now, limit,
            )?)
        })
        .await?
    };
    let nothing = entries.is_empty();
    let mut entries = entries.into_iter().peekable();
    let mut cells: Vec<Option<Day>> = Vec::new();
    cells.resize_with(first.weekday().num_days_from_monday() as usize, || None);
    for date in dates {
        let mut of_day = Vec::new();
        while let Some(entry) = entries.next_if(|entry| day_of(&desk, entry) <= date) {
            of_day.push(entry);
        }
        cells.push(Some(day(&desk, date, today, &of_day)));
    }
    cells.resize_with(cells.len().next_multiple_of(7), || None);
    let mut weeks = Vec::new();
    while !cells.is_empty() {
        let rest = cells.split_off(7);
        weeks.push(std::mem::replace(&mut cells, rest));
    }
    let month = desk.locale.month(first);
    let path = |first: NaiveDate| format!("/admin/calendar?month={}", first.format("%Y-%m"));
    desk.page(&CalendarPage {
        layout: desk.layout(&format!("Calendar: {month}"), "/admin/calendar"),
        month,
        typed: first.format("%Y-%m").to_string(),
        previous: first
            .checked_sub_months(Months::new(1))
            .filter(is_of_our_time)
            .map(path),
        next: first
            .checked_add_months(Months::new(1))
            .filter(is_of_our_time)
            .map(path),
        weeks,
        nothing,
    })
}

/// Whether its year has four digits, as those of articles have.
fn is_of_our_time(date: &NaiveDate) -> bool {
    (1_000..=9_999).contains(&date.year())
}

/// The date of an entry in the site's zone.
fn day_of(desk: &Newsroom, entry: &Entry) -> NaiveDate {
    let moment = entry.published_at.and_utc();
    moment.with_timezone(&desk.locale.time_zone()).date_naive()
}

fn day(desk: &Newsroom, date: NaiveDate, today: NaiveDate, entries: &[Entry]) -> Day {
    let left_out = entries.len().saturating_sub(A_DAY);
    Day {
        number: date.day(),
        name: desk.locale.calendar_date_with_weekday(date),
        today: date == today,
        entries: entries
            .iter()
            .take(A_DAY)
            .map(|entry| Shown {
                time: desk.locale.time(entry.published_at.and_utc()),
                headline: entry.headline.clone(),
                url: (desk.may(UserRole::Editor) || entry.owner_id == Some(desk.user.id))
                    .then(|| format!("/admin/articles/{}", entry.article_id)),
                scheduled: entry.published_at > desk.now.naive_utc(),
            })
            .collect(),
        more: match left_out {
            0 => String::new(),
            _ if entries.len() > COUNTED => format!("and more than {} more", COUNTED - A_DAY),
            _ => format!("and {left_out} more"),
        },
        archive: (date <= today).then(|| date.format("/%Y/%m/%d").to_string()),
    }
}
