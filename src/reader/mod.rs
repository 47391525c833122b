//! What the public sees: one file per page, and the desk at which pages are made.

mod address;
mod answer;
mod archive;
mod article;
mod author;
mod authors;
mod body;
mod corrections;
mod feed;
mod home;
mod latest;
pub mod memory;
mod most_popular;
mod not_found;
mod page;
mod preview;
mod search;
mod section;
mod share_picture;
mod sitemap;
mod topic;
mod well_known;

use std::{collections::HashSet, sync::Arc};

use actix_web::web::Bytes;
use askama::Template;
use chrono::{DateTime, SecondsFormat, Utc};

use answer::{answer, answer_once, whole_url};

pub use address::show as address;
pub use archive::{day, index as archive, month, year};
pub use authors::show as authors;
pub use corrections::show as corrections;
pub use feed::{
    Format as FeedFormat, atom as feed_atom, is_one as is_feed, json as feed_json, rss as feed_rss,
};
pub use home::show as home;
pub use latest::show as latest;
pub use most_popular::{day as popular_day, ever as popular_ever, week as popular_week};
pub use preview::{linked as linked_preview, render as render_preview};
pub use search::show as search;
pub use share_picture::show as share_picture;
pub use sitemap::{file as sitemap_file, index as sitemap_index};
pub use well_known::{favicon, humans, manifest, robots, security as security_txt};

use crate::{
    app::App,
    db::AnyConnection,
    error::{Error, Result},
    models::{self, article::Cards, river},
    page_cache::Ranking,
    popular::Window,
    site::Site,
    view::{
        card::Card,
        layout::{Head, Layout},
        locale::{Texts, fill},
        pagination::{self, Pagination},
        picture::Place,
    },
};

/// Where a page is made: a connection, the publication as it stands, the moment, what was asked.
pub struct Desk<'a> {
    pub conn: &'a mut AnyConnection,
    pub app: &'a App,
    pub site: Arc<Site>,
    pub now: DateTime<Utc>,
    /// As it was asked for.
    pub path: String,
    pub query: String,
    /// Whether the page is true for a minute only: it shows a ranking, say, which is made anew then.
    lasts_a_minute: bool,
    /// The ranking that it shows, if that is all of it which a minute changes.
    ranking: Option<Ranking>,
    /// Whether the page depends on which page of a list was asked for.
    reads_page: bool,
}

/// A moment as feeds and sitemaps have it (RFC 3339), in UTC.
fn machine(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The type of a page, as opposed to a file for programs.
const PAGE: &str = "text/html; charset=utf-8";

/// A page that is ready to be sent.
pub struct Rendered {
    body: Bytes,
    content_type: &'static str,
    /// The article whose view this is.
    article_id: Option<i64>,
    published_at: Option<DateTime<Utc>>,
    has_players: bool,
    /// `Link` headers: where to, and as what.
    links: Vec<(String, &'static str)>,
}

impl Rendered {
    fn new(page: &impl Template) -> Result<Self> {
        Ok(Self::file(PAGE, page.render()?))
    }

    /// What is no page, but made for programs.
    fn file(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            content_type,
            article_id: None,
            published_at: None,
            has_players: false,
            links: Vec::new(),
        }
    }
}

/// How many stories a page of a list shows.
const PAGE_SIZE: i64 = 20;

/// A page of a list of stories.
struct StoryList {
    cards: Vec<Card>,
    pagination: Option<Pagination>,
    /// "1,234 stories"
    count: String,
    number: i64,
}

impl<'a> Desk<'a> {
    /// The desk for what was asked.
    fn new(conn: &'a mut AnyConnection, app: &'a App, path: String, query: String) -> Result<Self> {
        Ok(Self {
            site: app.site(conn)?,
            conn,
            now: app.clock.now(),
            app,
            path,
            query,
            lasts_a_minute: false,
            ranking: None,
            reads_page: false,
        })
    }

    /// What people read now, of the site or of a section; the page shows so many of it.
    fn popular(&mut self, section_id: Option<i64>, length: usize) -> Result<Vec<i64>> {
        self.lasts_a_minute = true;
        let ranked = self.app.popular.now(self.conn, section_id, self.now)?;
        self.ranking = Some(Ranking {
            section_id,
            length,
            article_ids: ranked.iter().take(length).copied().collect(),
            until: self.site.until,
        });
        Ok(ranked)
    }

    /// The articles that were read most in the window.
    fn ranked(&mut self, window: Window) -> Result<Arc<Vec<i64>>> {
        self.lasts_a_minute = true;
        self.app.popular.ranked(self.conn, window, None, self.now)
    }

    fn texts(&self) -> &'static Texts {
        self.site.locale.texts()
    }

    fn layout(&self, head: Head) -> Layout {
        Layout::new(self.app, &self.site, self.now, head)
    }

    /// The cards of the live ones among these articles, by id.
    fn cards(&mut self, ids: &[i64]) -> Result<Cards> {
        Ok(self.site.cards(self.conn, ids, self.now)?)
    }

    /// Which page of a list was asked for. Only pages that there could be: 404 otherwise.
    fn page_number(&mut self) -> Result<i64> {
        self.reads_page = true;
        let mut number = 1;
        for (name, value) in url::form_urlencoded::parse(self.query.as_bytes()) {
            if name == "page" {
                let plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
                number = value
                    .parse()
                    .ok()
                    .filter(|n| plain && *n > 0)
                    .ok_or(Error::NotFound)?;
                // The first page has one address.
                if number == 1 || value.starts_with('0') {
                    return Err(Error::Moved(pagination::url(&self.path, number)));
                }
            }
        }
        Ok(number)
    }

    /// The page that was asked for of a river, or of the part of it that lies in `period`.
    fn list(&mut self, source: river::Source, period: river::Period) -> Result<StoryList> {
        Ok(self.list_and_cards(source, period, &[])?.0)
    }

    /// The same, and the cards of `others` that the page shows besides: one query brings all.
    fn list_and_cards(
        &mut self,
        source: river::Source,
        period: river::Period,
        others: &[i64],
    ) -> Result<(StoryList, Cards)> {
        let number = self.page_number()?;
        let now = self.now.naive_utc();
        let time_zone = self.site.locale.time_zone();
        let page = river::page(self.conn, source, period, time_zone, now, number, PAGE_SIZE)?
            .ok_or(Error::NotFound)?;
        let ids: Vec<i64> = page.article_ids.iter().chain(others).copied().collect();
        let cards = self.cards(&ids)?;
        let locale = &self.site.locale;
        let list = StoryList {
            cards: page
                .article_ids
                .iter()
                .filter_map(|id| cards.get(id))
                .map(|card| Card::new(card, &self.site, Place::Thumbnail))
                .collect(),
            pagination: Pagination::new(&self.site, &self.path, number, page.pages),
            count: locale.count(&locale.texts().stories, page.entries),
            number,
        };
        Ok((list, cards))
    }

    /// A list's title with the number of the page, if it is not the first.
    fn title_of_page(&self, title: &str, number: i64) -> String {
        if number == 1 {
            return title.to_owned();
        }
        let number = self.site.locale.number(number);
        format!("{title} – {}", fill(&self.texts().page, &[("n", &number)]))
    }
}

/// The first `limit` cards of `ids` that are there and that no earlier call took.
fn take<'c>(
    cards: &'c Cards,
    ids: &[i64],
    taken: &mut HashSet<i64>,
    limit: usize,
) -> Vec<&'c models::article::Card> {
    let mut chosen = Vec::with_capacity(limit);
    for card in ids.iter().filter_map(|id| cards.get(id)) {
        if chosen.len() == limit {
            break;
        }
        if taken.insert(card.id) {
            chosen.push(card.as_ref());
        }
    }
    chosen
}
