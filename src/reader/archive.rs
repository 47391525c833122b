//! The archive: years, months and days with what was published in them.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::{Desk, Rendered, StoryList, answer};
use crate::{
    app::App,
    error::{Error, Result},
    models::river::{self, Period},
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        locale::fill,
        pagination,
    },
};

/// A smaller period with the number of its stories.
struct Part {
    link: Link,
    count: String,
}

#[derive(Template)]
#[template(path = "reader/archive.html")]
struct ArchivePage {
    layout: Layout,
    title: String,
    parts: Vec<Part>,
    list: StoryList,
}

/// `GET /archive`
pub async fn index(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| make(desk, Period::Ever)).await
}

/// `GET /2023`
pub async fn year(app: web::Data<App>, request: HttpRequest, date: web::Path<i32>) -> HttpResponse {
    let year = date.into_inner();
    answer(app, request, move |desk| make(desk, Period::Year(year))).await
}

/// `GET /2023/12`
pub async fn month(
    app: web::Data<App>,
    request: HttpRequest,
    date: web::Path<(i32, u32)>,
) -> HttpResponse {
    let (year, month) = date.into_inner();
    answer(app, request, move |desk| {
        make(desk, Period::Month(year, month))
    })
    .await
}

/// `GET /2023/12/15`
pub async fn day(
    app: web::Data<App>,
    request: HttpRequest,
    date: web::Path<(i32, u32, u32)>,
) -> HttpResponse {
    let (year, month, day) = date.into_inner();
    answer(app, request, move |desk| {
        make(desk, Period::Day(year, month, day))
    })
    .await
}

fn make(desk: &mut Desk<'_>, period: Period) -> Result<Rendered> {
    let name = name(desk, period).ok_or(Error::NotFound)?;
    let list = desk.list(river::SITE, period)?;
    // A period without a story is no page, except for the archive as a whole.
    if list.cards.is_empty() && period != Period::Ever {
        return Err(Error::NotFound);
    }
    let time_zone = desk.site.locale.time_zone();
    let now = desk.now.naive_utc();
    let parts = river::live_counts(desk.conn, river::SITE, period, time_zone, now)?
        .into_iter()
        .map(|(part, entries)| Part {
            link: link(desk, part),
            count: desk.site.locale.number(entries),
        })
        .collect();
    let title = match period {
        Period::Ever => name.clone(),
        _ => fill(&desk.texts().archive_of, &[("period", &name)]),
    };
    let steps = trail(period).into_iter().map(|step| link(desk, step));
    let breadcrumb = breadcrumb::from_home(&desk.site, steps);
    let head = Head {
        title: desk.title_of_page(&title, list.number),
        description: format!("{title} – {}", desk.site.settings.name),
        canonical: pagination::url(&path(period), list.number),
        breadcrumb,
        ..Head::default()
    };
    Rendered::new(&ArchivePage {
        layout: desk.layout(head),
        title,
        parts,
        list,
    })
}

fn link(desk: &Desk<'_>, period: Period) -> Link {
    Link::new(name(desk, period).unwrap_or_default(), path(period))
}

/// From the archive as a whole down to the period.
fn trail(period: Period) -> Vec<Period> {
    match period {
        Period::Ever => vec![Period::Ever],
        Period::Year(year) => vec![Period::Ever, Period::Year(year)],
        Period::Month(year, month) => {
            vec![Period::Ever, Period::Year(year), Period::Month(year, month)]
        }
        Period::Day(year, month, day) => vec![
            Period::Ever,
            Period::Year(year),
            Period::Month(year, month),
            Period::Day(year, month, day),
        ],
    }
}

fn path(period: Period) -> String {
    match period {
        Period::Ever => "/archive".to_owned(),
        Period::Year(year) => format!("/{year:04}"),
        Period::Month(year, month) => format!("/{year:04}/{month:02}"),
        Period::Day(year, month, day) => format!("/{year:04}/{month:02}/{day:02}"),
    }
}

/// What a period is called; `None` if the calendar does not have it.
fn name(desk: &Desk<'_>, period: Period) -> Option<String> {
    let locale = &desk.site.locale;
    // No newspaper is older than the printing press.
    let date =
        |year, month, day| NaiveDate::from_ymd_opt(year, month, day).filter(|_| year >= 1_000);
    Some(match period {
        Period::Ever => locale.texts().archive.clone(),
        Period::Year(year) => locale.digits(&date(year, 1, 1)?.format("%Y").to_string()),
        Period::Month(year, month) => locale.month(date(year, month, 1)?),
        Period::Day(year, month, day) => locale.calendar_date(date(year, month, day)?),
    })
}
