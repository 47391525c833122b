//! What a handler can reach: database, pictures, view counter, clock, configuration.

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use actix_web::http::header::{HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;

use crate::{
    config::Config,
    db::{self, AnyConnection, Db, OpenError},
    error::Result,
    media::Store,
    metrics::Metrics,
    miss_counter::MissCounter,
    page_cache::PageCache,
    parallel::Lane,
    popular::Popular,
    site::Site,
    transfer::backup,
    view_counter::ViewCounter,
    web::{assets::Assets, headers},
};

/// So many pictures are decoded at a time.
const DECODING: usize = 2;

pub struct App {
    pub config: Config,
    /// The site's public address, without a slash at the end.
    pub base_url: String,
    /// The host that requests have to name, with its port if that is an unusual one; `None` until the
    /// public address is set.
    pub host: Option<String>,
    pub db: Db,
    pub media: Store,
    /// Where pictures are decoded: few at a time, or a handful of uploads would take all memory.
    pub decoding: Lane,
    /// Wakes the job that finishes pictures.
    pub media_changed: Notify,
    pub views: ViewCounter,
    pub missed_paths: MissCounter,
    /// What was searched for and not found.
    pub missed_words: MissCounter,
    pub popular: Popular,
    pub pages: PageCache,
    pub metrics: Metrics,
    pub clock: Clock,
    pub assets: Assets,
    /// The headers that every answer carries.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    site: RwLock<Option<Arc<Site>>>,
    backups: RwLock<backup::Condition>,
}

impl App {
    /// Opens the database and everything else that is needed to answer. `base_url` is used unless
    /// the configuration has one.
    pub fn open(config: Config, base_url: &str) -> Result<Self, OpenError> {
        // Enough readers to keep every core busy, with some to spare for those that wait for I/O.
        let readers = u32::try_from(config.workers * 2)
            .unwrap_or(u32::MAX)
            .clamp(4, 64);
        let base_url = config
            .base_url
            .as_ref()
            .map_or(base_url, |url| url.as_str());
        Ok(Self {
            db: Db::open(&config.database_url, readers)?,
            media: Store::new(config.data_dir.join("media")),
            decoding: Lane::new("pictures", DECODING),
            media_changed: Notify::new(),
            host: config.base_url.as_ref().and_then(|url| {
                let host = url.host_str()?;
                Some(match url.port() {
                    Some(port) => format!("{host}:{port}"),
                    None => host.to_owned(),
                })
            }),
            headers: headers::always(base_url.starts_with("https:")),
            base_url: base_url.trim_end_matches('/').to_owned(),
            views: ViewCounter::default(),
            missed_paths: MissCounter::default(),
            missed_words: MissCounter::default(),
            popular: Popular::default(),
            pages: PageCache::new(config.page_cache_bytes),
            metrics: Metrics::default(),
            clock: Clock::default(),
            assets: Assets::load(),
            site: RwLock::new(None),
            backups: RwLock::default(),
            config,
        })
    }

    /// Whether the site's public address is https.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https:")
    }

    /// The publication as it stands in the database now: one query, more if it was changed.
    pub fn site(&self, conn: &mut AnyConnection) -> Result<Arc<Site>> {
        let version = db::site_version(conn)?;
        // Another process may have raised it: what was kept before is known to be old now.
        self.db.note(version);
        let now = self.clock.now();
        if let Some(site) = self
            .last_known_site()
            .filter(|site| site.version == version && site.holds_at(now))
        {
            return Ok(site);
        }
        let site = Arc::new(Site::load(conn, version, now)?);
        // A lock that is poisoned holds a whole value still: it is only ever replaced.
        *self
            .site
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(site.clone());
        Ok(site)
    }

    /// How the backups are that this process makes.
    pub fn backups(&self) -> backup::Condition {
        self.backups
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    /// Notes how they are.
    pub fn set_backups(&self, change: impl FnOnce(&mut backup::Condition)) {
        change(
            &mut self
                .backups
                .write()
                .unwrap_or_else(|poisoned| poisoned.into_inner()),
        );
    }

    /// The publication as it was when it was last asked for, if ever: for pages that have to do
    /// without the database.
    pub fn last_known_site(&self) -> Option<Arc<Site>> {
        self.site
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }
}

/// The time. Tests can move it on.
#[derive(Default)]
pub struct Clock {
    /// In seconds.
    ahead: AtomicI64,
}

impl Clock {
    /// Now, in whole seconds: the precision in which times are stored.
    pub fn now(&self) -> DateTime<Utc> {
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let seconds = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
        let ahead = self.ahead.load(Ordering::Relaxed);
        DateTime::from_timestamp(seconds.saturating_add(ahead), 0).unwrap_or_default()
    }

    /// Moves the clock on.
    pub fn advance(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_seconds(), Ordering::Relaxed);
    }
}
