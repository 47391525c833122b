//! The search: words, filters, and the stories found, with the words marked in them.

use std::collections::HashSet;

use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::list::{Day, PAGE_SIZE, days};
use crate::{
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, PageQuery, QueryValues, RenderedPage},
    models::{
        article, author,
        search::{self, Filter, Order},
        timeline, topic,
    },
    text::words::{self, Piece, Query, Stemming},
    view::{
        Link, breadcrumb,
        card::Card,
        layout::{Head, Layout},
        pagination::Pagination,
        picture::Place,
    },
};

pub const CACHE: CachePolicy<SearchQuery> = CachePolicy::uncached().query();

/// Values of the query are cut off at this many characters.
const MAX_QUERY: usize = 200;
/// Latest stories shown if there are no results.
const LATEST: i64 = 6;
/// Searches with this many digits may be phone numbers: they are not stored as searches without results.
const PERSONAL_DIGITS: usize = 5;

/// A story, with the searched words marked.
struct Hit {
    card: Card,
    headline: Vec<Piece>,
    excerpt: Vec<Piece>,
}

/// An option of the section filter, indented by its depth.
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "reader/search.html")]
struct SearchPage {
    layout: Layout,
    asked: SearchQuery,
    sections: Vec<Choice>,
    is_narrowed: bool,
    /// The author and topic filters: their names, and the search without them.
    only: Vec<Link>,
    /// The number of results in words; empty if there are no search words.
    result: String,
    did_you_mean: Option<Link>,
    without_filters: Option<String>,
    /// Without headings if they are not sorted by time.
    days: Vec<Day<Hit>>,
    pagination: Option<Pagination>,
    newest: Vec<Card>,
}

/// The query as it was entered.
#[derive(Clone, Default)]
pub struct SearchQuery {
    words: String,
    /// A section's path.
    section: String,
    /// Slugs.
    author: String,
    topic: String,
    /// Dates, both inclusive.
    from: String,
    to: String,
    newest_first: bool,
    page: i64,
}

impl PageQuery for SearchQuery {
    const PARAMETERS: &'static [&'static str] = &[
        "q", "section", "author", "topic", "from", "to", "sort", "page",
    ];

    fn read(values: &QueryValues<'_>) -> Result<Self> {
        let mut asked = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in values.iter() {
            let value: String = value.trim().chars().take(MAX_QUERY).collect();
            match name {
                "q" => asked.words = value,
                "section" => asked.section = value,
                "author" => asked.author = value,
                "topic" => asked.topic = value,
                "from" => asked.from = value,
                "to" => asked.to = value,
                "sort" => asked.newest_first = value == "newest",
                "page" => asked.page = value.parse().unwrap_or(1).max(1),
                _ => {}
            }
        }
        Ok(asked)
    }
}

impl SearchQuery {
    /// The address of its first page.
    fn url(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.words);
        for (name, value) in [
            ("section", &self.section),
            ("author", &self.author),
            ("topic", &self.topic),
            ("from", &self.from),
            ("to", &self.to),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if self.newest_first {
            query.append_pair("sort", "newest");
        }
        format!("/search?{}", query.finish())
    }

    fn without_filters(&self) -> Self {
        Self {
            words: self.words.clone(),
            newest_first: self.newest_first,
            page: 1,
            ..Self::default()
        }
    }

    /// The filter, and the names of its author and topic. Unknown values filter nothing.
    fn filter(&self, ctx: &mut PageContext<'_>) -> Result<(Filter, Vec<Link>)> {
        let mut only = Vec::new();
        let section_ids = ctx
            .site
            .sections
            .walk(None)
            .into_iter()
            .find(|(_, section)| section.path == self.section)
            .map(|(_, section)| ctx.site.sections.ids_within(section.id))
            .unwrap_or_default();
        let author = match self.author.as_str() {
            "" => None,
            slug => author::find_by_slug(ctx.conn, slug)?,
        };
        let topic = match self.topic.as_str() {
            "" => None,
            slug => topic::find_by_slug(ctx.conn, slug)?,
        };
        let topic = match topic {
            Some(topic) if topic::is_public(ctx.conn, topic.id, ctx.now.naive_utc())? => {
                Some(topic)
            }
            _ => None,
        };
        only.extend(author.iter().map(|author| {
            let without = Self {
                author: String::new(),
                ..self.clone()
            };
            Link::new(&author.name, without.url())
        }));
        only.extend(topic.iter().map(|topic| {
            let without = Self {
                topic: String::new(),
                ..self.clone()
            };
            Link::new(&topic.name, without.url())
        }));
        let zone = ctx.site.locale.time_zone();
        let day = |text: &str, bound: fn((NaiveDateTime, NaiveDateTime)) -> NaiveDateTime| {
            let date: NaiveDate = text.parse().ok()?;
            Some(bound(timeline::bounds(
                timeline::Period::of_day(date),
                zone,
            )))
        };
        let filter = Filter {
            section_ids,
            author_id: author.map(|author| author.id),
            topic_id: topic.map(|topic| topic.id),
            from: day(&self.from, |(from, _)| from),
            before: day(&self.to, |(_, before)| before),
        };
        Ok((filter, only))
    }
}

/// `GET /search?q=…&section=…&author=…&topic=…&from=…&to=…&sort=newest&page=…`
///
/// Searches without results are counted if `is_person`, that is, not those of bots.
pub fn render(
    ctx: &mut PageContext<'_>,
    asked: SearchQuery,
    is_person: bool,
) -> Result<RenderedPage> {
    let query = Query::new(&asked.words);
    let (filter, only) = asked.filter(ctx)?;
    let now = ctx.now.naive_utc();
    let order = if asked.newest_first {
        Order::Newest
    } else {
        Order::Relevance
    };
    let found = search::find(ctx.conn, &query, &filter, order, now)?;
    let total = i64::try_from(found.article_ids.len()).unwrap_or(i64::MAX);
    let pages = ((total + PAGE_SIZE - 1) / PAGE_SIZE).max(1);
    if asked.page > pages {
        return Err(Error::NotFound);
    }
    let shown: Vec<i64> = found
        .article_ids
        .iter()
        .copied()
        .skip(usize::try_from((asked.page - 1) * PAGE_SIZE).unwrap_or(0))
        .take(PAGE_SIZE as usize)
        .collect();
    let is_narrowed = asked.without_filters().url() != asked.url();
    let nothing = !query.is_empty() && total == 0;
    let did_you_mean = if nothing {
        search::suggestion(ctx.conn, &query, &filter, now)?
    } else {
        None
    };
    if nothing && is_person && !is_narrowed && !is_personal(&asked.words) {
        ctx.app.missed_words.count(&words::folded(&asked.words));
    }
    let hits = hits(ctx, &shown, &found.stems, query.beginning())?;
    let days = match order {
        Order::Newest => days(&ctx.site, hits, |hit| hit.card.day),
        Order::Relevance if hits.is_empty() => Vec::new(),
        Order::Relevance => vec![Day {
            heading: String::new(),
            stories: hits,
        }],
    };
    let newest = if nothing { newest(ctx)? } else { Vec::new() };

    let locale = &ctx.site.locale;
    let texts = ctx.texts();
    let result = match total {
        _ if query.is_empty() => String::new(),
        0 => texts.search_empty(&asked.words),
        many if found.is_cut => texts.search_cut(locale.number(many)),
        some => texts.search_results(some),
    };
    let title = if asked.words.is_empty() {
        texts.search.to_owned()
    } else {
        texts.search_title(&asked.words)
    };
    let head = Head {
        title,
        description: texts.search_hint.to_owned(),
        canonical: "/search".to_owned(),
        noindex: true,
        breadcrumb: breadcrumb::from_home(&ctx.site, [Link::new(texts.search, "/search")]),
        ..Head::default()
    };
    let sections = ctx.site.sections.walk(None);
    RenderedPage::html(&SearchPage {
        sections: sections
            .into_iter()
            .map(|(depth, section)| Choice {
                value: section.path.clone(),
                text: format!("{}{}", "– ".repeat(depth), section.name),
                is_chosen: section.path == asked.section,
            })
            .collect(),
        pagination: Pagination::new(&ctx.site, &asked.url(), asked.page, pages),
        layout: ctx.layout(head),
        did_you_mean: did_you_mean.map(|words| {
            let meant = SearchQuery {
                words: words.clone(),
                ..asked.clone()
            };
            Link::new(&words, meant.url())
        }),
        without_filters: (nothing && is_narrowed).then(|| asked.without_filters().url()),
        asked,
        is_narrowed,
        only,
        result,
        days,
        newest,
    })
}

/// The stories of these ids, each with its standfirst or, if only the body contains the words, an excerpt of it.
fn hits(
    ctx: &mut PageContext<'_>,
    ids: &[i64],
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> Result<Vec<Hit>> {
    let cards = ctx.cards(ids)?;
    let bodies = article::bodies(ctx.conn, ids)?;
    let stemming = Stemming::of(&ctx.site.settings.language);
    let marked = |text: &str| words::marked(text, stemming, stems, beginning);
    Ok(ids
        .iter()
        .filter_map(|id| cards.get(id))
        .map(|card| {
            let mut excerpt = marked(&card.standfirst);
            if !excerpt.iter().any(|(_, is_sought)| *is_sought)
                && let Some(body) = bodies.get(&card.id)
            {
                let plain = body.plain();
                if let Some(part) = words::excerpt(&plain, stemming, stems, beginning) {
                    excerpt = [("… ".to_owned(), false)]
                        .into_iter()
                        .chain(marked(part))
                        .chain([(" …".to_owned(), false)])
                        .collect();
                }
            }
            Hit {
                headline: marked(&card.headline),
                excerpt,
                card: Card::new(card, &ctx.site, Place::Thumbnail),
            }
        })
        .collect())
}

fn newest(ctx: &mut PageContext<'_>) -> Result<Vec<Card>> {
    let ids = timeline::newest(ctx.conn, timeline::SITE, ctx.now.naive_utc(), LATEST)?;
    let cards = ctx.cards(&ids)?;
    Ok(ids
        .iter()
        .filter_map(|id| cards.get(id))
        .map(|card| Card::new(card, &ctx.site, Place::Thumbnail))
        .collect())
}

/// Whether it may be an e-mail address or a phone number.
fn is_personal(words: &str) -> bool {
    words.contains('@') || words.chars().filter(char::is_ascii_digit).count() >= PERSONAL_DIGITS
}
