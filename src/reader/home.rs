//! The front page: the lead, pinned and latest stories, and a block per section. No story appears twice.

use std::collections::HashSet;

use askama::Template;
use serde_json::json;

use super::cards::{self, take};
use crate::{
    db::types::{AddressKind, TimelineKind},
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageQuery, QueryValues, RenderedPage},
    models::{address, article, edition, imported, timeline},
    view::{
        Link,
        card::Card,
        json_ld::{self, JsonLd},
        layout::{Head, Layout},
        picture::Place,
    },
};

/// Most Popular changes with the minute. `?p=` is the number of a WordPress post.
pub const CACHE: CachePolicy<PostId> = CachePolicy::site_version()
    .until_next_minute_if_popular()
    .query();

/// Stories in Most Popular.
const POPULAR: usize = 10;
/// Sections with a block: the first ones that have a story.
const BLOCKS: usize = 12;
/// Sections that are searched for stories to fill the blocks.
const MAX_SECTIONS: usize = 60;
/// Stories in a section's block.
const IN_BLOCK: usize = 5;
/// Stories loaded per section: enough to fill a block although some of them appear above it.
const LOADED_PER_BLOCK: i64 = (IN_BLOCK + edition::FRONT) as i64;

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

/// The number in `/?p=123` or `/?page_id=123`, the address that WordPress gives every post besides its permalink.
pub struct PostId(Option<String>);

impl PageQuery for PostId {
    const PARAMETERS: &'static [&'static str] = &["p", "page_id"];

    fn read(values: &QueryValues<'_>) -> Result<Self> {
        Ok(Self(values.iter().next().map(|(_, id)| id.to_owned())))
    }
}

/// The redirect to an imported post.
fn imported_post(ctx: &mut PageContext<'_>, number: &str) -> Result<Error> {
    let now = ctx.now.naive_utc();
    for (taken, kind) in [
        ("article", AddressKind::Article),
        ("page", AddressKind::Page),
    ] {
        // After imports from two sites the number is ambiguous.
        let [id] = imported::find(ctx.conn, taken, number)?[..] else {
            continue;
        };
        let is_public = kind == AddressKind::Page || article::is_live(ctx.conn, id, now)?;
        if let Some(path) = address::canonical(ctx.conn, kind, id)?.filter(|_| is_public) {
            return Ok(Error::Moved(path));
        }
    }
    Ok(Error::NotFound)
}

/// `GET /`
pub fn render(ctx: &mut PageContext<'_>, post: PostId) -> Result<RenderedPage> {
    if let PostId(Some(id)) = post {
        return Err(imported_post(ctx, &id)?);
    }
    let now = ctx.now.naive_utc();
    let placed = edition::placed(ctx.conn, None, now)?;
    let newest = timeline::newest(ctx.conn, timeline::SITE, now, edition::FRONT as i64)?;
    let mut with_block: Vec<i64> = ctx
        .site
        .sections
        .children(None)
        .take(MAX_SECTIONS)
        .map(|section| section.id)
        .collect();
    let mut of_sections = timeline::newest_of_each(
        ctx.conn,
        TimelineKind::Section,
        &with_block,
        now,
        LOADED_PER_BLOCK,
    )?;
    let full: HashSet<i64> = of_sections
        .iter()
        .map(|(section_id, _)| *section_id)
        .collect();
    with_block.retain(|section_id| full.contains(section_id));
    with_block.truncate(BLOCKS);
    of_sections.retain(|(section_id, _)| with_block.contains(section_id));
    let popular = ctx.popular(None, POPULAR)?;

    let ids: HashSet<i64> = placed
        .iter()
        .chain(&newest)
        .chain(&popular)
        .copied()
        .chain(of_sections.iter().map(|(_, article_id)| *article_id))
        .collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let cards = ctx.cards(&ids)?;
    let site = ctx.site.clone();
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
    let popular = cards::popular(&cards, &popular, POPULAR, &site);

    let settings = &site.settings;
    let base_url = &ctx.app.base_url;
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
    RenderedPage::html(&HomePage {
        layout: ctx.layout(head),
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
        popular,
        blocks,
    })
}
