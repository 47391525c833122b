//! The calendar: published and scheduled articles of a month.

use actix_web::HttpResponse;
use askama::Template;
use chrono::{Datelike, Months, NaiveDate, Weekday};

use super::{Layout, StaffRequest};
use crate::{
    db::types::UserRole,
    error::{Error, Result},
    locale::NewsroomCalendar,
    models::calendar::{self, Entry},
};

/// The maximum number of articles shown for a day.
const MAX_SHOWN: usize = 6;
/// The maximum number of articles counted for a day.
const MAX_COUNTED: usize = 100;

#[derive(Template)]
#[template(path = "admin/calendar.html")]
struct CalendarPage {
    layout: Layout,
    month: String,
    /// `2026-11`
    month_value: String,
    previous: Option<String>,
    next: Option<String>,
    /// Seven cells each; cells before and after the month are empty.
    weeks: Vec<Vec<Option<Day>>>,
    is_empty: bool,
}

struct Day {
    number: u32,
    /// `Thursday, 5 November 2026`
    name: String,
    today: bool,
    entries: Vec<Row>,
    /// "and 12 more", or empty.
    more: String,
    /// The archive page of a day that is not in the future.
    archive: Option<String>,
}

/// An article of a day.
struct Row {
    time: String,
    headline: String,
    /// The admin page, for users who may open it.
    url: Option<String>,
    scheduled: bool,
}

/// `GET /admin/calendar?month=2026-11`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let time_zone = request.locale.time_zone();
    let today = request.now.with_timezone(&time_zone).date_naive();
    let first = match request.query("month").as_str() {
        "" => today.with_day(1),
        value => NaiveDate::parse_from_str(&format!("{value}-01"), "%Y-%m-%d").ok(),
    }
    .filter(has_four_digit_year)
    .ok_or(Error::NotFound)?;
    let dates: Vec<NaiveDate> = first
        .iter_days()
        .take_while(|date| date.month() == first.month())
        .collect();
    let owner = (!request.may(UserRole::Editor)).then_some(request.user.id);
    let now = request.now.naive_utc();
    let entries = {
        let dates = dates.clone();
        let limit = MAX_COUNTED as i64 + 1;
        request
            .read(move |conn| {
                Ok(calendar::entries(
                    conn, &dates, time_zone, owner, now, limit,
                )?)
            })
            .await?
    };
    let is_empty = entries.is_empty();
    let mut entries = entries.into_iter().peekable();
    let mut cells: Vec<Option<Day>> = Vec::new();
    cells.resize_with(first.weekday().num_days_from_monday() as usize, || None);
    for date in dates {
        let mut of_day = Vec::new();
        while let Some(entry) = entries.next_if(|entry| day_of(&request, entry) <= date) {
            of_day.push(entry);
        }
        cells.push(Some(day(&request, date, today, &of_day)));
    }
    cells.resize_with(cells.len().next_multiple_of(7), || None);
    let mut weeks = Vec::new();
    while !cells.is_empty() {
        let rest = cells.split_off(7);
        weeks.push(std::mem::replace(&mut cells, rest));
    }
    let month = request.locale.month(first);
    let path = |first: NaiveDate| format!("/admin/calendar?month={}", first.format("%Y-%m"));
    request.page(&CalendarPage {
        layout: request.layout(&request.texts().calendar.title(&month), "/admin/calendar"),
        month,
        month_value: first.format("%Y-%m").to_string(),
        previous: first
            .checked_sub_months(Months::new(1))
            .filter(has_four_digit_year)
            .map(path),
        next: first
            .checked_add_months(Months::new(1))
            .filter(has_four_digit_year)
            .map(path),
        weeks,
        is_empty,
    })
}

/// Whether the year has four digits, as in the addresses of articles.
fn has_four_digit_year(date: &NaiveDate) -> bool {
    (1_000..=9_999).contains(&date.year())
}

/// The name of a day of the week.
pub(super) fn weekday(texts: &NewsroomCalendar, day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => texts.monday,
        Weekday::Tue => texts.tuesday,
        Weekday::Wed => texts.wednesday,
        Weekday::Thu => texts.thursday,
        Weekday::Fri => texts.friday,
        Weekday::Sat => texts.saturday,
        Weekday::Sun => texts.sunday,
    }
}

/// The date of an entry in the site's time zone.
fn day_of(request: &StaffRequest, entry: &Entry) -> NaiveDate {
    let moment = entry.published_at.and_utc();
    moment
        .with_timezone(&request.locale.time_zone())
        .date_naive()
}

fn day(request: &StaffRequest, date: NaiveDate, today: NaiveDate, entries: &[Entry]) -> Day {
    let texts = &request.texts().calendar;
    let hidden = entries.len().saturating_sub(MAX_SHOWN);
    Day {
        number: date.day(),
        name: request.locale.calendar_date_with_weekday(date),
        today: date == today,
        entries: entries
            .iter()
            .take(MAX_SHOWN)
            .map(|entry| Row {
                time: request.locale.time(entry.published_at.and_utc()),
                headline: entry.headline.clone(),
                url: (request.may(UserRole::Editor) || entry.owner_id == Some(request.user.id))
                    .then(|| format!("/admin/articles/{}", entry.article_id)),
                scheduled: entry.published_at > request.now.naive_utc(),
            })
            .collect(),
        more: match hidden {
            0 => String::new(),
            _ if entries.len() > MAX_COUNTED => texts.more_than(MAX_COUNTED - MAX_SHOWN),
            _ => texts.more(hidden),
        },
        archive: (date <= today).then(|| date.format("/%Y/%m/%d").to_string()),
    }
}
