//! Counts article views in memory. A job writes the counts to the database.
//!
//! A reader is recognized for half an hour by a keyed hash of address and user agent. The key is replaced daily, and
//! neither the hash nor its input is ever stored.

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

use crate::{agent::Kind, models::view_count::hour_of, sharded_counter::ShardedCounter};

/// The time within which further requests of a reader for an article belong to the same view, in seconds.
const SAME_VIEW: i64 = 30 * 60;
/// The maximum number of different referrers between two writes; further ones are ignored.
const MAX_REFERRERS: usize = 1_000;

/// The maximum number of readers and articles that are remembered, in about 32 MB. Views of further ones are not counted
/// until others are forgotten: clients can send any number of user agents.
const MAX_SEEN: usize = 1_000_000;

#[derive(Default)]
pub struct ViewCounter {
    /// Views by start of the hour and article.
    counts: DashMap<(NaiveDateTime, i64), i64, RandomState>,
    /// Views by UTC day and referring host.
    referrers: DashMap<(NaiveDate, String), i64>,
    /// The time of the last counted view of a reader and an article, in seconds, by hash.
    seen: DashMap<u64, i64, RandomState>,
    key: ArcSwapOption<DayKey>,
    counted: ShardedCounter,
    not_counted: ShardedCounter,
    /// Requests of programs by kind, in the order of [`Kind::ALL`].
    programs: [ShardedCounter; Kind::ALL.len()],
}

/// The hash key of a day.
struct DayKey {
    day: NaiveDate,
    key: [u8; 16],
}

/// What identifies a reader for half an hour.
pub struct Reader<'a> {
    pub address: IpAddr,
    pub user_agent: &'a str,
}

/// A reader who is not a bot.
pub struct Person {
    /// The host of the referring site.
    pub referrer: Option<String>,
}

/// Drained counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Start of the hour, article, views.
    pub views: Vec<(NaiveDateTime, i64, i64)>,
    /// Day, referring host, views.
    pub referrers: Vec<(NaiveDate, String, i64)>,
}

impl Counted {
    pub fn is_empty(&self) -> bool {
        self.views.is_empty() && self.referrers.is_empty()
    }
}

impl ViewCounter {
    /// Counts a view, unless it is a reload by the same reader. `person` is called for new readers only, and returns `None`
    /// for bots.
    pub fn count(
        &self,
        article_id: i64,
        reader: &Reader<'_>,
        now: DateTime<Utc>,
        person: impl FnOnce() -> Option<Person>,
    ) {
        let mut hasher = SipHasher24::new_with_key(&self.key_of(now.date_naive()));
        (reader.address, reader.user_agent, article_id).hash(&mut hasher);
        let (hash, second) = (hasher.finish(), now.timestamp());
        let is_reload = |last: &i64| is_same_view(*last, second);
        if self.seen.get(&hash).is_some_and(|last| is_reload(&last)) {
            return self.pass_over();
        }
        if self.seen.len() >= MAX_SEEN {
            return self.pass_over();
        }
        let Some(person) = person() else {
            return self.pass_over();
        };
        // Of concurrent requests, one is counted.
        let mut is_view = false;
        self.seen
            .entry(hash)
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

    /// Counts a request for an article that is not a view.
    pub fn pass_over(&self) {
        self.not_counted.add();
    }

    /// Notes that a program requested an article.
    pub fn note_program(&self, kind: Kind) {
        self.programs[kind as usize].add();
    }

    /// The number of requests for articles by programs of a kind since the start.
    pub fn of_programs(&self, kind: Kind) -> u64 {
        self.programs[kind as usize].total()
    }

    /// The number of requests for articles since the start that were views, and of those that were not.
    pub fn counts(&self) -> (u64, u64) {
        (self.counted.total(), self.not_counted.total())
    }

    fn count_referrer(&self, day: NaiveDate, host: &str) {
        let key = (day, host.to_owned());
        if let Some(mut views) = self.referrers.get_mut(&key) {
            *views += 1;
            return;
        }
        // Clients can send any number of referrers.
        if self.referrers.len() < MAX_REFERRERS {
            *self.referrers.entry(key).or_default() += 1;
        }
    }

    /// Removes and returns all counts, and forgets readers after half an hour.
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

    /// Adds counts that were drained but could not be written.
    pub fn restore(&self, counted: Counted) {
        for (hour, article_id, views) in counted.views {
            *self.counts.entry((hour, article_id)).or_default() += views;
        }
        for (day, host, views) in counted.referrers {
            *self.referrers.entry((day, host)).or_default() += views;
        }
    }

    /// The random key of the day, which is replaced on the next day.
    fn key_of(&self, day: NaiveDate) -> [u8; 16] {
        let is_of_day = |known: &Arc<DayKey>| known.day == day;
        if let Some(known) = self.key.load().as_ref().filter(|known| is_of_day(known)) {
            return known.key;
        }
        let new = Arc::new(DayKey {
            day,
            key: rand::random(),
        });
        // Of concurrent calls at the start of a day, the first sets the key.
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

    fn view(counter: &ViewCounter, article_id: i64, reader: u8, now: DateTime<Utc>) {
        view_from("social.example", counter, article_id, reader, now);
    }

    fn view_from(
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
        assert_eq!(views, referred, "every view has a referrer");
        views
    }

    #[test]
    fn a_bounded_number_of_readers_is_remembered() {
        let counter = ViewCounter::default();
        let now: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
        for hash in 0..MAX_SEEN as u64 {
            counter.seen.insert(hash, now.timestamp());
        }
        view(&counter, 1, 1, now);
        assert_eq!(total(&counter, now), 0);
        assert_eq!(counter.seen.len(), MAX_SEEN);
        let later = now + TimeDelta::minutes(31);
        total(&counter, later);
        view(&counter, 1, 1, later);
        assert_eq!(total(&counter, later), 1, "the others are forgotten");
    }

    #[test]
    fn a_reload_is_the_same_view_for_half_an_hour() {
        let counter = ViewCounter::default();
        let now = "2026-01-01T12:00:00Z".parse().unwrap();
        view(&counter, 1, 1, now);
        view(&counter, 1, 1, now + TimeDelta::minutes(29));
        assert_eq!(total(&counter, now + TimeDelta::minutes(29)), 1);
        view(&counter, 1, 1, now + TimeDelta::minutes(31));
        assert_eq!(total(&counter, now + TimeDelta::minutes(31)), 1);
    }

    #[test]
    fn readers_and_articles_are_counted_separately() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        view(&counter, 1, 1, now);
        view(&counter, 1, 2, now);
        view(&counter, 2, 1, now);
        assert_eq!(total(&counter, now), 3);
        assert_eq!(total(&counter, now), 0);
    }

    #[test]
    fn bots_are_not_counted_and_known_readers_not_checked_again() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        counter.count(1, &reader_of(1), now, || None);
        assert_eq!(counter.counts(), (0, 1));
        view(&counter, 1, 2, now);
        counter.count(1, &reader_of(2), now, || panic!("checked again"));
        assert_eq!(counter.counts(), (1, 2));
    }

    #[test]
    fn restored_counts_are_not_lost() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        view(&counter, 1, 1, now);
        let drained = counter.drain(now);
        counter.restore(drained);
        view(&counter, 1, 2, now);
        assert_eq!(total(&counter, now), 2);
    }

    #[test]
    fn the_number_of_referrers_is_bounded() {
        let counter = ViewCounter::default();
        let now = Utc::now();
        for number in 0..2_000 {
            view_from(&format!("{number}.example"), &counter, number, 1, now);
        }
        let counted = counter.drain(now);
        assert_eq!(counted.views.len(), 2_000);
        assert_eq!(counted.referrers.len(), MAX_REFERRERS);
    }
}
