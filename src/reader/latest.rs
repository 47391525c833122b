//! All stories, newest first, page by page.

use askama::Template;

use super::list::StoryList;
use crate::{
    error::Result,
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::timeline::{self, Period},
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        pagination,
    },
};

pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version().query();

#[derive(Template)]
#[template(path = "reader/latest.html")]
struct LatestPage {
    layout: Layout,
    title: String,
    list: StoryList,
}

/// `GET /latest?page=N`
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber) -> Result<RenderedPage> {
    let list = ctx.list(page, timeline::SITE, Period::Ever)?;
    let title = ctx.texts().latest;
    let head = Head {
        title: ctx.title_of_page(title, list.number),
        description: ctx.texts().all_latest.to_owned(),
        canonical: pagination::url("/latest", list.number),
        breadcrumb: breadcrumb::from_home(&ctx.site, [Link::new(title, "/latest")]),
        ..Head::default()
    };
    RenderedPage::html(&LatestPage {
        layout: ctx.layout(head),
        title: title.to_owned(),
        list,
    })
}
