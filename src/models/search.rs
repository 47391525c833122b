//! Searching the words of published articles. One of the few places where the engines differ:
//! SQLite's FTS5, PostgreSQL's tsvector.

use chrono::NaiveDateTime;
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text, Timestamp},
};

use crate::{db::AnyConnection, text::search_words};

/// How many words of a query count.
const WORDS: usize = 12;
/// The letters that the beginning of a word needs at least.
const SHORTEST_PREFIX: usize = 3;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The live articles that hold every word of `query`, in headline, standfirst or text; the last one
/// may be the beginning of a word. Those that were added last, newest first. Anything typed is
/// words: there is no syntax.
pub fn find(
    conn: &mut AnyConnection,
    query: &str,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let words = search_words(query);
    let words: Vec<&str> = words.split_whitespace().take(WORDS).collect();
    let Some(last) = words.last() else {
        return Ok(Vec::new());
    };
    // A few letters begin too many words for looking all of them up.
    let may_go_on = last.chars().count() >= SHORTEST_PREFIX;
    let whole = matching(conn, &words, false, now, limit)?;
    // Whole words are found in no time; what they only begin is looked for if these are not enough.
    if may_go_on && i64::try_from(whole.len()).is_ok_and(|found| found < limit) {
        return matching(conn, &words, true, now, limit);
    }
    Ok(whole)
}

/// The live articles that hold all words, of which the last may go on.
fn matching(
    conn: &mut AnyConnection,
    words: &[&str],
    goes_on: bool,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let (from, words) = match conn {
        AnyConnection::Sqlite(_) => (
            "SELECT rowid AS id FROM article_words WHERE article_words MATCH $1",
            format!(
                "\"{}\"{}",
                words.join("\" \""),
                if goes_on { "*" } else { "" }
            ),
        ),
        AnyConnection::Postgres(_) => (
            "SELECT article_id AS id FROM article_words WHERE words @@ to_tsquery('simple', $1)",
            format!(
                "'{}'{}",
                words.join("' & '"),
                if goes_on { ":*" } else { "" }
            ),
        ),
    };
    // The index can be walked by id, which mostly grows with time; all but a few are live. CROSS JOIN
    // keeps SQLite to this order: otherwise it walks all articles for the few that were found.
    let found: Vec<Found> = sql_query(format!(
        "SELECT article.id AS id FROM ({from} ORDER BY id DESC LIMIT {limit} + 100) AS found \
         CROSS JOIN articles AS article WHERE article.id = found.id \
         AND article.status = 'published' AND article.published_at <= $2 \
         ORDER BY article.published_at DESC, article.id DESC LIMIT {limit}"
    ))
    .bind::<Text, _>(words)
    .bind::<Timestamp, _>(now)
    .load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Makes an article's words findable.
pub(super) fn add(
    conn: &mut AnyConnection,
    article_id: i64,
    headline: &str,
    standfirst: &str,
    body: &str,
) -> QueryResult<()> {
    let insert = match conn {
        AnyConnection::Sqlite(_) => {
            "INSERT INTO article_words (rowid, headline, standfirst, body) VALUES ($1, $2, $3, $4)"
        }
        AnyConnection::Postgres(_) => {
            "INSERT INTO article_words (article_id, words) VALUES ($1, \
             setweight(to_tsvector('simple', $2), 'A') || \
             setweight(to_tsvector('simple', $3), 'B') || to_tsvector('simple', $4))"
        }
    };
    sql_query(insert)
        .bind::<BigInt, _>(article_id)
        .bind::<Text, _>(search_words(headline))
        .bind::<Text, _>(search_words(standfirst))
        .bind::<Text, _>(search_words(body))
        .execute(conn)?;
    Ok(())
}

/// Forgets an article's words, if any are known.
pub(super) fn remove(conn: &mut AnyConnection, article_id: i64) -> QueryResult<()> {
    let delete = match conn {
        AnyConnection::Sqlite(_) => "DELETE FROM article_words WHERE rowid = $1",
        AnyConnection::Postgres(_) => "DELETE FROM article_words WHERE article_id = $1",
    };
    sql_query(delete)
        .bind::<BigInt, _>(article_id)
        .execute(conn)?;
    Ok(())
}
