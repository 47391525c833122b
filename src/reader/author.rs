//! An author's page: profile and stories.

use askama::Template;
use serde_json::json;

use super::list::StoryList;
use crate::{
    db::types::TimelineKind,
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::{author, timeline::Period},
    view::{
        Link, breadcrumb, byline,
        json_ld::JsonLd,
        layout::{Head, Layout},
        pagination,
    },
};

pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version().query();

#[derive(Template)]
#[template(path = "reader/author.html")]
struct AuthorPage {
    layout: Layout,
    author: byline::Author,
    /// The search among their stories.
    search: String,
    list: StoryList,
}

/// `GET` of an author's address.
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber, id: i64) -> Result<RenderedPage> {
    let author = author::find(ctx.conn, id)?.ok_or(Error::NotFound)?;
    let search = format!("/search?author={}", author.slug);
    let author = byline::Author::from(&author);
    let list = ctx.list(page, (TimelineKind::Author, id), Period::Ever)?;
    let base_url = &ctx.app.base_url;
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
        &ctx.site,
        [
            Link::new(ctx.texts().authors, "/authors"),
            Link::new(&author.name, &author.path),
        ],
    );
    let head = Head {
        title: ctx.title_of_page(&author.name, list.number),
        description: author.biography.first().unwrap_or(&author.title).clone(),
        canonical: pagination::url(&author.path, list.number),
        kind: Some("profile"),
        json_ld: vec![profile],
        breadcrumb,
        feeds_of: Some(author.path.clone()),
        ..Head::default()
    };
    RenderedPage::html(&AuthorPage {
        search,
        layout: ctx.layout(head),
        author,
        list,
    })
}
