//! Searching the newspaper: words, what they may be narrowed to, and what was found, set off where it stands.

use std::collections::HashSet;

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use super::{Desk, PAGE_SIZE, Rendered, answer_once};
use crate::{
    app::App,
    error::{Error, Result},
    models::{
        article, author, river,
        search::{self, Filter, Order},
        topic,
    },
    text::words::{self, Piece, Query, Stemming},
    view::{
        Link, breadcrumb,
        card::Card,
        layout::{Head, Layout},
        locale::fill,
        pagination::Pagination,
        picture::Place,
    },
    web::visitor,
};

/// In characters: what is typed beyond is cut off.
const LONGEST_QUERY: usize = 200;
/// Where nothing was found, so many new stories help on.
const NEWEST: i64 = 6;
/// Words with so many digits may be somebody's number: they are not noted as missed.
const DIGITS: usize = 5;

/// A story, with the words that were searched for set off.
struct Hit {
    card: Card,
    headline: Vec<Piece>,
    excerpt: Vec<Piece>,
}

/// A section to choose, as deep as it lies.
struct Choice {
    value: String,
    text: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "reader/search.html")]
struct SearchPage {
    layout: Layout,
    asked: Asked,
    sections: Vec<Choice>,
    is_narrowed: bool,
    /// The author and the topic that are searched alone: what it is called, and the search without it.
    only: Vec<Link>,
    /// What was found, in words; empty while nothing was searched for.
    result: String,
    did_you_mean: Option<Link>,
    without_filters: Option<String>,
    hits: Vec<Hit>,
    pagination: Option<Pagination>,
    newest: Vec<Card>,
}

/// What the address asks for, as it was typed.
#[derive(Clone, Default)]
struct Asked {
    words: String,
    /// A section's path.
    section: String,
    /// Slugs.
    author: String,
    topic: String,
    /// Dates, the last one included.
    from: String,
    to: String,
    newest_first: bool,
    page: i64,
}

impl Asked {
    fn new(query: &str) -> Self {
        let mut asked = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value: String = value.trim().chars().take(LONGEST_QUERY).collect();
            match name.as_ref() {
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
        asked
    }

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
            ..Self::new("")
        }
    }

    /// The filter that is meant, and what is called by a name in it. What leads nowhere narrows nothing.
    fn filter(&self, desk: &mut Desk<'_>) -> Result<(Filter, Vec<Link>)> {
        let mut only = Vec::new();
        let section_ids = desk
            .site
            .sections
            .walk(None)
            .into_iter()
            .find(|(_, section)| section.path == self.section)
            .map(|(_, section)| desk.site.sections.ids_within(section.id))
            .unwrap_or_default();
        let author = match self.author.as_str() {
            "" => None,
            slug => author::find_by_slug(desk.conn, slug)?,
        };
        let topic = match self.topic.as_str() {
            "" => None,
            slug => topic::find_by_slug(desk.conn, slug)?,
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
        let zone = desk.site.locale.time_zone();
        let day = |text: &str, bound: fn((NaiveDateTime, NaiveDateTime)) -> NaiveDateTime| {
            let date: NaiveDate = text.parse().ok()?;
            Some(bound(river::bounds(river::Period::of_day(date), zone)))
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
pub async fn show(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let is_reader = visitor::is_person(&app, request.head());
    answer_once(app, request, move |desk| make(desk, is_reader)).await
}

fn make(desk: &mut Desk<'_>, is_reader: bool) -> Result<Rendered> {
    let asked = Asked::new(&desk.query);
    let query = Query::new(&asked.words);
    let (filter, only) = asked.filter(desk)?;
    let now = desk.now.naive_utc();
    let order = if asked.newest_first {
        Order::Newest
    } else {
        Order::Relevance
    };
    let found = search::find(desk.conn, &query, &filter, order, now)?;
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
        search::suggestion(desk.conn, &query, &filter, now)?
    } else {
        None
    };
    if nothing && is_reader && !is_narrowed && !is_personal(&asked.words) {
        desk.app.missed_words.count(&words::folded(&asked.words));
    }
    let hits = hits(desk, &shown, &found.stems, query.beginning())?;
    let newest = if nothing { newest(desk)? } else { Vec::new() };

    let locale = &desk.site.locale;
    let texts = desk.texts();
    let result = match total {
        _ if query.is_empty() => String::new(),
        0 => fill(&texts.search_empty, &[("words", &asked.words)]),
        many if found.is_cut => fill(&texts.search_cut, &[("n", &locale.number(many))]),
        some => locale.count(&texts.search_results, some),
    };
    let title = if asked.words.is_empty() {
        texts.search.clone()
    } else {
        fill(&texts.search_title, &[("words", &asked.words)])
    };
    let head = Head {
        title,
        description: texts.search_hint.clone(),
        canonical: "/search".to_owned(),
        noindex: true,
        breadcrumb: breadcrumb::from_home(&desk.site, [Link::new(&texts.search, "/search")]),
        ..Head::default()
    };
    let sections = desk.site.sections.walk(None);
    Rendered::new(&SearchPage {
        sections: sections
            .into_iter()
            .map(|(depth, section)| Choice {
                value: section.path.clone(),
                text: format!("{}{}", "– ".repeat(depth), section.name),
                is_chosen: section.path == asked.section,
            })
            .collect(),
        pagination: Pagination::new(&desk.site, &asked.url(), asked.page, pages),
        layout: desk.layout(head),
        did_you_mean: did_you_mean.map(|words| {
            let meant = Asked {
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
        hits,
        newest,
    })
}

/// The stories of these ids as they are shown: the standfirst, or, if only the text has the words, the part
/// of it that does.
fn hits(
    desk: &mut Desk<'_>,
    ids: &[i64],
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> Result<Vec<Hit>> {
    let cards = desk.cards(ids)?;
    let bodies = article::bodies(desk.conn, ids)?;
    let stemming = Stemming::of(&desk.site.settings.language);
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
                card: Card::new(card, &desk.site, Place::Thumbnail),
            }
        })
        .collect())
}

fn newest(desk: &mut Desk<'_>) -> Result<Vec<Card>> {
    let ids = river::newest(desk.conn, river::SITE, desk.now.naive_utc(), NEWEST)?;
    let cards = desk.cards(&ids)?;
    Ok(ids
        .iter()
        .filter_map(|id| cards.get(id))
        .map(|card| Card::new(card, &desk.site, Place::Thumbnail))
        .collect())
}

/// Whether it may be an e-mail address, or somebody's number.
fn is_personal(words: &str) -> bool {
    words.contains('@') || words.chars().filter(char::is_ascii_digit).count() >= DIGITS
}
