//! HTTP cache: rendered pages in memory, in every encoding, served until they are stale.
//!
//! A page is fresh while the site version is the one that it was rendered from, and until the moment at which time alone
//! changes it; its [`CachePolicy`] says what else makes it stale. A stale page is rendered by one request while concurrent
//! ones wait (single flight). After a deferred write it is served stale while it is revalidated, and when the database
//! fails it is served stale as well, unless something was withdrawn since.

mod cache_control;
mod encoding;
mod headers;
mod middleware;
mod page;
mod policy;
mod query;
mod respond;
mod response;
mod single_flight;
mod store;

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

pub use encoding::{Accepted, Effort, Encoding};
pub use headers::PageHeaders;
pub use middleware::{CacheMiddleware, fast_path_lookup};
pub use page::{ErrorPages, HTML, PageContext, RenderedPage};
pub use policy::CachePolicy;
pub use query::{NoQuery, PageNumber, PageQuery, QueryValues, UnresolvedQuery};
pub use respond::{respond_cached, respond_uncached};
pub use response::{CachedResponse, Headers, RequestConditions, SelectedResponse};
pub use store::{CachedPage, PageStore};

use crate::{
    app::App,
    web::{head::RequestParts, visitor},
};
use single_flight::SingleFlightGroup;

/// After a page could not be rendered, stale pages are served without another attempt for this long, in seconds.
const FAILURE_BACKOFF: i64 = 2;

/// The cache with the application that it renders pages of.
pub struct HttpCache {
    pub app: Arc<App>,
    pub store: PageStore,
    pub headers: PageHeaders,
    error_pages: ErrorPages,
    renderings: SingleFlightGroup,
    /// One page at a time is revalidated in the background.
    revalidations: Semaphore,
    /// When a page could not be rendered last, in seconds since 1970.
    last_failure: AtomicI64,
    is_stopping: AtomicBool,
}

impl HttpCache {
    pub fn new(app: Arc<App>, error_pages: ErrorPages) -> Self {
        Self {
            store: PageStore::new(app.config.page_cache_mb << 20),
            headers: PageHeaders::new(app.is_https(), app.config.shared_max_age),
            error_pages,
            renderings: SingleFlightGroup::default(),
            revalidations: Semaphore::new(1),
            last_failure: AtomicI64::new(i64::MIN),
            is_stopping: AtomicBool::new(false),
            app,
        }
    }

    /// From now on every response says `Connection: close`, as the server stops.
    pub fn close_connections(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the server stops.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Selects what to send of a cached page, and counts the hit and the view.
    fn serve<'p>(
        &self,
        request: &impl RequestParts,
        key: &str,
        page: &'p Arc<CachedPage>,
        now: DateTime<Utc>,
    ) -> SelectedResponse<'p> {
        let conditions = RequestConditions::new(request);
        self.store.record_hit(key, page, conditions.accepted);
        self.count_view(request, page.article_id, now);
        page.response
            .select(conditions)
            .with_cache_control(page.shared.limited(now))
    }

    fn count_view(&self, request: &impl RequestParts, article_id: Option<i64>, now: DateTime<Utc>) {
        if let Some(article_id) = article_id {
            let views = &self.app.views;
            match visitor::reader(&self.app, request) {
                Some(reader) => views.count(article_id, &reader, now, || {
                    visitor::person(&self.app, request, &reader)
                }),
                None => views.pass_over(),
            }
        }
    }

    /// Notes that the database failed while a page was rendered.
    fn record_failure(&self, now: DateTime<Utc>) {
        self.last_failure.store(now.timestamp(), Ordering::Relaxed);
    }

    /// Whether the database failed within the last [`FAILURE_BACKOFF`].
    fn is_failing(&self, now: DateTime<Utc>) -> bool {
        let since = now
            .timestamp()
            .saturating_sub(self.last_failure.load(Ordering::Relaxed));
        (0..FAILURE_BACKOFF).contains(&since)
    }
}
