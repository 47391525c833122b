//! An author: who it is, and what they wrote.

use askama::Template;
use serde_json::json;

use super::{Desk, Rendered, StoryList};
use crate::{
    db::types::River,
    error::{Error, Result},
    models::{author, river::Period},
    view::{
        Link, breadcrumb, byline,
        json_ld::JsonLd,
        layout::{Head, Layout},
        pagination,
    },
};

#[derive(Template)]
#[template(path = "reader/author.html")]
struct AuthorPage {
    layout: Layout,
    author: byline::Author,
    /// Where their stories alone are searched.
    search: String,
    list: StoryList,
}

/// `GET` of an author's address.
pub fn page(desk: &mut Desk<'_>, id: i64) -> Result<Rendered> {
    let author = author::find(desk.conn, id)?.ok_or(Error::NotFound)?;
    let search = format!("/search?author={}", author.slug);
    let author = byline::Author::from(&author);
    let list = desk.list((River::Author, id), Period::Ever)?;
    let base_url = &desk.app.base_url;
    let profile = JsonLd::new(&json!({
        "@context": "https://schema.org",
        "@type": "ProfilePage",
        "mainEntity": {
            "@type": "Person",
            "name": author.name,
            "jobTitle": author.title,
            "description": author.biography.join(" "),
            "url": format!("{base_url}{}", author.path),
            "image": author.portrait.as_ref().map(|picture| format!("{base_url}{}", picture.largest)),
            "sameAs": author.social_links.iter().map(|link| &link.url).collect::<Vec<_>>(),
        },
    }));
    let breadcrumb = breadcrumb::from_home(
        &desk.site,
        [
            Link::new(&desk.texts().authors, "/authors"),
            Link::new(&author.name, &author.path),
        ],
    );
    let head = Head {
        title: desk.title_of_page(&author.name, list.number),
        description: author.biography.first().unwrap_or(&author.title).clone(),
        canonical: pagination::url(&author.path, list.number),
        kind: Some("profile"),
        json_ld: vec![profile],
        breadcrumb,
        feeds_of: Some(author.path.clone()),
        ..Head::default()
    };
    Rendered::new(&AuthorPage {
        search,
        layout: desk.layout(head),
        author,
        list,
    })
}
