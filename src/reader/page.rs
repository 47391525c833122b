//! A standing page: About, Contact, Corrections policy.

use askama::Template;

use super::{
    Desk, Rendered,
    body::{self, Block},
};
use crate::{
    error::{Error, Result},
    models::{media, page},
    text,
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
    blocks: Vec<Block>,
    updated: String,
    script: Option<String>,
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
    let parts = text::parts(&page.html);
    let pictures = media::find_all(desk.conn, &body::media_ids(&parts))?;
    let cards = desk.cards(&body::also_read_ids(&parts))?;
    let blocks = body::blocks(&desk.site, None, &parts, &pictures, &cards);
    let script = body::script(desk, &blocks);
    let has_players = script.is_some();
    let date = desk.site.locale.date(page.updated_at.and_utc());
    let page = StandingPage {
        layout: desk.layout(head),
        title: page.title,
        blocks,
        updated: fill(&desk.texts().updated_on, &[("date", &date)]),
        script,
    };
    Ok(Rendered {
        has_players,
        ..Rendered::new(&page)?
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
