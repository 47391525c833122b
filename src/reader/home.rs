//! The front page: the lead story, pinned stories, the newest, a block per section. No story twice.

use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde_json::json;

use super::{Desk, Rendered, answer, take};
use crate::{
    app::App,
    db::types::{AddressKind, River},
    error::{Error, Result},
    models::{address, article, edition, imported, river},
    view::{
        Link,
        card::Card,
        json_ld::{self, JsonLd},
        layout::{Head, Layout},
        picture::Place,
    },
};

const POPULAR: usize = 10;
/// Sections that have a block: the first ones with a story, of so many that are looked at.
const BLOCKS: usize = 12;
const LOOKED_AT: usize = 60;
/// Stories in a section's block.
const IN_BLOCK: usize = 5;
/// So many are read of a section that a block is full though some of them stand further up already.
const READ_FOR_BLOCK: i64 = (IN_BLOCK + edition::FRONT) as i64;

/// A section's block.
struct Block {
    section: Link,
    children: Vec<Link>,
    lead: Card,
    others: Vec<Card>,
}

#[derive(Template)]
#[template(path = "reader/home.html")]
struct HomePage {
    layout: Layout,
    lead: Option<Card>,
    secondary: Vec<Card>,
    below: Vec<Card>,
    latest: Vec<Card>,
    popular: Vec<Card>,
    blocks: Vec<Block>,
}

/// `GET /`
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, make).await
}

/// The number in `/?p=123` or `/?page_id=123`, which WordPress gives every post besides its address.
pub(super) fn old_number(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "p" || name == "page_id")
        .map(|(_, number)| number.into_owned())
}

/// Where the post of this number stands now.
fn old_post(desk: &mut Desk<'_>, number: &str) -> Result<Error> {
    let now = desk.now.naive_utc();
    for (taken, kind) in [
        ("article", AddressKind::Article),
        ("page", AddressKind::Page),
    ] {
        // Of two sites that were imported, the number does not say which is meant.
        let [id] = imported::find(desk.conn, taken, number)?[..] else {
            continue;
        };
        let is_public = kind == AddressKind::Page || article::is_live(desk.conn, id, now)?;
        if let Some(path) = address::canonical(desk.conn, kind, id)?.filter(|_| is_public) {
            return Ok(Error::Moved(path));
        }
    }
    Ok(Error::NotFound)
}

fn make(desk: &mut Desk<'_>) -> Result<Rendered> {
    if let Some(number) = old_number(&desk.query) {
        return Err(old_post(desk, &number)?);
    }
    // Which it does in this one way; everything else behind the question mark changes nothing.
    desk.reads_page = true;
    let now = desk.now.naive_utc();
    let placed = edition::placed(desk.conn, None, now)?;
    let newest = river::newest(desk.conn, river::SITE, now, edition::FRONT as i64)?;
    let mut with_block: Vec<i64> = desk
        .site
        .sections
        .children(None)
        .take(LOOKED_AT)
        .map(|section| section.id)
        .collect();
    let mut of_sections =
        river::newest_of_each(desk.conn, River::Section, &with_block, now, READ_FOR_BLOCK)?;
    let full: HashSet<i64> = of_sections
        .iter()
        .map(|(section_id, _)| *section_id)
        .collect();
    with_block.retain(|section_id| full.contains(section_id));
    with_block.truncate(BLOCKS);
    of_sections.retain(|(section_id, _)| with_block.contains(section_id));
    let popular = desk.popular(None, POPULAR)?;

    let ids: HashSet<i64> = placed
        .iter()
        .chain(&newest)
        .chain(&popular)
        .copied()
        .chain(of_sections.iter().map(|(_, article_id)| *article_id))
        .collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let cards = desk.cards(&ids)?;
    let site = desk.site.clone();
    let card = |card, place| Card::new(card, &site, place);

    let mut taken = HashSet::new();
    let top_stories: Vec<i64> = placed.into_iter().chain(newest).collect();
    let lead = take(&cards, &top_stories, &mut taken, 1)
        .pop()
        .map(|lead| card(lead, Place::Lead));
    let secondary = take(&cards, &top_stories, &mut taken, edition::BESIDE);
    let below = take(&cards, &top_stories, &mut taken, edition::BELOW);
    let latest = take(&cards, &top_stories, &mut taken, edition::LATEST);
    let mut blocks = Vec::new();
    for section in site.sections.children(None) {
        let of_section: Vec<i64> = of_sections
            .iter()
            .filter(|(owner_id, _)| *owner_id == section.id)
            .map(|(_, article_id)| *article_id)
            .collect();
        let stories = take(&cards, &of_section, &mut taken, IN_BLOCK);
        if let Some((lead, others)) = stories.split_first() {
            blocks.push(Block {
                section: Link::new(&section.name, &section.path),
                children: site
                    .sections
                    .children(Some(section.id))
                    .map(|child| Link::new(&child.name, &child.path))
                    .collect(),
                lead: card(lead, Place::Card),
                others: others
                    .iter()
                    .map(|other| card(other, Place::Thumbnail))
                    .collect(),
            });
        }
    }
    // The list of what is read is another thing than the arrangement of the page: it may repeat.
    let popular = take(&cards, &popular, &mut HashSet::new(), POPULAR);

    let settings = &site.settings;
    let base_url = &desk.app.base_url;
    let head = Head {
        description: settings.tagline.clone(),
        canonical: "/".to_owned(),
        json_ld: vec![JsonLd::new(&json!({
            "@context": "https://schema.org",
            "@type": "WebSite",
            "name": settings.name,
            "url": format!("{base_url}/"),
            "inLanguage": settings.language,
            "publisher": json_ld::publisher(&site, base_url),
        }))],
        ..Head::default()
    };
    Rendered::new(&HomePage {
        layout: desk.layout(head),
        lead,
        secondary: secondary
            .into_iter()
            .map(|story| card(story, Place::Card))
            .collect(),
        below: below
            .into_iter()
            .map(|story| card(story, Place::Card))
            .collect(),
        latest: latest
            .into_iter()
            .map(|story| card(story, Place::Card))
            .collect(),
        popular: popular
            .into_iter()
            .map(|story| card(story, Place::Thumbnail))
            .collect(),
        blocks,
    })
}
