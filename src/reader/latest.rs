//! All stories, newest first, page by page.

use askama::Template;

use super::{
    cards,
    list::{Day, days},
};
use crate::{
    error::Result,
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::timeline::{self, Period},
    view::{
        Link, breadcrumb,
        card::Card,
        layout::{Head, Layout},
        pagination::{self, Pagination},
    },
};

/// Most Popular changes with the minute.
pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version()
    .until_next_minute_if_popular()
    .query();

/// Stories in Most Popular.
const POPULAR: usize = 10;

#[derive(Template)]
#[template(path = "reader/latest.html")]
struct LatestPage {
    layout: Layout,
    title: String,
    /// "1,234 stories"
    count: String,
    days: Vec<Day<Card>>,
    pagination: Option<Pagination>,
    popular: Vec<Card>,
}

/// `GET /latest?page=N`
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber) -> Result<RenderedPage> {
    let popular = ctx.popular(None, POPULAR)?;
    let (list, cards) = ctx.list_and_cards(page, timeline::SITE, Period::Ever, &popular)?;
    let popular = cards::popular(&cards, &popular, POPULAR, &ctx.site);
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
        count: list.count,
        days: days(&ctx.site, list.cards, |card| card.day),
        pagination: list.pagination,
        popular,
    })
}
