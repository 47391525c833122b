//! Views of articles, counted by the hour, and what they make most popular.

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
    models::river::Source,
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

/// The beginning of the hour that a moment lies in.
pub fn hour_of(moment: NaiveDateTime) -> NaiveDateTime {
    moment
        .with_minute(0)
        .and_then(|time| time.with_second(0))
        .and_then(|time| time.with_nanosecond(0))
        .unwrap_or(moment)
}

/// Adds views: (beginning of the hour, article, views). Those of articles that are no more are
/// left out.
pub fn add(conn: &mut AnyConnection, views: &[(NaiveDateTime, i64, i64)]) -> QueryResult<()> {
    // Few enough for the variables that one statement may have.
    for some in views.chunks(5_000) {
        let ids: Vec<i64> = some.iter().map(|(_, article_id, _)| *article_id).collect();
        let there: HashSet<i64> = articles::table
            .filter(articles::id.eq_any(&ids))
            .select(articles::id)
            .load(conn)?
            .into_iter()
            .collect();
        let mut hours: Vec<HourRow> = Vec::with_capacity(some.len());
        let mut totals: BTreeMap<i64, i64> = BTreeMap::new();
        let mut of_site: BTreeMap<NaiveDateTime, i64> = BTreeMap::new();
        for (hour, article_id, views) in some.iter().copied() {
            if there.contains(&article_id) {
                hours.push(HourRow {
                    hour,
                    article_id,
                    views,
                });
                *totals.entry(article_id).or_default() += views;
                *of_site.entry(hour).or_default() += views;
            }
        }
        // Ordered, so that two processes lock the rows in one order.
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

/// Sites that are told apart on one day. Anybody can name any number of them.
const REFERRERS_OF_A_DAY: i64 = 5_000;

/// Adds views by the site that readers came from: (day, site, views).
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
        let mut room = REFERRERS_OF_A_DAY - of_day().count().get_result::<i64>(conn)?;
        let mut rows = Vec::new();
        for (host, views) in hosts {
            if !known.contains(host) {
                room -= 1;
                if room < 0 {
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

/// Views of the whole site by the hour: (beginning of the hour, views) from `from` until before `to`,
/// in order. Hours without any are left out.
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

/// The sites that most readers came from since this day: (site, views).
pub fn referrers(
    conn: &mut AnyConnection,
    since: NaiveDate,
    limit: i64,
) -> QueryResult<Vec<(String, i64)>> {
    let by_site: Vec<Referred> = sql_query(format!(
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
struct Referred {
    #[diesel(sql_type = Text)]
    host: String,
    #[diesel(sql_type = BigInt)]
    views: i64,
}

/// The articles read most since the hour that began at `since`, with their views, most first.
pub fn read_since(
    conn: &mut AnyConnection,
    since: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<(i64, i64)>> {
    // As in `most_read`.
    let read: Vec<ReadOften> = sql_query(format!(
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
struct ReadOften {
    #[diesel(sql_type = BigInt)]
    article_id: i64,
    #[diesel(sql_type = BigInt)]
    views: i64,
}

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = BigInt)]
    article_id: i64,
}

/// So many times more of what was read most are looked at first than are wanted: some of it may be withdrawn, or in
/// another section.
const LOOKED_AT: i64 = 8;

/// The live articles read most since the hour that began at `since`, most first: of everything, or
/// of one river.
pub fn most_read(
    conn: &mut AnyConnection,
    source: Option<Source>,
    since: NaiveDateTime,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let (entries, of_river) = source.map_or_else(Default::default, |(river, owner_id)| {
        (
            "CROSS JOIN river_entries AS entry",
            format!(
                "AND entry.river = '{}' AND entry.owner_id = {owner_id} \
                 AND entry.published_at = article.published_at AND entry.article_id = article.id",
                river.as_str()
            ),
        )
    });
    // Diesel cannot join a grouped subquery. The cast: PostgreSQL adds big integers up to a NUMERIC.
    // The `0 +`: without it SQLite may group along the index by article, through views of all time.
    // CROSS JOIN keeps SQLite to this order: what was read is little, what was written is much.
    let mut among = |some: &str| {
        sql_query(format!(
            "SELECT counted.article_id FROM \
             (SELECT 0 + article_id AS article_id, CAST(SUM(views) AS BIGINT) AS views \
              FROM view_hours WHERE hour >= $1 GROUP BY 0 + article_id {some}) AS counted \
             CROSS JOIN articles AS article {entries} \
             WHERE article.id = counted.article_id \
             AND article.status = 'published' AND article.published_at <= $2 {of_river} \
             ORDER BY counted.views DESC, counted.article_id DESC LIMIT {limit}"
        ))
        .bind::<Timestamp, _>(since)
        .bind::<Timestamp, _>(now)
        .load(conn)
    };
    // On a day on which a hundred thousand articles were read, hardly any of them has to be looked up.
    let first = limit * LOOKED_AT;
    let mut read: Vec<Read> = among(&format!("ORDER BY 2 DESC, 1 DESC LIMIT {first}"))?;
    if i64::try_from(read.len()).unwrap_or(limit) < limit {
        read = among("")?;
    }
    Ok(read.into_iter().map(|row| row.article_id).collect())
}

/// The live articles read most of all time, most first.
pub fn most_read_ever(
    conn: &mut AnyConnection,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    // CROSS JOIN keeps SQLite to this order: down the index by views until enough are found.
    let read: Vec<Read> = sql_query(format!(
        "SELECT total.article_id FROM view_totals AS total CROSS JOIN articles AS article \
         WHERE article.id = total.article_id \
         AND article.status = 'published' AND article.published_at <= $1 \
         ORDER BY total.views DESC, total.article_id DESC LIMIT {limit}"
    ))
    .bind::<Timestamp, _>(now)
    .load(conn)?;
    Ok(read.into_iter().map(|row| row.article_id).collect())
}
