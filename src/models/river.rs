//! Rivers: streams of published stories, newest first, of the site, a section, an author, a topic.
//!
//! They are kept beside the articles so that any list, on any of its pages, costs a short walk along
//! one index. An entry may lie in the future: then its article is scheduled, and readers do not see
//! it yet. Within a river an entry's place is its time, then its article's id.

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
            article_authors, article_sections, article_topics, articles, river_counts,
            river_entries,
        },
        types::{River, Status},
    },
    each_backend,
    models::section::SectionTree,
};

/// Which river: whose stream, and the id of the section, author or topic (0 for the site's).
pub type Source = (River, i64);

/// So many of the newest stories of a river are in its feed.
pub const IN_A_FEED: i64 = 30;

/// The stream of everything.
pub const SITE: Source = (River::Site, 0);

/// A stretch of time that counts are kept for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Ever,
    Year(i32),
    Month(i32, u32),
    Day(i32, u32, u32),
}

impl Period {
    pub fn of_day(date: chrono::NaiveDate) -> Self {
        Self::Day(date.year(), date.month(), date.day())
    }

    /// As it is stored: 0, 2023, 202312, 20231215.
    pub fn key(self) -> i32 {
        match self {
            Self::Ever => 0,
            Self::Year(year) => year,
            Self::Month(year, month) => year * 100 + month as i32,
            Self::Day(year, month, day) => (year * 100 + month as i32) * 100 + day as i32,
        }
    }

    /// The keys of the periods that this one is made of: the years of ever, the months of a year,
    /// the days of a month. A day has none.
    fn parts(self) -> Option<(i32, i32)> {
        match self {
            // Four digits and no more: years.
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

/// The articles of the newest live entries of a river, up to `limit`.
pub fn newest(
    conn: &mut AnyConnection,
    (river, owner_id): Source,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    each_backend!(conn, |c| river_entries::table
        .filter(river_entries::river.eq(river))
        .filter(river_entries::owner_id.eq(owner_id))
        .filter(river_entries::published_at.le(now))
        .order((
            river_entries::published_at.desc(),
            river_entries::article_id.desc(),
        ))
        .limit(limit)
        .select(river_entries::article_id)
        .load(c))
}

/// The articles of the newest entries of a river since `since`, scheduled ones included, up to `limit`.
pub(super) fn since(
    conn: &mut AnyConnection,
    (river, owner_id): Source,
    since: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    river_entries::table
        .filter(river_entries::river.eq(river))
        .filter(river_entries::owner_id.eq(owner_id))
        .filter(river_entries::published_at.ge(since))
        .order((
            river_entries::published_at.desc(),
            river_entries::article_id.desc(),
        ))
        .limit(limit)
        .select(river_entries::article_id)
        .load(conn)
}

#[derive(QueryableByName)]
struct OwnedEntry {
    #[diesel(sql_type = BigInt)]
    owner_id: i64,
    #[diesel(sql_type = BigInt)]
    article_id: i64,
}

/// The newest live entries of several rivers of one kind in one statement: (owner, article), each
/// river's newest first.
pub fn newest_of_each(
    conn: &mut AnyConnection,
    river: River,
    owner_ids: &[i64],
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<(i64, i64)>> {
    if owner_ids.is_empty() {
        return Ok(Vec::new());
    }
    // Diesel has no UNION ALL of parts that are limited each. Only numbers and our own words are
    // put into the text.
    let parts: Vec<String> = owner_ids
        .iter()
        .map(|owner_id| {
            format!(
                "SELECT * FROM (SELECT owner_id, article_id, published_at FROM river_entries \
                 WHERE river = '{}' AND owner_id = {owner_id} AND published_at <= $1 \
                 ORDER BY published_at DESC, article_id DESC LIMIT {limit}) AS part",
                river.as_str()
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

/// The live neighbours of an article in a river: the one before it and the one after it.
pub fn neighbours(
    conn: &mut AnyConnection,
    (river, owner_id): Source,
    (published_at, article_id): (NaiveDateTime, i64),
    now: NaiveDateTime,
) -> QueryResult<(Option<i64>, Option<i64>)> {
    let of_river = || {
        river_entries::table
            .filter(river_entries::river.eq(river))
            .filter(river_entries::owner_id.eq(owner_id))
            .select(river_entries::article_id)
    };
    let older = each_backend!(conn, |c| of_river()
        .filter(river_entries::published_at.le(published_at))
        .filter(
            river_entries::published_at
                .lt(published_at)
                .or(river_entries::article_id.lt(article_id)),
        )
        .order((
            river_entries::published_at.desc(),
            river_entries::article_id.desc(),
        ))
        .first(c))
    .optional()?;
    let newer = each_backend!(conn, |c| of_river()
        .filter(river_entries::published_at.ge(published_at))
        .filter(river_entries::published_at.le(now))
        .filter(
            river_entries::published_at
                .gt(published_at)
                .or(river_entries::article_id.gt(article_id)),
        )
        .order((
            river_entries::published_at.asc(),
            river_entries::article_id.asc(),
        ))
        .first(c))
    .optional()?;
    Ok((older, newer))
}

/// One page of a river.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub article_ids: Vec<i64>,
    /// How many pages there are; at least one.
    pub pages: i64,
    /// How many live entries there are on all pages together.
    pub entries: i64,
}

/// Page `number` (from 1) of the part of a river that lies in `period`, `size` entries a page.
/// `None` if there is no such page; an empty river has one, empty.
///
/// The counts per year, month and day lead to the day on which the page begins, so that only
/// entries of that day are passed over: page 10,000 costs what page 2 does.
pub fn page(
    conn: &mut AnyConnection,
    source: Source,
    period: Period,
    time_zone: Tz,
    now: NaiveDateTime,
    number: i64,
    size: i64,
) -> QueryResult<Option<Page>> {
    let (from, to) = bounds(period, time_zone);
    let scheduled = scheduled(conn, source, (from, to), now)?;
    let entries = count(conn, source, period)? - scheduled;
    let pages = ((entries + size - 1) / size).max(1);
    if number < 1 || number > pages {
        return Ok(None);
    }
    // Scheduled entries stand before the live ones, and are counted like those of earlier pages.
    let mut before = scheduled + (number - 1) * size;
    let mut part = period;
    if number > 1 {
        while let Some(smaller) = part_with_entry(conn, source, part, &mut before)? {
            part = smaller;
        }
    }
    let (part_from, part_to) = bounds(part, time_zone);
    let scheduled_in_part = if part == period {
        scheduled
    } else {
        self::scheduled(conn, source, (part_from, part_to), now)?
    };
    let (river, owner_id) = source;
    let article_ids = river_entries::table
        .filter(river_entries::river.eq(river))
        .filter(river_entries::owner_id.eq(owner_id))
        .filter(river_entries::published_at.ge(from))
        .filter(river_entries::published_at.lt(part_to))
        .filter(river_entries::published_at.le(now))
        .order((
            river_entries::published_at.desc(),
            river_entries::article_id.desc(),
        ))
        .offset((before - scheduled_in_part).max(0))
        .limit(size)
        .select(river_entries::article_id)
        .load(conn)?;
    Ok(Some(Page {
        article_ids,
        pages,
        entries,
    }))
}

/// The part of `period` in which the entry lies that `before` entries of the period precede, newest
/// first; `before` becomes the number of those within the part. `None` for a day.
fn part_with_entry(
    conn: &mut AnyConnection,
    source: Source,
    period: Period,
    before: &mut i64,
) -> QueryResult<Option<Period>> {
    for (part, entries) in counts(conn, source, period)? {
        if *before < entries {
            return Ok(Some(part));
        }
        *before -= entries;
    }
    Ok(None)
}

/// How many live entries each part of `period` has: years of ever, months of a year, days of a
/// month. Parts without any are left out; the newest comes first.
pub fn live_counts(
    conn: &mut AnyConnection,
    source: Source,
    period: Period,
    time_zone: Tz,
    now: NaiveDateTime,
) -> QueryResult<Vec<(Period, i64)>> {
    let mut live = Vec::new();
    for (part, entries) in counts(conn, source, period)? {
        let (from, to) = bounds(part, time_zone);
        // Only the part that `now` lies in is asked about: those after it hold nothing live.
        let entries = if from > now {
            0
        } else {
            entries - scheduled(conn, source, (from, to), now)?
        };
        if entries > 0 {
            live.push((part, entries));
        }
    }
    Ok(live)
}

/// How many entries, scheduled ones included, each part of a period has, the newest first.
fn counts(
    conn: &mut AnyConnection,
    (river, owner_id): Source,
    period: Period,
) -> QueryResult<Vec<(Period, i64)>> {
    let Some((from, to)) = period.parts() else {
        return Ok(Vec::new());
    };
    let rows: Vec<(i32, i64)> = river_counts::table
        .filter(river_counts::river.eq(river))
        .filter(river_counts::owner_id.eq(owner_id))
        .filter(river_counts::period.between(from, to))
        .filter(river_counts::entries.gt(0))
        .order(river_counts::period.desc())
        .select((river_counts::period, river_counts::entries))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(key, entries)| (Period::from_key(key), entries))
        .collect())
}

/// How many entries, scheduled ones included, a river has in a period.
fn count(conn: &mut AnyConnection, (river, owner_id): Source, period: Period) -> QueryResult<i64> {
    let found = river_counts::table
        .find((river, owner_id, period.key()))
        .select(river_counts::entries)
        .first(conn)
        .optional()?;
    Ok(found.unwrap_or(0))
}

/// How many entries, scheduled ones included, rivers of one kind have, by owner.
pub fn totals(
    conn: &mut AnyConnection,
    river: River,
    owner_ids: &[i64],
) -> QueryResult<HashMap<i64, i64>> {
    let rows: Vec<(i64, i64)> = river_counts::table
        .filter(river_counts::river.eq(river))
        .filter(river_counts::owner_id.eq_any(owner_ids))
        .filter(river_counts::period.eq(Period::Ever.key()))
        .select((river_counts::owner_id, river_counts::entries))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// How many entries between two times are not live yet.
fn scheduled(
    conn: &mut AnyConnection,
    (river, owner_id): Source,
    (from, to): (NaiveDateTime, NaiveDateTime),
    now: NaiveDateTime,
) -> QueryResult<i64> {
    if to <= now {
        return Ok(0);
    }
    river_entries::table
        .filter(river_entries::river.eq(river))
        .filter(river_entries::owner_id.eq(owner_id))
        .filter(river_entries::published_at.gt(now.max(from)))
        .filter(river_entries::published_at.lt(to))
        .count()
        .get_result(conn)
}

/// When a period of the site's time zone begins, and when the one after it does.
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

/// The first moment of a date in a time zone, in UTC. Dates that there are not fall to 1970.
pub(super) fn midnight((year, month, day): (i32, u32, u32), time_zone: Tz) -> NaiveDateTime {
    let local = chrono::NaiveDate::from_ymd_opt(year, month, day)
        .unwrap_or_default()
        .and_time(chrono::NaiveTime::MIN);
    // Where a daylight-saving change skips midnight, the day begins an hour later.
    [0, 1, 2, 3]
        .iter()
        .find_map(|hours| {
            time_zone
                .from_local_datetime(&(local + chrono::TimeDelta::hours(*hours)))
                .earliest()
        })
        .map_or(local, |moment| moment.naive_utc())
}

/// Makes an article's entries anew after it changed: call it in the transaction of the change.
pub fn refile(
    conn: &mut AnyConnection,
    article_id: i64,
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    let old: Vec<(River, i64, NaiveDateTime)> = river_entries::table
        .filter(river_entries::article_id.eq(article_id))
        .select((
            river_entries::river,
            river_entries::owner_id,
            river_entries::published_at,
        ))
        .load(conn)?;
    diesel::delete(river_entries::table.filter(river_entries::article_id.eq(article_id)))
        .execute(conn)?;
    let new = entries_of(conn, &[article_id], sections)?;
    insert(conn, &new)?;
    let gone = old
        .iter()
        .map(|(river, owner_id, published_at)| (*river, *owner_id, *published_at, -1));
    let come = new
        .iter()
        .map(|entry| (entry.river, entry.owner_id, entry.published_at, 1));
    add_counts(conn, gone.chain(come), time_zone)
}

/// The entries that these articles should have.
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
    let filed: Vec<(i64, i64)> = published
        .iter()
        .filter_map(|(id, section_id, _)| Some((*id, (*section_id)?)))
        .collect();
    let mut sources = sources(conn, &filed, sections)?;
    let entries = published.into_iter().filter_map(|(id, _, published_at)| {
        let (published_at, sources) = (published_at?, sources.remove(&id)?);
        Some(sources.into_iter().map(move |(river, owner_id)| Entry {
            river,
            owner_id,
            published_at,
            article_id: id,
        }))
    });
    Ok(entries.flatten().collect())
}

/// Makes the entries of articles that have just been added: call it in the same transaction.
pub(super) fn file_new(
    conn: &mut AnyConnection,
    ids: &[i64],
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    let entries = entries_of(conn, ids, sections)?;
    add(conn, &entries, time_zone)
}

/// Adds the entries of articles that have none yet, and counts them.
pub(super) fn add(conn: &mut AnyConnection, entries: &[Entry], time_zone: Tz) -> QueryResult<()> {
    insert(conn, entries)?;
    let come = entries
        .iter()
        .map(|entry| (entry.river, entry.owner_id, entry.published_at, 1));
    add_counts(conn, come, time_zone)
}

fn insert(conn: &mut AnyConnection, entries: &[Entry]) -> QueryResult<()> {
    // Few enough for the variables that one statement may have.
    for some in entries.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(river_entries::table)
            .values(some)
            .execute(c))?;
    }
    Ok(())
}

/// Adds to the counts of every period that each of these lies in: (river, owner, time, change).
fn add_counts(
    conn: &mut AnyConnection,
    changes: impl Iterator<Item = (River, i64, NaiveDateTime, i64)>,
    time_zone: Tz,
) -> QueryResult<()> {
    // Ordered, so that two transactions lock the rows in one order.
    let mut by_row = BTreeMap::new();
    for (river, owner_id, published_at, change) in changes {
        for period in periods(published_at, time_zone) {
            let row = by_row.entry((river.as_str(), owner_id, period.key()));
            row.or_insert((river, 0)).1 += change;
        }
    }
    let rows: Vec<_> = by_row
        .into_iter()
        .filter(|(_, (_, change))| *change != 0)
        .map(|((_, owner_id, period), (river, entries))| NewCount {
            river,
            owner_id,
            period,
            entries,
        })
        .collect();
    for some in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(river_counts::table)
            .values(some)
            .on_conflict((
                river_counts::river,
                river_counts::owner_id,
                river_counts::period
            ))
            .do_update()
            .set(river_counts::entries.eq(river_counts::entries + excluded(river_counts::entries)))
            .execute(c))?;
    }
    Ok(())
}

/// An article's place in a river.
#[derive(Insertable)]
#[diesel(table_name = river_entries, treat_none_as_default_value = false)]
pub struct Entry {
    pub river: River,
    pub owner_id: i64,
    pub published_at: NaiveDateTime,
    pub article_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = river_counts, treat_none_as_default_value = false)]
struct NewCount {
    river: River,
    owner_id: i64,
    period: i32,
    entries: i64,
}

/// Counts every entry anew: for when days begin at another hour, because the site's time zone
/// changed. Takes seconds for a million articles.
pub(super) fn recount(conn: &mut AnyConnection, time_zone: Tz) -> QueryResult<()> {
    const AT_ONCE: i64 = 100_000;
    diesel::delete(river_counts::table).execute(conn)?;
    let mut last = 0;
    loop {
        // Articles are walked by id, each with all of its entries.
        let until: Option<i64> = articles::table
            .filter(articles::id.gt(last))
            .order(articles::id)
            .offset(AT_ONCE - 1)
            .select(articles::id)
            .first(conn)
            .optional()?;
        let entries: Vec<(River, i64, NaiveDateTime)> = river_entries::table
            .filter(river_entries::article_id.gt(last))
            .filter(river_entries::article_id.le(until.unwrap_or(i64::MAX)))
            .select((
                river_entries::river,
                river_entries::owner_id,
                river_entries::published_at,
            ))
            .load(conn)?;
        let come = entries
            .into_iter()
            .map(|(river, owner_id, time)| (river, owner_id, time, 1));
        add_counts(conn, come, time_zone)?;
        match until {
            Some(id) => last = id,
            None => return Ok(()),
        }
    }
}

/// The time of an entry that came or went.
#[derive(QueryableByName)]
struct Moment {
    #[diesel(sql_type = Timestamp)]
    published_at: NaiveDateTime,
}

/// Puts the stories of one river into another, where they are not there yet.
pub(super) fn pour(
    conn: &mut AnyConnection,
    (from, from_id): Source,
    (into, into_id): Source,
    time_zone: Tz,
) -> QueryResult<()> {
    // One statement, however many stories there are. Only numbers and our own words are put into
    // the text, here and below.
    let (from, into_name) = (from.as_str(), into.as_str());
    let come: Vec<Moment> = sql_query(format!(
        "INSERT INTO river_entries (river, owner_id, published_at, article_id) \
         SELECT '{into_name}', {into_id}, source.published_at, source.article_id \
         FROM river_entries AS source \
         WHERE source.river = '{from}' AND source.owner_id = {from_id} AND NOT EXISTS \
         (SELECT 1 FROM river_entries AS there \
          WHERE there.river = '{into_name}' AND there.owner_id = {into_id} \
          AND there.published_at = source.published_at AND there.article_id = source.article_id) \
         RETURNING published_at"
    ))
    .load(conn)?;
    let come = come
        .into_iter()
        .map(|entry| (into, into_id, entry.published_at, 1));
    add_counts(conn, come, time_zone)
}

/// Makes the rivers above a section right after it moved from one parent to another.
pub(super) fn regraft(
    conn: &mut AnyConnection,
    section_id: i64,
    before: &SectionTree,
    after: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    let above = |tree: &SectionTree| -> Vec<i64> {
        let trail = tree.trail(section_id);
        trail
            .iter()
            .map(|section| section.id)
            .filter(|id| *id != section_id)
            .collect()
    };
    let (old, new) = (above(before), above(after));
    for gained in new.iter().filter(|id| !old.contains(id)) {
        let (from, into) = ((River::Section, section_id), (River::Section, *gained));
        pour(conn, from, into, time_zone)?;
    }
    for lost in old.iter().filter(|id| !new.contains(id)) {
        // A story stays if it is also filed in what is left of the section.
        let mut rest = lost.to_string();
        for (_, section) in after.walk(Some(*lost)) {
            rest.push_str(&format!(", {}", section.id));
        }
        let gone: Vec<Moment> = sql_query(format!(
            "DELETE FROM river_entries WHERE river = 'section' AND owner_id = {lost} \
             AND EXISTS (SELECT 1 FROM river_entries AS moved \
              WHERE moved.river = 'section' AND moved.owner_id = {section_id} \
              AND moved.published_at = river_entries.published_at \
              AND moved.article_id = river_entries.article_id) \
             AND NOT EXISTS (SELECT 1 FROM articles AS article \
              WHERE article.id = river_entries.article_id AND article.section_id IN ({rest})) \
             AND NOT EXISTS (SELECT 1 FROM article_sections AS further \
              WHERE further.article_id = river_entries.article_id \
              AND further.section_id IN ({rest})) \
             RETURNING published_at"
        ))
        .load(conn)?;
        let gone = gone
            .into_iter()
            .map(|entry| (River::Section, *lost, entry.published_at, -1));
        add_counts(conn, gone, time_zone)?;
    }
    Ok(())
}

/// Takes every story out of a river.
pub(super) fn empty(conn: &mut AnyConnection, (river, owner_id): Source) -> QueryResult<()> {
    diesel::delete(
        river_entries::table
            .filter(river_entries::river.eq(river))
            .filter(river_entries::owner_id.eq(owner_id)),
    )
    .execute(conn)?;
    diesel::delete(
        river_counts::table
            .filter(river_counts::river.eq(river))
            .filter(river_counts::owner_id.eq(owner_id)),
    )
    .execute(conn)?;
    Ok(())
}

/// The rivers that each of these articles, given with its section, belongs to.
fn sources(
    conn: &mut AnyConnection,
    articles: &[(i64, i64)],
    sections: &SectionTree,
) -> QueryResult<HashMap<i64, Vec<Source>>> {
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
    let mut all: HashMap<i64, Vec<Source>> = ids.iter().map(|id| (*id, vec![SITE])).collect();
    for (id, section_id) in articles.iter().chain(&further) {
        let trail = sections.trail(*section_id);
        let trail = trail.iter().map(|section| (River::Section, section.id));
        all.entry(*id).or_default().extend(trail);
    }
    let authors = authors
        .iter()
        .map(|(id, author)| (id, (River::Author, *author)));
    let topics = topics
        .iter()
        .map(|(id, topic)| (id, (River::Topic, *topic)));
    for (id, source) in authors.chain(topics) {
        all.entry(*id).or_default().push(source);
    }
    for sources in all.values_mut() {
        sources.sort_unstable_by_key(|(river, owner_id)| (river.as_str(), *owner_id));
        sources.dedup();
    }
    Ok(all)
}

/// The periods that a moment lies in.
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
