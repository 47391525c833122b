//! "Did you mean": words that are known in place of those that nothing is found for.

use std::cmp::Reverse;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{Expression, Filter, Index, newest_of, stemming};
use crate::{
    db::{AnyConnection, schema::known_words},
    text::words::Query,
};

/// So many ways to mend a word are tried.
const TRIED: usize = 5;
/// Of so many known words with the same first letter the nearest are found.
const LOOKED_AT: i64 = 40_000;

/// The words of a query for which nothing is found, spelled as somebody may have meant them: so that
/// something public is found. What is not public is never shown by a suggestion.
pub fn suggestion(
    conn: &mut AnyConnection,
    query: &Query,
    filter: &Filter,
    now: NaiveDateTime,
) -> QueryResult<Option<String>> {
    let mut words: Vec<String> = query.words().map(str::to_owned).collect();
    let mut mended = None;
    for at in 0..words.len() {
        if finds(conn, &words[at], &Filter::default(), now)? {
            continue;
        }
        let near = near(conn, &words[at])?;
        let mut meant = None;
        for word in near.into_iter().take(TRIED) {
            if finds(conn, &word, &Filter::default(), now)? {
                meant = Some(word);
                break;
            }
        }
        let Some(meant) = meant else {
            return Ok(None);
        };
        words[at] = meant;
        mended = Some(words.join(" "));
    }
    match mended {
        Some(words) if finds(conn, &words, filter, now)? => Ok(Some(words)),
        _ => Ok(None),
    }
}

/// Whether anything public has all these words.
fn finds(
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

/// Known words that differ from this one by a slip or two, the nearest first.
fn near(conn: &mut AnyConnection, word: &str) -> QueryResult<Vec<String>> {
    let letters = word.chars().count();
    let most = match letters {
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
        .limit(LOOKED_AT)
        .select(known_words::word)
        .load(conn)?;
    let mut near: Vec<(usize, String)> = known
        .into_iter()
        .filter(|other| other != word && other.chars().count().abs_diff(letters) <= most)
        .map(|other| (strsim::osa_distance(word, &other), other))
        .filter(|(slips, _)| *slips <= most)
        .collect();
    // Of two as near, the one that begins alike for longer: slips come late in a word.
    let alike = |other: &str| {
        let both = word.chars().zip(other.chars());
        both.take_while(|(a, b)| a == b).count()
    };
    near.sort_by_key(|(slips, other)| (*slips, Reverse(alike(other))));
    Ok(near.into_iter().map(|(_, word)| word).collect())
}
