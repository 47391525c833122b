//! "Did you mean": known words in place of words without results.

use std::cmp::Reverse;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{
    document::Index,
    expression::{Expression, Filter},
    find::newest_of,
    stemming::stemming,
};
use crate::{
    db::{AnyConnection, schema::known_words},
    text::words::Query,
};

/// The maximum number of replacements of a word that are tried.
const MAX_ATTEMPTS: usize = 5;
/// The maximum number of known words with the same first letter that are compared.
const MAX_COMPARED: i64 = 40_000;

/// The words of a query without results, with misspelt ones replaced, if that finds a live article. Words that occur
/// only in unpublished articles are never suggested.
pub fn suggestion(
    conn: &mut AnyConnection,
    query: &Query,
    filter: &Filter,
    now: NaiveDateTime,
) -> QueryResult<Option<String>> {
    let mut words: Vec<String> = query.words().map(str::to_owned).collect();
    let mut corrected = None;
    for at in 0..words.len() {
        if has_results(conn, &words[at], &Filter::default(), now)? {
            continue;
        }
        let similar = similar_words(conn, &words[at])?;
        let mut replacement = None;
        for word in similar.into_iter().take(MAX_ATTEMPTS) {
            if has_results(conn, &word, &Filter::default(), now)? {
                replacement = Some(word);
                break;
            }
        }
        let Some(replacement) = replacement else {
            return Ok(None);
        };
        words[at] = replacement;
        corrected = Some(words.join(" "));
    }
    match corrected {
        Some(words) if has_results(conn, &words, filter, now)? => Ok(Some(words)),
        _ => Ok(None),
    }
}

/// Whether a live article contains all these words.
fn has_results(
    conn: &mut AnyConnection,
    words: &str,
    filter: &Filter,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let stemming = stemming(conn)?;
    let expression = Expression::new(&Query::new(words), filter, stemming);
    let found = newest_of(conn, Index::Texts, &expression, filter, now, 1)?;
    Ok(!found.is_empty())
}

/// The known words within an edit distance of 1 (up to 4 characters) or 2 (longer words), nearest first.
fn similar_words(conn: &mut AnyConnection, word: &str) -> QueryResult<Vec<String>> {
    let letters = word.chars().count();
    let max_distance = match letters {
        0..=2 => return Ok(Vec::new()),
        3..=4 => 1,
        _ => 2,
    };
    let Some(first) = word.chars().next() else {
        return Ok(Vec::new());
    };
    let known: Vec<String> = known_words::table
        .filter(known_words::word.ge(first.to_string()))
        .filter(known_words::word.lt(format!("{first}{}", char::MAX)))
        .order(known_words::word)
        .limit(MAX_COMPARED)
        .select(known_words::word)
        .load(conn)?;
    let mut similar: Vec<(usize, String)> = known
        .into_iter()
        .filter(|other| other != word && other.chars().count().abs_diff(letters) <= max_distance)
        .map(|other| (strsim::osa_distance(word, &other), other))
        .filter(|(distance, _)| *distance <= max_distance)
        .collect();
    // At equal distance, the longest common prefix first: most typing errors are late in a word.
    let common_prefix = |other: &str| {
        let both = word.chars().zip(other.chars());
        both.take_while(|(a, b)| a == b).count()
    };
    similar.sort_by_key(|(distance, other)| (*distance, Reverse(common_prefix(other))));
    Ok(similar.into_iter().map(|(_, word)| word).collect())
}
