//! A topic's page: stories from all sections.

use askama::Template;

use super::list::StoryList;
use crate::{
    db::types::TimelineKind,
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::{timeline::Period, topic},
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        pagination,
    },
};

pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version().query();

#[derive(Template)]
#[template(path = "reader/topic.html")]
struct TopicPage {
    layout: Layout,
    name: String,
    description: String,
    /// The search among its stories.
    search: String,
    list: StoryList,
}

/// `GET` of a topic's address. A topic without live articles answers 404, as [`topic::is_public`] explains.
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber, id: i64) -> Result<RenderedPage> {
    let topic = topic::find(ctx.conn, id)?.ok_or(Error::NotFound)?;
    let list = ctx.list(page, (TimelineKind::Topic, id), Period::Ever)?;
    if list.cards.is_empty() {
        return Err(Error::NotFound);
    }
    let breadcrumb = breadcrumb::from_home(&ctx.site, [Link::new(&topic.name, &topic.path)]);
    let head = Head {
        title: ctx.title_of_page(&topic.name, list.number),
        description: if topic.description.is_empty() {
            format!("{} – {}", topic.name, list.count)
        } else {
            topic.description.clone()
        },
        canonical: pagination::url(&topic.path, list.number),
        breadcrumb,
        feeds_of: Some(topic.path.clone()),
        ..Head::default()
    };
    RenderedPage::html(&TopicPage {
        layout: ctx.layout(head),
        name: topic.name,
        description: topic.description,
        search: format!("/search?topic={}", topic.slug),
        list,
    })
}
