//! The 404 page, with suggestions.

use askama::Template;

use crate::{
    error::Result,
    http_cache::{PageContext, RenderedPage},
    models::{search, timeline},
    view::{
        card::Card,
        layout::{Head, Layout},
        picture::Place,
    },
};

/// Latest stories shown.
const LATEST: i64 = 6;
/// Suggested stories shown.
const SUGGESTIONS: usize = 3;
/// Paths with fewer words are not searched for: most are probes of vulnerability scanners.
const MIN_WORDS: usize = 3;

#[derive(Template)]
#[template(path = "reader/not_found.html")]
struct NotFoundPage {
    layout: Layout,
    suggestions: Vec<Card>,
    newest: Vec<Card>,
}

/// Sent with 404.
pub(super) fn render(ctx: &mut PageContext<'_>) -> Result<RenderedPage> {
    let now = ctx.now.naive_utc();
    let suggestions = suggestions(ctx)?;
    let newest = timeline::newest(ctx.conn, timeline::SITE, now, LATEST)?;
    let cards = ctx.cards(&[suggestions.as_slice(), &newest].concat())?;
    let shown = |ids: &[i64]| -> Vec<Card> {
        ids.iter()
            .filter_map(|id| cards.get(id))
            .map(|card| Card::new(card, &ctx.site, Place::Thumbnail))
            .collect()
    };
    let head = Head {
        title: ctx.texts().not_found.to_owned(),
        description: ctx.texts().not_found_text.to_owned(),
        noindex: true,
        ..Head::default()
    };
    RenderedPage::html(&NotFoundPage {
        layout: ctx.layout(head),
        suggestions: shown(&suggestions),
        newest: shown(&newest),
    })
}

/// The stories that match the words of the path's last segment: it may be an old or mistyped address.
fn suggestions(ctx: &mut PageContext<'_>) -> Result<Vec<i64>> {
    let last = ctx.path.rsplit('/').find(|part| !part.is_empty());
    let last = last.unwrap_or_default();
    let name = last.rsplit_once('.').map_or(last, |(name, _)| name);
    let words = name.replace(['-', '_'], " ");
    if words.split_whitespace().count() < MIN_WORDS {
        return Ok(Vec::new());
    }
    let mut found = search::newest(ctx.conn, &words, ctx.now.naive_utc())?;
    found.truncate(SUGGESTIONS);
    Ok(found)
}
