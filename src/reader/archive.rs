//! The archive: the stories of a year, a month or a day.

use askama::Template;
use chrono::NaiveDate;

use super::list::StoryList;
use crate::{
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::timeline::{self, Period},
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        pagination,
    },
};

pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version().query();

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

/// `GET /archive`, `GET /2023`, `GET /2023/12`, `GET /2023/12/15`
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber) -> Result<RenderedPage> {
    let period = period(&ctx.path).ok_or(Error::NotFound)?;
    let name = name(ctx, period).ok_or(Error::NotFound)?;
    let list = ctx.list(page, timeline::SITE, period)?;
    // A period without stories has no page, except for the archive as a whole.
    if list.cards.is_empty() && period != Period::Ever {
        return Err(Error::NotFound);
    }
    let time_zone = ctx.site.locale.time_zone();
    let now = ctx.now.naive_utc();
    let parts = timeline::live_counts(ctx.conn, timeline::SITE, period, time_zone, now)?
        .into_iter()
        .map(|(part, entries)| Part {
            link: link(ctx, part),
            count: ctx.site.locale.number(entries),
        })
        .collect();
    let title = match period {
        Period::Ever => name.clone(),
        _ => ctx.texts().archive_of(&name),
    };
    let steps = trail(period).into_iter().map(|step| link(ctx, step));
    let breadcrumb = breadcrumb::from_home(&ctx.site, steps);
    let head = Head {
        title: ctx.title_of_page(&title, list.number),
        description: format!("{title} – {}", ctx.site.settings.name),
        canonical: pagination::url(&path(period), list.number),
        breadcrumb,
        ..Head::default()
    };
    RenderedPage::html(&ArchivePage {
        layout: ctx.layout(head),
        title,
        parts,
        list,
    })
}

fn link(ctx: &PageContext<'_>, period: Period) -> Link {
    Link::new(name(ctx, period).unwrap_or_default(), path(period))
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

/// The period of a path.
fn period(path: &str) -> Option<Period> {
    let path = path.strip_prefix('/')?;
    if path == "archive" {
        return Some(Period::Ever);
    }
    let mut parts = path.split('/');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next().map(str::parse).transpose().ok()?;
    let day = parts.next().map(str::parse).transpose().ok()?;
    Some(match (month, day) {
        (None, _) => Period::Year(year),
        (Some(month), None) => Period::Month(year, month),
        (Some(month), Some(day)) => Period::Day(year, month, day),
    })
}

fn path(period: Period) -> String {
    match period {
        Period::Ever => "/archive".to_owned(),
        Period::Year(year) => format!("/{year:04}"),
        Period::Month(year, month) => format!("/{year:04}/{month:02}"),
        Period::Day(year, month, day) => format!("/{year:04}/{month:02}/{day:02}"),
    }
}

/// A period's name; `None` if the calendar does not have it.
fn name(ctx: &PageContext<'_>, period: Period) -> Option<String> {
    let locale = &ctx.site.locale;
    // Newspapers are not older than the printing press.
    let date =
        |year, month, day| NaiveDate::from_ymd_opt(year, month, day).filter(|_| year >= 1_000);
    Some(match period {
        Period::Ever => locale.texts().archive.to_owned(),
        Period::Year(year) => locale.digits(&date(year, 1, 1)?.format("%Y").to_string()),
        Period::Month(year, month) => locale.month(date(year, month, 1)?),
        Period::Day(year, month, day) => locale.calendar_date(date(year, month, day)?),
    })
}
