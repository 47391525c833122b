//! What a page is rendered from, and what rendering it returns.

use std::sync::Arc;

use actix_web::web::Bytes;
use askama::Template;
use chrono::{DateTime, Utc};

use super::{
    policy::{CachePolicy, Expiry},
    query::{PageQuery, QueryValues},
    store::Ranking,
};
use crate::{
    app::App,
    db::AnyConnection,
    error::{Error, Result},
    popular::Window,
    site::Site,
};

/// The content type of pages, as opposed to feeds, sitemaps and other files.
pub const HTML: &str = "text/html; charset=utf-8";

/// What a page is rendered from: a database connection in a read transaction, the site, the time, the path.
pub struct PageContext<'a> {
    pub conn: &'a mut AnyConnection,
    pub app: &'a App,
    pub site: Arc<Site>,
    pub now: DateTime<Utc>,
    /// As requested, percent-encoded.
    pub path: String,
    query: String,
    pub(super) parameters: &'static [&'static str],
    pub(super) expiry: Expiry,
    is_stored: bool,
    pub(super) ranking: Option<Ranking>,
}

impl<'a> PageContext<'a> {
    pub(super) fn new(
        conn: &'a mut AnyConnection,
        app: &'a App,
        path: String,
        query: String,
    ) -> Result<Self> {
        Ok(Self {
            site: app.site(conn)?,
            conn,
            now: app.clock.now(),
            app,
            path,
            query,
            parameters: &[],
            expiry: Expiry::SiteVersion,
            is_stored: false,
            ranking: None,
        })
    }

    /// For pages that are rendered outside of a request for their address, such as previews.
    pub fn uncached(conn: &'a mut AnyConnection, app: &'a App) -> Result<Self> {
        Self::new(conn, app, String::new(), String::new())
    }

    /// Makes `policy` the policy of the response, and reads the query parameters that it declares.
    ///
    /// # Errors
    /// Those of [`PageQuery::read`].
    pub fn apply<Q: PageQuery>(&mut self, policy: CachePolicy<Q>) -> Result<Q> {
        self.parameters = policy.parameters();
        self.expiry = policy.expiry;
        self.is_stored = policy.is_stored;
        Q::read(&QueryValues::new(&self.path, &self.query, self.parameters))
    }

    /// The redirect to a path of the site, which keeps the query.
    pub fn redirect_to(&self, path: &str) -> Error {
        Error::Moved(if self.query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", self.query)
        })
    }

    /// The articles currently read most, of the site or of a section. The page shows the first `length` of them beside
    /// its content, and declares [`CachePolicy::until_next_minute_if_popular`].
    pub fn popular(&mut self, section_id: Option<i64>, length: usize) -> Result<Vec<i64>> {
        debug_assert!(
            !self.is_stored || self.expiry == Expiry::NextMinuteIfRankingChanged,
            "{} does not declare that it shows Most Popular",
            self.path
        );
        let ranked = self.app.popular.now(self.conn, section_id, self.now)?;
        self.ranking = Some(Ranking {
            section_id,
            length,
            article_ids: ranked.iter().take(length).copied().collect(),
            expires_at: self.site.until,
        });
        Ok(ranked)
    }

    /// The articles read most in a window. The page declares [`CachePolicy::until_next_minute`].
    pub fn ranked(&mut self, window: Window) -> Result<Arc<Vec<i64>>> {
        debug_assert!(
            !self.is_stored || self.expiry == Expiry::NextMinute,
            "{} does not declare that it is a ranking",
            self.path
        );
        self.app.popular.ranked(self.conn, window, None, self.now)
    }
}

/// A rendered page.
pub struct RenderedPage {
    pub body: Bytes,
    pub content_type: &'static str,
    /// The article whose views the page's requests are.
    pub article_id: Option<i64>,
    /// When its article was published: CDNs may keep old articles longer.
    pub published_at: Option<DateTime<Utc>>,
    /// Whether it embeds players of other sites, which the content security policy has to allow.
    pub has_players: bool,
    /// `Link` headers: targets and relations.
    pub links: Vec<(String, &'static str)>,
}

impl RenderedPage {
    pub fn html(page: &impl Template) -> Result<Self> {
        Ok(Self::file(HTML, page.render()?))
    }

    /// A feed, a sitemap or another file for programs.
    pub fn file(content_type: &'static str, body: impl Into<Bytes>) -> Self {
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

/// The pages that are sent in place of another one.
pub struct ErrorPages {
    /// Rendered with status 404.
    pub not_found: fn(&mut PageContext<'_>) -> Result<RenderedPage>,
    /// Rendered with 5xx, without the database: content type and body.
    pub failure: fn(&App) -> (&'static str, String),
}
