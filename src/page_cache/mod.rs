//! Whole answers kept in memory: bounded in bytes, made once however many ask, and never served when
//! something has changed that they show.
//!
//! A page is fresh while the site version is the one that it was made from, and until the moment at
//! which time alone changes it. Which pages there may be, and what they say, is not decided here.

mod answer;
mod encoding;
mod file;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use actix_web::http::header::{HeaderName, HeaderValue};
use chrono::{DateTime, Utc};
use quick_cache::{Weighter, sync::Cache};
use tokio::sync::{Notify, Semaphore, watch};

pub use answer::{Answer, Asked, HTTP_DATE, Headers, Ready, Reply};
pub use encoding::{Accepted, Effort, Encoding};
pub use file::BodyFile;

use crate::{metrics::OfPage, tally::Tally};

/// A page is about this large with its compressed bodies, in bytes: from it follows how many there are.
const USUAL_WEIGHT: u64 = 32 * 1_024;
/// So many pages wait to be compressed strongly; what comes beyond is asked for again by its next reader.
const WAITING: usize = 256;
/// For so many seconds after a page could not be made, stale ones are served at once.
const TROUBLE: i64 = 2;

/// A kept page.
pub struct Page {
    pub answer: Answer,
    /// The article whose view this is.
    pub article_id: Option<i64>,
    /// The site version that it was made from.
    pub version: i64,
    /// From this moment on it has to be made anew.
    pub until: DateTime<Utc>,
    /// Whether it is the same whatever stands behind the question mark.
    pub ignores_query: bool,
    /// What it is, in a word of the metrics.
    pub kind: &'static str,
    /// What counts the requests that it answers.
    pub requests: Option<OfPage>,
    /// The ranking that it shows, if nothing else of it changes with the minute.
    pub ranking: Option<Ranking>,
    /// Whether somebody was served it from memory.
    was_served: AtomicBool,
    /// Whether it is being made anew while readers are sent it.
    is_made_anew: AtomicBool,
}

/// The beginning of a ranking, which is made anew every minute and mostly stays what it was.
#[derive(Clone)]
pub struct Ranking {
    /// Of a section; otherwise of the whole site.
    pub section_id: Option<i64>,
    /// How many articles it shows, if there are as many.
    pub length: usize,
    pub article_ids: Vec<i64>,
    /// From this moment on time changes more of the page.
    pub until: DateTime<Utc>,
}

impl Page {
    pub fn new(answer: Answer, version: i64, until: DateTime<Utc>) -> Self {
        Self {
            answer,
            article_id: None,
            version,
            until,
            ignores_query: false,
            kind: "page",
            requests: None,
            ranking: None,
            was_served: AtomicBool::new(false),
            is_made_anew: AtomicBool::new(false),
        }
    }

    pub fn is_fresh(&self, version: i64, now: DateTime<Utc>) -> bool {
        self.is_of(version) && now < self.until
    }

    /// Whether it was made from what the site is in this version.
    pub fn is_of(&self, version: i64) -> bool {
        self.version >= version
    }

    /// Has it made anew by whoever is told `true`: the first of those who are sent it old.
    pub fn begin_renewal(&self) -> bool {
        !self.is_made_anew.swap(true, Ordering::Relaxed)
    }

    /// The same page, which is true for longer than was known.
    pub fn renewed(&self, until: DateTime<Utc>) -> Self {
        Self {
            until,
            ..self.with(self.answer.clone())
        }
    }

    /// The same page with another answer.
    fn with(&self, answer: Answer) -> Self {
        Self {
            answer,
            article_id: self.article_id,
            version: self.version,
            until: self.until,
            ignores_query: self.ignores_query,
            kind: self.kind,
            requests: self.requests.clone(),
            ranking: self.ranking.clone(),
            // Its next reader may take another encoding.
            was_served: AtomicBool::new(false),
            is_made_anew: AtomicBool::new(false),
        }
    }
}

#[derive(Clone)]
struct ByWeight;

impl Weighter<String, Arc<Page>> for ByWeight {
    fn weight(&self, key: &String, page: &Arc<Page>) -> u64 {
        (page.answer.weight() + key.len()) as u64
    }
}

pub struct PageCache {
    pages: Cache<String, Arc<Page>, ByWeight>,
    /// The pages that are being made, with what tells that they are done.
    making: Mutex<HashMap<String, watch::Receiver<()>>>,
    /// One page at a time is made anew while readers are sent what it was.
    pub renewing: Semaphore,
    /// The headers that pages carry: of thousands of pages, most carry the same.
    headers: Mutex<Vec<Headers>>,
    to_compress: Mutex<VecDeque<(String, Arc<Page>, Encoding)>>,
    /// Allow bodies to be files.
    files: Arc<Semaphore>,
    /// Tells that there is something to compress.
    pub compress: Notify,
    /// When a page could not be made last, in seconds.
    trouble: AtomicI64,
    hits: Tally,
    misses: Tally,
}

/// Who makes a page that is not there.
pub enum Turn<'c> {
    /// Whoever gets this, until it is dropped.
    Ours(Making<'c>),
    /// Somebody else has made it, or tried to.
    Theirs,
}

/// The right to make a page; others who want it wait until this is dropped.
pub struct Making<'c> {
    cache: &'c PageCache,
    key: String,
    _done: watch::Sender<()>,
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        lock(&self.cache.making).remove(&self.key);
    }
}

impl PageCache {
    /// Keeps at most about so many bytes.
    pub fn new(bytes: u64) -> Self {
        let pages = usize::try_from(bytes / USUAL_WEIGHT).unwrap_or(usize::MAX);
        Self {
            pages: Cache::with_weighter(pages.max(16), bytes, ByWeight),
            making: Mutex::default(),
            renewing: Semaphore::new(1),
            headers: Mutex::default(),
            to_compress: Mutex::default(),
            files: BodyFile::permits(),
            compress: Notify::new(),
            trouble: AtomicI64::new(i64::MIN),
            hits: Tally::default(),
            misses: Tally::default(),
        }
    }

    /// What is kept, fresh or not.
    pub fn get(&self, key: &str) -> Option<Arc<Page>> {
        self.pages.get(key)
    }

    pub fn keep(&self, key: String, page: Arc<Page>) {
        self.pages.insert(key, page);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.pages.clear();
    }

    /// The same headers, in the one place where all pages have them that carry these. They stay there: it is for
    /// what many pages carry, not for what names one of them.
    pub fn in_one_place(&self, headers: Vec<(HeaderName, HeaderValue)>) -> Headers {
        let mut known = lock(&self.headers);
        if let Some(same) = known.iter().find(|known| known[..] == headers[..]) {
            return same.clone();
        }
        let headers = Headers::from(headers);
        known.push(headers.clone());
        headers
    }

    /// How many bytes are kept.
    pub fn bytes(&self) -> u64 {
        self.pages.weight()
    }

    /// How many pages are kept.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits while somebody else makes this page, or gives the right to.
    pub async fn turn(&self, key: &str) -> Turn<'_> {
        let mut theirs = {
            let mut making = lock(&self.making);
            match making.get(key) {
                Some(theirs) => theirs.clone(),
                None => {
                    let (done, theirs) = watch::channel(());
                    making.insert(key.to_owned(), theirs);
                    return Turn::Ours(Making {
                        cache: self,
                        key: key.to_owned(),
                        _done: done,
                    });
                }
            }
        };
        // Nothing is ever sent: this ends with an error, which is the sender being gone.
        let _ = theirs.changed().await;
        Turn::Theirs
    }

    /// Counts that a page was served from memory, and sees to it that readers after the first get it
    /// compressed as well as can be; those who take it plain only, from a file.
    pub fn served(&self, key: &str, page: &Arc<Page>, accepted: Accepted) {
        self.hits.add();
        let Some(encoding) = page.answer.missing(accepted) else {
            return;
        };
        if page.was_served.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut waiting = lock(&self.to_compress);
        if waiting.len() < WAITING {
            waiting.push_back((key.to_owned(), page.clone(), encoding));
            drop(waiting);
            self.compress.notify_one();
        } else {
            page.was_served.store(false, Ordering::Relaxed);
        }
    }

    /// Compresses the page that waits longest, or makes a file of it. `false` if none waits. Takes milliseconds: it
    /// is work for the blocking pool.
    pub fn compress_one(&self) -> bool {
        let Some((key, page, encoding)) = lock(&self.to_compress).pop_front() else {
            return false;
        };
        let better = match encoding {
            Encoding::Plain => page.answer.filed(&self.files),
            _ => page.answer.encoded(encoding, Effort::Strong).map(Some),
        };
        match better {
            Ok(None) => {}
            Ok(Some(answer)) => {
                // It may have been replaced meanwhile.
                if self.get(&key).is_some_and(|kept| Arc::ptr_eq(&kept, &page)) {
                    self.keep(key, Arc::new(page.with(answer)));
                }
            }
            Err(error) if encoding == Encoding::Plain => {
                // It would be the same with the next.
                self.files.close();
                tracing::warn!(%error, "plain pages are copied from now on: one could not become a file");
            }
            Err(error) => tracing::warn!(%error, "a page could not be compressed"),
        }
        true
    }

    /// Notes that a page had to be made.
    pub fn missed(&self) {
        self.misses.add();
    }

    /// How often a page was served from memory, and how often it had to be made.
    pub fn counts(&self) -> (u64, u64) {
        (self.hits.total(), self.misses.total())
    }

    /// Notes that a page could not be made.
    pub fn note_trouble(&self, now: DateTime<Utc>) {
        self.trouble.store(now.timestamp(), Ordering::Relaxed);
    }

    /// Whether pages cannot be made at the moment: then readers need not wait to be told so.
    pub fn in_trouble(&self, now: DateTime<Utc>) -> bool {
        let since = now
            .timestamp()
            .saturating_sub(self.trouble.load(Ordering::Relaxed));
        (0..TROUBLE).contains(&since)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is locked here is whole at every moment.
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn page(bytes: usize, version: i64) -> Arc<Page> {
        let until = Utc::now() + TimeDelta::hours(1);
        Arc::new(Page::new(
            Answer::new(vec![b'x'; bytes], Vec::new()),
            version,
            until,
        ))
    }

    #[test]
    fn a_page_is_fresh_until_its_time_and_while_nothing_changed() {
        let now = Utc::now();
        let page = page(10, 7);
        assert!(page.is_fresh(7, now));
        assert!(!page.is_fresh(8, now));
        assert!(!page.is_fresh(7, page.until));
    }

    #[test]
    fn it_stays_within_its_bytes_and_a_walk_through_the_archive_leaves_what_is_read() {
        let cache = PageCache::new(4 << 20);
        for hot in 0..20 {
            cache.keep(format!("/hot/{hot}"), page(20_000, 1));
        }
        for old in 0..5_000 {
            for hot in 0..20 {
                cache.get(&format!("/hot/{hot}"));
            }
            cache.keep(format!("/old/{old}"), page(20_000, 1));
        }
        assert!(cache.bytes() <= 4 << 20, "{}", cache.bytes());
        let kept = (0..20).filter(|hot| cache.get(&format!("/hot/{hot}")).is_some());
        assert!(kept.count() >= 18);
    }

    #[actix_web::test]
    async fn one_makes_a_page_while_the_others_wait() {
        let cache = PageCache::new(1 << 20);
        let Turn::Ours(making) = cache.turn("/").await else {
            panic!("nobody else is making it");
        };
        let others = futures_util::future::join_all((0..10).map(|_| cache.turn("/")));
        let made = async {
            cache.keep("/".to_owned(), page(10, 1));
            drop(making);
        };
        let (turns, ()) = futures_util::future::join(others, made).await;
        assert!(turns.iter().all(|turn| matches!(turn, Turn::Theirs)));
        assert!(matches!(cache.turn("/").await, Turn::Ours(_)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_large_page_that_is_asked_for_plain_becomes_a_file_as_well_while_there_may_be_more() {
        let mut cache = PageCache::new(1 << 20);
        cache.files = Arc::new(Semaphore::new(1));
        for (path, bytes, becomes_file) in [
            ("/small", 1_000, false),
            ("/large", 20_000, true),
            ("/larger", 30_000, false),
            ("/too-large", 100_000, false),
        ] {
            cache.keep(path.to_owned(), page(bytes, 1));
            // Neither is it tried with each request.
            for is_waiting in [BodyFile::is_worth_it(bytes), false] {
                let kept = cache.get(path).unwrap();
                cache.served(path, &kept, Accepted::default());
                assert_eq!(cache.compress_one(), is_waiting, "{path}");
            }
            let weight = cache.get(path).unwrap().answer.weight() - 1_024;
            assert_eq!(weight / bytes, 1 + usize::from(becomes_file), "{path}");
        }
        cache.clear();
        assert_eq!(cache.files.available_permits(), 1);
    }
}
