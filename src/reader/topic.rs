//! A topic: stories from all sections under one label.

use askama::Template;

use super::{Desk, Rendered, StoryList};
use crate::{
    db::types::River,
    error::{Error, Result},
    models::{river::Period, topic},
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        pagination,
    },
};

#[derive(Template)]
#[template(path = "reader/topic.html")]
struct TopicPage {
    layout: Layout,
    name: String,
    description: String,
    /// Where its stories alone are searched.
    search: String,
    list: StoryList,
}

/// `GET` of a topic's address.
pub fn page(desk: &mut Desk<'_>, id: i64) -> Result<Rendered> {
    let topic = topic::find(desk.conn, id)?.ok_or(Error::NotFound)?;
    let list = desk.list((River::Topic, id), Period::Ever)?;
    let breadcrumb = breadcrumb::from_home(&desk.site, [Link::new(&topic.name, &topic.path)]);
    let head = Head {
        title: desk.title_of_page(&topic.name, list.number),
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
    Rendered::new(&TopicPage {
        layout: desk.layout(head),
        name: topic.name,
        description: topic.description,
        search: format!("/search?topic={}", topic.slug),
        list,
    })
}
