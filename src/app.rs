//! The application state that handlers and jobs share: database, media store, counters, clock, configuration.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::SystemTime,
};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use parking_lot::RwLock;
use tokio::sync::{Mutex, Notify};
use url::Url;

use crate::{
    assets::Assets,
    config::Config,
    data_folder::DataFolder,
    db::{self, AnyConnection, Db, OpenError, PublishThrottle},
    error::{Error, Result},
    locale::Locale,
    media::{MemoryBudget, Store},
    metrics::Metrics,
    models::feed,
    not_found_counter::NotFoundCounter,
    parallel::WorkerPool,
    popular::Popular,
    site::Site,
    transfer::{backup, queue::ImportQueue},
    view_counter::ViewCounter,
};

/// Threads that decode uploaded pictures.
const DECODING_THREADS: u32 = 2;

/// The application state.
pub struct App {
    pub config: Config,
    /// The site's public address, without a trailing slash.
    pub base_url: String,
    /// The host that requests must name, with its port if that is not the default; `None` if no public address is
    /// configured.
    pub host: Option<String>,
    /// The host in the ids of feeds and their items: that of the site's address at the first start of the server.
    pub feed_authority: String,
    pub db: Db,
    pub media: Store,
    /// Decodes uploaded pictures: few at a time, as each takes much memory.
    pub decoding: WorkerPool,
    /// The memory that decoding may take.
    pub picture_memory: MemoryBudget,
    /// Wakes the job that derives picture sizes.
    pub media_changed: Notify,
    /// When the job that updates the search index publishes its changes; locked while the job runs.
    pub index_throttle: Mutex<PublishThrottle>,
    /// Imports that wait for their job.
    pub imports: ImportQueue,
    pub views: ViewCounter,
    /// Paths that answered 404.
    pub missed_paths: NotFoundCounter,
    /// Searches without results.
    pub missed_words: NotFoundCounter,
    pub popular: Popular,
    pub metrics: Metrics,
    pub clock: Clock,
    pub assets: Assets,
    site: RwLock<Option<Arc<Site>>>,
    backups: RwLock<backup::Condition>,
    /// Locked as long as the application uses it.
    data_folder: DataFolder,
}

impl App {
    /// Opens the database and everything else. `base_url` is used unless the configuration has one.
    pub fn open(config: Config, base_url: &str) -> Result<Self, OpenError> {
        // Two connections per worker: some of them wait for I/O.
        let readers = u32::try_from(config.workers * 2)
            .unwrap_or(u32::MAX)
            .clamp(4, 64);
        let base_url = config
            .base_url
            .as_ref()
            .map_or(base_url, |url| url.as_str());
        let data_folder = DataFolder::open(&config)?;
        let db = Db::open(&config.database_url, readers)?;
        let authority: Result<_> = db.read_blocking(|conn| Ok(feed::authority(conn)?));
        Ok(Self {
            feed_authority: authority
                .map_err(OpenError::Read)?
                .unwrap_or_else(|| host_of(base_url)),
            db,
            media: Store::new(config.data_dir.join("media")),
            decoding: WorkerPool::new("pictures", DECODING_THREADS),
            picture_memory: MemoryBudget::megabytes(config.picture_memory_mb),
            media_changed: Notify::new(),
            index_throttle: Mutex::default(),
            imports: ImportQueue::default(),
            host: config.base_url.as_ref().and_then(|url| {
                let host = url.host_str()?;
                Some(match url.port() {
                    Some(port) => format!("{host}:{port}"),
                    None => host.to_owned(),
                })
            }),
            base_url: base_url.trim_end_matches('/').to_owned(),
            views: ViewCounter::default(),
            missed_paths: NotFoundCounter::default(),
            missed_words: NotFoundCounter::default(),
            popular: Popular::default(),
            metrics: Metrics::default(),
            clock: Clock::default(),
            assets: Assets::load(),
            site: RwLock::new(None),
            backups: RwLock::default(),
            data_folder,
            config,
        })
    }

    /// Stores the authority of the feeds, unless there is one already: at the first start of the server.
    pub fn keep_feed_authority(&mut self) {
        let stored: Result<_> = self.db.read_blocking(|conn| Ok(feed::authority(conn)?));
        let kept = stored.and_then(|stored| match stored {
            // Usually there is nothing to write, so that the server also starts when the disk is full.
            Some(authority) => Ok(authority),
            None => self.db.write_unversioned_blocking(|conn| {
                Ok(feed::keep_authority(conn, &self.feed_authority)?)
            }),
        });
        match kept {
            Ok(authority) => self.feed_authority = authority,
            Err(error) => tracing::error!(
                %error,
                "could not store the authority of the feeds; the next start tries again"
            ),
        }
    }

    /// Checks that the data folder and a SQLite file are still the ones that were opened: what is written to a deleted
    /// file is lost.
    ///
    /// # Errors
    /// [`Error::DataReplaced`].
    pub fn check_data(&self) -> Result<()> {
        self.db.check_file()?;
        self.data_folder
            .check()
            .map_err(|path| Error::DataReplaced(path.display().to_string()))
    }

    /// Whether the site's public address is https.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https:")
    }

    /// The current site: one query for its version, and more if it has changed.
    pub fn site(&self, conn: &mut AnyConnection) -> Result<Arc<Site>> {
        let version = db::site_version(conn)?;
        // Another process may have raised it.
        self.db.observe_version(version);
        let now = self.clock.now();
        if let Some(site) = self
            .last_known_site()
            .filter(|site| site.version == version && site.holds_at(now))
        {
            return Ok(site);
        }
        let site = Arc::new(Site::load(conn, version, now)?);
        // A poisoned lock holds a consistent value: it is only ever replaced.
        *self.site.write() = Some(site.clone());
        Ok(site)
    }

    /// The state of this process's scheduled backups.
    pub fn backups(&self) -> backup::Condition {
        self.backups.read().clone()
    }

    /// Changes the state of this process's scheduled backups.
    pub fn set_backups(&self, change: impl FnOnce(&mut backup::Condition)) {
        change(&mut self.backups.write());
    }

    /// The site as it was last loaded, for pages that cannot use the database.
    pub fn last_known_site(&self) -> Option<Arc<Site>> {
        self.site.read().clone()
    }

    /// The locale of the newsroom, for responses that are made without the database; English before the first request.
    pub fn newsroom_locale(&self) -> Locale {
        match self.last_known_site() {
            Some(site) => site.newsroom_locale(),
            None => Locale::for_newsroom("en", Tz::UTC),
        }
    }
}

/// The host of the site's address.
fn host_of(base_url: &str) -> String {
    Url::parse(base_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "localhost".to_owned())
}

/// The clock, which tests can advance.
#[derive(Default)]
pub struct Clock {
    /// In seconds.
    advanced: AtomicI64,
}

impl Clock {
    /// The current time in whole seconds, the precision of stored times.
    pub fn now(&self) -> DateTime<Utc> {
        let advanced = TimeDelta::seconds(self.advanced.load(Ordering::Relaxed));
        let date = Self::date();
        date.checked_add_signed(advanced).unwrap_or(date)
    }

    /// The system's time in whole seconds, which the header `Date` states.
    pub fn date() -> DateTime<Utc> {
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let seconds = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    /// Advances the clock.
    pub fn advance(&self, by: TimeDelta) {
        self.advanced.fetch_add(by.num_seconds(), Ordering::Relaxed);
    }
}
