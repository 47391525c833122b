//! The page store: cached pages, bounded in bytes, and the queue of those to compress at best effort.

use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use quick_cache::{Weighter, sync::Cache};
use tokio::sync::Notify;

use super::{
    cache_control::SharedLifetime,
    encoding::{Accepted, Effort, Encoding},
    query::{self, PAGE},
    response::CachedResponse,
};
use crate::{metrics::CachedRequests, sharded_counter::ShardedCounter};

/// Typical size of a page with its compressed bodies, in bytes: sizes the cache's tables.
const TYPICAL_PAGE: u64 = 32 * 1_024;
/// Capacity of the compression queue. A page that finds it full is queued by a later request.
const COMPRESSION_QUEUE: usize = 256;

/// A cached page.
pub struct CachedPage {
    pub response: CachedResponse,
    /// The article whose views the page's requests are.
    pub article_id: Option<i64>,
    /// The site version that it was rendered from.
    pub version: i64,
    /// When it becomes stale by time alone.
    pub expires_at: DateTime<Utc>,
    /// How long shared caches may keep it.
    pub shared: SharedLifetime,
    /// The query parameters that it depends on.
    pub parameters: &'static [&'static str],
    /// Its label in metrics and log.
    pub kind: &'static str,
    /// Counts the requests that it serves from memory.
    pub requests: Option<CachedRequests>,
    /// The ranking that it shows, if it is revalidated by comparing rankings.
    pub ranking: Option<Ranking>,
    was_served: AtomicBool,
    is_revalidating: AtomicBool,
}

/// The first articles of a ranking, which is computed every minute and mostly stays the same.
#[derive(Clone)]
pub struct Ranking {
    /// The section that is ranked; `None` for the site.
    pub section_id: Option<i64>,
    /// How many articles the page shows at most.
    pub length: usize,
    pub article_ids: Vec<i64>,
    /// When time changes more of the page than its ranking.
    pub expires_at: DateTime<Utc>,
}

impl CachedPage {
    pub fn new(response: CachedResponse, version: i64, expires_at: DateTime<Utc>) -> Self {
        Self {
            response,
            article_id: None,
            version,
            expires_at,
            shared: SharedLifetime::NONE,
            parameters: &[],
            kind: "page",
            requests: None,
            ranking: None,
            was_served: AtomicBool::new(false),
            is_revalidating: AtomicBool::new(false),
        }
    }

    /// Whether it may be served without revalidation.
    pub fn is_fresh(&self, version: i64, now: DateTime<Utc>) -> bool {
        self.is_current(version) && now < self.expires_at
    }

    /// Whether it was rendered from this site version or a later one.
    pub fn is_current(&self, version: i64) -> bool {
        self.version >= version
    }

    /// Returns `true` to the first caller only, which has to revalidate the page.
    pub fn begin_revalidation(&self) -> bool {
        !self.is_revalidating.swap(true, Ordering::Relaxed)
    }

    /// The same page with a later expiry.
    pub fn extended(&self, expires_at: DateTime<Utc>) -> Self {
        Self {
            expires_at,
            ..self.with_response(self.response.clone())
        }
    }

    fn with_response(&self, response: CachedResponse) -> Self {
        Self {
            response,
            article_id: self.article_id,
            version: self.version,
            expires_at: self.expires_at,
            shared: self.shared,
            parameters: self.parameters,
            kind: self.kind,
            requests: self.requests.clone(),
            ranking: self.ranking.clone(),
            // The next client may accept an encoding that is still missing.
            was_served: AtomicBool::new(false),
            is_revalidating: AtomicBool::new(false),
        }
    }
}

#[derive(Clone)]
struct ByMemoryUse;

impl Weighter<String, Arc<CachedPage>> for ByMemoryUse {
    fn weight(&self, key: &String, page: &Arc<CachedPage>) -> u64 {
        (page.response.memory_use() + key.len()) as u64
    }
}

/// Cached pages by key.
pub struct PageStore {
    pages: Cache<String, Arc<CachedPage>, ByMemoryUse>,
    to_compress: Mutex<VecDeque<(String, Arc<CachedPage>, Encoding)>>,
    /// Notified when there is a page to compress.
    pub compress: Notify,
    hits: ShardedCounter,
    misses: ShardedCounter,
}

impl PageStore {
    /// A store that holds at most about `bytes`.
    pub fn new(bytes: u64) -> Self {
        let pages = usize::try_from(bytes / TYPICAL_PAGE).unwrap_or(usize::MAX);
        Self {
            pages: Cache::with_weighter(pages.max(16), bytes, ByMemoryUse),
            to_compress: Mutex::default(),
            compress: Notify::new(),
            hits: ShardedCounter::default(),
            misses: ShardedCounter::default(),
        }
    }

    /// The page stored under a key, fresh or stale.
    pub fn get(&self, key: &str) -> Option<Arc<CachedPage>> {
        self.pages.get(key)
    }

    /// The page that answers a request, fresh or stale, and its key.
    pub fn lookup<'p>(
        &self,
        path: &'p str,
        query: &str,
    ) -> Option<(Cow<'p, str>, Arc<CachedPage>)> {
        let page = self.pages.get(path);
        if query.is_empty() {
            return Some((path.into(), page?));
        }
        if let Some(page) = page {
            if !query::contains(query, page.parameters) {
                return Some((path.into(), page));
            }
            if page.parameters.iter().any(|name| *name != PAGE) {
                return None;
            }
        }
        // The path alone was looked up above.
        let key = query::key(path, query, &[PAGE]).filter(|key| key.len() != path.len())?;
        let page = self.pages.get(&key)?;
        Some((key.into(), page))
    }

    pub fn insert(&self, key: String, page: Arc<CachedPage>) {
        self.pages.insert(key, page);
    }

    /// Removes all pages.
    pub fn clear(&self) {
        self.pages.clear();
    }

    /// Memory use of all pages, in bytes.
    pub fn memory_use(&self) -> u64 {
        self.pages.weight()
    }

    /// How many pages are stored.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Counts a hit, and queues the page for compression if it was served before without the client's best encoding.
    pub fn record_hit(&self, key: &str, page: &Arc<CachedPage>, accepted: Accepted) {
        self.hits.add();
        let Some(encoding) = page.response.missing_encoding(accepted) else {
            return;
        };
        if page.was_served.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut queue = self.to_compress.lock();
        if queue.len() < COMPRESSION_QUEUE {
            queue.push_back((key.to_owned(), page.clone(), encoding));
            drop(queue);
            self.compress.notify_one();
        } else {
            page.was_served.store(false, Ordering::Relaxed);
        }
    }

    pub fn record_miss(&self) {
        self.misses.add();
    }

    /// Hits and misses since the process started.
    pub fn counts(&self) -> (u64, u64) {
        (self.hits.total(), self.misses.total())
    }

    /// Compresses the oldest page in the queue at best effort; returns `false` if the queue is empty. Takes
    /// milliseconds: not for an async thread.
    pub fn compress_next(&self) -> bool {
        let Some((key, page, encoding)) = self.to_compress.lock().pop_front() else {
            return false;
        };
        match page.response.with_encoding(encoding, Effort::Best) {
            Ok(response) => {
                // The page may have been replaced meanwhile.
                if self
                    .get(&key)
                    .is_some_and(|stored| Arc::ptr_eq(&stored, &page))
                {
                    self.insert(key, Arc::new(page.with_response(response)));
                }
            }
            Err(error) => tracing::warn!(%error, "could not compress a page"),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn page(bytes: usize, version: i64) -> Arc<CachedPage> {
        let expires_at = Utc::now() + TimeDelta::hours(1);
        Arc::new(CachedPage::new(
            CachedResponse::new(vec![b'x'; bytes], Vec::new()),
            version,
            expires_at,
        ))
    }

    #[test]
    fn a_page_is_fresh_until_it_expires_or_the_site_changes() {
        let now = Utc::now();
        let page = page(10, 7);
        assert!(page.is_fresh(7, now));
        assert!(!page.is_fresh(8, now));
        assert!(!page.is_fresh(7, page.expires_at));
    }

    #[test]
    fn a_crawl_of_the_archive_does_not_evict_popular_pages() {
        let store = PageStore::new(4 << 20);
        for hot in 0..20 {
            store.insert(format!("/hot/{hot}"), page(20_000, 1));
        }
        for old in 0..5_000 {
            for hot in 0..20 {
                store.get(&format!("/hot/{hot}"));
            }
            store.insert(format!("/old/{old}"), page(20_000, 1));
        }
        assert!(store.memory_use() <= 4 << 20, "{}", store.memory_use());
        let stored = (0..20).filter(|hot| store.get(&format!("/hot/{hot}")).is_some());
        assert!(stored.count() >= 18);
    }

    #[test]
    fn only_declared_parameters_select_another_page() {
        let store = PageStore::new(1 << 20);
        let with_parameters = |parameters: &'static [&'static str]| {
            Arc::new(CachedPage {
                parameters,
                ..CachedPage::new(CachedResponse::new("", Vec::new()), 1, Utc::now())
            })
        };
        store.insert("/article".to_owned(), with_parameters(&[]));
        store.insert("/list".to_owned(), with_parameters(&[PAGE]));
        store.insert("/list?page=2".to_owned(), with_parameters(&[PAGE]));
        store.insert("/".to_owned(), with_parameters(&["p", "page_id"]));
        for (path, query, key) in [
            ("/article", "page=2&utm_source=mail", Some("/article")),
            ("/list", "utm_source=mail", Some("/list")),
            ("/list", "page=2", Some("/list?page=2")),
            ("/list", "page=3", None),
            ("/", "utm_source=mail&page=2", Some("/")),
            ("/", "p=123", None),
        ] {
            let found = store.lookup(path, query).map(|(key, _)| key.into_owned());
            assert_eq!(found.as_deref(), key, "{path}?{query}");
        }
    }
}
