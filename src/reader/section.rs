//! A section's page: its lead, and its stories and those of its child sections, newest first.

use std::collections::HashSet;

use askama::Template;

use super::{
    cards::{self, take},
    list::StoryList,
};
use crate::{
    db::types::TimelineKind,
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageNumber, RenderedPage},
    models::{edition, timeline::Period},
    view::{
        breadcrumb,
        card::Card,
        layout::{Head, Layout},
        pagination,
        picture::Place,
    },
};

/// Most Popular changes with the minute.
pub const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version()
    .until_next_minute_if_popular()
    .query();

/// Stories in Most Popular.
const POPULAR: usize = 5;

#[derive(Template)]
#[template(path = "reader/section.html")]
struct SectionPage {
    layout: Layout,
    name: String,
    description: String,
    /// On the first page only.
    lead: Option<Card>,
    secondary: Vec<Card>,
    list: StoryList,
    popular: Vec<Card>,
}

/// `GET` of a section's address.
pub fn render(ctx: &mut PageContext<'_>, page: PageNumber, id: i64) -> Result<RenderedPage> {
    let site = ctx.site.clone();
    let section = site.sections.get(id).ok_or(Error::NotFound)?;
    let placed = edition::placed(ctx.conn, Some(id), ctx.now.naive_utc())?;
    let popular = ctx.popular(Some(id), POPULAR)?;
    let others: Vec<i64> = placed.iter().chain(&popular).copied().collect();
    let (mut list, cards) =
        ctx.list_and_cards(page, (TimelineKind::Section, id), Period::Ever, &others)?;
    let mut lead = None;
    let mut secondary = Vec::new();
    if list.number == 1 {
        // Placed stories come first, then the newest; neither appears in the list again.
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
    let popular = cards::popular(&cards, &popular, POPULAR, &site);

    let breadcrumb = breadcrumb::to_section(&site, id);
    let head = Head {
        title: ctx.title_of_page(&section.name, list.number),
        description: section.description.clone(),
        canonical: pagination::url(&section.path, list.number),
        breadcrumb,
        open_section: Some(section.path.clone()),
        feeds_of: Some(section.path.clone()),
        ..Head::default()
    };
    RenderedPage::html(&SectionPage {
        layout: ctx.layout(head),
        name: section.name.clone(),
        description: section.description.clone(),
        lead,
        secondary,
        popular,
        list,
    })
}
