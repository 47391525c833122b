//! Counting views in memory: one increment per request. A job writes them to the database.
//!
//! Readers are told apart for half an hour by a keyed hash whose key is thrown away daily. Neither
//! the hash nor anything it is made of is ever stored.

use std::{
    hash::{Hash, Hasher},
    net::IpAddr,
    sync::Arc,
};

use arc_swap::ArcSwapOption;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use dashmap::DashMap;
use foldhash::fast::RandomState;
use siphasher::sip::SipHasher24;

use crate::{models::view_count::hour_of, tally::Tally};

/// For how long another look by the same reader is the same view, in seconds.
const SAME_VIEW: i64 = 30 * 60;
/// So many sites that readers came from are told apart until they are written.
const REFERRERS: usize = 1_000;

#[derive(Default)]
pub struct ViewCounter {
    /// By beginning of the hour and article.
    counts: DashMap<(NaiveDateTime, i64), i64, RandomState>,
    /// By day of UTC and the site that the reader came from.
    referrers: DashMap<(NaiveDate, String), i64>,
    /// When a reader's view of an article was counted last, in seconds.
    seen: DashMap<u64, i64, RandomState>,
    key: ArcSwapOption<DayKey>,
    counted: Tally,
    not_counted: Tally,
}

/// The key of a day.
struct DayKey {
    day: NaiveDate,
    key: [u8; 16],
}

/// What a reader is told apart by.
pub struct Reader<'a> {
    pub address: IpAddr,
    pub user_agent: &'a str,
}

/// Who is no program, whose look at an article is a view.
pub struct Person {
    /// The other site that led them here.
    pub referrer: Option<String>,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Beginning of the hour, article, views.
    pub views: Vec<(NaiveDateTime, i64, i64)>,
    /// Day, site that readers came from, views.
    pub referrers: Vec<(NaiveDate, String, i64)>,
}

impl Counted {
    pub fn is_empty(&self) -> bool {
        self.views.is_empty() && self.referrers.is_empty()
    }
}

impl ViewCounter {
    /// Counts a view, unless it is the same reader's reload. `person` looks closer at those who were not seen
    /// yet.
    pub fn count(
        &self,
        article_id: i64,
        reader: &Reader<'_>,
        now: DateTime<Utc>,
        person: impl FnOnce() -> Option<Person>,
    ) {
        let mut hasher = SipHasher24::new_with_key(&self.key_of(now.date_naive()));
        (reader.address, reader.user_agent, article_id).hash(&mut hasher);
        let (look, second) = (hasher.finish(), now.timestamp());
        let is_reload = |last: &i64| is_same_view(*last, second);
        if self.seen.get(&look).is_some_and(|last| is_reload(&last)) {
            return self.pass_over();
        }
        let Some(person) = person() else {
            return self.pass_over();
        };
        // Of two looks at once, one is the view.
        let mut is_view = false;
        self.seen
            .entry(look)
            .and_modify(|last| {
                if !is_reload(last) {
                    *last = second;
                    is_view = true;
                }
            })
            .or_insert_with(|| {
                is_view = true;
                second
            });
        if !is_view {
            return self.pass_over();
        }
        self.counted.add();
        *self
            .counts
            .entry((hour_of(now.naive_utc()), article_id))
            .or_default() += 1;
        if let Some(host) = &person.referrer {
            self.count_referrer(now.date_naive(), host);
        }
    }

    /// Notes a look at an article that is no view.
    pub fn pass_over(&self) {
        self.not_counted.add();
    }

    /// How many looks at articles were views since the start, and how many were not.
    pub fn counts(&self) -> (u64, u64) {
        (self.counted.total(), self.not_counted.total())
    }

    fn count_referrer(&self, day: NaiveDate, host: &str) {
        let key = (day, host.to_owned());
        if let Some(mut views) = self.referrers.get_mut(&key) {
            *views += 1;
            return;
        }
        // Anybody can name any number of sites.
        if self.referrers.len() < REFERRERS {
            *self.referrers.entry(key).or_default() += 1;
        }
    }

    /// Takes what was counted. Forgets the readers whose half hour is over.
    pub fn drain(&self, now: DateTime<Utc>) -> Counted {
        self.seen
            .retain(|_, last| is_same_view(*last, now.timestamp()));
        let mut counted = Counted::default();
        self.counts.retain(|(hour, article_id), views| {
            counted.views.push((*hour, *article_id, *views));
            false
        });
        self.referrers.retain(|(day, host), views| {
            counted.referrers.push((*day, host.clone(), *views));
            false
        });
        counted
    }

    /// Gives back what was drained and could not be written.
    pub fn restore(&self, counted: Counted) {
        for (hour, article_id, views) in counted.views {
            *self.counts.entry((hour, article_id)).or_default() += views;
        }
        for (day, host, views) in counted.referrers {
            *self.referrers.entry((day, host)).or_default() += views;
        }
    }

    /// The key of the day: random, and gone with the day.
    fn key_of(&self, day: NaiveDate) -> [u8; 16] {
        let is_of_day = |known: &Arc<DayKey>| known.day == day;
        if let Some(known) = self.key.load().as_ref().filter(|known| is_of_day(known)) {
            return known.key;
        }
        let new = Arc::new(DayKey {
            day,
            key: rand::random(),
        });
        // Of two that begin a day at once, the first gives the key.
        let found = self.key.rcu(|known| match known {
            Some(known) if is_of_day(known) => Some(known.clone()),
            _ => Some(new.clone()),
        });
        found
            .filter(|known| is_of_day(known))
            .map_or(new.key, |known| known.key)
    }
}

fn is_same_view(last: i64, now: i64) -> bool {
    now - last < SAME_VIEW
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn look(counter: &ViewCounter, article_id: i64, reader: u8, now: DateTime<Utc>) {
        look_from("social.example", counter, article_id, reader, now);
    }

    fn look_from(
        site: &str,
        counter: &ViewCounter,
        article_id: i64,
        reader: u8,
        now: DateTime<Utc>,
    ) {
        let referrer = Some(site.to_owned());
        counter.count(article_id, &reader_of(reader), now, || {
            Some(Person { referrer })
        });
    }

    fn reader_of(last: u8) -> Reader<'static> {
        Reader {
            address: IpAddr::from([10, 0, 0, last]),
            user_agent: "Mozilla/5.0",
        }
    }

    fn total(counter: &ViewCounter, now: DateTime<Utc>) -> i64 {
        let counted = counter.drain(now);
        let views = counted.views.iter().map(|(_, _, views)| views).sum();
        let referred: i64 = counted.referrers.iter().map(|(_, _, views)| views).sum();
        assert_eq!(views, referred, "every reader here came from the same site");
        views
    }

    #[test]
    fn a_reload_is_the_same_view_and_one_after_half_an_hour_is_another() {
        let counter = ViewCounter::default();
        let now = "2026-01-01T12:00:00Z".parse().unwrap();
        look(&counter, 1, 1, now);
        look(&counter, 1, 1, now + TimeDelta::minutes(29));
        assert_eq!(total(&counter, now + TimeDelta::minutes(29)), 1);
        look(&counter, 1, 1, now + TimeDelta::minutes(31));
        assert_eq!(total(&counter, now + TimeDelta::minutes(31)), 1);
    }

    #[test]
    fn other_readers_and_other_articles_are_other_views() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        look(&counter, 1, 1, now);
        look(&counter, 1, 2, now);
        look(&counter, 2, 1, now);
        assert_eq!(total(&counter, now), 3);
        assert_eq!(total(&counter, now), 0);
    }

    #[test]
    fn a_program_is_no_view_and_of_who_was_counted_nobody_asks_again() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        counter.count(1, &reader_of(1), now, || None);
        assert_eq!(counter.counts(), (0, 1));
        look(&counter, 1, 2, now);
        counter.count(1, &reader_of(2), now, || panic!("they are known"));
        assert_eq!(counter.counts(), (1, 2));
    }

    #[test]
    fn what_could_not_be_written_is_not_lost() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        look(&counter, 1, 1, now);
        let drained = counter.drain(now);
        counter.restore(drained);
        look(&counter, 1, 2, now);
        assert_eq!(total(&counter, now), 2);
    }

    #[test]
    fn only_so_many_sites_are_told_apart_however_many_are_named() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        for number in 0..2_000 {
            look_from(&format!("{number}.example"), &counter, number, 1, now);
        }
        let counted = counter.drain(now);
        assert_eq!(counted.views.len(), 2_000);
        assert_eq!(counted.referrers.len(), REFERRERS);
    }
}
