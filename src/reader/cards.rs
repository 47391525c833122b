//! Cards of articles, as lists and blocks of pages show them.

use std::collections::HashSet;

use crate::{
    error::Result,
    http_cache::PageContext,
    models::article::{Card, Cards},
    site::Site,
    view::{card as view, picture::Place},
};

impl PageContext<'_> {
    /// The cards of the live ones among these articles, by id.
    pub(super) fn cards(&mut self, ids: &[i64]) -> Result<Cards> {
        Ok(self.site.cards(self.conn, ids, self.now)?)
    }
}

/// The cards of Most Popular, which may repeat stories of the page.
pub(super) fn popular(cards: &Cards, ids: &[i64], limit: usize, site: &Site) -> Vec<view::Card> {
    take(cards, ids, &mut HashSet::new(), limit)
        .into_iter()
        .map(|card| view::Card::new(card, site, Place::Thumbnail))
        .collect()
}

/// The first `limit` cards of `ids` that exist and are not in `taken`, to which they are added.
pub(super) fn take<'c>(
    cards: &'c Cards,
    ids: &[i64],
    taken: &mut HashSet<i64>,
    limit: usize,
) -> Vec<&'c Card> {
    let mut chosen = Vec::with_capacity(limit);
    for card in ids.iter().filter_map(|id| cards.get(id)) {
        if chosen.len() == limit {
            break;
        }
        if taken.insert(card.id) {
            chosen.push(card.as_ref());
        }
    }
    chosen
}
