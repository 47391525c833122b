//! Most Popular: what people read now, ranked once a minute and kept in memory meanwhile.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::QueryResult;

use crate::{
    db::{AnyConnection, types::River},
    error::Result,
    models::view_count,
};

/// How far back views count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    Day,
    Week,
    Ever,
}

/// How many articles a ranking holds.
const LENGTH: i64 = 30;
/// A list with fewer than this many is drawn from a longer window.
const ENOUGH: usize = 5;

#[derive(Default)]
pub struct Popular {
    rankings: Mutex<HashMap<Key, Ranking>>,
}

/// A window, and the section if it is not the whole site.
type Key = (Window, Option<i64>);

#[derive(Default)]
struct Ranking {
    /// The minute that it holds for.
    minute: i64,
    article_ids: Arc<Vec<i64>>,
    being_made: bool,
}

impl Popular {
    /// The articles read most in the window, most first; of the site or of a section.
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
            let known = rankings.entry(key).or_default();
            // While one request ranks anew, the others go on with what was ranked before.
            if known.minute == minute || (known.being_made && !known.article_ids.is_empty()) {
                return Ok(known.article_ids.clone());
            }
            known.being_made = true;
        }
        let ranked = rank(conn, window, section_id, now);
        let mut rankings = self.lock();
        let known = rankings.entry(key).or_default();
        known.being_made = false;
        known.article_ids = Arc::new(ranked?);
        known.minute = minute;
        Ok(known.article_ids.clone())
    }

    /// What people read now: the last 24 hours, filled up from the last week and, for the whole
    /// site, from all time while there is little to rank.
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
            if article_ids.len() >= ENOUGH {
                break;
            }
        }
        Ok(article_ids)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Ranking>> {
        // A poisoned lock holds whole rankings still: they are only ever replaced.
        self.rankings
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn rank(
    conn: &mut AnyConnection,
    window: Window,
    section_id: Option<i64>,
    now: DateTime<Utc>,
) -> QueryResult<Vec<i64>> {
    let source = section_id.map(|id| (River::Section, id));
    let at = now.naive_utc();
    let since = |hours: i64| view_count::hour_of(at - TimeDelta::hours(hours - 1));
    match window {
        Window::Day => view_count::most_read(conn, source, since(24), at, LENGTH),
        Window::Week => view_count::most_read(conn, source, since(24 * 7), at, LENGTH),
        Window::Ever => view_count::most_read_ever(conn, at, LENGTH),
    }
}
