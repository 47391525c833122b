//! The newest documents of PostgreSQL's index. A GIN index knows no order, and PostgreSQL's guess at how many
//! documents have a word is as good as a coin: what it chooses by itself reads the whole archive for a word
//! that nobody ever wrote. So it is asked in steps, each of which costs little.

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

/// Up to `limit` of the newest documents from `first` to `last` that an expression matches.
pub(super) fn docs(
    conn: &mut PgConnection,
    index: Index,
    expression: &str,
    (first, last): (i64, i64),
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let table = index.table();
    // The newest documents, one by one; and the last of them, if there may be more.
    let read: Vec<ReadDoc> = sql_query(format!(
        "SELECT doc, hit, place = {READ} AS is_last FROM (SELECT doc, words @@ $1::tsquery AS hit, \
         ROW_NUMBER() OVER (ORDER BY doc DESC) AS place \
         FROM (SELECT doc, words FROM {table} WHERE doc BETWEEN $2 AND $3 \
         ORDER BY doc DESC LIMIT {READ}) AS newest) AS looked_at \
         WHERE hit OR place = {READ} ORDER BY doc DESC"
    ))
    .bind::<Text, _>(expression)
    .bind::<BigInt, _>(first)
    .bind::<BigInt, _>(last)
    .load(conn)?;
    let last_read = read.last().filter(|row| row.is_last).map(|row| row.doc);
    let mut found: Vec<i64> = read
        .into_iter()
        .filter(|row| row.hit)
        .map(|row| row.doc)
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .collect();
    let missing = |found: &Vec<i64>| limit - i64::try_from(found.len()).unwrap_or(limit);
    let Some(mut end) = last_read.map(|doc| doc - 1).filter(|_| missing(&found) > 0) else {
        return Ok(found);
    };
    let oldest: Option<Doc> = sql_query(format!(
        "SELECT doc FROM {table} WHERE doc BETWEEN $1 AND $2 ORDER BY doc LIMIT 1"
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
        let start = index::first_of_minute(span.from);
        // Outside of what the index is asked for, or the planner would rather walk along the documents.
        let some: Vec<Doc> = sql_query(format!(
            "WITH matching AS MATERIALIZED (SELECT doc FROM {table} WHERE words @@ $1::tsquery) \
             SELECT doc FROM matching WHERE doc BETWEEN $2 AND $3 ORDER BY doc DESC LIMIT {missing}"
        ))
        .bind::<Text, _>(format!("({expression}) & ({})", span.tags.join(" | ")))
        .bind::<BigInt, _>(start.max(first))
        .bind::<BigInt, _>(end)
        .load(conn)?;
        found.extend(some.into_iter().map(|row| row.doc));
        end = start - 1;
    }
    conn.batch_execute("SET LOCAL enable_seqscan TO DEFAULT")?;
    Ok(found)
}

/// A stretch of time, and what the documents of it are tagged with.
struct Span {
    from: NaiveDateTime,
    tags: Vec<String>,
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
