//! Before it goes out: what still keeps an article from being good. Only what would break the page
//! keeps it from being published.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    db::AnyConnection,
    error::Result,
    models::{address, article, media, revision::Content},
    routes,
    site::Site,
    text::{self, Part, SanitizedHtml},
};

/// Something to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub text: String,
    /// The field that it is about.
    pub field: &'static str,
    /// Whether it keeps the article from being published.
    pub blocks: bool,
}

/// In characters: what Google shows of a title before it cuts it off, roughly.
const SEARCH_TITLE: usize = 65;
/// In characters: what cards on other sites and on the front page show of a headline.
const HEADLINE: usize = 110;
/// In characters: what search results show of a description.
const SEARCH_DESCRIPTION: usize = 160;
/// In pixels: the least that Google's Discover asks for.
const LEAD_WIDTH: i32 = 1_200;
/// Headlines as old as this are not confused with a new one.
const RECENT: TimeDelta = TimeDelta::days(30);
const RECENT_HEADLINES: i64 = 500;

/// What there is to say of `content`, the most important first.
pub(super) fn of(
    conn: &mut AnyConnection,
    site: &Site,
    base_url: &str,
    id: Option<i64>,
    content: &Content,
    now: DateTime<Utc>,
) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    let mut say = |blocks: bool, field: &'static str, text: String| {
        checks.push(Check {
            text,
            field,
            blocks,
        });
    };
    let headline = content.headline.trim();
    let length = |text: &str| text.chars().count();
    if headline.is_empty() {
        say(true, "headline", "It needs a headline.".to_owned());
    }
    if content
        .section_id
        .is_none_or(|id| site.sections.get(id).is_none())
    {
        say(true, "section", "It needs a section.".to_owned());
    }
    let body = &content.body;
    if body.word_count() == 0 {
        say(false, "body", "There is no text yet.".to_owned());
    }
    if content.standfirst.trim().is_empty() {
        say(
            false,
            "standfirst",
            "There is no standfirst: cards and search results show it.".to_owned(),
        );
    }
    if content.author_ids.is_empty() {
        say(false, "author", "Nobody is named in the byline.".to_owned());
    }
    if length(headline) > HEADLINE {
        let text = format!(
            "The headline has {} characters; cards cut it off after {HEADLINE}.",
            length(headline)
        );
        say(false, "headline", text);
    }
    let search_title = if content.search_title.trim().is_empty() {
        headline
    } else {
        content.search_title.trim()
    };
    if length(search_title) > SEARCH_TITLE {
        let text = format!(
            "Search results cut a title off after {SEARCH_TITLE} characters; this one has {}. Give it a shorter search title.",
            length(search_title)
        );
        say(false, "search_title", text);
    }
    if length(content.search_description.trim()) > SEARCH_DESCRIPTION {
        let text = format!(
            "Search results cut the description off after {SEARCH_DESCRIPTION} characters."
        );
        say(false, "search_description", text);
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
    let picture = |id: i64| pictures.iter().find(|picture| picture.id == id);
    match content.lead_media_id.and_then(picture) {
        None => say(false, "lead_media", "There is no lead picture.".to_owned()),
        Some(lead) => {
            if lead.width < LEAD_WIDTH {
                let text = format!(
                    "The lead picture is {} pixels wide; {LEAD_WIDTH} are needed to look sharp where it is shared.",
                    lead.width
                );
                say(false, "lead_media", text);
            }
            if lead.alt.trim().is_empty() {
                say(
                    false,
                    "lead_media",
                    "The lead picture has no alt text.".to_owned(),
                );
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
        let text = match undescribed {
            1 => "A picture in the text has no alt text.".to_owned(),
            many => format!("{many} pictures in the text have no alt text."),
        };
        say(false, "body", text);
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
        say(false, "body", "An also-read link leads to an article that readers cannot see (yet): it is not shown to them.".to_owned());
    }
    let links = internal_links(body, base_url);
    let known = address::known(conn, &links)?;
    for dead in links
        .iter()
        .filter(|link| !known.contains(link) && !routes::is_fixed_page(link))
    {
        say(false, "body", format!("The link to {dead} leads nowhere."));
    }
    let words = text::words::folded(headline);
    let recent = article::recent_headlines(
        conn,
        (now - RECENT).naive_utc(),
        id.unwrap_or(0),
        RECENT_HEADLINES,
    )?;
    if !words.is_empty()
        && recent
            .iter()
            .any(|other| text::words::folded(other) == words)
    {
        say(
            false,
            "headline",
            "An article of the last 30 days has the same headline.".to_owned(),
        );
    }
    Ok(checks)
}

/// So many links are looked up.
const LINKS: usize = 100;

/// The paths of this site that a text links to, each once.
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
            if !links.contains(&path) && links.len() < LINKS {
                links.push(path);
            }
        }
    }
    links
}
