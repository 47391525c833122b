//! Stories in the same vein: by the topics they share, their section and their words, newer ones first. Looked
//! for when an article is saved, and kept, so that no reader waits for it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{river, search};
use crate::{
    db::{
        AnyConnection,
        schema::{article_topics, articles, related_articles},
        types::River,
    },
    text::words::{self, Stemming},
};

/// So many are kept: more than are shown, for those that are withdrawn.
const KEPT: usize = 8;
/// Of so many topics stories are looked at, and how many of a topic, of the section, of those with the same
/// words.
const TOPICS: usize = 6;
const OF_TOPIC: i64 = 25;
const OF_SECTION: i64 = 25;
const ALIKE: i64 = 60;

/// What a shared topic is worth, the same section, the same words, and being new: halved with every so
/// many days.
const TOPIC: f64 = 2.0;
const SECTION: f64 = 0.5;
const WORDS: f64 = 8.0;
const NEW: f64 = 1.0;
const HALVED_IN_DAYS: f64 = 120.0;
/// What is worth less has little to do with it: being new in the same section is not enough.
const LEAST: f64 = 1.6;

/// What related stories are looked for by.
pub struct Subject<'a> {
    pub article_id: i64,
    pub headline: &'a str,
    pub standfirst: &'a str,
    pub section_id: Option<i64>,
    pub topic_ids: &'a [i64],
}

#[derive(Queryable)]
struct Candidate {
    id: i64,
    headline: String,
    standfirst: String,
    section_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
}

/// The live stories nearest to a subject, the nearest first.
pub fn rank(
    conn: &mut AnyConnection,
    subject: &Subject<'_>,
    now: NaiveDateTime,
) -> QueryResult<Vec<i64>> {
    let stemming = search::stemming(conn)?;
    let topics = &subject.topic_ids[..subject.topic_ids.len().min(TOPICS)];
    let mut shared: HashMap<i64, f64> = HashMap::new();
    for (_, id) in river::newest_of_each(conn, River::Topic, topics, now, OF_TOPIC)? {
        *shared.entry(id).or_default() += 1.0;
    }
    let mut ids: HashSet<i64> = shared.keys().copied().collect();
    if let Some(section) = subject.section_id {
        ids.extend(river::newest(
            conn,
            (River::Section, section),
            now,
            OF_SECTION,
        )?);
    }
    ids.extend(search::alike(conn, subject.headline, stemming, now, ALIKE)?);
    ids.remove(&subject.article_id);
    let candidates: Vec<Candidate> = articles::table
        .filter(articles::id.eq_any(ids))
        .select((
            articles::id,
            articles::headline,
            articles::standfirst,
            articles::section_id,
            articles::published_at,
        ))
        .load(conn)?;

    let stems: Vec<HashSet<String>> = candidates
        .iter()
        .map(|candidate| weighty(&candidate.headline, &candidate.standfirst, stemming))
        .collect();
    let own = weighty(subject.headline, subject.standfirst, stemming);
    // A word that few of the others have says more than one that most of them have.
    let weight: HashMap<&str, f64> = own
        .iter()
        .map(|stem| {
            let having = stems.iter().filter(|stems| stems.contains(stem)).count();
            let rare = (candidates.len() as f64 + 1.0) / (having as f64 + 1.0);
            (stem.as_str(), rare.ln())
        })
        .collect();
    let whole: f64 = weight.values().sum::<f64>().max(1.0);
    let mut ranked: Vec<(f64, i64)> = candidates
        .iter()
        .zip(&stems)
        .map(|(candidate, stems)| {
            let words: f64 = weight
                .iter()
                .filter(|(stem, _)| stems.contains(**stem))
                .map(|(_, weight)| weight)
                .sum();
            let age = now - candidate.published_at.unwrap_or_default();
            let days = age.num_hours().max(0) as f64 / 24.0;
            let of_section = candidate.section_id == subject.section_id;
            let worth = TOPIC * shared.get(&candidate.id).copied().unwrap_or_default()
                + if of_section { SECTION } else { 0.0 }
                + WORDS * words / whole
                + NEW * 0.5_f64.powf(days / HALVED_IN_DAYS);
            (worth, candidate.id)
        })
        .filter(|(worth, _)| *worth >= LEAST)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    ranked.truncate(KEPT);
    Ok(ranked.into_iter().map(|(_, id)| id).collect())
}

/// The stems that say what a story is about.
fn weighty(headline: &str, standfirst: &str, stemming: Stemming) -> HashSet<String> {
    [headline, standfirst]
        .into_iter()
        .flat_map(words::words)
        .filter(|word| word.folded.chars().count() >= search::WEIGHTY)
        .map(|word| stemming.stem(&word.folded))
        .collect()
}

/// The stories nearest to an article as it is stored.
pub fn look_for(
    conn: &mut AnyConnection,
    article_id: i64,
    now: NaiveDateTime,
) -> QueryResult<Vec<i64>> {
    let article: Option<(String, String, Option<i64>)> = articles::table
        .find(article_id)
        .select((
            articles::headline,
            articles::standfirst,
            articles::section_id,
        ))
        .first(conn)
        .optional()?;
    let Some((headline, standfirst, section_id)) = article else {
        return Ok(Vec::new());
    };
    let topic_ids: Vec<i64> = article_topics::table
        .filter(article_topics::article_id.eq(article_id))
        .order(article_topics::position)
        .select(article_topics::topic_id)
        .load(conn)?;
    let subject = Subject {
        article_id,
        headline: &headline,
        standfirst: &standfirst,
        section_id,
        topic_ids: &topic_ids,
    };
    rank(conn, &subject, now)
}

/// Keeps what was found. An article that is gone by now has none.
pub fn keep(conn: &mut AnyConnection, article_id: i64, related: &[i64]) -> QueryResult<()> {
    diesel::delete(related_articles::table.filter(related_articles::article_id.eq(article_id)))
        .execute(conn)?;
    let all: Vec<i64> = related.iter().copied().chain([article_id]).collect();
    let there: HashSet<i64> = articles::table
        .filter(articles::id.eq_any(all))
        .select(articles::id)
        .load(conn)?
        .into_iter()
        .collect();
    if !there.contains(&article_id) {
        return Ok(());
    }
    let rows: Vec<_> = (0..)
        .zip(related.iter().filter(|id| there.contains(id)))
        .map(|(position, other)| {
            (
                related_articles::article_id.eq(article_id),
                related_articles::position.eq(position),
                related_articles::other_id.eq(other),
            )
        })
        .collect();
    crate::each_backend!(conn, |c| diesel::insert_into(related_articles::table)
        .values(&rows)
        .execute(c))?;
    Ok(())
}

/// The stories that are kept for an article, the nearest first.
pub fn of(conn: &mut AnyConnection, article_id: i64) -> QueryResult<Vec<i64>> {
    related_articles::table
        .filter(related_articles::article_id.eq(article_id))
        .order(related_articles::position)
        .select(related_articles::other_id)
        .load(conn)
}
