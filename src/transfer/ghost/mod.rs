//! Moving in from Ghost (4 to 6), with an export (JSON) and, for the pictures, its folder `content/images`.
//!
//! The export is told in the words of WordPress, whose importer then takes it: what is there already, what
//! was killed half-way, what is not public, all that is decided in one place.

mod lexical;
mod posts;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fs::File,
    hash::Hasher,
    io::{self, BufReader, BufWriter},
    path::Path,
};

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};
use siphasher::sip::SipHasher24;

use self::posts::Posts;
use super::{
    Report, Trouble,
    pattern::patterns,
    wordpress::{
        Import, ImportError, Watch,
        writer::{Filed, Head, Item, Term, Writer},
    },
};
use crate::{
    db::types::AddressKind,
    error::Error,
    models::{address, imported},
    text::slug,
};

/// Why an export was not taken; its text is for whoever imports.
#[derive(Debug, thiserror::Error)]
pub enum GhostError {
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("this is no Ghost export: {0}")]
    NoExport(String),
    #[error("{0}: an address of the old site is needed, like https://example.com")]
    Url(String),
    #[error("the file of redirects cannot be read: {0}")]
    Redirects(String),
    #[error(transparent)]
    Import(#[from] ImportError),
}

/// What is not in the export itself.
#[derive(Clone, Debug)]
pub struct OldSite {
    /// Its public address.
    pub url: String,
    /// How its addresses are made: `/{slug}/` unless its routes.yaml says otherwise. `{year}`, `{month}`,
    /// `{day}` and `{primary_tag}` stand for what they say.
    pub permalink: String,
}

impl OldSite {
    /// Whether this can be the address of a site.
    pub fn is_address(&self) -> bool {
        self.parsed().is_some()
    }

    fn parsed(&self) -> Option<url::Url> {
        url::Url::parse(&self.url)
            .ok()
            .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
    }
}

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    db: Vec<Part>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Part {
    data: Data,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data {
    posts: Posts,
    posts_meta: Vec<Meta>,
    users: Vec<User>,
    tags: Vec<Tag>,
    posts_tags: Vec<PostTag>,
    posts_authors: Vec<PostAuthor>,
    settings: Vec<Setting>,
}

/// A text that may be null, or not there.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(from)?.unwrap_or_default())
}

/// Ghost's own numbers were numbers once, and are texts now.
fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(i64),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}

/// A boolean that may be written as a number.
fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::Bool(is) => is,
        serde_json::Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    })
}

#[derive(Deserialize, Serialize)]
struct Post {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(default, deserialize_with = "text")]
    title: String,
    #[serde(default, deserialize_with = "text")]
    slug: String,
    #[serde(default, deserialize_with = "text")]
    html: String,
    #[serde(default, deserialize_with = "text")]
    lexical: String,
    #[serde(default, deserialize_with = "text")]
    plaintext: String,
    #[serde(default, deserialize_with = "text")]
    feature_image: String,
    #[serde(default, deserialize_with = "flag")]
    featured: bool,
    #[serde(default, deserialize_with = "flag")]
    page: bool,
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: String,
    #[serde(default, deserialize_with = "text")]
    status: String,
    #[serde(default, deserialize_with = "text")]
    visibility: String,
    #[serde(default, deserialize_with = "text")]
    custom_excerpt: String,
    #[serde(default, deserialize_with = "text")]
    meta_title: String,
    #[serde(default, deserialize_with = "text")]
    meta_description: String,
    #[serde(default, deserialize_with = "text")]
    published_at: String,
    #[serde(default, deserialize_with = "text")]
    created_at: String,
    #[serde(default, deserialize_with = "text")]
    updated_at: String,
    #[serde(default, deserialize_with = "optional_id")]
    author_id: String,
}

fn optional_id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

#[derive(Deserialize)]
struct Meta {
    #[serde(deserialize_with = "id")]
    post_id: String,
    #[serde(default, deserialize_with = "text")]
    meta_title: String,
    #[serde(default, deserialize_with = "text")]
    meta_description: String,
    #[serde(default, deserialize_with = "text")]
    feature_image_alt: String,
    #[serde(default, deserialize_with = "text")]
    feature_image_caption: String,
}

#[derive(Deserialize)]
struct User {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(default, deserialize_with = "text")]
    name: String,
    #[serde(default, deserialize_with = "text")]
    slug: String,
    #[serde(default, deserialize_with = "text")]
    email: String,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(deserialize_with = "id")]
    id: String,
    #[serde(default, deserialize_with = "text")]
    name: String,
    #[serde(default, deserialize_with = "text")]
    slug: String,
    #[serde(default, deserialize_with = "text")]
    description: String,
    #[serde(default, deserialize_with = "text")]
    visibility: String,
}

#[derive(Deserialize)]
struct PostTag {
    #[serde(deserialize_with = "id")]
    post_id: String,
    #[serde(deserialize_with = "id")]
    tag_id: String,
    #[serde(default)]
    sort_order: i64,
}

#[derive(Deserialize)]
struct PostAuthor {
    #[serde(deserialize_with = "id")]
    post_id: String,
    #[serde(deserialize_with = "id")]
    author_id: String,
    #[serde(default)]
    sort_order: i64,
}

#[derive(Deserialize)]
struct Setting {
    key: String,
    #[serde(default)]
    value: serde_json::Value,
}

/// What Ghost writes in place of its own address.
const OWN_ADDRESS: &str = "__GHOST_URL__";

/// Imports a Ghost export.
///
/// # Errors
/// Only for what makes going on impossible; everything else is in the report.
pub fn import(
    import: &Import<'_>,
    export: &Path,
    old: &OldSite,
    redirects: Option<&Path>,
    watch: &mut Watch<'_>,
) -> Result<Report, GhostError> {
    let url = old
        .parsed()
        .ok_or_else(|| GhostError::Url(old.url.clone()))?;
    let base = url.as_str().trim_end_matches('/').to_owned();
    let data = read(export)?;
    let file = tempfile::NamedTempFile::new()?;
    let told = tell(data, &base, &old.permalink, BufWriter::new(file.as_file()))?;
    let mut report = import.run(file.path(), watch)?;
    // Its lines are those of a file that nobody has seen.
    for trouble in report
        .skipped
        .iter_mut()
        .chain(&mut report.lost)
        .chain(&mut report.unreadable)
    {
        trouble.line = 0;
    }
    for trouble in told.lost {
        report.lose(trouble);
    }
    let moved = match redirects {
        Some(path) => read_redirects(path)?,
        None => Vec::new(),
    };
    let source = base
        .trim_start_matches("https://")
        .trim_start_matches("http://")
        .to_owned();
    let (made, refused) = import
        .db
        .write_blocking(|conn| {
            let sections = imported::known(conn, &source, "section")?;
            let mut wanted = Vec::new();
            // A tag that has become a section stood where tags stand.
            for tag in &told.sections {
                if let Some(known) = sections.get(tag)
                    && let Some(path) =
                        address::canonical(conn, AddressKind::Section, known.target_id)?
                {
                    wanted.push((format!("/tag/{tag}"), path));
                }
            }
            let (mut made, mut refused) = (0, Vec::new());
            for (from, to) in wanted.into_iter().chain(moved) {
                if !(is_plain(&from) && is_plain(&to)) {
                    refused.push((from, to));
                } else if from != to && address::holder(conn, &from)?.is_none() {
                    address::redirect(conn, &from, &to)?;
                    made += 1;
                }
            }
            Ok::<_, Error>((made, refused))
        })
        .map_err(ImportError::from)?;
    report.redirects_made += made;
    for (from, to) in refused {
        report.skip(Trouble {
            line: 0,
            what: format!("the redirect from {from} to {to}"),
            why: "it is no pair of addresses of the site, but a pattern or leads away".to_owned(),
        });
    }
    Ok(report)
}

fn read(export: &Path) -> Result<Data, GhostError> {
    let no_export = |why: &dyn std::fmt::Display| GhostError::NoExport(why.to_string());
    let whole: Whole = serde_json::from_reader(BufReader::new(File::open(export)?)).map_err(
        |error| match error.is_io() {
            true => GhostError::Io(error.into()),
            false => no_export(&error),
        },
    )?;
    let data = whole
        .data
        .or(whole.db.into_iter().next().map(|part| part.data));
    data.filter(|data| !data.posts.is_empty() || !data.settings.is_empty())
        .ok_or_else(|| no_export(&"there are no posts in it"))
}

/// `redirects.json`: pairs of an old and a new address.
fn read_redirects(path: &Path) -> Result<Vec<(String, String)>, GhostError> {
    #[derive(Deserialize)]
    struct Redirect {
        from: String,
        to: String,
    }
    let failed = |why: String| GhostError::Redirects(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let all: Vec<Redirect> =
        serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    // Both are patterns; most of them are addresses with signs for their beginning and their end.
    let bare = |text: &str| {
        let text = text.trim_start_matches('^').trim_end_matches('$');
        let text = text.trim_end_matches("/?").trim_end_matches('/');
        text.replace("\\/", "/")
    };
    Ok(all
        .iter()
        .map(|redirect| (bare(&redirect.from), bare(&redirect.to)))
        .collect())
}

/// Whether this is an address, and no pattern of several.
fn is_plain(path: &str) -> bool {
    path.starts_with('/') && !path.contains(['(', ')', '*', '[', ']', '\\', '?', '+', '|', '$'])
}

/// What the telling found out.
struct Told {
    /// The slugs of tags that have become sections.
    sections: BTreeSet<String>,
    lost: Vec<Trouble>,
}

patterns! {
    SIZE = r"/content/images/size/[^/]+/";
    PICTURE = r#"<img[^>]*?\ssrc="([^"]+)"[^>]*>"#;
    ALT = r#"\salt="([^"]*)""#;
}

/// The number that stands for one of Ghost's: the same one every time.
fn number(kind: &str, id: &str) -> i64 {
    let mut hasher = SipHasher24::new();
    hasher.write(kind.as_bytes());
    hasher.write_u8(0);
    hasher.write(id.as_bytes());
    // Positive, and never zero.
    (hasher.finish() >> 2).cast_signed() + 1
}

/// `2024-01-02T10:00:00.000Z`, or as databases write it.
fn time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .ok()
        .map(|time| time.and_utc())
}

/// Writes the export in the words of WordPress.
fn tell(mut data: Data, base: &str, permalink: &str, out: impl io::Write) -> io::Result<Told> {
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
    let there = There {
        base,
        permalink,
        time_zone,
    };
    let users: HashMap<&str, &User> = data.users.iter().map(|u| (u.id.as_str(), u)).collect();
    for user in &data.users {
        writer.author(
            number("user", &user.id),
            &user.slug,
            &user.email,
            &user.name,
        )?;
    }
    let filed = Tags::new(&data);
    for tag in filed.by_id.values() {
        let term = Term {
            id: number("tag", &tag.id),
            slug: tag.slug.clone(),
            parent: String::new(),
            name: tag.name.clone(),
            description: tag.description.clone(),
        };
        if filed.sections.contains(&tag.slug) {
            writer.category(&term)?;
        } else {
            writer.tag(&term)?;
        }
    }
    let mut authors: HashMap<&str, Vec<(i64, &str)>> = HashMap::new();
    for row in &data.posts_authors {
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
        let mut by: Vec<(i64, &str)> = authors.remove(post.id.as_str()).unwrap_or_default();
        by.sort_unstable();
        if by.is_empty() {
            by.push((0, &post.author_id));
        }
        let by: Vec<&User> = by
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
        let lead = whole_size(&post.feature_image.replace(OWN_ADDRESS, base));
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
            let source = whole_size(&found[1].replace("&amp;", "&"));
            if source.contains("/content/images/") && pictures.insert(source.clone()) {
                let alt = ALT.captures(&found[0]).map_or(String::new(), |alt| {
                    quick_xml::escape::unescape(&alt[1])
                        .map_or_else(|_| alt[1].to_owned(), |plain| plain.into_owned())
                });
                writer.item(&picture(&source, &alt))?;
            }
        }
        let item = item(&post, meta, &by, &filed, content, lead, &there);
        writer.item(&item)?;
    }
    writer.end()?;
    Ok(Told {
        sections: filed.sections,
        lost,
    })
}

/// The tags of the site, and of each post. Ghost has no sections: what is the first tag of some post, which
/// is what it shows above it, is one.
struct Tags<'a> {
    by_id: std::collections::BTreeMap<&'a str, &'a Tag>,
    of_post: HashMap<&'a str, Vec<&'a Tag>>,
    /// Slugs.
    sections: BTreeSet<String>,
}

impl<'a> Tags<'a> {
    fn new(data: &'a Data) -> Self {
        // Those that begin with # are for the newsroom.
        let by_id: std::collections::BTreeMap<&str, &Tag> = data
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

/// The address of a picture as it was taken in, of that of one of its sizes.
fn whole_size(address: &str) -> String {
    SIZE.replace_all(address, |_| "/content/images/".to_owned())
}

fn without_markup(html: &str) -> String {
    scraper::Html::parse_fragment(html)
        .root_element()
        .text()
        .collect()
}

/// The text of a post as HTML, and what is missing in it.
fn content(post: &Post, base: &str) -> (String, Vec<String>) {
    let mut missing = Vec::new();
    let html = if !post.html.is_empty() {
        post.html.clone()
    } else if !post.lexical.is_empty() {
        match lexical::html(&post.lexical, &mut missing) {
            Ok(html) => html,
            Err(why) => {
                missing.push(format!("its text, which cannot be read ({why})"));
                paragraphs(&post.plaintext)
            }
        }
    } else {
        paragraphs(&post.plaintext)
    };
    // Line breaks in it mean nothing.
    let html = format!("<!-- wp:html -->{html}<!-- /wp:html -->");
    (html.replace(OWN_ADDRESS, base), missing)
}

fn paragraphs(text: &str) -> String {
    let escape = quick_xml::escape::escape;
    let paragraphs = text.split("\n\n").filter(|part| !part.trim().is_empty());
    paragraphs
        .map(|part| format!("<p>{}</p>", escape(part.trim())))
        .collect()
}

/// What addresses are made of there.
struct There<'a> {
    /// Without a slash at the end.
    base: &'a str,
    permalink: &'a str,
    time_zone: Tz,
}

fn item(
    post: &Post,
    meta: Option<&Meta>,
    by: &[&User],
    filed: &Tags<'_>,
    content: String,
    lead: &str,
    there: &There<'_>,
) -> Item {
    let is_page = post.page || post.kind == "page";
    let is_public = post.visibility.is_empty() || post.visibility == "public";
    let status = match post.status.as_str() {
        // What only members may read, or only letters have told, is not public.
        "published" if is_public => "publish",
        "scheduled" if is_public => "future",
        "published" | "scheduled" | "sent" => "private",
        _ => "draft",
    };
    let published_at = time(&post.published_at).or_else(|| time(&post.created_at));
    let tags = filed.of(post);
    let mut terms: Vec<Filed> = tags
        .iter()
        .map(|tag| Filed {
            domain: if filed.sections.contains(&tag.slug) {
                "category"
            } else {
                "post_tag"
            },
            slug: tag.slug.clone(),
            name: tag.name.clone(),
        })
        .collect();
    terms.extend(by.iter().map(|user| Filed {
        domain: "author",
        slug: format!("cap-{}", user.slug),
        name: user.name.clone(),
    }));
    let mut fields = Vec::new();
    if !lead.is_empty() {
        fields.push(("_thumbnail_id", number("picture", lead).to_string()));
    }
    if let Some(first) = tags.first() {
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
                time.with_timezone(&there.time_zone)
                    .format(form)
                    .to_string()
            })
        };
        there
            .permalink
            .replace("{slug}", &post.slug)
            .replace("{year}", &day("%Y"))
            .replace("{month}", &day("%m"))
            .replace("{day}", &day("%d"))
            .replace(
                "{primary_tag}",
                tags.first().map_or("all", |tag| tag.slug.as_str()),
            )
    };
    Item {
        id: number("post", &post.id),
        kind: if is_page { "page" } else { "post" },
        title: post.title.clone(),
        link: format!("{}/{}", there.base, path.trim_start_matches('/')),
        creator: by.first().map_or(String::new(), |user| user.slug.clone()),
        content,
        excerpt: post.custom_excerpt.clone(),
        published_at,
        updated_at: time(&post.updated_at),
        slug: slug(&post.slug),
        status,
        is_sticky: post.featured && status == "publish",
        filed: terms,
        fields,
        ..Item::default()
    }
}
