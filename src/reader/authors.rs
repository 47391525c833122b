//! All authors, by name.

use askama::Template;

use crate::{
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::author,
    view::{
        Link, breadcrumb, byline,
        layout::{Head, Layout},
        pagination::{self, Pagination},
    },
};

pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version().query();

/// Authors on a page.
const PAGE_SIZE: i64 = 48;

#[derive(Template)]
#[template(path = "reader/authors.html")]
struct AuthorsPage {
    layout: Layout,
    authors: Vec<byline::Author>,
    pagination: Option<Pagination>,
}

/// `GET /authors?page=N`
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber) -> Result<RenderedPage> {
    let number = page.get();
    let pages = ((author::count(ctx.conn)? + PAGE_SIZE - 1) / PAGE_SIZE).max(1);
    if number > pages {
        return Err(Error::NotFound);
    }
    let authors = author::by_name(ctx.conn, (number - 1) * PAGE_SIZE, PAGE_SIZE)?;
    let title = ctx.texts().authors;
    let head = Head {
        title: ctx.title_of_page(title, number),
        description: format!("{title} – {}", ctx.site.settings.name),
        canonical: pagination::url("/authors", number),
        breadcrumb: breadcrumb::from_home(&ctx.site, [Link::new(title, "/authors")]),
        ..Head::default()
    };
    RenderedPage::html(&AuthorsPage {
        layout: ctx.layout(head),
        authors: authors.iter().map(byline::Author::from).collect(),
        pagination: Pagination::new(&ctx.site, "/authors", number, pages),
    })
}
