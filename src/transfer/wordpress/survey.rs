//! The first pass over an export: authors, terms, pictures, menus and addresses, without the texts.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use super::{
    ImportError, Progress, Watch,
    archive::path_of,
    plain::plain,
    state,
    wxr::{Element, Piece, Reader},
};

#[derive(Debug)]
pub struct Author {
    pub login: String,
    pub name: String,
}

/// A category or a tag.
#[derive(Debug)]
pub struct Term {
    pub slug: String,
    pub parent: String,
    pub name: String,
    pub description: String,
}

#[derive(Debug)]
pub struct Attachment {
    pub id: i64,
    pub url: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
    pub parent: i64,
    pub line: u64,
}

#[derive(Debug)]
pub struct MenuItem {
    pub menu: String,
    pub label: String,
    /// `custom`, `post_type` or `taxonomy`.
    pub kind: String,
    /// The id of the linked object.
    pub object: i64,
    pub url: String,
    pub is_top: bool,
    pub order: i64,
}

/// The contents of an export, except its texts.
#[derive(Debug, Default)]
pub struct Survey {
    pub title: String,
    pub description: String,
    pub language: String,
    pub url: String,
    /// In the order of the file.
    pub authors: Vec<Author>,
    pub categories: Vec<Term>,
    pub tags: Vec<Term>,
    /// The slugs of categories by id.
    pub category_slugs: HashMap<i64, String>,
    /// The slugs of categories that posts have, and whether one of these posts is public.
    pub category_uses: HashMap<String, bool>,
    pub attachments: Vec<Attachment>,
    pub menu_items: Vec<MenuItem>,
    /// The paths of posts and pages by id.
    pub paths: HashMap<i64, String>,
    pub items: u64,
}

impl Survey {
    /// The identifier of the old site: its address without the scheme.
    pub fn source(&self) -> String {
        self.url
            .trim_end_matches('/')
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .to_owned()
    }

    /// The host names of the old site, with and without `www.`
    pub fn hosts(&self) -> Vec<String> {
        let Some(host) = Url::parse(&self.url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
        else {
            return Vec::new();
        };
        let bare = host.strip_prefix("www.").unwrap_or(&host).to_owned();
        vec![format!("www.{bare}"), bare]
    }
}

/// Reads the export once. Malformed elements are reported by the second pass. Local times are in `time_zone`; posts are
/// public if they are so at `now`.
pub fn survey(
    mut reader: Reader,
    time_zone: Tz,
    now: DateTime<Utc>,
    watch: &mut Watch<'_>,
) -> Result<Survey, ImportError> {
    let mut survey = Survey::default();
    let mut links: Vec<(i64, String)> = Vec::new();
    let mut creators: BTreeMap<String, ()> = BTreeMap::new();
    let mut pieces = 0_u64;
    while let Some(piece) = reader.next()? {
        pieces += 1;
        if pieces.is_multiple_of(200) {
            watch(Progress::Survey(reader.progress.bytes()))?;
        }
        let Piece::Whole(element, line) = piece else {
            continue;
        };
        match element.name.as_str() {
            "title" => survey.title = element.text.trim().to_owned(),
            "description" => survey.description = element.text.trim().to_owned(),
            "language" => survey.language = element.text.trim().to_owned(),
            "link" if survey.url.is_empty() => survey.url = element.text.trim().to_owned(),
            "wp:base_blog_url" => survey.url = element.text.trim().to_owned(),
            "wp:author" => survey.authors.push(Author {
                login: element.get("wp:author_login").to_owned(),
                name: plain(element.get("wp:author_display_name")),
            }),
            "wp:category" => {
                let slug = element.get("wp:category_nicename").to_owned();
                if let Ok(number) = element.get("wp:term_id").parse() {
                    survey.category_slugs.insert(number, slug.clone());
                }
                survey.categories.push(Term {
                    slug,
                    parent: element.get("wp:category_parent").to_owned(),
                    name: element.get("wp:cat_name").to_owned(),
                    description: element.get("wp:category_description").to_owned(),
                });
            }
            "wp:tag" => survey.tags.push(Term {
                slug: element.get("wp:tag_slug").to_owned(),
                parent: String::new(),
                name: element.get("wp:tag_name").to_owned(),
                description: element.get("wp:tag_description").to_owned(),
            }),
            "item" => {
                survey.items += 1;
                item(&mut survey, &element, line, &mut links, &mut creators);
                if element.get("wp:post_type") == "post" {
                    let is_public = state::is_public(&element, time_zone, now);
                    for term in element.all("category") {
                        if term.attribute("domain") == "category" {
                            let slug = term.attribute("nicename").to_owned();
                            *survey.category_uses.entry(slug).or_default() |= is_public;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    // Exports of version 1.0 do not list their authors.
    for login in creators.into_keys() {
        if !survey.authors.iter().any(|author| author.login == login) {
            survey.authors.push(Author {
                name: login.clone(),
                login,
            });
        }
    }
    let hosts = survey.hosts();
    for (number, link) in links {
        if let Some(path) = permalink(&link, &hosts) {
            survey.paths.insert(number, path);
        }
    }
    Ok(survey)
}

/// The path of a permalink; `None` for other sites, for the front page and for `?p=` addresses.
pub fn permalink(link: &str, hosts: &[String]) -> Option<String> {
    let url = Url::parse(link).ok()?;
    let is_ours = url
        .host_str()
        .is_some_and(|host| hosts.iter().any(|ours| ours == host));
    let has_id = url
        .query_pairs()
        .any(|(name, _)| name == "p" || name == "page_id");
    let path = path_of(&url);
    (is_ours && !has_id && path != "/").then_some(path)
}

/// The custom field in which our own exports store the credit of a picture.
pub const CREDIT: &str = "_dateline_credit";

/// The value of a custom field of an item; empty if there is none.
pub fn meta<'e>(item: &'e Element, key: &str) -> &'e str {
    item.all("wp:postmeta")
        .find(|meta| meta.get("wp:meta_key") == key)
        .map_or("", |meta| meta.get("wp:meta_value"))
}

/// The number in a child element; 0 if there is none.
pub fn number(item: &Element, name: &str) -> i64 {
    item.get(name).parse().unwrap_or(0)
}

fn item(
    survey: &mut Survey,
    item: &Element,
    line: u64,
    links: &mut Vec<(i64, String)>,
    creators: &mut BTreeMap<String, ()>,
) {
    let id = number(item, "wp:post_id");
    match item.get("wp:post_type") {
        "attachment" => survey.attachments.push(Attachment {
            id,
            url: item.get("wp:attachment_url").to_owned(),
            alt: meta(item, "_wp_attachment_image_alt").to_owned(),
            caption: item.get("excerpt:encoded").to_owned(),
            credit: meta(item, CREDIT).to_owned(),
            parent: number(item, "wp:post_parent"),
            line,
        }),
        "nav_menu_item" => survey.menu_items.push(MenuItem {
            menu: item
                .all("category")
                .find(|term| term.attribute("domain") == "nav_menu")
                .map_or("", |term| term.attribute("nicename"))
                .to_owned(),
            label: item.get("title").to_owned(),
            kind: meta(item, "_menu_item_type").to_owned(),
            object: meta(item, "_menu_item_object_id").parse().unwrap_or(0),
            url: meta(item, "_menu_item_url").to_owned(),
            is_top: matches!(meta(item, "_menu_item_menu_item_parent"), "" | "0"),
            order: number(item, "wp:menu_order"),
        }),
        "post" | "page" => {
            links.push((id, item.get("link").to_owned()));
            let creator = item.get("dc:creator");
            if !creator.is_empty() && item.get("wp:post_type") == "post" {
                creators.insert(creator.to_owned(), ());
            }
            for term in item.all("category") {
                let (slug, name) = (term.attribute("nicename"), term.text.trim());
                let terms = match term.attribute("domain") {
                    "category" => &mut survey.categories,
                    "post_tag" => &mut survey.tags,
                    _ => continue,
                };
                if !slug.is_empty() && !terms.iter().any(|term| term.slug == slug) {
                    terms.push(Term {
                        slug: slug.to_owned(),
                        parent: String::new(),
                        name: name.to_owned(),
                        description: String::new(),
                    });
                }
            }
        }
        _ => {}
    }
}
