//! A section: its own lead, its newest stories and those of the sections below it.

use std::collections::HashSet;

use askama::Template;

use super::{Desk, Rendered, StoryList, take};
use crate::{
    db::types::River,
    error::{Error, Result},
    models::{edition, river::Period},
    view::{
        Link, breadcrumb,
        card::Card,
        layout::{Head, Layout},
        pagination,
        picture::Place,
    },
};

const POPULAR: usize = 5;

#[derive(Template)]
#[template(path = "reader/section.html")]
struct SectionPage {
    layout: Layout,
    name: String,
    description: String,
    children: Vec<Link>,
    /// On the first page only.
    lead: Option<Card>,
    secondary: Vec<Card>,
    list: StoryList,
    popular: Vec<Card>,
}

/// `GET` of a section's address.
pub fn page(desk: &mut Desk<'_>, id: i64) -> Result<Rendered> {
    let site = desk.site.clone();
    let section = site.sections.get(id).ok_or(Error::NotFound)?;
    let placed = edition::placed(desk.conn, Some(id), desk.now.naive_utc())?;
    let popular = desk.popular(Some(id), POPULAR)?;
    let others: Vec<i64> = placed.iter().chain(&popular).copied().collect();
    let (mut list, cards) = desk.list_and_cards((River::Section, id), Period::Ever, &others)?;
    let mut lead = None;
    let mut secondary = Vec::new();
    if list.number == 1 {
        // What an editor placed comes first, then the newest; neither stands in the list again.
        let mut top: Vec<Card> = take(&cards, &placed, &mut HashSet::new(), edition::SECTION)
            .into_iter()
            .map(|card| Card::new(card, &site, Place::Card))
            .collect();
        list.cards
            .retain(|card| top.iter().all(|placed| placed.path != card.path));
        let missing = (edition::SECTION - top.len()).min(list.cards.len());
        top.extend(
            list.cards
                .drain(..missing)
                .map(|card| card.placed(Place::Card)),
        );
        let mut top = top.into_iter();
        lead = top.next().map(|card| card.placed(Place::Lead));
        secondary = top.collect();
    }
    let popular = take(&cards, &popular, &mut HashSet::new(), POPULAR);

    let breadcrumb = breadcrumb::to_section(&site, id);
    let head = Head {
        title: desk.title_of_page(&section.name, list.number),
        description: section.description.clone(),
        canonical: pagination::url(&section.path, list.number),
        breadcrumb,
        open_section: Some(section.path.clone()),
        feeds_of: Some(section.path.clone()),
        ..Head::default()
    };
    Rendered::new(&SectionPage {
        layout: desk.layout(head),
        name: section.name.clone(),
        description: section.description.clone(),
        children: site
            .sections
            .children(Some(id))
            .map(|child| Link::new(&child.name, &child.path))
            .collect(),
        lead,
        secondary,
        popular: popular
            .into_iter()
            .map(|card| Card::new(card, &site, Place::Thumbnail))
            .collect(),
        list,
    })
}
