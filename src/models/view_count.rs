//! View counts of articles per hour, and the most-read lists derived from them.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, Timelike};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Date, Text, Timestamp},
    upsert::excluded,
};

use crate::{
    db::{
        AnyConnection,
        schema::{articles, referrer_days, site_hours, view_hours, view_totals},
    },
    each_backend,
    models::timeline::TimelineKey,
};

#[derive(Insertable)]
#[diesel(table_name = view_hours, treat_none_as_default_value = false)]
struct HourRow {
    hour: NaiveDateTime,
    article_id: i64,
    views: i64,
}

#[derive(Insertable)]
#[diesel(table_name = view_totals, treat_none_as_default_value = false)]
struct TotalRow {
    article_id: i64,
    views: i64,
}

#[derive(Insertable)]
#[diesel(table_name = site_hours, treat_none_as_default_value = false)]
struct SiteRow {
    hour: NaiveDateTime,
    views: i64,
}

#[derive(Insertable)]
#[diesel(table_name = referrer_days, treat_none_as_default_value = false)]
struct ReferrerRow<'a> {
    day: NaiveDate,
    host: &'a str,
    views: i64,
}

/// The beginning of the hour that contains a time.
pub fn hour_of(moment: NaiveDateTime) -> NaiveDateTime {
    moment
        .with_minute(0)
        .and_then(|time| time.with_second(0))
        .and_then(|time| time.with_nanosecond(0))
        .unwrap_or(moment)
}

/// Adds views: (beginning of the hour, article id, views). Views of deleted articles are dropped.
pub fn add(conn: &mut AnyConnection, views: &[(NaiveDateTime, i64, i64)]) -> QueryResult<()> {
    // In batches, because both engines limit the bind parameters of a statement.
    for batch in views.chunks(5_000) {
        let ids: Vec<i64> = batch.iter().map(|(_, article_id, _)| *article_id).collect();
        let existing: HashSet<i64> = articles::table
            .filter(articles::id.eq_any(&ids))
            .select(articles::id)
            .load(conn)?
            .into_iter()
            .collect();
        let mut hours: Vec<HourRow> = Vec::with_capacity(batch.len());
        let mut totals: BTreeMap<i64, i64> = BTreeMap::new();
        let mut of_site: BTreeMap<NaiveDateTime, i64> = BTreeMap::new();
        for (hour, article_id, views) in batch.iter().copied() {
            if existing.contains(&article_id) {
                hours.push(HourRow {
                    hour,
                    article_id,
                    views,
                });
                *totals.entry(article_id).or_default() += views;
                *of_site.entry(hour).or_default() += views;
            }
        }
        // Sorted, so that concurrent transactions lock the rows in the same order.
        hours.sort_unstable_by_key(|row| (row.hour, row.article_id));
        let totals: Vec<_> = totals
            .into_iter()
            .map(|(article_id, views)| TotalRow { article_id, views })
            .collect();
        let of_site: Vec<_> = of_site
            .into_iter()
            .map(|(hour, views)| SiteRow { hour, views })
            .collect();
        each_backend!(conn, |c| {
            diesel::insert_into(view_hours::table)
                .values(&hours)
                .on_conflict((view_hours::hour, view_hours::article_id))
                .do_update()
                .set(view_hours::views.eq(view_hours::views + excluded(view_hours::views)))
                .execute(c)?;
            diesel::insert_into(view_totals::table)
                .values(&totals)
                .on_conflict(view_totals::article_id)
                .do_update()
                .set(view_totals::views.eq(view_totals::views + excluded(view_totals::views)))
                .execute(c)?;
            diesel::insert_into(site_hours::table)
                .values(&of_site)
                .on_conflict(site_hours::hour)
                .do_update()
                .set(site_hours::views.eq(site_hours::views + excluded(site_hours::views)))
                .execute(c)
        })?;
    }
    Ok(())
}

/// The maximum number of referring sites per day: the Referer header is untrusted.
const MAX_REFERRERS_PER_DAY: i64 = 5_000;

/// Adds views by referring site: (day, host, views).
pub fn add_referrers(
    conn: &mut AnyConnection,
    views: &[(NaiveDate, String, i64)],
) -> QueryResult<()> {
    let mut by_day: BTreeMap<NaiveDate, BTreeMap<&str, i64>> = BTreeMap::new();
    for (day, host, views) in views {
        *by_day.entry(*day).or_default().entry(host).or_default() += views;
    }
    for (day, hosts) in by_day {
        let of_day = || referrer_days::table.filter(referrer_days::day.eq(day));
        let names: Vec<&str> = hosts.keys().copied().collect();
        let known: HashSet<String> = of_day()
            .filter(referrer_days::host.eq_any(&names))
            .select(referrer_days::host)
            .load(conn)?
            .into_iter()
            .collect();
        let mut free = MAX_REFERRERS_PER_DAY - of_day().count().get_result::<i64>(conn)?;
        let mut rows = Vec::new();
        for (host, views) in hosts {
            if !known.contains(host) {
                free -= 1;
                if free < 0 {
                    continue;
                }
            }
            rows.push(ReferrerRow { day, host, views });
        }
        each_backend!(conn, |c| diesel::insert_into(referrer_days::table)
            .values(&rows)
            .on_conflict((referrer_days::day, referrer_days::host))
            .do_update()
            .set(referrer_days::views.eq(referrer_days::views + excluded(referrer_days::views)))
            .execute(c))?;
    }
    Ok(())
}

/// Views of the whole site per hour in `from..to`, in order: (beginning of the hour, views). Hours without views are
/// left out.
pub fn site_hours(
    conn: &mut AnyConnection,
    from: NaiveDateTime,
    to: NaiveDateTime,
) -> QueryResult<Vec<(NaiveDateTime, i64)>> {
    site_hours::table
        .filter(site_hours::hour.ge(from))
        .filter(site_hours::hour.lt(to))
        .order(site_hours::hour)
        .select((site_hours::hour, site_hours::views))
        .load(conn)
}

/// Up to `limit` referring sites with the most views since this day: (host, views).
pub fn referrers(
    conn: &mut AnyConnection,
    since: NaiveDate,
    limit: i64,
) -> QueryResult<Vec<(String, i64)>> {
    let by_site: Vec<HostViews> = sql_query(format!(
        "SELECT host, CAST(SUM(views) AS BIGINT) AS views FROM referrer_days WHERE day >= $1 \
         GROUP BY host ORDER BY 2 DESC, host LIMIT {limit}"
    ))
    .bind::<Date, _>(since)
    .load(conn)?;
    Ok(by_site
        .into_iter()
        .map(|row| (row.host, row.views))
        .collect())
}

#[derive(QueryableByName)]
struct HostViews {
    #[diesel(sql_type = Text)]
    host: String,
    #[diesel(sql_type = BigInt)]
    views: i64,
}

/// The most-read articles since the hour that began at `since`, most views first: (article id, views).
pub fn read_since(
    conn: &mut AnyConnection,
    since: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<(i64, i64)>> {
    // For the casts and `0 +` see `most_read`.
    let read: Vec<ArticleViews> = sql_query(format!(
        "SELECT 0 + article_id AS article_id, CAST(SUM(views) AS BIGINT) AS views \
         FROM view_hours WHERE hour >= $1 GROUP BY 0 + article_id \
         ORDER BY 2 DESC, 1 DESC LIMIT {limit}"
    ))
    .bind::<Timestamp, _>(since)
    .load(conn)?;
    Ok(read
        .into_iter()
        .map(|row| (row.article_id, row.views))
        .collect())
}

#[derive(QueryableByName)]
struct ArticleViews {
    #[diesel(sql_type = BigInt)]
    article_id: i64,
    #[diesel(sql_type = BigInt)]
    views: i64,
}

#[derive(QueryableByName)]
struct ArticleId {
    #[diesel(sql_type = BigInt)]
    article_id: i64,
}

/// How many times more candidates than results are checked first: some may be withdrawn or not in the timeline.
const CANDIDATE_FACTOR: i64 = 8;

/// Up to `limit` of the most-read live articles since the hour that began at `since`, most views first; of all
/// articles, or of one timeline.
pub fn most_read(
    conn: &mut AnyConnection,
    timeline: Option<TimelineKey>,
    since: NaiveDateTime,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let (entries, of_timeline) = timeline.map_or_else(Default::default, |(kind, owner_id)| {
        (
            "CROSS JOIN timeline_entries AS entry",
            format!(
                "AND entry.kind = '{}' AND entry.owner_id = {owner_id} \
                 AND entry.published_at = article.published_at AND entry.article_id = article.id",
                kind.as_str()
            ),
        )
    });
    // Diesel cannot join a grouped subquery. The cast: in PostgreSQL, SUM of BIGINT is NUMERIC. The `0 +`: otherwise
    // SQLite may group along the index by article and read the views of all time. CROSS JOIN fixes SQLite's join order:
    // few articles were read, compared with all articles.
    let mut select_from = |candidates: &str| {
        sql_query(format!(
            "SELECT counted.article_id FROM \
             (SELECT 0 + article_id AS article_id, CAST(SUM(views) AS BIGINT) AS views \
              FROM view_hours WHERE hour >= $1 GROUP BY 0 + article_id {candidates}) AS counted \
             CROSS JOIN articles AS article {entries} \
             WHERE article.id = counted.article_id \
             AND article.status = 'published' AND article.published_at <= $2 {of_timeline} \
             ORDER BY counted.views DESC, counted.article_id DESC LIMIT {limit}"
        ))
        .bind::<Timestamp, _>(since)
        .bind::<Timestamp, _>(now)
        .load(conn)
    };
    // Usually a few candidates suffice, even if a hundred thousand articles were read.
    let first = limit * CANDIDATE_FACTOR;
    let mut read: Vec<ArticleId> = select_from(&format!("ORDER BY 2 DESC, 1 DESC LIMIT {first}"))?;
    if i64::try_from(read.len()).unwrap_or(limit) < limit {
        read = select_from("")?;
    }
    Ok(read.into_iter().map(|row| row.article_id).collect())
}

/// Up to `limit` of the most-read live articles of all time, most views first.
pub fn most_read_ever(
    conn: &mut AnyConnection,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    // CROSS JOIN fixes SQLite's join order: along the index by views, until enough are found.
    let read: Vec<ArticleId> = sql_query(format!(
        "SELECT total.article_id FROM view_totals AS total CROSS JOIN articles AS article \
         WHERE article.id = total.article_id \
         AND article.status = 'published' AND article.published_at <= $1 \
         ORDER BY total.views DESC, total.article_id DESC LIMIT {limit}"
    ))
    .bind::<Timestamp, _>(now)
    .load(conn)?;
    Ok(read.into_iter().map(|row| row.article_id).collect())
}
