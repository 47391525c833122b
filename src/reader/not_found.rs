//! The page for an address that leads nowhere, which helps on.

use askama::Template;

use super::{Desk, Rendered};
use crate::{
    error::Result,
    models::river,
    view::{
        card::Card,
        layout::{Head, Layout},
        picture::Place,
    },
};

const NEWEST: i64 = 6;

#[derive(Template)]
#[template(path = "reader/not_found.html")]
struct NotFoundPage {
    layout: Layout,
    newest: Vec<Card>,
}

/// Sent with 404.
pub fn page(desk: &mut Desk<'_>) -> Result<Rendered> {
    let newest = river::newest(desk.conn, river::SITE, desk.now.naive_utc(), NEWEST)?;
    let cards = desk.cards(&newest)?;
    let head = Head {
        title: desk.texts().not_found.clone(),
        description: desk.texts().not_found_text.clone(),
        noindex: true,
        ..Head::default()
    };
    Rendered::new(&NotFoundPage {
        layout: desk.layout(head),
        newest: newest
            .iter()
            .filter_map(|id| cards.get(id))
            .map(|card| Card::new(card, &desk.site, Place::Thumbnail))
            .collect(),
    })
}
