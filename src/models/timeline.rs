//! Timelines: the published articles of the site, a section, an author or a topic, newest first, denormalised into
//! `timeline_entries` with counts per year, month and day in `timeline_counts`.
//!
//! Any page of any list is then one short index range scan. Entries in the future belong to scheduled articles, which
//! are not live yet. Entries are ordered by time, then by article id.

use std::collections::{BTreeMap, HashMap};

use chrono::{Datelike, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Timestamp},
    upsert::excluded,
};

use crate::{
    db::{
        AnyConnection,
        schema::{
            article_authors, article_sections, article_topics, articles, timeline_counts,
            timeline_entries,
        },
        types::{Status, TimelineKind},
    },
    each_backend,
    models::section_tree::SectionTree,
};

/// Identifies a timeline: its kind, and the id of the section, author or topic (0 for the site).
pub type TimelineKey = (TimelineKind, i64);

/// How many of the newest articles of a timeline its feed contains.
pub const IN_A_FEED: i64 = 30;

/// The timeline of all articles.
pub const SITE: TimelineKey = (TimelineKind::Site, 0);

/// A period that has an entry count, in the site's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Ever,
    Year(i32),
    Month(i32, u32),
    Day(i32, u32, u32),
}

impl Period {
    /// The day of a date.
    pub fn of_day(date: chrono::NaiveDate) -> Self {
        Self::Day(date.year(), date.month(), date.day())
    }

    /// The stored form: 0, 2023, 202312, 20231215.
    pub fn key(self) -> i32 {
        match self {
            Self::Ever => 0,
            Self::Year(year) => year,
            Self::Month(year, month) => year * 100 + month as i32,
            Self::Day(year, month, day) => (year * 100 + month as i32) * 100 + day as i32,
        }
    }

    /// The first and the last key of the parts of this period: the years of `Ever`, the months of a year, the days of a
    /// month. `None` for a day.
    fn parts(self) -> Option<(i32, i32)> {
        match self {
            // Keys with at most four digits are years.
            Self::Ever => Some((1, 9_999)),
            Self::Year(_) | Self::Month(..) => Some((self.key() * 100 + 1, self.key() * 100 + 31)),
            Self::Day(..) => None,
        }
    }

    fn from_key(key: i32) -> Self {
        let part = |n: i32| n.unsigned_abs() % 100;
        match key {
            0 => Self::Ever,
            1..=9_999 => Self::Year(key),
            10_000..=999_999 => Self::Month(key / 100, part(key)),
            _ => Self::Day(key / 10_000, part(key / 100), part(key)),
        }
    }
}

/// The articles of up to `limit` of the newest live entries of a timeline.
pub fn newest(
    conn: &mut AnyConnection,
    (kind, owner_id): TimelineKey,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    each_backend!(conn, |c| timeline_entries::table
        .filter(timeline_entries::kind.eq(kind))
        .filter(timeline_entries::owner_id.eq(owner_id))
        .filter(timeline_entries::published_at.le(now))
        .order((
            timeline_entries::published_at.desc(),
            timeline_entries::article_id.desc(),
        ))
        .limit(limit)
        .select(timeline_entries::article_id)
        .load(c))
}

/// The articles of up to `limit` of the newest entries of a timeline since `since`, scheduled ones included.
pub(super) fn since(
    conn: &mut AnyConnection,
    (kind, owner_id): TimelineKey,
    since: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    timeline_entries::table
        .filter(timeline_entries::kind.eq(kind))
        .filter(timeline_entries::owner_id.eq(owner_id))
        .filter(timeline_entries::published_at.ge(since))
        .order((
            timeline_entries::published_at.desc(),
            timeline_entries::article_id.desc(),
        ))
        .limit(limit)
        .select(timeline_entries::article_id)
        .load(conn)
}

#[derive(QueryableByName)]
struct OwnedEntry {
    #[diesel(sql_type = BigInt)]
    owner_id: i64,
    #[diesel(sql_type = BigInt)]
    article_id: i64,
}

/// Up to `limit` of the newest live entries of each of several timelines of one kind, in one statement: (owner id,
/// article id), newest first.
pub fn newest_of_each(
    conn: &mut AnyConnection,
    kind: TimelineKind,
    owner_ids: &[i64],
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<(i64, i64)>> {
    if owner_ids.is_empty() {
        return Ok(Vec::new());
    }
    // Diesel cannot build a UNION ALL whose parts have a LIMIT. Only numbers and constants are formatted into the SQL.
    let parts: Vec<String> = owner_ids
        .iter()
        .map(|owner_id| {
            format!(
                "SELECT * FROM (SELECT owner_id, article_id, published_at FROM timeline_entries \
                 WHERE kind = '{}' AND owner_id = {owner_id} AND published_at <= $1 \
                 ORDER BY published_at DESC, article_id DESC LIMIT {limit}) AS part",
                kind.as_str()
            )
        })
        .collect();
    let entries: Vec<OwnedEntry> = sql_query(format!(
        "SELECT owner_id, article_id FROM ({}) AS parts ORDER BY published_at DESC, article_id DESC",
        parts.join(" UNION ALL ")
    ))
    .bind::<Timestamp, _>(now)
    .load(conn)?;
    Ok(entries
        .into_iter()
        .map(|entry| (entry.owner_id, entry.article_id))
        .collect())
}

/// The live neighbours of an article in a timeline: the next older one and the next newer one.
pub fn neighbours(
    conn: &mut AnyConnection,
    (kind, owner_id): TimelineKey,
    (published_at, article_id): (NaiveDateTime, i64),
    now: NaiveDateTime,
) -> QueryResult<(Option<i64>, Option<i64>)> {
    let of_timeline = || {
        timeline_entries::table
            .filter(timeline_entries::kind.eq(kind))
            .filter(timeline_entries::owner_id.eq(owner_id))
            .select(timeline_entries::article_id)
    };
    let older = each_backend!(conn, |c| of_timeline()
        .filter(timeline_entries::published_at.le(published_at))
        .filter(
            timeline_entries::published_at
                .lt(published_at)
                .or(timeline_entries::article_id.lt(article_id)),
        )
        .order((
            timeline_entries::published_at.desc(),
            timeline_entries::article_id.desc(),
        ))
        .first(c))
    .optional()?;
    let newer = each_backend!(conn, |c| of_timeline()
        .filter(timeline_entries::published_at.ge(published_at))
        .filter(timeline_entries::published_at.le(now))
        .filter(
            timeline_entries::published_at
                .gt(published_at)
                .or(timeline_entries::article_id.gt(article_id)),
        )
        .order((
            timeline_entries::published_at.asc(),
            timeline_entries::article_id.asc(),
        ))
        .first(c))
    .optional()?;
    Ok((older, newer))
}

/// One page of a timeline.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub article_ids: Vec<i64>,
    /// The number of pages; at least 1.
    pub pages: i64,
    /// The number of live entries on all pages.
    pub entries: i64,
}

/// Page `number` (from 1) of a timeline within `period`, with `size` entries per page. `None` if there is no such page;
/// an empty timeline has one empty page.
///
/// The counts per year, month and day locate the day on which the page begins, so that OFFSET skips only entries of
/// that day: page 10,000 costs as much as page 2.
pub fn page(
    conn: &mut AnyConnection,
    key: TimelineKey,
    period: Period,
    time_zone: Tz,
    now: NaiveDateTime,
    number: i64,
    size: i64,
) -> QueryResult<Option<Page>> {
    let (from, to) = bounds(period, time_zone);
    let scheduled = scheduled(conn, key, (from, to), now)?;
    let entries = count(conn, key, period)? - scheduled;
    let pages = ((entries + size - 1) / size).max(1);
    if number < 1 || number > pages {
        return Ok(None);
    }
    // Scheduled entries precede the live ones, and are skipped like those of earlier pages.
    let mut before = scheduled + (number - 1) * size;
    let mut part = period;
    if number > 1 {
        while let Some(smaller) = part_with_entry(conn, key, part, &mut before)? {
            part = smaller;
        }
    }
    let (part_from, part_to) = bounds(part, time_zone);
    let scheduled_in_part = if part == period {
        scheduled
    } else {
        self::scheduled(conn, key, (part_from, part_to), now)?
    };
    let (kind, owner_id) = key;
    let article_ids = timeline_entries::table
        .filter(timeline_entries::kind.eq(kind))
        .filter(timeline_entries::owner_id.eq(owner_id))
        .filter(timeline_entries::published_at.ge(from))
        .filter(timeline_entries::published_at.lt(part_to))
        .filter(timeline_entries::published_at.le(now))
        .order((
            timeline_entries::published_at.desc(),
            timeline_entries::article_id.desc(),
        ))
        .offset((before - scheduled_in_part).max(0))
        .limit(size)
        .select(timeline_entries::article_id)
        .load(conn)?;
    Ok(Some(Page {
        article_ids,
        pages,
        entries,
    }))
}

/// The part of `period` that contains the entry which `before` entries of the period precede, newest first; `before`
/// becomes the number of those within the part. `None` for a day.
fn part_with_entry(
    conn: &mut AnyConnection,
    key: TimelineKey,
    period: Period,
    before: &mut i64,
) -> QueryResult<Option<Period>> {
    for (part, entries) in counts(conn, key, period)? {
        if *before < entries {
            return Ok(Some(part));
        }
        *before -= entries;
    }
    Ok(None)
}

/// The number of live entries of each part of `period` (years of `Ever`, months of a year, days of a month), newest
/// first, without empty parts.
pub fn live_counts(
    conn: &mut AnyConnection,
    key: TimelineKey,
    period: Period,
    time_zone: Tz,
    now: NaiveDateTime,
) -> QueryResult<Vec<(Period, i64)>> {
    let mut live = Vec::new();
    for (part, entries) in counts(conn, key, period)? {
        let (from, to) = bounds(part, time_zone);
        // Only the part that contains `now` needs a query: later parts have no live entries.
        let entries = if from > now {
            0
        } else {
            entries - scheduled(conn, key, (from, to), now)?
        };
        if entries > 0 {
            live.push((part, entries));
        }
    }
    Ok(live)
}

/// The number of entries, scheduled ones included, of each part of a period, newest first.
fn counts(
    conn: &mut AnyConnection,
    (kind, owner_id): TimelineKey,
    period: Period,
) -> QueryResult<Vec<(Period, i64)>> {
    let Some((from, to)) = period.parts() else {
        return Ok(Vec::new());
    };
    let rows: Vec<(i32, i64)> = timeline_counts::table
        .filter(timeline_counts::kind.eq(kind))
        .filter(timeline_counts::owner_id.eq(owner_id))
        .filter(timeline_counts::period.between(from, to))
        .filter(timeline_counts::entries.gt(0))
        .order(timeline_counts::period.desc())
        .select((timeline_counts::period, timeline_counts::entries))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(period, entries)| (Period::from_key(period), entries))
        .collect())
}

/// The number of entries, scheduled ones included, of a timeline in a period.
fn count(
    conn: &mut AnyConnection,
    (kind, owner_id): TimelineKey,
    period: Period,
) -> QueryResult<i64> {
    let found = timeline_counts::table
        .find((kind, owner_id, period.key()))
        .select(timeline_counts::entries)
        .first(conn)
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// The number of entries, scheduled ones included, of timelines of one kind, by owner.
pub fn totals(
    conn: &mut AnyConnection,
    kind: TimelineKind,
    owner_ids: &[i64],
) -> QueryResult<HashMap<i64, i64>> {
    let rows: Vec<(i64, i64)> = timeline_counts::table
        .filter(timeline_counts::kind.eq(kind))
        .filter(timeline_counts::owner_id.eq_any(owner_ids))
        .filter(timeline_counts::period.eq(Period::Ever.key()))
        .select((timeline_counts::owner_id, timeline_counts::entries))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The number of scheduled entries between two times.
fn scheduled(
    conn: &mut AnyConnection,
    (kind, owner_id): TimelineKey,
    (from, to): (NaiveDateTime, NaiveDateTime),
    now: NaiveDateTime,
) -> QueryResult<i64> {
    if to <= now {
        return Ok(0);
    }
    timeline_entries::table
        .filter(timeline_entries::kind.eq(kind))
        .filter(timeline_entries::owner_id.eq(owner_id))
        .filter(timeline_entries::published_at.gt(now.max(from)))
        .filter(timeline_entries::published_at.lt(to))
        .count()
        .get_result(conn)
}

/// The beginning of a period in the site's time zone, and of the next one, in UTC.
pub fn bounds(period: Period, time_zone: Tz) -> (NaiveDateTime, NaiveDateTime) {
    let (from, to) = match period {
        Period::Ever => ((0, 1, 1), (9_999, 12, 31)),
        Period::Year(year) => ((year, 1, 1), (year + 1, 1, 1)),
        Period::Month(year, 12) => ((year, 12, 1), (year + 1, 1, 1)),
        Period::Month(year, month) => ((year, month, 1), (year, month + 1, 1)),
        Period::Day(year, month, day) => {
            let next = chrono::NaiveDate::from_ymd_opt(year, month, day)
                .and_then(|date| date.succ_opt())
                .map_or((year, month, day), |date| {
                    (date.year(), date.month(), date.day())
                });
            ((year, month, day), next)
        }
    };
    (midnight(from, time_zone), midnight(to, time_zone))
}

/// The beginning of a date in a time zone, in UTC. Invalid dates count as 1 January 1970.
pub(super) fn midnight((year, month, day): (i32, u32, u32), time_zone: Tz) -> NaiveDateTime {
    let local = chrono::NaiveDate::from_ymd_opt(year, month, day)
        .unwrap_or_default()
        .and_time(chrono::NaiveTime::MIN);
    // Where a daylight-saving change skips midnight, the day begins up to three hours later.
    [0, 1, 2, 3]
        .iter()
        .find_map(|hours| {
            time_zone
                .from_local_datetime(&(local + chrono::TimeDelta::hours(*hours)))
                .earliest()
        })
        .map_or(local, |moment| moment.naive_utc())
}

/// Replaces an article's entries after a change. Call it in the transaction of the change.
pub fn reindex(
    conn: &mut AnyConnection,
    article_id: i64,
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    let old: Vec<(TimelineKind, i64, NaiveDateTime)> = timeline_entries::table
        .filter(timeline_entries::article_id.eq(article_id))
        .select((
            timeline_entries::kind,
            timeline_entries::owner_id,
            timeline_entries::published_at,
        ))
        .load(conn)?;
    diesel::delete(timeline_entries::table.filter(timeline_entries::article_id.eq(article_id)))
        .execute(conn)?;
    let new = entries_of(conn, &[article_id], sections)?;
    insert(conn, &new)?;
    let removed = old
        .iter()
        .map(|(kind, owner_id, published_at)| (*kind, *owner_id, *published_at, -1));
    let added = new
        .iter()
        .map(|entry| (entry.kind, entry.owner_id, entry.published_at, 1));
    add_counts(conn, removed.chain(added), time_zone)
}

/// The entries that these articles should have, from their sections, authors and topics.
fn entries_of(
    conn: &mut AnyConnection,
    ids: &[i64],
    sections: &SectionTree,
) -> QueryResult<Vec<Entry>> {
    let published: Vec<(i64, Option<i64>, Option<NaiveDateTime>)> = articles::table
        .filter(articles::id.eq_any(ids))
        .filter(articles::status.eq(Status::Published))
        .select((articles::id, articles::section_id, articles::published_at))
        .load(conn)?;
    let primary_sections: Vec<(i64, i64)> = published
        .iter()
        .filter_map(|(id, section_id, _)| Some((*id, (*section_id)?)))
        .collect();
    let mut keys = keys(conn, &primary_sections, sections)?;
    let entries = published.into_iter().filter_map(|(id, _, published_at)| {
        let (published_at, keys) = (published_at?, keys.remove(&id)?);
        Some(keys.into_iter().map(move |(kind, owner_id)| Entry {
            kind,
            owner_id,
            published_at,
            article_id: id,
        }))
    });
    Ok(entries.flatten().collect())
}

/// Adds the entries of new articles. Call it in the transaction that inserts them.
pub(super) fn index_new(
    conn: &mut AnyConnection,
    ids: &[i64],
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    let entries = entries_of(conn, ids, sections)?;
    add(conn, &entries, time_zone)
}

/// Adds entries of articles that have none yet, and updates the counts.
pub(super) fn add(conn: &mut AnyConnection, entries: &[Entry], time_zone: Tz) -> QueryResult<()> {
    insert(conn, entries)?;
    let added = entries
        .iter()
        .map(|entry| (entry.kind, entry.owner_id, entry.published_at, 1));
    add_counts(conn, added, time_zone)
}

fn insert(conn: &mut AnyConnection, entries: &[Entry]) -> QueryResult<()> {
    // In batches, because both engines limit the bind parameters of a statement.
    for batch in entries.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(timeline_entries::table)
            .values(batch)
            .execute(c))?;
    }
    Ok(())
}

/// Adds each change (kind, owner id, time, +1 or -1) to the counts of all periods that contain its time.
fn add_counts(
    conn: &mut AnyConnection,
    changes: impl Iterator<Item = (TimelineKind, i64, NaiveDateTime, i64)>,
    time_zone: Tz,
) -> QueryResult<()> {
    // Sorted, so that concurrent transactions lock the rows in the same order.
    let mut by_row = BTreeMap::new();
    for (kind, owner_id, published_at, change) in changes {
        for period in periods(published_at, time_zone) {
            let row = by_row.entry((kind.as_str(), owner_id, period.key()));
            row.or_insert((kind, 0)).1 += change;
        }
    }
    let rows: Vec<_> = by_row
        .into_iter()
        .filter(|(_, (_, change))| *change != 0)
        .map(|((_, owner_id, period), (kind, entries))| NewCount {
            kind,
            owner_id,
            period,
            entries,
        })
        .collect();
    for batch in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(timeline_counts::table)
            .values(batch)
            .on_conflict((
                timeline_counts::kind,
                timeline_counts::owner_id,
                timeline_counts::period
            ))
            .do_update()
            .set(
                timeline_counts::entries
                    .eq(timeline_counts::entries + excluded(timeline_counts::entries))
            )
            .execute(c))?;
    }
    Ok(())
}

/// An entry: an article in a timeline.
#[derive(Insertable)]
#[diesel(table_name = timeline_entries, treat_none_as_default_value = false)]
pub struct Entry {
    pub kind: TimelineKind,
    pub owner_id: i64,
    pub published_at: NaiveDateTime,
    pub article_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = timeline_counts, treat_none_as_default_value = false)]
struct NewCount {
    kind: TimelineKind,
    owner_id: i64,
    period: i32,
    entries: i64,
}

/// Recomputes all counts after a change of the site's time zone, in which days begin at other times. Takes seconds
/// for a million articles.
pub(super) fn recount(conn: &mut AnyConnection, time_zone: Tz) -> QueryResult<()> {
    const BATCH: i64 = 100_000;
    diesel::delete(timeline_counts::table).execute(conn)?;
    let mut last = 0;
    loop {
        // In batches of articles by id, each article with all its entries.
        let until: Option<i64> = articles::table
            .filter(articles::id.gt(last))
            .order(articles::id)
            .offset(BATCH - 1)
            .select(articles::id)
            .first(conn)
            .optional()?;
        let entries: Vec<(TimelineKind, i64, NaiveDateTime)> = timeline_entries::table
            .filter(timeline_entries::article_id.gt(last))
            .filter(timeline_entries::article_id.le(until.unwrap_or(i64::MAX)))
            .select((
                timeline_entries::kind,
                timeline_entries::owner_id,
                timeline_entries::published_at,
            ))
            .load(conn)?;
        let added = entries
            .into_iter()
            .map(|(kind, owner_id, time)| (kind, owner_id, time, 1));
        add_counts(conn, added, time_zone)?;
        match until {
            Some(id) => last = id,
            None => return Ok(()),
        }
    }
}

/// The time of an entry that was added or removed.
#[derive(QueryableByName)]
struct ChangedEntry {
    #[diesel(sql_type = Timestamp)]
    published_at: NaiveDateTime,
}

/// Copies the entries of one timeline to another, except those that it has already.
pub(super) fn copy_entries(
    conn: &mut AnyConnection,
    (from, from_id): TimelineKey,
    (into, into_id): TimelineKey,
    time_zone: Tz,
) -> QueryResult<()> {
    // One statement for any number of entries. Only numbers and constants are formatted into the SQL, here and below.
    let (from, into_name) = (from.as_str(), into.as_str());
    let added: Vec<ChangedEntry> = sql_query(format!(
        "INSERT INTO timeline_entries (kind, owner_id, published_at, article_id) \
         SELECT '{into_name}', {into_id}, source.published_at, source.article_id \
         FROM timeline_entries AS source \
         WHERE source.kind = '{from}' AND source.owner_id = {from_id} AND NOT EXISTS \
         (SELECT 1 FROM timeline_entries AS there \
          WHERE there.kind = '{into_name}' AND there.owner_id = {into_id} \
          AND there.published_at = source.published_at AND there.article_id = source.article_id) \
         RETURNING published_at"
    ))
    .load(conn)?;
    let added = added
        .into_iter()
        .map(|entry| (into, into_id, entry.published_at, 1));
    add_counts(conn, added, time_zone)
}

/// Updates the timelines of the old and new ancestors of a section that has moved to another parent.
pub(super) fn move_subtree(
    conn: &mut AnyConnection,
    section_id: i64,
    before: &SectionTree,
    after: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    let ancestors = |tree: &SectionTree| -> Vec<i64> {
        let trail = tree.trail(section_id);
        trail
            .iter()
            .map(|section| section.id)
            .filter(|id| *id != section_id)
            .collect()
    };
    let (old, new) = (ancestors(before), ancestors(after));
    for gained in new.iter().filter(|id| !old.contains(id)) {
        let (from, into) = (
            (TimelineKind::Section, section_id),
            (TimelineKind::Section, *gained),
        );
        copy_entries(conn, from, into, time_zone)?;
    }
    for lost in old.iter().filter(|id| !new.contains(id)) {
        // An article stays if it is also in another section below this ancestor.
        let mut rest = lost.to_string();
        for (_, section) in after.walk(Some(*lost)) {
            rest.push_str(&format!(", {}", section.id));
        }
        let removed: Vec<ChangedEntry> = sql_query(format!(
            "DELETE FROM timeline_entries WHERE kind = 'section' AND owner_id = {lost} \
             AND EXISTS (SELECT 1 FROM timeline_entries AS moved \
              WHERE moved.kind = 'section' AND moved.owner_id = {section_id} \
              AND moved.published_at = timeline_entries.published_at \
              AND moved.article_id = timeline_entries.article_id) \
             AND NOT EXISTS (SELECT 1 FROM articles AS article \
              WHERE article.id = timeline_entries.article_id AND article.section_id IN ({rest})) \
             AND NOT EXISTS (SELECT 1 FROM article_sections AS further \
              WHERE further.article_id = timeline_entries.article_id \
              AND further.section_id IN ({rest})) \
             RETURNING published_at"
        ))
        .load(conn)?;
        let removed = removed
            .into_iter()
            .map(|entry| (TimelineKind::Section, *lost, entry.published_at, -1));
        add_counts(conn, removed, time_zone)?;
    }
    Ok(())
}

/// Deletes all entries and counts of a timeline.
pub(super) fn empty(conn: &mut AnyConnection, (kind, owner_id): TimelineKey) -> QueryResult<()> {
    diesel::delete(
        timeline_entries::table
            .filter(timeline_entries::kind.eq(kind))
            .filter(timeline_entries::owner_id.eq(owner_id)),
    )
    .execute(conn)?;
    diesel::delete(
        timeline_counts::table
            .filter(timeline_counts::kind.eq(kind))
            .filter(timeline_counts::owner_id.eq(owner_id)),
    )
    .execute(conn)?;
    Ok(())
}

/// The timelines of these articles, given as (article id, primary section id), by article.
fn keys(
    conn: &mut AnyConnection,
    articles: &[(i64, i64)],
    sections: &SectionTree,
) -> QueryResult<HashMap<i64, Vec<TimelineKey>>> {
    let ids: Vec<i64> = articles.iter().map(|(id, _)| *id).collect();
    let further: Vec<(i64, i64)> = article_sections::table
        .filter(article_sections::article_id.eq_any(&ids))
        .select((article_sections::article_id, article_sections::section_id))
        .load(conn)?;
    let authors: Vec<(i64, i64)> = article_authors::table
        .filter(article_authors::article_id.eq_any(&ids))
        .select((article_authors::article_id, article_authors::author_id))
        .load(conn)?;
    let topics: Vec<(i64, i64)> = article_topics::table
        .filter(article_topics::article_id.eq_any(&ids))
        .select((article_topics::article_id, article_topics::topic_id))
        .load(conn)?;
    let mut all: HashMap<i64, Vec<TimelineKey>> = ids.iter().map(|id| (*id, vec![SITE])).collect();
    for (id, section_id) in articles.iter().chain(&further) {
        let trail = sections.trail(*section_id);
        let trail = trail
            .iter()
            .map(|section| (TimelineKind::Section, section.id));
        all.entry(*id).or_default().extend(trail);
    }
    let authors = authors
        .iter()
        .map(|(id, author)| (id, (TimelineKind::Author, *author)));
    let topics = topics
        .iter()
        .map(|(id, topic)| (id, (TimelineKind::Topic, *topic)));
    for (id, key) in authors.chain(topics) {
        all.entry(*id).or_default().push(key);
    }
    for keys in all.values_mut() {
        keys.sort_unstable_by_key(|(kind, owner_id)| (kind.as_str(), *owner_id));
        keys.dedup();
    }
    Ok(all)
}

/// The periods that contain a time.
fn periods(published_at: NaiveDateTime, time_zone: Tz) -> [Period; 4] {
    let local = Utc
        .from_utc_datetime(&published_at)
        .with_timezone(&time_zone);
    let (year, month, day) = (local.year(), local.month(), local.day());
    [
        Period::Ever,
        Period::Year(year),
        Period::Month(year, month),
        Period::Day(year, month, day),
    ]
}
