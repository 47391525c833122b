//! The page for an address that leads nowhere, which helps on.

use askama::Template;

use super::{Desk, Rendered};
use crate::{
    error::Result,
    models::{river, search},
    view::{
        card::Card,
        layout::{Head, Layout},
        picture::Place,
    },
};

const NEWEST: i64 = 6;
/// So many stories that may have been meant.
const MEANT: usize = 3;
/// Addresses of stories have at least so many words: programs that knock at every door have fewer.
const WORDS: usize = 3;

#[derive(Template)]
#[template(path = "reader/not_found.html")]
struct NotFoundPage {
    layout: Layout,
    /// What may have been meant.
    meant: Vec<Card>,
    newest: Vec<Card>,
}

/// Sent with 404.
pub fn page(desk: &mut Desk<'_>) -> Result<Rendered> {
    let now = desk.now.naive_utc();
    let meant = meant(desk)?;
    let newest = river::newest(desk.conn, river::SITE, now, NEWEST)?;
    let cards = desk.cards(&[meant.as_slice(), &newest].concat())?;
    let shown = |ids: &[i64]| -> Vec<Card> {
        ids.iter()
            .filter_map(|id| cards.get(id))
            .map(|card| Card::new(card, &desk.site, Place::Thumbnail))
            .collect()
    };
    let head = Head {
        title: desk.texts().not_found.clone(),
        description: desk.texts().not_found_text.clone(),
        noindex: true,
        ..Head::default()
    };
    Rendered::new(&NotFoundPage {
        layout: desk.layout(head),
        meant: shown(&meant),
        newest: shown(&newest),
    })
}

/// The stories that have the words of the address's last part, as an old or mistyped one has them.
fn meant(desk: &mut Desk<'_>) -> Result<Vec<i64>> {
    let last = desk.path.rsplit('/').find(|part| !part.is_empty());
    let last = last.unwrap_or_default();
    let name = last.rsplit_once('.').map_or(last, |(name, _)| name);
    let words = name.replace(['-', '_'], " ");
    if words.split_whitespace().count() < WORDS {
        return Ok(Vec::new());
    }
    let mut found = search::newest(desk.conn, &words, desk.now.naive_utc())?;
    found.truncate(MEANT);
    Ok(found)
}
