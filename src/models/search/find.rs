//! Finding articles: the newest matches from the index, then ranked by relevance.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{NaiveDateTime, TimeDelta};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamp},
};

use super::{
    document::{Index, first_of_minute},
    expression::{Expression, Filter, Phrase},
    postgres::PostgresSearch,
    stemming::stemming,
};
use crate::{
    db::{AnyConnection, schema::known_words},
    text::words::{self, Query, Stemming},
};

/// How many of the newest matches are ranked by relevance: of those in headlines, and of those anywhere.
const CANDIDATES: i64 = 150;
/// The maximum number of results.
const MAX_RESULTS: usize = 2 * CANDIDATES as usize;
/// The last word is completed to longer words only if there are fewer results than this without.
const MIN_EXACT_RESULTS: usize = 20;
/// The maximum number of completions of the last word: the shortest of `COMPLETION_CANDIDATES` known words.
const MAX_COMPLETIONS: usize = 40;
const COMPLETION_CANDIDATES: i64 = 500;

/// The order of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By matches in the headline, then in the standfirst, and by age.
    #[default]
    Relevance,
    Newest,
}

/// The minimum length of a keyword, in characters: shorter words seldom say what a headline is about.
pub(in crate::models) const MIN_KEYWORD_LENGTH: usize = 4;
/// The maximum number of keywords of a headline.
const MAX_KEYWORDS: usize = 12;

/// The results of a search.
#[derive(Debug, Default)]
pub struct Found {
    pub article_ids: Vec<i64>,
    /// Whether there may be more results.
    pub is_cut: bool,
    /// The stems that matched, for highlighting.
    pub stems: HashSet<String>,
}

/// The live articles that contain every word of `query`; the last one may be a prefix.
pub fn find(
    conn: &mut AnyConnection,
    query: &Query,
    filter: &Filter,
    order: Order,
    now: NaiveDateTime,
) -> QueryResult<Found> {
    if query.is_empty() {
        return Ok(Found::default());
    }
    let stemming = stemming(conn)?;
    let exact = Expression::new(query, filter, stemming);
    let found = hits(conn, &exact, filter, order, now, stemming)?;
    if found.article_ids.len() >= MIN_EXACT_RESULTS {
        return Ok(found);
    }
    let Some(prefix) = query.beginning() else {
        return Ok(found);
    };
    let completed = exact.with_completions(prefix, &completions(conn, prefix)?, stemming);
    hits(conn, &completed, filter, order, now, stemming)
}

/// The live articles that contain every word of `words`, newest first.
pub fn newest(conn: &mut AnyConnection, words: &str, now: NaiveDateTime) -> QueryResult<Vec<i64>> {
    let query = Query::new(words);
    let found = find(conn, &query, &Filter::default(), Order::Newest, now)?;
    Ok(found.article_ids)
}

/// Up to `limit` of the newest live articles that share a keyword with a headline.
pub(in crate::models) fn with_similar_headline(
    conn: &mut AnyConnection,
    headline: &str,
    stemming: Stemming,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let stems: BTreeSet<String> = words::words(headline)
        .into_iter()
        .filter(|word| word.folded.chars().count() >= MIN_KEYWORD_LENGTH)
        .map(|word| stemming.stem(&word.folded))
        .take(MAX_KEYWORDS)
        .collect();
    if stems.is_empty() {
        return Ok(Vec::new());
    }
    let any = Expression {
        groups: vec![stems.into_iter().map(Phrase::of).collect()],
        words: 1,
    };
    let hits = newest_of(conn, Index::Headlines, &any, &Filter::default(), now, limit)?;
    Ok(hits.into_iter().map(|hit| hit.id).collect())
}

/// The known words that start with `prefix`, shortest first.
fn completions(conn: &mut AnyConnection, prefix: &str) -> QueryResult<Vec<String>> {
    let mut words: Vec<String> = known_words::table
        .filter(known_words::word.ge(prefix))
        .filter(known_words::word.lt(format!("{prefix}{}", char::MAX)))
        .order(known_words::word)
        .limit(COMPLETION_CANDIDATES)
        .select(known_words::word)
        .load(conn)?;
    words.sort_by_key(String::len);
    words.truncate(MAX_COMPLETIONS);
    Ok(words)
}

#[derive(QueryableByName)]
pub(super) struct Hit {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    headline: String,
    #[diesel(sql_type = Text)]
    standfirst: String,
    #[diesel(sql_type = Timestamp)]
    published_at: NaiveDateTime,
}

/// Up to `limit` of the newest live articles that match an expression in an index.
pub(super) fn newest_of(
    conn: &mut AnyConnection,
    index: Index,
    expression: &Expression,
    filter: &Filter,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Hit>> {
    let query = expression.to_sql(conn);
    // One more day, because a full minute's articles have later numbers. The articles' own times decide below.
    let until = filter.before.map_or(now, |before| before.min(now)) + TimeDelta::days(1);
    let first = filter.from.map_or(0, first_of_minute);
    let last = first_of_minute(until);
    // Some more than wanted: the newest ones may be scheduled.
    let batch = limit + 50;
    let floor = filter.from.unwrap_or(now - MAX_AGE);
    let ceiling = filter.before.unwrap_or(now + TimeDelta::days(1));
    match conn {
        AnyConnection::Sqlite(conn) => {
            let table = index.table();
            let matching = format!(
                "SELECT rowid AS doc FROM {table} WHERE {table} MATCH $1 \
                 AND rowid BETWEEN $2 AND $3 ORDER BY doc DESC LIMIT {batch}"
            );
            sql_query(select_live(&matching, 3, limit))
                .bind::<Text, _>(query)
                .bind::<BigInt, _>(first)
                .bind::<BigInt, _>(last)
                .bind::<Timestamp, _>(now)
                .bind::<Timestamp, _>(floor)
                .bind::<Timestamp, _>(ceiling)
                .load(conn)
        }
        AnyConnection::Postgres(conn) => {
            let search = PostgresSearch {
                index,
                expression: &query,
                words: expression.size(),
                pairs: expression.pairs(),
            };
            let docs = search.newest(conn, (first, last), batch)?;
            sql_query(select_live("SELECT UNNEST($1) AS doc", 1, limit))
                .bind::<Array<BigInt>, _>(docs)
                .bind::<Timestamp, _>(now)
                .bind::<Timestamp, _>(floor)
                .bind::<Timestamp, _>(ceiling)
                .load(conn)
        }
    }
}

/// The statement that selects the live articles of the documents that `matching` selects, newest first. `matching` has
/// `variables` bind parameters; three more follow: the current time, and the bounds of the publication time.
fn select_live(matching: &str, variables: usize, limit: i64) -> String {
    let [now, from, before] = [1, 2, 3].map(|more| variables + more);
    // CROSS JOIN fixes SQLite's join order; otherwise it scans all articles for a few matches.
    format!(
        "SELECT article.id AS id, article.headline AS headline, \
         article.standfirst AS standfirst, article.published_at AS published_at \
         FROM ({matching}) AS hit CROSS JOIN findable AS place CROSS JOIN articles AS article \
         WHERE place.doc = hit.doc AND article.id = place.article_id \
         AND article.status = 'published' AND article.published_at <= ${now} \
         AND article.published_at >= ${from} AND article.published_at < ${before} \
         ORDER BY article.published_at DESC, article.id DESC LIMIT {limit}"
    )
}

/// Longer than the age of any article.
const MAX_AGE: TimeDelta = TimeDelta::days(400 * 365);

fn hits(
    conn: &mut AnyConnection,
    expression: &Expression,
    filter: &Filter,
    order: Order,
    now: NaiveDateTime,
    stemming: Stemming,
) -> QueryResult<Found> {
    let stems = expression.stems();
    let limit = match order {
        Order::Relevance => CANDIDATES,
        Order::Newest => MAX_RESULTS as i64,
    };
    let anywhere = newest_of(conn, Index::Texts, expression, filter, now, limit)?;
    let is_cut = anywhere.len() as i64 == limit;
    let article_ids = if order == Order::Newest {
        anywhere.into_iter().map(|hit| hit.id).collect()
    } else if is_cut {
        let headlines = newest_of(conn, Index::Headlines, expression, filter, now, limit)?;
        ranked(headlines, anywhere, expression, now, stemming)
    } else {
        // `anywhere` holds all matches, those in headlines included.
        ranked(Vec::new(), anywhere, expression, now, stemming)
    };
    Ok(Found {
        article_ids,
        is_cut,
        stems,
    })
}

/// The scores of having all words in the headline, and in the standfirst.
const HEADLINE_SCORE: f64 = 3.0;
const STANDFIRST_SCORE: f64 = 1.5;
/// The score of an article published now, and the age in days at which it has halved.
const RECENCY_SCORE: f64 = 2.0;
const RECENCY_HALF_LIFE_DAYS: f64 = 120.0;

/// The article ids by relevance. The headlines of `in_headline` contain all words.
fn ranked(
    in_headline: Vec<Hit>,
    anywhere: Vec<Hit>,
    expression: &Expression,
    now: NaiveDateTime,
    stemming: Stemming,
) -> Vec<i64> {
    let recency = |hit: &Hit| {
        let days = (now - hit.published_at).num_hours().max(0) as f64 / 24.0;
        RECENCY_SCORE * 0.5_f64.powf(days / RECENCY_HALF_LIFE_DAYS)
    };
    let mut scores: HashMap<i64, f64> = in_headline
        .iter()
        .map(|hit| (hit.id, HEADLINE_SCORE + recency(hit)))
        .collect();
    for hit in &anywhere {
        scores.entry(hit.id).or_insert_with(|| {
            HEADLINE_SCORE * share(&hit.headline, expression, stemming)
                + STANDFIRST_SCORE * share(&hit.standfirst, expression, stemming)
                + recency(hit)
        });
    }
    let mut ids: Vec<i64> = scores.keys().copied().collect();
    // Ties by id, so that the order is deterministic.
    ids.sort_by(|a, b| scores[b].total_cmp(&scores[a]).then(b.cmp(a)));
    ids
}

/// The fraction of the words that a text contains, from 0 to 1.
fn share(text: &str, expression: &Expression, stemming: Stemming) -> f64 {
    let stems: HashSet<String> = stemming.stems(text).collect();
    let groups = &expression.groups[..expression.words];
    let matched = groups.iter().filter(|group| {
        group
            .iter()
            .any(|phrase| phrase.stems.iter().all(|stem| stems.contains(stem)))
    });
    matched.count() as f64 / groups.len().max(1) as f64
}
