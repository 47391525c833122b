//! Feeds: the newest stories of the site, a section, a topic or an author as RSS 2.0, Atom (RFC 4287) and
//! JSON Feed 1.1.

use std::collections::HashMap;

use askama::Template;
use chrono::{DateTime, Utc};
use serde_json::json;
use url::Url;

use super::{
    body::{Block, also_read_ids, blocks, media_ids},
    rfc3339,
};
use crate::{
    db::types::TimelineKind,
    error::{Error, Result},
    http_cache::{CachePolicy, NoQuery, PageContext, RenderedPage},
    locale::Texts,
    models::{article, author, media, timeline, topic},
    paths::{FeedFormat, absolute_url},
    text::{self, Part},
    view::picture::{Picture, Place},
};

pub const CACHE: CachePolicy = CachePolicy::site_version();

fn content_type(format: FeedFormat) -> &'static str {
    match format {
        // Browsers show `application/rss+xml` as source, without the style sheet that makes it readable.
        FeedFormat::Rss => "application/xml; charset=utf-8",
        FeedFormat::Atom => "application/atom+xml; charset=utf-8",
        FeedFormat::Json => "application/feed+json; charset=utf-8",
    }
}

/// `GET /feed.xml`
pub fn rss(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    of_site(ctx, FeedFormat::Rss)
}

/// `GET /feed.atom`
pub fn atom(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    of_site(ctx, FeedFormat::Atom)
}

/// `GET /feed.json`
pub fn json(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    of_site(ctx, FeedFormat::Json)
}

fn of_site(ctx: &mut PageContext<'_>, format: FeedFormat) -> Result<RenderedPage> {
    let settings = &ctx.site.settings;
    let (title, description) = (settings.name.clone(), settings.tagline.clone());
    feed(ctx, timeline::SITE, "", title, description, format)
}

/// `GET` of a section's feed.
pub fn of_section(ctx: &mut PageContext<'_>, id: i64, format: FeedFormat) -> Result<RenderedPage> {
    let site = ctx.site.clone();
    let section = site.sections.get(id).ok_or(Error::NotFound)?;
    feed(
        ctx,
        (TimelineKind::Section, id),
        &section.path,
        format!("{} – {}", section.name, site.settings.name),
        section.description.clone(),
        format,
    )
}

/// `GET` of an author's feed.
pub fn of_author(ctx: &mut PageContext<'_>, id: i64, format: FeedFormat) -> Result<RenderedPage> {
    let author = author::find(ctx.conn, id)?.ok_or(Error::NotFound)?;
    let title = format!("{} – {}", author.name, ctx.site.settings.name);
    let source = (TimelineKind::Author, id);
    feed(ctx, source, &author.path, title, author.title, format)
}

/// `GET` of a topic's feed.
pub fn of_topic(ctx: &mut PageContext<'_>, id: i64, format: FeedFormat) -> Result<RenderedPage> {
    if !topic::is_public(ctx.conn, id, ctx.now.naive_utc())? {
        return Err(Error::NotFound);
    }
    let topic = topic::find(ctx.conn, id)?.ok_or(Error::NotFound)?;
    let title = format!("{} – {}", topic.name, ctx.site.settings.name);
    let source = (TimelineKind::Topic, id);
    feed(ctx, source, &topic.path, title, topic.description, format)
}

struct Author {
    name: String,
    url: String,
}

struct Image {
    url: String,
    width: i32,
    height: i32,
    alt: String,
}

struct Item {
    /// Stays the same when the address of the article or of the site changes (RFC 4151).
    id: String,
    url: String,
    title: String,
    summary: String,
    /// The full text, if the site's feeds contain it.
    content: Option<String>,
    published: DateTime<Utc>,
    modified: DateTime<Utc>,
    authors: Vec<Author>,
    categories: Vec<String>,
    image: Option<Image>,
}

impl Item {
    /// The summary for RSS, where descriptions are HTML
    /// (<https://www.rssboard.org/rss-profile#element-channel-item-description>).
    fn summary_as_html(&self) -> String {
        self.summary
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    }

    fn published_for_mail(&self) -> String {
        self.published.to_rfc2822()
    }

    fn published_for_atom(&self) -> String {
        rfc3339(self.published)
    }

    fn modified_for_atom(&self) -> String {
        rfc3339(self.modified)
    }
}

#[derive(Template)]
#[template(path = "reader/feed.rss.xml")]
struct Rss<'a> {
    feed: &'a Feed,
}

#[derive(Template)]
#[template(path = "reader/feed.atom.xml")]
struct Atom<'a> {
    feed: &'a Feed,
}

struct Feed {
    title: String,
    description: String,
    language: String,
    /// The page whose feed it is.
    url: String,
    own_url: String,
    id: String,
    stylesheet: String,
    hub: String,
    /// When an item last changed.
    modified: DateTime<Utc>,
    items: Vec<Item>,
}

impl Feed {
    fn modified_for_mail(&self) -> String {
        self.modified.to_rfc2822()
    }

    fn modified_for_atom(&self) -> String {
        rfc3339(self.modified)
    }

    /// <https://www.jsonfeed.org/version/1.1/>
    fn json(&self) -> serde_json::Value {
        let items: Vec<_> = self
            .items
            .iter()
            .map(|item| {
                let mut json = json!({
                    "id": item.id,
                    "url": item.url,
                    "title": item.title,
                    "summary": item.summary,
                    "date_published": item.published_for_atom(),
                    "date_modified": item.modified_for_atom(),
                    "authors": item.authors.iter().map(|author| json!({
                        "name": author.name,
                        "url": author.url,
                    })).collect::<Vec<_>>(),
                    "tags": item.categories,
                });
                // One of the two is required.
                match &item.content {
                    Some(content) => json["content_html"] = json!(content),
                    None => json["content_text"] = json!(item.summary),
                }
                if let Some(image) = &item.image {
                    json["image"] = json!(image.url);
                }
                json
            })
            .collect();
        let mut json = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.title,
            "description": self.description,
            "language": self.language,
            "home_page_url": self.url,
            "feed_url": self.own_url,
            "items": items,
        });
        if !self.hub.is_empty() {
            json["hubs"] = json!([{"type": "WebSub", "url": self.hub}]);
        }
        json
    }
}

fn feed(
    ctx: &mut PageContext<'_>,
    source: timeline::TimelineKey,
    path: &str,
    title: String,
    description: String,
    format: FeedFormat,
) -> Result<RenderedPage> {
    let site = ctx.site.clone();
    let settings = &site.settings;
    let base_url = ctx.app.base_url.clone();
    let authority = ctx.app.feed_authority.clone();
    let items = items(ctx, source, &authority)?;
    let own_url = format!("{base_url}{path}{}", format.suffix());
    let feed = Feed {
        id: format!("tag:{authority},2026:feed{path}"),
        title: text::printable(&title),
        description: text::printable(if description.is_empty() {
            &title
        } else {
            &description
        }),
        language: settings.language.clone(),
        url: format!("{base_url}{}", if path.is_empty() { "/" } else { path }),
        stylesheet: ctx.app.assets.url("css/feed.css").to_owned(),
        hub: settings.feed_hub.clone(),
        modified: items
            .iter()
            .map(|item| item.modified)
            .max()
            .unwrap_or(DateTime::UNIX_EPOCH),
        own_url,
        items,
    };
    let body = match format {
        FeedFormat::Rss => Rss { feed: &feed }.render()?,
        FeedFormat::Atom => Atom { feed: &feed }.render()?,
        FeedFormat::Json => feed.json().to_string(),
    };
    let body = text::visible(&body).into_owned();
    let mut rendered = RenderedPage::file(content_type(format), body);
    // https://www.w3.org/TR/websub/#discovery
    rendered.links = vec![(feed.own_url, "self")];
    if !feed.hub.is_empty() {
        rendered.links.push((feed.hub, "hub"));
    }
    Ok(rendered)
}

fn items(
    ctx: &mut PageContext<'_>,
    source: timeline::TimelineKey,
    authority: &str,
) -> Result<Vec<Item>> {
    let site = ctx.site.clone();
    let now = ctx.now.naive_utc();
    let base_url = ctx.app.base_url.clone();
    let ids = timeline::newest(ctx.conn, source, now, timeline::IN_A_FEED)?;
    let mut articles: HashMap<i64, article::Article> = article::find_all_live(ctx.conn, &ids, now)?
        .into_iter()
        .map(|article| (article.id, article))
        .collect();
    let authors = author::of_articles(ctx.conn, &ids)?;
    let topics = topic::names_of_articles(ctx.conn, &ids)?;
    let is_whole = site.settings.feed_whole_texts;
    let mut parts: HashMap<i64, Vec<Part>> = HashMap::new();
    if is_whole {
        let of = |article: &article::Article| (article.id, text::parts(&article.body));
        parts.extend(articles.values().map(of));
    }
    let pictures = media::find_all(ctx.conn, &media_ids(parts.values().flatten()))?;
    let cards = ctx.cards(&also_read_ids(parts.values().flatten()))?;

    let mut items = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(article) = articles.remove(&id) else {
            continue;
        };
        let url = absolute_url(&base_url, &article.path);
        let content = match parts.get(&id) {
            Some(parts) => {
                let address = Url::parse(&url).map_err(|error| Error::Data(error.to_string()))?;
                let page = Content {
                    blocks: blocks(&site, article.dateline.as_ref(), parts, &pictures, &cards),
                    texts: site.locale.texts(),
                };
                Some(text::printable(&text::absolute(&page.render()?, &address)))
            }
            None => None,
        };
        let section = site.sections.get(article.section_id);
        items.push(Item {
            id: format!("tag:{authority},2026:article/{id}"),
            url,
            title: text::printable(&article.headline),
            summary: text::printable(&article.standfirst),
            content,
            published: article.published_at,
            modified: article
                .updated_at
                .map_or(article.published_at, |time| time.max(article.published_at)),
            authors: authors
                .iter()
                .filter(|(article_id, _)| *article_id == id)
                .map(|(_, author)| Author {
                    name: text::printable(&author.name),
                    url: absolute_url(&base_url, &author.path),
                })
                .collect(),
            categories: section
                .map(|section| section.name.as_str())
                .into_iter()
                .chain(
                    topics
                        .iter()
                        .filter(|(article_id, _)| *article_id == id)
                        .map(|(_, name)| name.as_str()),
                )
                .map(text::printable)
                .collect(),
            image: article.picture.as_ref().map(|media| {
                let picture = Picture::new(media, Place::Lead);
                Image {
                    url: format!("{base_url}{}", picture.largest),
                    width: picture.width,
                    height: picture.height,
                    alt: text::printable(&picture.alt),
                }
            }),
        });
    }
    Ok(items)
}

/// A body for feed readers, without layout and players.
#[derive(Template)]
#[template(path = "reader/feed_content.html")]
struct Content {
    blocks: Vec<Block>,
    texts: &'static Texts,
}
