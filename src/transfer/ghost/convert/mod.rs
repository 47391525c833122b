//! Writes the contents of a Ghost export as a WordPress export.

mod lexical;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::Hasher,
    io,
};

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use siphasher::sip::SipHasher24;

use super::export::{Data, Meta, Post, PostTag, Tag, User};
use crate::{
    text::{self, SanitizedHtml, pattern::patterns, slug},
    transfer::{
        Trouble,
        wordpress::writer::{Category, Head, Item, Term, Writer},
    },
};

/// The placeholder for the site's own address.
const OWN_ADDRESS: &str = "__GHOST_URL__";

/// What the WordPress export does not contain.
pub struct Converted {
    /// The slugs of tags that became sections.
    pub sections: BTreeSet<String>,
    pub lost: Vec<Trouble>,
    pub unreadable: Vec<Trouble>,
    /// The number of control characters that were removed.
    pub control_characters: u64,
}

patterns! {
    SIZE = r"/content/images/size/[^/]+/";
    PICTURE = r#"<img[^>]*?\ssrc="([^"]+)"[^>]*>"#;
    ALT = r#"\salt="([^"]*)""#;
}

/// Writes a WordPress export. `base` is the address of the site, without a trailing slash.
///
/// # Errors
/// If a temporary file cannot be read, or the output cannot be written.
pub fn convert(
    mut data: Data,
    base: &str,
    permalink: &str,
    out: impl io::Write,
) -> io::Result<Converted> {
    let unreadable = data.take_unreadable();
    let posts = std::mem::take(&mut data.posts).read()?;
    let setting = |key: &str| {
        let found = data.settings.iter().find(|setting| setting.key == key);
        found
            .and_then(|setting| setting.value.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let time_zone: Tz = setting("timezone").parse().unwrap_or(Tz::UTC);
    let language = match setting("locale") {
        none if none.is_empty() => setting("lang"),
        locale => locale,
    };
    let mut writer = Writer::begin(
        out,
        &Head {
            title: setting("title"),
            description: setting("description"),
            language,
            url: base.to_owned(),
            time_zone,
        },
    )?;
    let old_site = AddressScheme {
        base,
        permalink,
        time_zone,
    };
    let users: HashMap<&str, &User> = data.users.iter().map(|u| (u.id.as_str(), u)).collect();
    for user in &*data.users {
        writer.author(
            number("user", &user.id),
            &user.slug,
            &user.email,
            &user.name,
        )?;
    }
    let tags = Tags::new(&data);
    for tag in tags.by_id.values() {
        let term = Term {
            id: number("tag", &tag.id),
            slug: tag.slug.clone(),
            parent: String::new(),
            name: tag.name.clone(),
            description: tag.description.clone(),
        };
        if tags.sections.contains(&tag.slug) {
            writer.category(&term)?;
        } else {
            writer.tag(&term)?;
        }
    }
    let mut authors: HashMap<&str, Vec<(i64, &str)>> = HashMap::new();
    for row in &*data.posts_authors {
        let of_post = authors.entry(&row.post_id).or_default();
        of_post.push((row.sort_order, &row.author_id));
    }
    let meta: HashMap<&str, &Meta> = data
        .posts_meta
        .iter()
        .map(|meta| (meta.post_id.as_str(), meta))
        .collect();
    let mut pictures = HashSet::new();
    let mut lost = Vec::new();
    for post in posts {
        let post = post?;
        let mut author_ids: Vec<(i64, &str)> = authors.remove(post.id.as_str()).unwrap_or_default();
        author_ids.sort_unstable();
        if author_ids.is_empty() {
            author_ids.push((0, &post.author_id));
        }
        let byline: Vec<&User> = author_ids
            .iter()
            .filter_map(|(_, id)| users.get(id).copied())
            .collect();
        let meta = meta.get(post.id.as_str()).copied();
        let (content, missing) = content(&post, base);
        lost.extend(missing.into_iter().map(|why| Trouble {
            line: 0,
            what: format!("“{}”", post.title),
            why,
        }));
        let lead = original_address(&post.feature_image.replace(OWN_ADDRESS, base));
        let lead = lead.as_str();
        if !lead.is_empty() && pictures.insert(lead.to_owned()) {
            writer.item(&Item {
                excerpt: meta.map_or(String::new(), |m| without_markup(&m.feature_image_caption)),
                ..picture(
                    lead,
                    &meta.map_or(String::new(), |m| m.feature_image_alt.clone()),
                )
            })?;
        }
        for found in PICTURE.captures_iter(&content) {
            let source = original_address(&found[1].replace("&amp;", "&"));
            if source.contains("/content/images/") && pictures.insert(source.clone()) {
                let alt = ALT.captures(&found[0]).map_or(String::new(), |alt| {
                    quick_xml::escape::unescape(&alt[1])
                        .map_or_else(|_| alt[1].to_owned(), |plain| plain.into_owned())
                });
                writer.item(&picture(&source, &alt))?;
            }
        }
        let item = item(&post, meta, &byline, &tags, content, lead, &old_site);
        writer.item(&item)?;
    }
    let control_characters = writer.removed();
    writer.end()?;
    Ok(Converted {
        sections: tags.sections,
        lost,
        unreadable,
        control_characters,
    })
}

/// How the old site builds addresses.
struct AddressScheme<'a> {
    /// Without a trailing slash.
    base: &'a str,
    permalink: &'a str,
    time_zone: Tz,
}

fn item(
    post: &Post,
    meta: Option<&Meta>,
    byline: &[&User],
    tags: &Tags<'_>,
    content: String,
    lead: &str,
    old_site: &AddressScheme<'_>,
) -> Item {
    let is_page = post.page || post.kind == "page";
    let is_public = post.visibility.is_empty() || post.visibility == "public";
    let status = match post.status.as_str() {
        // Posts for members and e-mail-only posts are not public.
        "published" if is_public => "publish",
        "scheduled" if is_public => "future",
        "published" | "scheduled" | "sent" => "private",
        _ => "draft",
    };
    let published_at = time(&post.published_at).or_else(|| time(&post.created_at));
    let of_post = tags.of(post);
    let mut terms: Vec<Category> = of_post
        .iter()
        .map(|tag| Category {
            domain: if tags.sections.contains(&tag.slug) {
                "category"
            } else {
                "post_tag"
            },
            slug: tag.slug.clone(),
            name: tag.name.clone(),
        })
        .collect();
    terms.extend(byline.iter().map(|user| Category {
        domain: "author",
        slug: format!("cap-{}", user.slug),
        name: user.name.clone(),
    }));
    let mut fields = Vec::new();
    if !lead.is_empty() {
        fields.push(("_thumbnail_id", number("picture", lead).to_string()));
    }
    if let Some(first) = of_post.first() {
        let id = number("tag", &first.id);
        fields.push(("_yoast_wpseo_primary_category", id.to_string()));
    }
    let or = |one: &str, other: Option<&str>| match one {
        "" => other.unwrap_or_default().to_owned(),
        one => one.to_owned(),
    };
    let title = or(&post.meta_title, meta.map(|meta| meta.meta_title.as_str()));
    let description = or(
        &post.meta_description,
        meta.map(|meta| meta.meta_description.as_str()),
    );
    for (name, text) in [
        ("_yoast_wpseo_title", title),
        ("_yoast_wpseo_metadesc", description),
    ] {
        if !text.is_empty() {
            fields.push((name, text));
        }
    }
    let path = if is_page {
        format!("/{}/", post.slug)
    } else {
        let day = |form: &str| {
            published_at.map_or_else(String::new, |time| {
                time.with_timezone(&old_site.time_zone)
                    .format(form)
                    .to_string()
            })
        };
        old_site
            .permalink
            .replace("{slug}", &post.slug)
            .replace("{year}", &day("%Y"))
            .replace("{month}", &day("%m"))
            .replace("{day}", &day("%d"))
            .replace(
                "{primary_tag}",
                of_post.first().map_or("all", |tag| tag.slug.as_str()),
            )
    };
    Item {
        id: number("post", &post.id),
        kind: if is_page { "page" } else { "post" },
        title: post.title.clone(),
        link: format!("{}/{}", old_site.base, path.trim_start_matches('/')),
        creator: byline
            .first()
            .map_or(String::new(), |user| user.slug.clone()),
        content,
        excerpt: post.custom_excerpt.clone(),
        published_at,
        updated_at: time(&post.updated_at),
        slug: slug(&post.slug),
        status,
        is_sticky: post.featured && status == "publish",
        categories: terms,
        fields,
        ..Item::default()
    }
}

/// The tags of the site and of each post. Ghost has no sections: a tag that is the primary (first) tag of a post
/// becomes one.
struct Tags<'a> {
    by_id: BTreeMap<&'a str, &'a Tag>,
    of_post: HashMap<&'a str, Vec<&'a Tag>>,
    /// Slugs.
    sections: BTreeSet<String>,
}

impl<'a> Tags<'a> {
    fn new(data: &'a Data) -> Self {
        // Tags that start with # are internal.
        let by_id: BTreeMap<&str, &Tag> = data
            .tags
            .iter()
            .filter(|tag| tag.visibility != "internal" && !tag.name.starts_with('#'))
            .map(|tag| (tag.id.as_str(), tag))
            .collect();
        let mut rows: Vec<&PostTag> = data.posts_tags.iter().collect();
        rows.sort_by_key(|row| row.sort_order);
        let mut of_post: HashMap<&str, Vec<&Tag>> = HashMap::new();
        for row in rows {
            if let Some(tag) = by_id.get(row.tag_id.as_str()) {
                of_post.entry(&row.post_id).or_default().push(tag);
            }
        }
        let sections = of_post
            .values()
            .filter_map(|tags| tags.first())
            .map(|tag| tag.slug.clone())
            .collect();
        Self {
            by_id,
            of_post,
            sections,
        }
    }

    fn of(&self, post: &Post) -> &[&'a Tag] {
        self.of_post
            .get(post.id.as_str())
            .map_or(&[], |tags| tags.as_slice())
    }
}

fn picture(source: &str, alt: &str) -> Item {
    Item {
        id: number("picture", source),
        kind: "attachment",
        title: source.rsplit('/').next().unwrap_or_default().to_owned(),
        link: source.to_owned(),
        status: "inherit",
        attachment_url: source.to_owned(),
        fields: vec![("_wp_attachment_image_alt", alt.to_owned())],
        ..Item::default()
    }
}

/// The address of the original of a picture, given that of any of its sizes.
fn original_address(address: &str) -> String {
    SIZE.replace_all(address, |_| "/content/images/".to_owned())
}

fn without_markup(html: &str) -> String {
    text::parse(html).map_or_else(
        |_| SanitizedHtml::of_text(html).plain(),
        |parsed| parsed.root_element().text().collect(),
    )
}

/// The content of a post as HTML, and what is missing in it.
fn content(post: &Post, base: &str) -> (String, Vec<String>) {
    let mut missing = Vec::new();
    let html = if !post.html.is_empty() {
        post.html.clone()
    } else if !post.lexical.is_empty() {
        match lexical::html(&post.lexical, &mut missing) {
            Ok(html) => html,
            Err(why) => {
                missing.push(format!("its text, which is malformed ({why})"));
                paragraphs(&post.plaintext)
            }
        }
    } else {
        paragraphs(&post.plaintext)
    };
    // In a block, unlike in a classic text, line breaks are insignificant.
    let html = format!("<!-- wp:html -->{html}<!-- /wp:html -->");
    (html.replace(OWN_ADDRESS, base), missing)
}

pub(super) fn paragraphs(text: &str) -> String {
    let escape = quick_xml::escape::escape;
    let paragraphs = text.split("\n\n").filter(|part| !part.trim().is_empty());
    paragraphs
        .map(|part| format!("<p>{}</p>", escape(part.trim())))
        .collect()
}

/// A stable numeric id for an object of Ghost, whose own ids are strings.
fn number(kind: &str, id: &str) -> i64 {
    let mut hasher = SipHasher24::new();
    hasher.write(kind.as_bytes());
    hasher.write_u8(0);
    hasher.write(id.as_bytes());
    // Positive and not zero.
    (hasher.finish() >> 2).cast_signed() + 1
}

/// Parses `2024-01-02T10:00:00.000Z`, or the format of databases.
fn time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .ok()
        .map(|time| time.and_utc())
}
