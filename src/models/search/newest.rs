//! The newest documents of PostgreSQL's index. A GIN index knows no order, and PostgreSQL's guess at how many
//! documents have a word is as good as a coin: what it chooses by itself reads the whole archive for a word
//! that nobody ever wrote. So it is asked in steps, each of which costs little.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Text},
};

use super::{Index, Tag, index};

/// So many of the newest documents are simply read: enough for a word that every fifth has.
const READ: i64 = 1_000;
/// So many are read at most, if what was found among the first promises enough: beyond, the index is quicker.
const MOST_READ: i64 = 10_000;
/// What is asked with so many words is looked for in all the rest at once, if the newest months have hardly any of
/// it: to put long lists of the index side by side takes as long for two years as for twenty.
const SEVERAL_WORDS: usize = 2;
/// Hardly any: a part of what is wanted.
const HARDLY_ANY: i64 = 8;

#[derive(QueryableByName)]
struct ReadDoc {
    #[diesel(sql_type = BigInt)]
    doc: i64,
    #[diesel(sql_type = Bool)]
    hit: bool,
    /// Whether there may be more behind it.
    #[diesel(sql_type = Bool)]
    is_last: bool,
}

#[derive(QueryableByName)]
struct Doc {
    #[diesel(sql_type = BigInt)]
    doc: i64,
}

/// What is looked for, where: an expression with so many words that all have to be there.
pub(super) struct Search<'e> {
    pub index: Index,
    pub expression: &'e str,
    pub words: usize,
    /// What has to stand side by side.
    pub pairs: BTreeSet<i16>,
}

impl Search<'_> {
    /// Up to `limit` of the newest documents from `first` to `last` that match.
    pub fn newest(
        &self,
        conn: &mut PgConnection,
        (first, last): (i64, i64),
        limit: i64,
    ) -> QueryResult<Vec<i64>> {
        let mut found = Vec::new();
        let missing = |found: &Vec<i64>| limit - i64::try_from(found.len()).unwrap_or(limit);
        let (mut end, mut count, mut read) = (last, READ, 0);
        while count <= MOST_READ {
            let behind = self.read(conn, (first, end), count, &mut found)?;
            found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            let Some(behind) = behind.filter(|_| missing(&found) > 0) else {
                return Ok(found);
            };
            end = behind;
            read += count;
            // As many as will do, and a quarter more.
            count = match limit - missing(&found) {
                0 => break,
                hits => (missing(&found) * read * 5 / (hits * 4)).max(READ),
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
        // The index is what is asked from here on, whatever the planner thinks of it.
        conn.batch_execute("SET LOCAL enable_seqscan = off")?;
        for span in spans(index::time_of(end), index::time_of(oldest.doc)) {
            let missing = missing(&found);
            if missing <= 0 || end < first {
                break;
            }
            let is_rare = limit - missing < limit / HARDLY_ANY && !span.is_newest;
            if self.words >= SEVERAL_WORDS && is_rare {
                found.extend(self.look_up(conn, &[], (first, end), missing)?);
                break;
            }
            let start = index::first_of_minute(span.from);
            found.extend(self.look_up(conn, &span.tags, (start.max(first), end), missing)?);
            end = start - 1;
        }
        conn.batch_execute("SET LOCAL enable_seqscan TO DEFAULT")?;
        Ok(found)
    }

    /// Reads so many of the newest documents, one by one, for those that match; returns where those are that were not
    /// read, if there may be any.
    fn read(
        &self,
        conn: &mut PgConnection,
        (first, last): (i64, i64),
        count: i64,
        found: &mut Vec<i64>,
    ) -> QueryResult<Option<i64>> {
        let read: Vec<ReadDoc> = sql_query(format!(
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
        let behind = read.last().filter(|row| row.is_last).map(|row| row.doc - 1);
        found.extend(read.into_iter().filter(|row| row.hit).map(|row| row.doc));
        Ok(behind)
    }

    /// What the index has from `first` to `last`, of the times with one of these tags if there are any.
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
        // The phrases are in the expression as well, where they are exact.
        let pairs: Vec<String> = self.pairs.iter().map(i16::to_string).collect();
        let side_by_side = match &pairs[..] {
            [] => String::new(),
            pairs => format!("AND pairs @> '{{{}}}'::SMALLINT[]", pairs.join(",")),
        };
        // Outside of what the index is asked for, or the planner would rather walk along the documents.
        let some: Vec<Doc> = sql_query(format!(
            "WITH matching AS MATERIALIZED (SELECT doc FROM {} WHERE words @@ $1::tsquery {side_by_side}) \
             SELECT doc FROM matching WHERE doc BETWEEN $2 AND $3 ORDER BY doc DESC LIMIT {limit}",
            self.index.table()
        ))
        .bind::<Text, _>(expression)
        .bind::<BigInt, _>(first)
        .bind::<BigInt, _>(last)
        .load(conn)?;
        Ok(some.into_iter().map(|row| row.doc).collect())
    }
}

/// A stretch of time, and what the documents of it are tagged with.
struct Span {
    from: NaiveDateTime,
    tags: Vec<String>,
    is_newest: bool,
}

/// Two months first; then years, each time as many again as before: so that hardly more is looked at than is
/// needed to find enough.
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
    fn the_spans_go_back_without_a_gap_to_the_oldest() {
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
