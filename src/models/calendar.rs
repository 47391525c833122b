//! The calendar: published and scheduled articles by day.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamp},
};

use super::{article::IS_PUBLISHED, timeline::midnight};
use crate::db::{AnyConnection, MultiBackend};

/// An article on the day of its publication.
#[derive(Clone, Debug, QueryableByName)]
pub struct Entry {
    #[diesel(sql_type = BigInt)]
    pub article_id: i64,
    #[diesel(sql_type = Text)]
    pub headline: String,
    #[diesel(sql_type = Timestamp)]
    pub published_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub owner_id: Option<i64>,
}

/// The live and scheduled articles of consecutive dates by time, the first `limit` of each date, from one index range
/// scan per date. If `owner` is given, only that user's scheduled articles.
pub fn entries(
    conn: &mut AnyConnection,
    dates: &[NaiveDate],
    time_zone: Tz,
    owner: Option<i64>,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Entry>> {
    let Some(last) = dates.last() else {
        return Ok(Vec::new());
    };
    let start = |date: &NaiveDate| midnight((date.year(), date.month(), date.day()), time_zone);
    // Only numbers and constants are formatted into the SQL.
    let scheduled = owner.map_or("published_at > $1".to_owned(), |owner| {
        format!("owner_id = {owner}")
    });
    // SQLite numbers bind parameters by their first occurrence: $1 has to precede $2 in the SQL.
    let parts: Vec<String> = (2..)
        .take(dates.len())
        .map(|n| {
            format!(
                "SELECT * FROM (SELECT id, headline, published_at, owner_id FROM articles \
                 WHERE {IS_PUBLISHED} AND (published_at <= $1 OR {scheduled}) IS TRUE \
                 AND published_at >= ${n} AND published_at < ${} \
                 ORDER BY published_at, id LIMIT {limit}) AS part",
                n + 1
            )
        })
        .collect();
    let query = format!(
        "SELECT id AS article_id, headline, published_at, owner_id FROM ({}) AS parts \
         ORDER BY published_at, id",
        parts.join(" UNION ALL ")
    );
    let mut query = sql_query(query)
        .into_boxed::<MultiBackend>()
        .bind::<Timestamp, _>(now);
    for date in dates.iter().chain(last.succ_opt().iter()) {
        query = query.bind::<Timestamp, _>(start(date));
    }
    query.load(conn)
}
