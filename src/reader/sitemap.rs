//! Sitemaps for search engines: an index, files of addresses, the news of the last two days
//! (<https://www.sitemaps.org/protocol.html>, Google's news sitemaps).

use askama::Template;
use chrono::{NaiveDateTime, TimeDelta};

use super::rfc3339;
use crate::{
    db::types::AddressKind,
    error::{Error, Result},
    http_cache::{CachePolicy, NoQuery, PageContext, RenderedPage},
    models::{sitemap, timeline},
    paths::{FIXED_PAGES, absolute_url},
    text::visible,
};

pub const CACHE: CachePolicy = CachePolicy::site_version();

/// Articles leave the news sitemap as they age.
pub const NEWS_CACHE: CachePolicy = CachePolicy::site_version().until_next_minute();

const XML: &str = "application/xml; charset=utf-8";

/// The kinds of addresses that have separate files, and the names of the files.
const KINDS: [(&str, AddressKind); 5] = [
    ("articles", AddressKind::Article),
    ("sections", AddressKind::Section),
    ("authors", AddressKind::Author),
    ("topics", AddressKind::Topic),
    ("pages", AddressKind::Page),
];

/// The age up to which an article is news.
const NEWS: TimeDelta = TimeDelta::days(2);
/// The maximum number of articles in a news sitemap.
const MAX_NEWS: i64 = 1_000;

struct Entry {
    url: String,
    changed: Option<String>,
}

#[derive(Template)]
#[template(path = "reader/sitemap_index.xml")]
struct Index {
    files: Vec<String>,
}

#[derive(Template)]
#[template(path = "reader/sitemap.xml")]
struct File {
    entries: Vec<Entry>,
}

struct News {
    url: String,
    title: String,
    published: String,
}

#[derive(Template)]
#[template(path = "reader/sitemap_news.xml")]
struct NewsFile {
    site_name: String,
    language: String,
    news: Vec<News>,
}

/// `GET /sitemap.xml`
pub fn index(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let base_url = ctx.app.base_url.clone();
    let mut files = vec![format!("{base_url}/sitemaps/site.xml")];
    for (name, kind) in KINDS {
        let numbers = 1..=sitemap::files(ctx.conn, kind)?;
        files.extend(numbers.map(|number| format!("{base_url}/sitemaps/{name}-{number}.xml")));
    }
    Ok(RenderedPage::file(XML, Index { files }.render()?))
}

/// `GET /sitemaps/news.xml`
pub fn news(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let ids = timeline::newest(ctx.conn, timeline::SITE, ctx.now.naive_utc(), MAX_NEWS)?;
    let cards = ctx.cards(&ids)?;
    let base_url = &ctx.app.base_url;
    let settings = &ctx.site.settings;
    let since = ctx.now - NEWS;
    let news = ids
        .iter()
        .filter_map(|id| cards.get(id))
        .filter(|card| card.published_at > since)
        .map(|card| News {
            url: absolute_url(base_url, &card.path),
            title: visible(&card.headline).into_owned(),
            published: rfc3339(card.published_at),
        })
        .collect();
    let page = NewsFile {
        site_name: visible(&settings.name).into_owned(),
        language: news_language(&settings.language),
        news,
    };
    Ok(RenderedPage::file(XML, page.render()?))
}

/// `GET /sitemaps/{file}`
pub fn file(ctx: &mut PageContext<'_>, _: NoQuery) -> Result<RenderedPage> {
    let file = ctx.path.rsplit('/').next().unwrap_or_default();
    if file == "site.xml" {
        let fixed = FIXED_PAGES.iter().filter(|page| page.in_sitemap);
        let paths = fixed.map(|page| (page.path.to_owned(), None)).collect();
        return entries(ctx, paths);
    }
    let (kind, number) = named(file).ok_or(Error::NotFound)?;
    if number > sitemap::files(ctx.conn, kind)? {
        return Err(Error::NotFound);
    }
    let found = sitemap::file(ctx.conn, kind, number, ctx.now.naive_utc())?;
    entries(ctx, found)
}

/// `articles-12.xml`
fn named(file: &str) -> Option<(AddressKind, i64)> {
    let (name, number) = file.strip_suffix(".xml")?.split_once('-')?;
    let (_, kind) = KINDS.into_iter().find(|(known, _)| *known == name)?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let number = number.parse().ok().filter(|_| is_plain)?;
    (number > 0 && number < i64::MAX / sitemap::FILE).then_some((kind, number))
}

fn entries(
    ctx: &mut PageContext<'_>,
    found: Vec<(String, Option<NaiveDateTime>)>,
) -> Result<RenderedPage> {
    let base_url = &ctx.app.base_url;
    let entries = found
        .into_iter()
        .map(|(path, changed)| Entry {
            url: absolute_url(base_url, &path),
            changed: changed.map(|time| rfc3339(time.and_utc())),
        })
        .collect();
    Ok(RenderedPage::file(XML, File { entries }.render()?))
}

/// ISO 639, as news sitemaps require it: `zh-cn` and `zh-tw` for Chinese, otherwise no more than the language.
fn news_language(tag: &str) -> String {
    let tag = tag.to_ascii_lowercase();
    let (language, rest) = tag.split_once('-').unwrap_or((&tag, ""));
    match (language, rest) {
        ("zh", rest) if ["tw", "hk", "hant"].iter().any(|part| rest.contains(part)) => "zh-tw",
        ("zh", _) => "zh-cn",
        (language, _) => language,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sitemap_file_has_one_name() {
        assert_eq!(named("topics-12.xml"), Some((AddressKind::Topic, 12)));
        for other in [
            "topics-0.xml",
            "topics-012.xml",
            "topics-+1.xml",
            "topics-1",
            "users-1.xml",
            "articles-99999999999999999999.xml",
        ] {
            assert_eq!(named(other), None, "{other}");
        }
    }

    #[test]
    fn news_sitemaps_name_a_language_without_country_but_for_chinese() {
        for (tag, news) in [
            ("en-GB", "en"),
            ("ur", "ur"),
            ("zh-Hant-HK", "zh-tw"),
            ("zh", "zh-cn"),
        ] {
            assert_eq!(news_language(tag), news);
        }
    }
}
