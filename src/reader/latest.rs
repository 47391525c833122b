//! Every story, newest first, page by page.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Desk, Rendered, StoryList, answer};
use crate::{
    app::App,
    error::Result,
    models::river::{self, Period},
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        pagination,
    },
};

#[derive(Template)]
#[template(path = "reader/latest.html")]
struct LatestPage {
    layout: Layout,
    title: String,
    list: StoryList,
}

/// `GET /latest?page=N`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, make).await
}

fn make(desk: &mut Desk<'_>) -> Result<Rendered> {
    let list = desk.list(river::SITE, Period::Ever)?;
    let title = &desk.texts().latest;
    let head = Head {
        title: desk.title_of_page(title, list.number),
        description: desk.texts().all_latest.clone(),
        canonical: pagination::url("/latest", list.number),
        breadcrumb: breadcrumb::from_home(&desk.site, [Link::new(title, "/latest")]),
        ..Head::default()
    };
    Rendered::new(&LatestPage {
        layout: desk.layout(head),
        title: title.clone(),
        list,
    })
}
