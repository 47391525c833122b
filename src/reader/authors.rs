//! Everybody who writes, by name.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Desk, Rendered, answer};
use crate::{
    app::App,
    error::{Error, Result},
    models::author,
    view::{
        Link, breadcrumb, byline,
        layout::{Head, Layout},
        pagination::{self, Pagination},
    },
};

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
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, make).await
}

fn make(desk: &mut Desk<'_>) -> Result<Rendered> {
    let number = desk.page_number()?;
    let pages = ((author::count(desk.conn)? + PAGE_SIZE - 1) / PAGE_SIZE).max(1);
    if number > pages {
        return Err(Error::NotFound);
    }
    let authors = author::by_name(desk.conn, (number - 1) * PAGE_SIZE, PAGE_SIZE)?;
    let title = &desk.texts().authors;
    let head = Head {
        title: desk.title_of_page(title, number),
        description: format!("{title} – {}", desk.site.settings.name),
        canonical: pagination::url("/authors", number),
        breadcrumb: breadcrumb::from_home(&desk.site, [Link::new(title, "/authors")]),
        ..Head::default()
    };
    Rendered::new(&AuthorsPage {
        layout: desk.layout(head),
        authors: authors.iter().map(byline::Author::from).collect(),
        pagination: Pagination::new(&desk.site, "/authors", number, pages),
    })
}
