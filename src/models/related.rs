//! Related articles: ranked by shared topics, section, words and age. They are computed by a background job after a
//! save and stored, so that requests only read them.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{search, timeline};
use crate::{
    db::{
        AnyConnection,
        schema::{article_topics, articles, related_articles},
        types::TimelineKind,
    },
    each_backend,
    text::words::{self, Stemming},
};

/// How many related articles are stored: more than are shown, in case some are withdrawn.
const MAX_STORED: usize = 8;
/// How many topics of the article are considered.
const MAX_TOPICS: usize = 6;
/// How many candidates come from each topic, from the section, and from similar headlines.
const CANDIDATES_PER_TOPIC: i64 = 25;
const CANDIDATES_OF_SECTION: i64 = 25;
const CANDIDATES_BY_HEADLINE: i64 = 60;

/// The scores of each shared topic, of the same section, and of all words in common.
const TOPIC_SCORE: f64 = 2.0;
const SECTION_SCORE: f64 = 0.5;
const WORDS_SCORE: f64 = 8.0;
/// The score of an article published now, and the age in days at which it has halved.
const RECENCY_SCORE: f64 = 1.0;
const RECENCY_HALF_LIFE_DAYS: f64 = 120.0;
/// The minimum score of a related article: a new article of the same section does not reach it by that alone.
const MIN_SCORE: f64 = 1.6;

/// The article whose related articles are computed.
pub struct Subject<'a> {
    pub article_id: i64,
    pub headline: &'a str,
    pub standfirst: &'a str,
    pub section_id: Option<i64>,
    pub topic_ids: &'a [i64],
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct Candidate {
    id: i64,
    headline: String,
    standfirst: String,
    section_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
}

/// The live articles related to a subject, best first.
pub fn rank(
    conn: &mut AnyConnection,
    subject: &Subject<'_>,
    now: NaiveDateTime,
) -> QueryResult<Vec<i64>> {
    let stemming = search::stemming(conn)?;
    let topics = &subject.topic_ids[..subject.topic_ids.len().min(MAX_TOPICS)];
    let mut shared: HashMap<i64, f64> = HashMap::new();
    for (_, id) in
        timeline::newest_of_each(conn, TimelineKind::Topic, topics, now, CANDIDATES_PER_TOPIC)?
    {
        *shared.entry(id).or_default() += 1.0;
    }
    let mut ids: HashSet<i64> = shared.keys().copied().collect();
    if let Some(section) = subject.section_id {
        ids.extend(timeline::newest(
            conn,
            (TimelineKind::Section, section),
            now,
            CANDIDATES_OF_SECTION,
        )?);
    }
    ids.extend(search::with_similar_headline(
        conn,
        subject.headline,
        stemming,
        now,
        CANDIDATES_BY_HEADLINE,
    )?);
    ids.remove(&subject.article_id);
    let candidates: Vec<Candidate> = articles::table
        .filter(articles::id.eq_any(ids))
        .select(Candidate::as_select())
        .load(conn)?;

    let stems: Vec<HashSet<String>> = candidates
        .iter()
        .map(|candidate| keyword_stems(&candidate.headline, &candidate.standfirst, stemming))
        .collect();
    let own = keyword_stems(subject.headline, subject.standfirst, stemming);
    // A word that few candidates contain weighs more (inverse document frequency).
    let weight: HashMap<&str, f64> = own
        .iter()
        .map(|stem| {
            let frequency = stems.iter().filter(|stems| stems.contains(stem)).count();
            let rarity = (candidates.len() as f64 + 1.0) / (frequency as f64 + 1.0);
            (stem.as_str(), rarity.ln())
        })
        .collect();
    let total: f64 = weight.values().sum::<f64>().max(1.0);
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
            let score = TOPIC_SCORE * shared.get(&candidate.id).copied().unwrap_or_default()
                + if of_section { SECTION_SCORE } else { 0.0 }
                + WORDS_SCORE * words / total
                + RECENCY_SCORE * 0.5_f64.powf(days / RECENCY_HALF_LIFE_DAYS);
            (score, candidate.id)
        })
        .filter(|(score, _)| *score >= MIN_SCORE)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)));
    ranked.truncate(MAX_STORED);
    Ok(ranked.into_iter().map(|(_, id)| id).collect())
}

/// The stems of the keywords of a headline and standfirst.
fn keyword_stems(headline: &str, standfirst: &str, stemming: Stemming) -> HashSet<String> {
    [headline, standfirst]
        .into_iter()
        .flat_map(words::words)
        .filter(|word| word.folded.chars().count() >= search::MIN_KEYWORD_LENGTH)
        .map(|word| stemming.stem(&word.folded))
        .collect()
}

/// The live articles related to a stored article, best first.
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

/// Stores the related articles of an article; nothing if the article has been deleted since.
pub fn keep(conn: &mut AnyConnection, article_id: i64, related: &[i64]) -> QueryResult<()> {
    diesel::delete(related_articles::table.filter(related_articles::article_id.eq(article_id)))
        .execute(conn)?;
    let all: Vec<i64> = related.iter().copied().chain([article_id]).collect();
    let existing: HashSet<i64> = articles::table
        .filter(articles::id.eq_any(all))
        .select(articles::id)
        .load(conn)?
        .into_iter()
        .collect();
    if !existing.contains(&article_id) {
        return Ok(());
    }
    let rows: Vec<_> = (0..)
        .zip(related.iter().filter(|id| existing.contains(id)))
        .map(|(position, other)| {
            (
                related_articles::article_id.eq(article_id),
                related_articles::position.eq(position),
                related_articles::other_id.eq(other),
            )
        })
        .collect();
    each_backend!(conn, |c| diesel::insert_into(related_articles::table)
        .values(&rows)
        .execute(c))?;
    Ok(())
}

/// The stored related articles of an article, best first.
pub fn of(conn: &mut AnyConnection, article_id: i64) -> QueryResult<Vec<i64>> {
    related_articles::table
        .filter(related_articles::article_id.eq(article_id))
        .order(related_articles::position)
        .select(related_articles::other_id)
        .load(conn)
}
