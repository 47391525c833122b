//! The newest matches in PostgreSQL's index.
//!
//! A GIN index has no order, and PostgreSQL's row estimates for words are unreliable: its own plan for one statement
//! may read the whole archive for a rare word. Therefore the search runs in steps with a bounded cost each.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Text},
};

use super::document::{Index, Tag, first_of_minute, time_of};

/// How many of the newest documents the first sequential scan reads: enough for a word that every fifth contains.
const SCAN: i64 = 1_000;
/// The maximum size of a further scan, chosen by the density of matches so far. Beyond it, the index is faster.
const MAX_SCAN: i64 = 10_000;
/// With at least this many words, a rare combination is looked up in the whole remaining archive in one step:
/// intersecting long posting lists takes as long for two years as for twenty.
const SEVERAL_WORDS: usize = 2;
/// A combination is rare if less than one in this many of the wanted matches was found in the newest months.
const RARE_DIVISOR: i64 = 8;

#[derive(QueryableByName)]
struct ScannedDoc {
    #[diesel(sql_type = BigInt)]
    doc: i64,
    #[diesel(sql_type = Bool)]
    hit: bool,
    /// Whether the scan ended here, with older documents left.
    #[diesel(sql_type = Bool)]
    is_last: bool,
}

#[derive(QueryableByName)]
struct Doc {
    #[diesel(sql_type = BigInt)]
    doc: i64,
}

/// A search in one of PostgreSQL's indexes.
pub(super) struct PostgresSearch<'e> {
    pub index: Index,
    /// A `tsquery`.
    pub expression: &'e str,
    /// The minimum number of words that a match contains.
    pub words: usize,
    /// The word pairs that every match contains (see [`super::pairs`]).
    pub pairs: BTreeSet<i16>,
}

impl PostgresSearch<'_> {
    /// Up to `limit` of the newest matches among the documents `first..=last`.
    pub fn newest(
        &self,
        conn: &mut PgConnection,
        (first, last): (i64, i64),
        limit: i64,
    ) -> QueryResult<Vec<i64>> {
        let mut found = Vec::new();
        let missing = |found: &Vec<i64>| limit - i64::try_from(found.len()).unwrap_or(limit);
        let (mut end, mut count, mut scanned) = (last, SCAN, 0);
        while count <= MAX_SCAN {
            let older = self.scan(conn, (first, end), count, &mut found)?;
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let Some(older) = older.filter(|_| missing(&found) > 0) else {
                return Ok(found);
            };
            end = older;
            scanned += count;
            // As many as are needed at this density, and a quarter more.
            count = match limit - missing(&found) {
                0 => break,
                hits => (missing(&found) * scanned * 5 / (hits * 4)).max(SCAN),
            };
        }
        let oldest: Option<Doc> = sql_query(format!(
            "SELECT doc FROM {} WHERE doc BETWEEN $1 AND $2 ORDER BY doc LIMIT 1",
            self.index.table()
        ))
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(end)
        .get_result(conn)
        .optional()?;
        let Some(oldest) = oldest else {
            return Ok(found);
        };
        // From here on use the GIN index, regardless of the planner's estimates.
        conn.batch_execute("SET LOCAL enable_seqscan = off")?;
        for span in spans(time_of(end), time_of(oldest.doc)) {
            let missing = missing(&found);
            if missing <= 0 || end < first {
                break;
            }
            let is_rare = limit - missing < limit / RARE_DIVISOR && !span.is_newest;
            if self.words >= SEVERAL_WORDS && is_rare {
                found.extend(self.look_up(conn, &[], (first, end), missing)?);
                break;
            }
            let start = first_of_minute(span.from);
            found.extend(self.look_up(conn, &span.tags, (start.max(first), end), missing)?);
            end = start - 1;
        }
        conn.batch_execute("SET LOCAL enable_seqscan TO DEFAULT")?;
        Ok(found)
    }

    /// Scans the newest `count` documents sequentially and appends the matches to `found`; returns the last document
    /// number that was not scanned, if there may be any.
    fn scan(
        &self,
        conn: &mut PgConnection,
        (first, last): (i64, i64),
        count: i64,
        found: &mut Vec<i64>,
    ) -> QueryResult<Option<i64>> {
        let scanned: Vec<ScannedDoc> = sql_query(format!(
            "SELECT doc, hit, place = {count} AS is_last FROM (SELECT doc, words @@ $1::tsquery AS hit, \
             ROW_NUMBER() OVER (ORDER BY doc DESC) AS place \
             FROM (SELECT doc, words FROM {} WHERE doc BETWEEN $2 AND $3 \
             ORDER BY doc DESC LIMIT {count}) AS newest) AS looked_at \
             WHERE hit OR place = {count} ORDER BY doc DESC",
            self.index.table()
        ))
        .bind::<Text, _>(self.expression)
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(last)
        .load(conn)?;
        let older = scanned
            .last()
            .filter(|row| row.is_last)
            .map(|row| row.doc - 1);
        found.extend(scanned.into_iter().filter(|row| row.hit).map(|row| row.doc));
        Ok(older)
    }

    /// The newest matches among the documents `first..=last` in the GIN index, restricted to those with one of these
    /// tags if there are any.
    fn look_up(
        &self,
        conn: &mut PgConnection,
        tags: &[String],
        (first, last): (i64, i64),
        limit: i64,
    ) -> QueryResult<Vec<i64>> {
        let expression = match tags {
            [] => self.expression.to_owned(),
            tags => format!("({}) & ({})", self.expression, tags.join(" | ")),
        };
        // The hashes only narrow down the candidates; the expression checks the phrases exactly.
        let pairs: Vec<String> = self.pairs.iter().map(i16::to_string).collect();
        let pairs = match &pairs[..] {
            [] => String::new(),
            pairs => format!("AND pairs @> '{{{}}}'::SMALLINT[]", pairs.join(",")),
        };
        // The range is outside the materialized part; otherwise the planner would walk along the primary key.
        let docs: Vec<Doc> = sql_query(format!(
            "WITH matching AS MATERIALIZED (SELECT doc FROM {} WHERE words @@ $1::tsquery {pairs}) \
             SELECT doc FROM matching WHERE doc BETWEEN $2 AND $3 ORDER BY doc DESC LIMIT {limit}",
            self.index.table()
        ))
        .bind::<Text, _>(expression)
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(last)
        .load(conn)?;
        Ok(docs.into_iter().map(|row| row.doc).collect())
    }
}

/// A time span, and the tags of the documents in it.
struct Span {
    from: NaiveDateTime,
    tags: Vec<String>,
    is_newest: bool,
}

/// The time spans to search, newest first: two months, then years in groups that double in size, so that little more
/// than necessary is searched.
fn spans(newest: NaiveDateTime, oldest: NaiveDateTime) -> Vec<Span> {
    let tag = |tag: Tag| format!("'{}'", tag.word());
    let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN);
    let month = newest.date().with_day(1).unwrap_or(newest.date());
    let before = month.checked_sub_months(Months::new(1)).unwrap_or(month);
    let mut spans = vec![Span {
        from: midnight(before),
        tags: vec![tag(Tag::month_of(month)), tag(Tag::month_of(before))],
        is_newest: true,
    }];
    let (mut year, mut years) = (before.year(), 2);
    while year >= oldest.year() {
        let first = (year - years + 1).max(oldest.year());
        let Some(from) = NaiveDate::from_yo_opt(first, 1) else {
            break;
        };
        spans.push(Span {
            from: midnight(from),
            tags: (first..=year).map(|year| tag(Tag::Year(year))).collect(),
            is_newest: false,
        });
        year = first - 1;
        years = if spans.len() == 2 { 2 } else { years * 2 };
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spans_cover_the_archive_without_gaps() {
        let at = |text: &str| {
            NaiveDate::parse_from_str(text, "%F")
                .unwrap()
                .and_time(chrono::NaiveTime::MIN)
        };
        let spans = spans(at("2026-01-20"), at("2013-05-05"));
        let from: Vec<String> = spans
            .iter()
            .map(|span| span.from.date().to_string())
            .collect();
        assert_eq!(
            from,
            [
                "2025-12-01",
                "2024-01-01",
                "2022-01-01",
                "2018-01-01",
                "2013-01-01"
            ]
        );
        assert_eq!(spans[0].tags.len(), 2);
        assert_eq!(spans[3].tags.len(), 4);
        assert!(spans[4].tags[0].contains("2013"), "{:?}", spans[4].tags);
    }
}
