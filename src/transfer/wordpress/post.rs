//! A post or a page of an export.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use regex::Captures;

use super::{
    archive::Archive,
    body,
    plain::plain,
    round_trip::{self, RoundTrip},
    state,
    survey::{self, meta, number},
    wxr::Element,
};
use crate::{
    db::{AnyConnection, types::Status},
    error::Error,
    models::{address, article::Dateline},
    text::{SanitizedHtml, pattern::patterns},
    transfer::Trouble,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Article,
    Page,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Page => "page",
        }
    }

    pub fn plural(self) -> &'static str {
        match self {
            Self::Article => "articles",
            Self::Page => "pages",
        }
    }
}

#[derive(Debug)]
pub struct Post {
    pub kind: Kind,
    pub id: i64,
    pub line: u64,
    pub digest: i64,
    pub title: String,
    pub standfirst: String,
    pub content: String,
    pub link: String,
    pub slug: String,
    /// The state in WordPress.
    pub state: String,
    pub status: Status,
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    /// Logins, in the order of the byline.
    pub authors: Vec<String>,
    categories: Vec<String>,
    /// The id of Yoast's primary category; 0 for none.
    primary: i64,
    /// Slugs.
    pub tags: Vec<String>,
    pub thumbnail: i64,
    pub is_sticky: bool,
    pub search_title: String,
    pub search_description: String,
    /// The fields that only our own exports contain.
    pub round_trip: Option<RoundTrip>,
}

impl Post {
    /// The length of its texts, in bytes.
    pub fn text_bytes(&self) -> usize {
        [
            &self.title,
            &self.standfirst,
            &self.content,
            &self.search_title,
            &self.search_description,
        ]
        .map(String::len)
        .iter()
        .sum()
    }

    /// Reads an item. `None` for items that are not texts: pictures, menu entries, revisions.
    ///
    /// # Errors
    /// Why the item is skipped.
    pub fn read(item: &Element, line: u64, time_zone: Tz) -> Result<Option<Self>, Trouble> {
        let trouble = |why: String| Trouble {
            line,
            what: format!("“{}”", plain(item.get("title"))),
            why,
        };
        let state_there = item.get("wp:status");
        let kind = match item.get("wp:post_type") {
            "post" => Kind::Article,
            "page" => Kind::Page,
            "attachment"
            | "nav_menu_item"
            | "revision"
            | "customize_changeset"
            | "oembed_cache" => {
                return Ok(None);
            }
            other => {
                return Err(trouble(format!("the post type “{other}” is not supported")));
            }
        };
        if ["auto-draft", "inherit"].contains(&state_there) {
            return Ok(None);
        }
        let id = number(item, "wp:post_id");
        if id == 0 {
            return Err(trouble("it has no id (wp:post_id)".to_owned()));
        }
        let status = state::status(item);
        let published_at = match (state::date(item, time_zone), status) {
            (None, Status::Published) => {
                return Err(trouble("it is public but has no date".to_owned()));
            }
            (time, Status::Published) => time,
            // Unpublished posts have no publication time yet.
            _ => None,
        };
        let modified = ("wp:post_modified_gmt", "wp:post_modified");
        let updated_at =
            state::written(item, modified.0, modified.1, time_zone).filter(|modified| {
                published_at.is_some_and(|published| *modified > published + TimeDelta::minutes(1))
            });
        let content = item.whole("content:encoded").to_owned();
        let title = match plain(item.get("title")) {
            title if !title.is_empty() => title,
            _ => first_words(&content).unwrap_or_else(|| format!("Untitled {id}")),
        };
        let terms = |domain: &'static str| -> Vec<String> {
            item.all("category")
                .filter(|term| term.attribute("domain") == domain)
                .map(|term| term.attribute("nicename").to_owned())
                .filter(|slug| !slug.is_empty())
                .collect()
        };
        // Co-Authors Plus stores the byline as a taxonomy.
        let mut authors: Vec<String> = terms("author")
            .into_iter()
            .map(|slug| {
                slug.strip_prefix("cap-")
                    .map_or(slug.clone(), str::to_owned)
            })
            .collect();
        if authors.is_empty() {
            authors.push(item.get("dc:creator").to_owned());
        }
        Ok(Some(Self {
            kind,
            id,
            line,
            digest: item.digest(),
            standfirst: plain(item.get("excerpt:encoded")),
            link: item.get("link").to_owned(),
            slug: crate::text::slug(item.get("wp:post_name")),
            status,
            state: if state::is_protected(item) {
                "password-protected".to_owned()
            } else {
                state_there.to_owned()
            },
            published_at,
            updated_at,
            authors,
            categories: terms("category"),
            primary: meta(item, "_yoast_wpseo_primary_category")
                .parse()
                .unwrap_or(0),
            tags: terms("post_tag"),
            thumbnail: meta(item, "_thumbnail_id").parse().unwrap_or(0),
            is_sticky: item.get("wp:is_sticky") == "1",
            search_title: without_variables(meta(item, "_yoast_wpseo_title")),
            search_description: without_variables(meta(item, "_yoast_wpseo_metadesc")),
            round_trip: RoundTrip::read(meta(item, round_trip::FIELD), &content),
            title,
            content,
        }))
    }

    /// Turns a page that is not due at `now` into a draft of an article, because pages are always public here. Returns
    /// the entry of the report, `None` for every other post.
    pub fn defer(&mut self, now: DateTime<Utc>) -> Option<Trouble> {
        let is_public_page = self.kind == Kind::Page && self.status == Status::Published;
        let due = self
            .published_at
            .filter(|due| is_public_page && *due > now)?;
        let trouble = self.trouble(format!(
            "it is scheduled for {}, and pages are always public here: it is a draft of an article until then. An import \
             after that time adds the page",
            due.format("%F %H:%M UTC")
        ));
        self.kind = Kind::Article;
        self.status = Status::Draft;
        (self.published_at, self.updated_at) = (None, None);
        // The page will need its address.
        self.link.clear();
        Some(trouble)
    }

    /// A report entry about this post.
    pub fn trouble(&self, why: String) -> Trouble {
        Trouble {
            line: self.line,
            what: match self.kind {
                Kind::Article => format!("“{}”", self.title),
                Kind::Page => format!("the page “{}”", self.title),
            },
            why,
        }
    }

    /// The slugs of its categories, the primary one first. `slugs` has the slugs of all categories by id.
    pub fn categories(&self, slugs: &HashMap<i64, String>) -> Vec<String> {
        let mut categories = self.categories.clone();
        if let Some(at) = slugs
            .get(&self.primary)
            .and_then(|primary| categories.iter().position(|slug| slug == primary))
        {
            categories[..=at].rotate_right(1);
        }
        categories
    }
}

/// The path of a post on the old site.
pub fn permalink(post: &Post, hosts: &[String]) -> Option<String> {
    survey::permalink(&post.link, hosts)
}

/// Empty for a text with Yoast's variables such as `%%title%%`: they repeat what the page has by default.
fn without_variables(text: &str) -> String {
    if text.contains("%%") {
        String::new()
    } else {
        text.to_owned()
    }
}

/// A title for a post without one: the first 8 words.
fn first_words(content: &str) -> Option<String> {
    let words = plain(content);
    let words: Vec<&str> = words
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(8)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A converted text.
pub struct Text {
    pub body: SanitizedHtml,
    pub dateline: Option<Dateline>,
    /// What has no counterpart here.
    pub lost: Vec<String>,
}

/// Converts the text of a post.
pub fn text(post: &Post, archive: &Archive) -> Text {
    if let Some(fields) = &post.round_trip {
        let (body, lost) = fields.text(archive);
        let dateline = (!fields.dateline_place.is_empty()).then(|| Dateline {
            place: fields.dateline_place.clone(),
            date: fields.dateline_date,
            agency: fields.dateline_agency.clone(),
        });
        return Text {
            body,
            dateline,
            lost,
        };
    }
    let converted = body::convert(&post.content, post.id, archive);
    let body = SanitizedHtml::new(&converted.html).trimmed();
    let (dateline, body) = match post.kind {
        Kind::Article => split_dateline(&body),
        Kind::Page => (None, body),
    };
    Text {
        body,
        dateline,
        lost: converted.lost.into_iter().collect(),
    }
}

patterns! {
    /// `Geneva, 15 December 2023 (TDI):` at the start of a text.
    DATELINE = r"^<p>(?:<strong>)?\s*(\p{Lu}[\p{L}\p{M} .'’-]{1,60}?),\s+(\d{1,2}\s+\p{L}+\s+\d{4}|\p{L}+\s+\d{1,2},\s+\d{4})\s*\(([A-Z][A-Za-z/-]{1,11})\)\s*(?::|[–—-])?\s*(?:</strong>)?\s*[:–—-]?\s*";
    /// A paragraph that is a link to another article.
    ALSO_READ = r#"<p>(?:<(?:strong|em)>)*\s*(?i:also read|read also|read more|related)\s*:?\s*(?:</(?:strong|em)>)*\s*:?\s*(?:<(?:strong|em)>)*<a href="(/[^"]*)">[^<]*</a>(?:</(?:strong|em)>)*\s*</p>"#;
}

/// Splits a text into its opening dateline and the rest.
pub fn split_dateline(body: &SanitizedHtml) -> (Option<Dateline>, SanitizedHtml) {
    let Some(found) = DATELINE.captures(body.as_str()) else {
        return (None, body.clone());
    };
    let date = ["%d %B %Y", "%B %d, %Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(&found[2], form).ok());
    let Some(date) = date else {
        return (None, body.clone());
    };
    let dateline = Dateline {
        place: found[1].to_owned(),
        date: Some(date),
        agency: found[3].to_owned(),
    };
    let rest = &body.as_str()[found[0].len()..];
    (
        Some(dateline),
        SanitizedHtml::new(&format!("<p>{rest}")).trimmed(),
    )
}

/// The maximum number of paragraphs that become also-read links.
const MAX_ALSO_READ: usize = 1_000;

/// Whether a text has paragraphs such as “Also read: …”.
pub fn has_also_read(body: &SanitizedHtml) -> bool {
    ALSO_READ.is_match(body.as_str())
}

/// Replaces paragraphs such as “Also read: …” by also-read links, where the article exists.
pub fn with_also_read(
    conn: &mut AnyConnection,
    body: &SanitizedHtml,
) -> Result<SanitizedHtml, Error> {
    let path = |found: &Captures<'_>| found[1].replace("&amp;", "&");
    let paths: Vec<String> = ALSO_READ
        .captures_iter(body.as_str())
        .map(|found| path(&found))
        .take(MAX_ALSO_READ)
        .collect();
    let articles = address::articles_by_path(conn, &paths)?;
    if articles.is_empty() {
        return Ok(body.clone());
    }
    let html = ALSO_READ.replace_all(body.as_str(), |found| match articles.get(&path(found)) {
        Some(id) => format!("<aside data-also-read=\"{id}\"></aside>"),
        None => found[0].to_owned(),
    });
    Ok(SanitizedHtml::new(&html))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dateline_is_split_from_the_text() {
        for opening in [
            "<p>Geneva, 15 December 2023(TDI): The ministers met.</p><p>More</p>",
            "<p><strong>Geneva, 15 December 2023 (TDI):</strong> The ministers met.</p><p>More</p>",
            "<p>Geneva, December 15, 2023 (TDI) – The ministers met.</p><p>More</p>",
        ] {
            let (dateline, body) = split_dateline(&SanitizedHtml::new(opening));
            let dateline = dateline.unwrap_or_else(|| panic!("{opening}"));
            assert_eq!(dateline.place, "Geneva");
            assert_eq!(dateline.date, NaiveDate::from_ymd_opt(2023, 12, 15));
            assert_eq!(dateline.agency, "TDI");
            assert_eq!(
                body.as_str(),
                "<p>The ministers met.</p><p>More</p>",
                "{opening}"
            );
        }
        for other in [
            "<p>On 15 December 2023 (Friday) they met.</p>",
            "<p>Geneva (TDI): x</p>",
        ] {
            let (dateline, body) = split_dateline(&SanitizedHtml::new(other));
            assert!(dateline.is_none());
            assert_eq!(body.as_str(), other);
        }
    }

    #[test]
    fn also_read_paragraphs_are_recognized_in_their_usual_forms() {
        for paragraph in [
            "<p>Also Read: <a href=\"/a\">A</a></p>",
            "<p><strong>Also read:</strong> <a href=\"/a\">A</a></p>",
            "<p><strong>Read More: <a href=\"/a\">A</a></strong></p>",
        ] {
            assert!(has_also_read(&SanitizedHtml::new(paragraph)), "{paragraph}");
        }
        assert!(!has_also_read(&SanitizedHtml::new(
            "<p>We also read: <a href=\"/a\">A</a></p>"
        )));
    }
}
