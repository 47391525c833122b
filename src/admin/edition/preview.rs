//! The preview of an edition: its stories in the places where readers will see them.

use std::collections::HashSet;

use super::draft::EditionDraft;
use crate::{
    models::{article::Cards, edition},
    site::Site,
    view::{card::Card, picture::Place},
};

/// The stories of the page, by place.
#[derive(Default)]
pub(super) struct Preview {
    pub lead: Option<PreviewCard>,
    pub beside: Vec<PreviewCard>,
    pub below: Vec<PreviewCard>,
    pub rest: Vec<PreviewCard>,
}

/// A story of the preview.
pub(super) struct PreviewCard {
    pub id: i64,
    pub card: Card,
    /// Whether it is placed by the draft, rather than one of the latest stories.
    pub placed: bool,
}

impl Preview {
    /// The stories of the draft, then the `newest` ones, without duplicates.
    pub(super) fn new(site: &Site, draft: &EditionDraft, cards: &Cards, newest: &[i64]) -> Self {
        let is_front = draft.section_id.is_none();
        let capacity = if is_front {
            edition::FRONT
        } else {
            edition::SECTION
        };
        let placed = draft
            .pins
            .iter()
            .filter_map(|pin| cards.get(&pin.article_id))
            .take(capacity)
            .map(|card| (card, true));
        let newest = newest
            .iter()
            .filter_map(|id| cards.get(id))
            .map(|card| (card, false));
        let mut seen = HashSet::new();
        let mut stories = placed
            .chain(newest)
            .filter(|(card, _)| seen.insert(card.id))
            .take(edition::FRONT)
            .map(|(card, placed)| PreviewCard {
                id: card.id,
                card: Card::new(card, site, Place::Card),
                placed,
            });
        Self {
            lead: stories.next(),
            beside: stories.by_ref().take(edition::BESIDE).collect(),
            below: stories
                .by_ref()
                .take(if is_front { edition::BELOW } else { 0 })
                .collect(),
            rest: stories.collect(),
        }
    }
}
