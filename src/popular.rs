//! The most popular articles, ranked once a minute and cached in memory.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryResult;
use parking_lot::{Mutex, MutexGuard};

use crate::{
    db::{AnyConnection, types::TimelineKind},
    error::Result,
    models::view_count,
};

/// The time span of the counted views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    Day,
    Week,
    Ever,
}

/// The maximum number of articles in a ranking.
const LENGTH: i64 = 30;
/// A list with fewer articles is filled from a longer window.
const MIN_ARTICLES: usize = 5;

#[derive(Default)]
pub struct Popular {
    rankings: Mutex<HashMap<Key, Ranking>>,
}

/// A window, and a section or the whole site.
type Key = (Window, Option<i64>);

#[derive(Default)]
struct Ranking {
    /// The minute in which it was computed, since 1970.
    minute: i64,
    article_ids: Arc<Vec<i64>>,
    refreshing: bool,
}

impl Popular {
    /// The most viewed articles of the site or of a section, in descending order.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn ranked(
        &self,
        conn: &mut AnyConnection,
        window: Window,
        section_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Arc<Vec<i64>>> {
        let minute = now.timestamp() / 60;
        let key = (window, section_id);
        {
            let mut rankings = self.lock();
            let ranking = rankings.entry(key).or_default();
            // While one request refreshes the ranking, the others use the previous one.
            if ranking.minute == minute || (ranking.refreshing && !ranking.article_ids.is_empty()) {
                return Ok(ranking.article_ids.clone());
            }
            ranking.refreshing = true;
        }
        let ranked = rank(conn, window, section_id, now);
        let mut rankings = self.lock();
        let ranking = rankings.entry(key).or_default();
        ranking.refreshing = false;
        ranking.article_ids = Arc::new(ranked?);
        ranking.minute = minute;
        Ok(ranking.article_ids.clone())
    }

    /// The most viewed articles of the last 24 hours. If there are few, articles of the last week are appended, and for
    /// the whole site those of all time.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn now(
        &self,
        conn: &mut AnyConnection,
        section_id: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<Vec<i64>> {
        let windows: &[Window] = match section_id {
            None => &[Window::Day, Window::Week, Window::Ever],
            Some(_) => &[Window::Day, Window::Week],
        };
        let mut article_ids = Vec::new();
        for window in windows {
            for id in self.ranked(conn, *window, section_id, now)?.iter() {
                if !article_ids.contains(id) {
                    article_ids.push(*id);
                }
            }
            if article_ids.len() >= MIN_ARTICLES {
                break;
            }
        }
        Ok(article_ids)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Ranking>> {
        // A poisoned lock holds consistent rankings: they are only ever replaced.
        self.rankings.lock()
    }
}

fn rank(
    conn: &mut AnyConnection,
    window: Window,
    section_id: Option<i64>,
    now: DateTime<Utc>,
) -> QueryResult<Vec<i64>> {
    let source = section_id.map(|id| (TimelineKind::Section, id));
    let at = now.naive_utc();
    let since = |hours: i64| view_count::hour_of(at - TimeDelta::hours(hours - 1));
    match window {
        Window::Day => view_count::most_read(conn, source, since(24), at, LENGTH),
        Window::Week => view_count::most_read(conn, source, since(24 * 7), at, LENGTH),
        Window::Ever => view_count::most_read_ever(conn, at, LENGTH),
    }
}
