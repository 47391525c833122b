//! Searching the words of published articles. One of the few places where the engines differ: SQLite's
//! FTS5, PostgreSQL's tsvector. What a word is they are told alike, by [`crate::text::words`].

mod index;
mod newest;
mod pairs;
mod suggest;

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text, Timestamp},
};

pub use index::{done, lock, put_words, queued};
pub(super) use index::{queue_all, queue_related, queue_topic, refresh, remove};
pub use suggest::suggestion;

use crate::{
    db::{
        AnyConnection,
        schema::{known_words, settings},
    },
    text::words::{self, Query, Stemming},
};

/// So many of the newest stories with the words are told apart by relevance, of those that have them in the
/// headline and of all.
const CANDIDATES: i64 = 150;
/// How many stories a search lists at most.
const MOST: usize = 2 * CANDIDATES as usize;
/// If whole words find as many, what they only begin is not looked for.
const ENOUGH: usize = 20;
/// So many known words stand for a beginning: the shortest ones of so many.
const ENDINGS: usize = 40;
const LOOKED_AT: i64 = 500;

/// Which words.
#[derive(Clone, Copy)]
enum Index {
    Texts,
    Headlines,
}

impl Index {
    fn table(self) -> &'static str {
        match self {
            Self::Texts => "article_words",
            Self::Headlines => "headline_words",
        }
    }
}

/// What an article can be filtered by stands in the index among its words: the engine that finds those of
/// two words finds those of a word and a section.
#[derive(Clone, Copy)]
enum Tag {
    Section(i64),
    Author(i64),
    Topic(i64),
    /// When it was published, in months since year 0 and in years; in PostgreSQL only.
    Month(i32),
    Year(i32),
}

impl Tag {
    /// No word has it: Unicode leaves it to private use.
    const MARK: char = '\u{E000}';

    fn word(self) -> String {
        let (kind, id) = match self {
            Self::Section(id) => ('s', id),
            Self::Author(id) => ('a', id),
            Self::Topic(id) => ('t', id),
            Self::Month(month) => ('m', i64::from(month)),
            Self::Year(year) => ('y', i64::from(year)),
        };
        format!("{}{kind}{id}", Self::MARK)
    }

    fn month_of(date: NaiveDate) -> Self {
        Self::Month(date.year() * 12 + date.month0().cast_signed())
    }
}

/// What is looked through; by default everything.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Any of these: a section with its subsections.
    pub section_ids: Vec<i64>,
    pub author_id: Option<i64>,
    pub topic_id: Option<i64>,
    pub from: Option<NaiveDateTime>,
    pub before: Option<NaiveDateTime>,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What has the words in its headline, then in its standfirst; what is newer, too.
    #[default]
    Relevance,
    Newest,
}

/// In letters: shorter words seldom say what a headline is about.
pub(super) const WEIGHTY: usize = 4;
/// So many words of a headline are looked for in others.
const HEADLINE_WORDS: usize = 12;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    pub article_ids: Vec<i64>,
    /// Whether there may be more than are listed.
    pub is_cut: bool,
    /// The stems by which articles were found: to show where they stand.
    pub stems: HashSet<String>,
}

/// The live articles that hold every word of `query`; the last one may be the beginning of a word.
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
    let whole = Expression::new(query, filter, stemming);
    let found = hits(conn, &whole, filter, order, now, stemming)?;
    if found.article_ids.len() >= ENOUGH {
        return Ok(found);
    }
    let Some(beginning) = query.beginning() else {
        return Ok(found);
    };
    let longer = whole.going_on(beginning, &endings(conn, beginning)?, stemming);
    hits(conn, &longer, filter, order, now, stemming)
}

/// The live articles that hold every word that was typed, the newest first: for those who look for a
/// story that they know.
pub fn newest(conn: &mut AnyConnection, typed: &str, now: NaiveDateTime) -> QueryResult<Vec<i64>> {
    let query = Query::new(typed);
    let found = find(conn, &query, &Filter::default(), Order::Newest, now)?;
    Ok(found.article_ids)
}

/// The newest live articles that have one of the weightier words of a headline in theirs.
pub(super) fn alike(
    conn: &mut AnyConnection,
    headline: &str,
    stemming: Stemming,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let stems: BTreeSet<String> = words::words(headline)
        .into_iter()
        .filter(|word| word.folded.chars().count() >= WEIGHTY)
        .map(|word| stemming.stem(&word.folded))
        .take(HEADLINE_WORDS)
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

/// How the site's language has it.
pub fn stemming(conn: &mut AnyConnection) -> QueryResult<Stemming> {
    let language: Option<String> = settings::table
        .find("language")
        .select(settings::value)
        .first(conn)
        .optional()?;
    let default = || super::setting::Settings::default().language;
    Ok(Stemming::of(&language.unwrap_or_else(default)))
}

/// The known words that begin so, shortest first.
fn endings(conn: &mut AnyConnection, beginning: &str) -> QueryResult<Vec<String>> {
    let mut words: Vec<String> = known_words::table
        .filter(known_words::word.ge(beginning))
        .filter(known_words::word.lt(format!("{beginning}{}", char::MAX)))
        .order(known_words::word)
        .limit(LOOKED_AT)
        .select(known_words::word)
        .load(conn)?;
    words.sort_by_key(String::len);
    words.truncate(ENDINGS);
    Ok(words)
}

/// Words that stand in this order; the last may be the beginning of one.
#[derive(Clone, Debug)]
struct Phrase {
    stems: Vec<String>,
    goes_on: bool,
}

/// What is asked of an index: of each group at least one phrase. Only letters, digits and the mark of tags
/// are in it, so that it can be put into either engine's language as it is.
struct Expression {
    groups: Vec<Vec<Phrase>>,
    /// Where the words end and the filters begin.
    words: usize,
}

impl Expression {
    fn new(query: &Query, filter: &Filter, stemming: Stemming) -> Self {
        let mut groups: Vec<Vec<Phrase>> = query
            .phrases
            .iter()
            .map(|words| {
                let stems = words.iter().map(|word| stemming.stem(word)).collect();
                vec![Phrase {
                    stems,
                    goes_on: false,
                }]
            })
            .collect();
        let words = groups.len();
        let tags = |tags: Vec<Tag>| tags.iter().map(|tag| Phrase::of(tag.word())).collect();
        if !filter.section_ids.is_empty() {
            let sections = filter.section_ids.iter().map(|id| Tag::Section(*id));
            groups.push(tags(sections.collect()));
        }
        groups.extend(filter.author_id.map(|id| tags(vec![Tag::Author(id)])));
        groups.extend(filter.topic_id.map(|id| tags(vec![Tag::Topic(id)])));
        Self { groups, words }
    }

    /// The same, with words that the last one begins.
    fn going_on(mut self, beginning: &str, endings: &[String], stemming: Stemming) -> Self {
        if let Some(last) = self.groups[..self.words].last_mut() {
            let mut known: HashSet<String> = last
                .iter()
                .flat_map(|phrase| phrase.stems.clone())
                .collect();
            // In the order of the endings, so that one query is one statement to the engine.
            for stem in endings.iter().map(|word| stemming.stem(word)) {
                if known.insert(stem.clone()) {
                    last.push(Phrase::of(stem));
                }
            }
            // What no headline has is rare enough for looking up every word that begins so: with what was
            // typed, not with its stem, with which other words begin, too.
            if endings.is_empty() {
                last.push(Phrase {
                    stems: vec![beginning.to_owned()],
                    goes_on: true,
                });
            }
        }
        self
    }

    /// The stems of the words.
    fn stems(&self) -> HashSet<String> {
        let phrases = self.groups[..self.words].iter().flatten();
        phrases.flat_map(|phrase| phrase.stems.clone()).collect()
    }

    /// The pairs of the phrases that have to be there.
    fn pairs(&self) -> BTreeSet<i16> {
        let phrases = self.groups.iter().filter_map(|group| match &group[..] {
            [phrase] => Some(&phrase.stems),
            _ => None,
        });
        phrases.flat_map(|stems| pairs::of(stems)).collect()
    }

    /// How many words have to be there, at least.
    fn size(&self) -> usize {
        let shortest = |group: &Vec<Phrase>| group.iter().map(|phrase| phrase.stems.len()).min();
        self.groups.iter().filter_map(shortest).sum()
    }

    fn written(&self, conn: &AnyConnection) -> String {
        let (and, or) = match conn {
            AnyConnection::Sqlite(_) => (" AND ", " OR "),
            AnyConnection::Postgres(_) => (" & ", " | "),
        };
        let groups: Vec<String> = self
            .groups
            .iter()
            .map(|group| {
                let phrases: Vec<String> =
                    group.iter().map(|phrase| phrase.written(conn)).collect();
                format!("({})", phrases.join(or))
            })
            .collect();
        groups.join(and)
    }
}

impl Phrase {
    fn of(stem: String) -> Self {
        Self {
            stems: vec![stem],
            goes_on: false,
        }
    }

    fn written(&self, conn: &AnyConnection) -> String {
        match conn {
            AnyConnection::Sqlite(_) => format!(
                "\"{}\"{}",
                self.stems.join(" "),
                if self.goes_on { "*" } else { "" }
            ),
            AnyConnection::Postgres(_) => format!(
                "('{}'{})",
                self.stems.join("' <-> '"),
                if self.goes_on { ":*" } else { "" }
            ),
        }
    }
}

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    headline: String,
    #[diesel(sql_type = Text)]
    standfirst: String,
    #[diesel(sql_type = Timestamp)]
    published_at: NaiveDateTime,
}

/// The newest live articles that an index has for an expression.
fn newest_of(
    conn: &mut AnyConnection,
    index: Index,
    expression: &Expression,
    filter: &Filter,
    now: NaiveDateTime,
    limit: i64,
) -> QueryResult<Vec<Hit>> {
    let written = expression.written(conn);
    // A day more, for those whose minute was full; then it is the articles' own time that decides.
    let until = filter.before.map_or(now, |before| before.min(now)) + TimeDelta::days(1);
    let first = filter.from.map_or(0, index::first_of_minute);
    let last = index::first_of_minute(until);
    // A few more than are wanted: the last ones may not be public yet.
    let some = limit + 50;
    let floor = filter.from.unwrap_or(now - CENTURIES);
    let ceiling = filter.before.unwrap_or(now + TimeDelta::days(1));
    match conn {
        AnyConnection::Sqlite(conn) => {
            let table = index.table();
            let matching = format!(
                "SELECT rowid AS doc FROM {table} WHERE {table} MATCH $1 \
                 AND rowid BETWEEN $2 AND $3 ORDER BY doc DESC LIMIT {some}"
            );
            sql_query(public_of(&matching, 3, limit))
                .bind::<Text, _>(written)
                .bind::<BigInt, _>(first)
                .bind::<BigInt, _>(last)
                .bind::<Timestamp, _>(now)
                .bind::<Timestamp, _>(floor)
                .bind::<Timestamp, _>(ceiling)
                .load(conn)
        }
        AnyConnection::Postgres(conn) => {
            let search = newest::Search {
                index,
                expression: &written,
                words: expression.size(),
                pairs: expression.pairs(),
            };
            let docs = search.newest(conn, (first, last), some)?;
            sql_query(public_of("SELECT UNNEST($1) AS doc", 1, limit))
                .bind::<Array<BigInt>, _>(docs)
                .bind::<Timestamp, _>(now)
                .bind::<Timestamp, _>(floor)
                .bind::<Timestamp, _>(ceiling)
                .load(conn)
        }
    }
}

/// The statement for the articles of documents that are found by `matching`, which has so many variables: three
/// more are the time now, and from when and before when it is to be.
fn public_of(matching: &str, variables: usize, limit: i64) -> String {
    let [now, from, before] = [1, 2, 3].map(|more| variables + more);
    // CROSS JOIN keeps SQLite to this order: otherwise it walks all articles for the few that were found.
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

/// Longer than anything was published.
const CENTURIES: TimeDelta = TimeDelta::days(400 * 365);

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
        Order::Newest => MOST as i64,
    };
    let anywhere = newest_of(conn, Index::Texts, expression, filter, now, limit)?;
    let is_cut = anywhere.len() as i64 == limit;
    let article_ids = if order == Order::Newest {
        anywhere.into_iter().map(|hit| hit.id).collect()
    } else if is_cut {
        let headlines = newest_of(conn, Index::Headlines, expression, filter, now, limit)?;
        ranked(headlines, anywhere, expression, now, stemming)
    } else {
        // All of them are there: those with the words in their headlines, too.
        ranked(Vec::new(), anywhere, expression, now, stemming)
    };
    Ok(Found {
        article_ids,
        is_cut,
        stems,
    })
}

/// What having all words in the headline is worth, in the standfirst, and being new: halved with every so
/// many days.
const IN_HEADLINE: f64 = 3.0;
const IN_STANDFIRST: f64 = 1.5;
const NEW: f64 = 2.0;
const HALVED_IN_DAYS: f64 = 120.0;

/// The ids, by relevance. All words of the first are in the headlines.
fn ranked(
    in_headline: Vec<Hit>,
    anywhere: Vec<Hit>,
    expression: &Expression,
    now: NaiveDateTime,
    stemming: Stemming,
) -> Vec<i64> {
    let newness = |hit: &Hit| {
        let days = (now - hit.published_at).num_hours().max(0) as f64 / 24.0;
        NEW * 0.5_f64.powf(days / HALVED_IN_DAYS)
    };
    let mut worth: HashMap<i64, f64> = in_headline
        .iter()
        .map(|hit| (hit.id, IN_HEADLINE + newness(hit)))
        .collect();
    for hit in &anywhere {
        worth.entry(hit.id).or_insert_with(|| {
            IN_HEADLINE * share(&hit.headline, expression, stemming)
                + IN_STANDFIRST * share(&hit.standfirst, expression, stemming)
                + newness(hit)
        });
    }
    let mut ids: Vec<i64> = worth.keys().copied().collect();
    // Among equals the younger one; never by chance.
    ids.sort_by(|a, b| worth[b].total_cmp(&worth[a]).then(b.cmp(a)));
    ids
}

/// Which part of the words a text has.
fn share(text: &str, expression: &Expression, stemming: Stemming) -> f64 {
    let stems: HashSet<String> = stemming.stems(text).collect();
    let groups = &expression.groups[..expression.words];
    let there = groups.iter().filter(|group| {
        group
            .iter()
            .any(|phrase| phrase.stems.iter().all(|stem| stems.contains(stem)))
    });
    there.count() as f64 / groups.len().max(1) as f64
}
