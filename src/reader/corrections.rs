//! Corrections: what was wrong in which article, newest first, page by page.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::{Desk, PAGE_SIZE, Rendered, answer};
use crate::{
    app::App,
    error::{Error, Result},
    models::correction,
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        pagination::{self, Pagination},
    },
};

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
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, make).await
}

fn make(desk: &mut Desk<'_>) -> Result<Rendered> {
    let number = desk.page_number()?;
    let skipped = (number - 1).checked_mul(PAGE_SIZE).ok_or(Error::NotFound)?;
    // One more than is shown tells whether another page follows, without counting all.
    let now = desk.now.naive_utc();
    let mut found = correction::newest(desk.conn, now, skipped, PAGE_SIZE + 1)?;
    if found.is_empty() && number > 1 {
        return Err(Error::NotFound);
    }
    let has_older = found.len() as i64 > PAGE_SIZE;
    found.truncate(PAGE_SIZE as usize);
    let (locale, texts) = (&desk.site.locale, desk.texts());
    let notes = found
        .into_iter()
        .map(|note| Note {
            label: texts.kind_of_note(note.kind).to_owned(),
            date: locale.date(note.made_at.and_utc()),
            text: note.text,
            article: Link::new(&note.headline, &note.path),
        })
        .collect();
    let breadcrumb = breadcrumb::from_home(&desk.site, [Link::new(&texts.corrections, PATH)]);
    let head = Head {
        title: desk.title_of_page(&texts.corrections, number),
        description: texts.corrections_text.clone(),
        canonical: pagination::url(PATH, number),
        breadcrumb,
        ..Head::default()
    };
    Rendered::new(&CorrectionsPage {
        layout: desk.layout(head),
        notes,
        pagination: Pagination::uncounted(&desk.site, PATH, number, has_older),
    })
}
