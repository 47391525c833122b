//! The checklist of an article. Only missing parts that its page requires prevent publication.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    db::AnyConnection,
    error::Result,
    locale::Newsroom,
    models::{
        address, article,
        media::{self, Media},
        revision::Content,
    },
    paths,
    site::Site,
    text::{self, Part, SanitizedHtml},
};

/// An entry of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub text: String,
    /// The form field that it concerns.
    pub field: &'static str,
    /// Whether it prevents publication.
    pub blocks: bool,
}

/// The length in characters at which Google truncates a title, roughly.
const MAX_SEARCH_TITLE: usize = 65;
/// The length in characters at which cards truncate a headline.
const MAX_HEADLINE: usize = 110;
/// The length in characters at which search results truncate a description.
const MAX_SEARCH_DESCRIPTION: usize = 160;
/// The width in pixels that Google Discover requires of a lead image.
const MIN_LEAD_WIDTH: i32 = 1_200;
/// Age up to which an article with the same headline is reported.
const RECENT: TimeDelta = TimeDelta::days(30);
/// The maximum number of recent headlines that are compared.
const MAX_RECENT_HEADLINES: i64 = 500;

/// Checks `content`; the most important entries come first.
pub(super) fn run(
    conn: &mut AnyConnection,
    texts: &'static Newsroom,
    site: &Site,
    base_url: &str,
    id: Option<i64>,
    content: &Content,
    now: DateTime<Utc>,
) -> Result<Vec<Check>> {
    let texts = &texts.article_checks;
    let mut checks = Vec::new();
    let mut report = |blocks: bool, field: &'static str, text: String| {
        checks.push(Check {
            text,
            field,
            blocks,
        });
    };
    let headline = content.headline.trim();
    let length = |text: &str| text.chars().count();
    if headline.is_empty() {
        report(true, "headline", texts.no_headline.to_owned());
    }
    if content
        .section_id
        .is_none_or(|id| site.sections.get(id).is_none())
    {
        report(true, "section", texts.no_section.to_owned());
    }
    let body = &content.body;
    if body.word_count() == 0 {
        report(false, "body", texts.empty.to_owned());
    }
    if content.standfirst.trim().is_empty() {
        report(false, "standfirst", texts.no_standfirst.to_owned());
    }
    if content.author_ids.is_empty() {
        report(false, "author", texts.no_author.to_owned());
    }
    if length(headline) > MAX_HEADLINE {
        let text = texts.long_headline(length(headline), MAX_HEADLINE);
        report(false, "headline", text);
    }
    let search_title = if content.search_title.trim().is_empty() {
        headline
    } else {
        content.search_title.trim()
    };
    if length(search_title) > MAX_SEARCH_TITLE {
        let text = texts.long_search_title(length(search_title), MAX_SEARCH_TITLE);
        report(false, "search_title", text);
    }
    if length(content.search_description.trim()) > MAX_SEARCH_DESCRIPTION {
        let text = texts.long_search_description(MAX_SEARCH_DESCRIPTION);
        report(false, "search_description", text);
    }

    let parts = text::parts(body);
    let figures: Vec<&text::Figure> = parts
        .iter()
        .flat_map(|part| match part {
            Part::Figure(figure) => std::slice::from_ref(figure),
            Part::Gallery { figures, .. } => figures,
            _ => &[],
        })
        .collect();
    let ids: Vec<i64> = figures
        .iter()
        .map(|figure| figure.media_id)
        .chain(content.lead_media_id)
        .collect();
    let pictures = media::find_all(conn, &ids)?;
    let pictures: HashMap<i64, &Media> = pictures
        .iter()
        .map(|picture| (picture.id, picture))
        .collect();
    let picture = |id: i64| pictures.get(&id).copied();
    match content.lead_media_id.and_then(picture) {
        None => report(false, "lead_media", texts.no_lead.to_owned()),
        Some(lead) => {
            if lead.width < MIN_LEAD_WIDTH {
                let text = texts.small_lead(lead.width, MIN_LEAD_WIDTH);
                report(false, "lead_media", text);
            }
            if lead.alt.trim().is_empty() {
                report(false, "lead_media", texts.no_lead_alt.to_owned());
            }
        }
    }
    let undescribed = figures
        .iter()
        .filter(|figure| {
            figure.alt.is_none()
                && picture(figure.media_id).is_none_or(|picture| picture.alt.trim().is_empty())
        })
        .count();
    if undescribed > 0 {
        report(false, "body", texts.no_alt(undescribed));
    }

    let also_read: Vec<i64> = parts
        .iter()
        .filter_map(|part| match part {
            Part::AlsoRead(id) => Some(*id),
            _ => None,
        })
        .chain(address::articles_at(conn, &content.also_read)?)
        .collect();
    let live = article::cards(conn, &also_read, now.naive_utc())?;
    if also_read.iter().any(|id| !live.contains_key(id)) {
        report(false, "body", texts.also_read_not_public.to_owned());
    }
    let links = internal_links(body, base_url);
    let known = address::known(conn, &links)?;
    for dead in links
        .iter()
        .filter(|link| !known.contains(link) && !paths::is_fixed_page(link))
    {
        report(false, "body", texts.broken_link(dead));
    }
    let words = text::words::folded(headline);
    let recent = article::recent_headlines(
        conn,
        (now - RECENT).naive_utc(),
        id.unwrap_or(0),
        MAX_RECENT_HEADLINES,
    )?;
    if !words.is_empty()
        && recent
            .iter()
            .any(|other| text::words::folded(other) == words)
    {
        report(false, "headline", texts.same_headline.to_owned());
    }
    Ok(checks)
}

/// The maximum number of links that are checked.
const MAX_LINKS: usize = 100;

/// The paths of this site that a text links to, without duplicates.
fn internal_links(body: &SanitizedHtml, base_url: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for target in text::links(body) {
        let path = target.strip_prefix(base_url).unwrap_or(&target);
        let path = path.split(['?', '#']).next().unwrap_or(path);
        let served = ["/media/", "/assets/", "/admin"]
            .iter()
            .any(|other| path.starts_with(other));
        if path.starts_with('/') && !path.starts_with("//") && !served {
            let path = percent_encoding::percent_decode_str(path)
                .decode_utf8_lossy()
                .into_owned();
            if !links.contains(&path) && links.len() < MAX_LINKS {
                links.push(path);
            }
        }
    }
    links
}
