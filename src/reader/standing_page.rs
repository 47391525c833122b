//! A standing page: About, Contact, Corrections policy.

use askama::Template;

use super::body::{self, Block};
use crate::{
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, RenderedPage},
    models::{media, page},
    text,
    view::{
        Link, breadcrumb,
        layout::{Head, Layout},
    },
};

pub const CACHE: CachePolicy = CachePolicy::site_version();

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
pub fn render(ctx: &mut PageContext<'_>, id: i64) -> Result<RenderedPage> {
    let page = page::find(ctx.conn, id)?.ok_or(Error::NotFound)?;
    let trail = [Link::new(&page.title, &ctx.path)];
    let head = Head {
        title: page.title.clone(),
        description: beginning(&page.html.plain()),
        canonical: ctx.path.clone(),
        breadcrumb: breadcrumb::from_home(&ctx.site, trail),
        ..Head::default()
    };
    let parts = text::parts(&page.html);
    let pictures = media::find_all(ctx.conn, &body::media_ids(&parts))?;
    let cards = ctx.cards(&body::also_read_ids(&parts))?;
    let blocks = body::blocks(&ctx.site, None, &parts, &pictures, &cards);
    let script = body::script(ctx, &blocks);
    let has_players = script.is_some();
    let date = ctx.site.locale.date(page.updated_at.and_utc());
    let page = StandingPage {
        layout: ctx.layout(head),
        title: page.title,
        blocks,
        updated: ctx.texts().updated_on(&date),
        script,
    };
    Ok(RenderedPage {
        has_players,
        ..RenderedPage::html(&page)?
    })
}

/// The first words, for a description: about 150 bytes, cut between words.
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
