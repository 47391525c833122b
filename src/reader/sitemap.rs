//! Sitemaps for search engines: an index, files of addresses, the news of the last two days
//! (<https://www.sitemaps.org/protocol.html>, Google's news sitemaps).

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDateTime, TimeDelta};

use super::{Desk, Rendered, answer, machine, whole_url};
use crate::{
    app::App,
    db::types::AddressKind,
    error::{Error, Result},
    models::{river, sitemap},
};

const XML: &str = "application/xml; charset=utf-8";

/// What has files of its own, and how these are called.
const KINDS: [(&str, AddressKind); 5] = [
    ("articles", AddressKind::Article),
    ("sections", AddressKind::Section),
    ("authors", AddressKind::Author),
    ("topics", AddressKind::Topic),
    ("pages", AddressKind::Page),
];

/// Pages that are there without an address in the database.
const FIXED: [&str; 6] = [
    "/",
    "/latest",
    "/authors",
    "/archive",
    "/corrections",
    "/most-popular",
];

/// An article is news for so long.
const NEWS: TimeDelta = TimeDelta::days(2);
/// The most articles that a news sitemap may hold.
const MOST_NEWS: i64 = 1_000;

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
pub async fn index(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    answer(app, request, |desk| {
        let base_url = desk.app.base_url.clone();
        let mut files = vec![format!("{base_url}/sitemaps/site.xml")];
        for (name, kind) in KINDS {
            let numbers = 1..=sitemap::files(desk.conn, kind)?;
            files.extend(numbers.map(|number| format!("{base_url}/sitemaps/{name}-{number}.xml")));
        }
        Ok(Rendered::file(XML, Index { files }.render()?))
    })
    .await
}

/// `GET /sitemaps/{file}`
pub async fn file(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let file = request.match_info().get("file").unwrap_or_default();
    let file = file.to_owned();
    answer(app, request, move |desk| match file.as_str() {
        "site.xml" => {
            let paths = FIXED.map(|path| (path.to_owned(), None));
            entries(desk, paths.into())
        }
        "news.xml" => news(desk),
        other => {
            let (kind, number) = named(other).ok_or(Error::NotFound)?;
            if number > sitemap::files(desk.conn, kind)? {
                return Err(Error::NotFound);
            }
            let found = sitemap::file(desk.conn, kind, number, desk.now.naive_utc())?;
            entries(desk, found)
        }
    })
    .await
}

/// `articles-12.xml`
fn named(file: &str) -> Option<(AddressKind, i64)> {
    let (name, number) = file.strip_suffix(".xml")?.split_once('-')?;
    let (_, kind) = KINDS.into_iter().find(|(known, _)| *known == name)?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let number = number.parse().ok().filter(|_| is_plain)?;
    (number > 0 && number < i64::MAX / sitemap::FILE).then_some((kind, number))
}

fn entries(desk: &mut Desk<'_>, found: Vec<(String, Option<NaiveDateTime>)>) -> Result<Rendered> {
    let base_url = &desk.app.base_url;
    let entries = found
        .into_iter()
        .map(|(path, changed)| Entry {
            url: whole_url(base_url, &path),
            changed: changed.map(|time| machine(time.and_utc())),
        })
        .collect();
    Ok(Rendered::file(XML, File { entries }.render()?))
}

fn news(desk: &mut Desk<'_>) -> Result<Rendered> {
    // Articles leave it as they grow old.
    desk.lasts_a_minute = true;
    let ids = river::newest(desk.conn, river::SITE, desk.now.naive_utc(), MOST_NEWS)?;
    let cards = desk.cards(&ids)?;
    let base_url = &desk.app.base_url;
    let settings = &desk.site.settings;
    let since = desk.now - NEWS;
    let news = ids
        .iter()
        .filter_map(|id| cards.get(id))
        .filter(|card| card.published_at > since)
        .map(|card| News {
            url: whole_url(base_url, &card.path),
            title: card.headline.clone(),
            published: machine(card.published_at),
        })
        .collect();
    let page = NewsFile {
        site_name: settings.name.clone(),
        language: news_language(&settings.language),
        news,
    };
    Ok(Rendered::file(XML, page.render()?))
}

/// ISO 639, as news sitemaps have it: `zh-cn` and `zh-tw` for Chinese, otherwise no more than the language.
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
    fn a_file_is_named_in_one_way() {
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
    fn news_are_in_a_language_without_its_country_but_for_chinese() {
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
