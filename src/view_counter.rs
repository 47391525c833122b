//! Counting views in memory: one increment per request. A job writes them to the database.
//!
//! Readers are told apart for half an hour by a keyed hash whose key is thrown away daily. Neither
//! the hash nor anything it is made of is ever stored.

use std::{
    hash::{Hash, Hasher},
    net::IpAddr,
    sync::RwLock,
};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use dashmap::DashMap;
use siphasher::sip::SipHasher24;

use crate::models::view_count::hour_of;

/// For how long another look by the same reader is the same view.
const SAME_VIEW: TimeDelta = TimeDelta::minutes(30);

#[derive(Default)]
pub struct ViewCounter {
    /// By beginning of the hour and article.
    counts: DashMap<(NaiveDateTime, i64), i64>,
    /// When a reader's view of an article was counted last.
    seen: DashMap<u64, DateTime<Utc>>,
    key: RwLock<Option<(NaiveDate, [u8; 16])>>,
}

/// What a reader is told apart by.
pub struct Visitor<'a> {
    pub address: IpAddr,
    pub user_agent: &'a str,
}

impl ViewCounter {
    /// Counts a view, unless it is the same reader's reload.
    pub fn count(&self, article_id: i64, visitor: &Visitor<'_>, now: DateTime<Utc>) {
        let mut hasher = SipHasher24::new_with_key(&self.key_of(now.date_naive()));
        (visitor.address, visitor.user_agent, article_id).hash(&mut hasher);
        let mut is_new = false;
        let mut last = self.seen.entry(hasher.finish()).or_insert_with(|| {
            is_new = true;
            now
        });
        if !is_new && now - *last >= SAME_VIEW {
            *last = now;
            is_new = true;
        }
        drop(last);
        if is_new {
            *self
                .counts
                .entry((hour_of(now.naive_utc()), article_id))
                .or_default() += 1;
        }
    }

    /// Takes what was counted: (beginning of the hour, article, views). Forgets the readers whose
    /// half hour is over.
    pub fn drain(&self, now: DateTime<Utc>) -> Vec<(NaiveDateTime, i64, i64)> {
        self.seen.retain(|_, last| now - *last < SAME_VIEW);
        let mut drained = Vec::new();
        self.counts.retain(|(hour, article_id), views| {
            drained.push((*hour, *article_id, *views));
            false
        });
        drained
    }

    /// Gives back what was drained and could not be written.
    pub fn restore(&self, views: Vec<(NaiveDateTime, i64, i64)>) {
        for (hour, article_id, views) in views {
            *self.counts.entry((hour, article_id)).or_default() += views;
        }
    }

    /// The key of the day: random, and gone with the day.
    fn key_of(&self, day: NaiveDate) -> [u8; 16] {
        let known = *self
            .key
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        match known {
            Some((of_day, key)) if of_day == day => key,
            _ => {
                let mut slot = self
                    .key
                    .write()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                match *slot {
                    Some((of_day, key)) if of_day == day => key,
                    _ => slot.insert((day, rand::random())).1,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(last: u8) -> Visitor<'static> {
        Visitor {
            address: IpAddr::from([10, 0, 0, last]),
            user_agent: "Mozilla/5.0",
        }
    }

    fn total(counter: &ViewCounter, now: DateTime<Utc>) -> i64 {
        counter.drain(now).iter().map(|(_, _, views)| views).sum()
    }

    #[test]
    fn a_reload_is_the_same_view_and_one_after_half_an_hour_is_another() {
        let counter = ViewCounter::default();
        let now = "2026-01-01T12:00:00Z".parse().unwrap();
        counter.count(1, &visitor(1), now);
        counter.count(1, &visitor(1), now + TimeDelta::minutes(29));
        assert_eq!(total(&counter, now + TimeDelta::minutes(29)), 1);
        counter.count(1, &visitor(1), now + TimeDelta::minutes(31));
        assert_eq!(total(&counter, now + TimeDelta::minutes(31)), 1);
    }

    #[test]
    fn other_readers_and_other_articles_are_other_views() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        counter.count(1, &visitor(1), now);
        counter.count(1, &visitor(2), now);
        counter.count(2, &visitor(1), now);
        assert_eq!(total(&counter, now), 3);
        assert_eq!(total(&counter, now), 0);
    }

    #[test]
    fn what_could_not_be_written_is_not_lost() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        counter.count(1, &visitor(1), now);
        let drained = counter.drain(now);
        counter.restore(drained);
        counter.count(1, &visitor(2), now);
        assert_eq!(total(&counter, now), 2);
    }
}
