//! Corrections and clarifications of all articles, newest first, page by page.

use askama::Template;

use super::list::PAGE_SIZE;
use crate::{
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::correction,
    view::{
        Link, breadcrumb,
        correction::label as correction_label,
        layout::{Head, Layout},
        pagination::{self, Pagination},
    },
};

pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version().query();

const PATH: &str = "/corrections";

/// A correction or clarification.
struct Note {
    label: String,
    date: String,
    text: String,
    article: Link,
}

#[derive(Template)]
#[template(path = "reader/corrections.html")]
struct CorrectionsPage {
    layout: Layout,
    notes: Vec<Note>,
    pagination: Option<Pagination>,
}

/// `GET /corrections?page=N`
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber) -> Result<RenderedPage> {
    let number = page.get();
    let skipped = (number - 1).checked_mul(PAGE_SIZE).ok_or(Error::NotFound)?;
    // One more than is shown: whether another page follows is known without a count.
    let now = ctx.now.naive_utc();
    let mut found = correction::newest(ctx.conn, now, skipped, PAGE_SIZE + 1)?;
    if found.is_empty() && number > 1 {
        return Err(Error::NotFound);
    }
    let has_older = found.len() as i64 > PAGE_SIZE;
    found.truncate(PAGE_SIZE as usize);
    let (locale, texts) = (&ctx.site.locale, ctx.texts());
    let notes = found
        .into_iter()
        .map(|note| Note {
            label: correction_label(texts, note.kind).to_owned(),
            date: locale.date(note.made_at.and_utc()),
            text: note.text,
            article: Link::new(&note.headline, &note.path),
        })
        .collect();
    let breadcrumb = breadcrumb::from_home(&ctx.site, [Link::new(texts.corrections, PATH)]);
    let head = Head {
        title: ctx.title_of_page(texts.corrections, number),
        description: texts.corrections_text.to_owned(),
        canonical: pagination::url(PATH, number),
        breadcrumb,
        ..Head::default()
    };
    RenderedPage::html(&CorrectionsPage {
        layout: ctx.layout(head),
        notes,
        pagination: Pagination::uncounted(&ctx.site, PATH, number, has_older),
    })
}
