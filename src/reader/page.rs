//! A standing page: About, Contact, Corrections policy.

use askama::Template;

use super::{Desk, Rendered};
use crate::{
    error::{Error, Result},
    models::page,
    text::SanitizedHtml,
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
        locale::fill,
    },
};

#[derive(Template)]
#[template(path = "reader/page.html")]
struct StandingPage {
    layout: Layout,
    title: String,
    html: SanitizedHtml,
    updated: String,
}

/// `GET` of a standing page's address.
pub fn page(desk: &mut Desk<'_>, id: i64) -> Result<Rendered> {
    let page = page::find(desk.conn, id)?.ok_or(Error::NotFound)?;
    let trail = [Link::new(&page.title, &desk.path)];
    let head = Head {
        title: page.title.clone(),
        description: beginning(&page.html.plain()),
        canonical: desk.path.clone(),
        breadcrumb: breadcrumb::from_home(&desk.site, trail),
        ..Head::default()
    };
    let date = desk.site.locale.date(page.updated_at.and_utc());
    Rendered::new(&StandingPage {
        layout: desk.layout(head),
        title: page.title,
        html: page.html,
        updated: fill(&desk.texts().updated_on, &[("date", &date)]),
    })
}

/// The first words, for a description: some 150 characters, cut between words.
fn beginning(text: &str) -> String {
    let mut beginning = String::new();
    for word in text.split_whitespace() {
        if beginning.len() + word.len() > 150 {
            beginning.push('…');
            break;
        }
        if !beginning.is_empty() {
            beginning.push(' ');
        }
        beginning.push_str(word);
    }
    beginning
}
