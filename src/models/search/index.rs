//! The search index: the words of every published article, always in step with what is public.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use diesel::{
    dsl::max,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, SmallInt, Text},
};

use super::{Index, Tag, pairs, stemming};
use crate::{
    db::{
        AnyConnection,
        schema::{
            article_authors, article_sections, article_topics, articles, findable, index_queue,
            known_words,
        },
        types::Status,
    },
    each_backend,
    models::article,
    parallel::{cores, side_by_side},
    text::{
        SanitizedHtml,
        words::{self, Stemming},
    },
};

/// Places among the articles of one minute.
const PLACES: i64 = 64;
const DAY: i64 = 24 * 60 * PLACES;
/// Where an article goes whose minute is full: as near behind it as there is a place.
const STRETCHES: [i64; 4] = [PLACES, DAY, 31 * DAY, 40_000 * DAY];

/// In bytes: of a longer text only the beginning is found. PostgreSQL takes a megabyte, its own bookkeeping
/// included.
const LONGEST_TEXT: usize = 300_000;
/// A word may stand at so many places in PostgreSQL.
const MOST_PLACES: usize = 255;
/// The last place that PostgreSQL tells apart.
const LAST_PLACE: usize = 16_383;

/// In letters: shorter ones begin nothing and are not misspelt, longer ones are not words.
const KNOWN: std::ops::RangeInclusive<usize> = 3..=40;

/// When minutes begin to be counted.
fn beginning() -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default();
    day.and_time(NaiveTime::MIN)
}

/// The number of the first article of a minute; times before 1900 count as 1900.
pub(super) fn first_of_minute(time: NaiveDateTime) -> i64 {
    (time - beginning()).num_minutes().max(0) * PLACES
}

/// The minute of a document's number.
pub(super) fn time_of(doc: i64) -> NaiveDateTime {
    // No number is so large that there is no time for it, but for one that was made by hand.
    let since = TimeDelta::try_minutes(doc / PLACES).unwrap_or_default();
    let beginning = beginning();
    beginning.checked_add_signed(since).unwrap_or(beginning)
}

/// Makes the words of those of the articles findable that are published, and the others' not. Call it in the
/// transaction of the change.
pub(in crate::models) fn refresh(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<()> {
    for id in ids {
        remove(conn, *id)?;
    }
    let published: Vec<Entry> = articles::table
        .filter(articles::id.eq_any(ids))
        .filter(articles::status.eq(Status::Published))
        .filter(articles::published_at.is_not_null())
        .select(Entry::as_select())
        .load(conn)?;
    let bodies = article::bodies(conn, ids)?;
    let mut tags = tags(conn, ids)?;
    let stemming = stemming(conn)?;
    let mut known = BTreeSet::new();
    // Finding the words is most of the work, and needs no database.
    let stems = side_by_side(&published, cores(), |some| {
        some.iter()
            .map(|entry| {
                let body = bodies.get(&entry.id).map(SanitizedHtml::plain);
                Stems::of(entry, &body.unwrap_or_default(), stemming)
            })
            .collect::<Vec<_>>()
    });
    for (entry, mut stems) in published.iter().zip(stems.into_iter().flatten()) {
        let mut tags = tags.remove(&entry.id).unwrap_or_default();
        tags.extend(entry.section_id.map(Tag::Section));
        known.append(&mut stems.known);
        put(conn, entry, stems, &tags)?;
    }
    learn(conn, known)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct Entry {
    id: i64,
    headline: String,
    standfirst: String,
    published_at: Option<NaiveDateTime>,
    section_id: Option<i64>,
}

/// What the articles can be filtered by, besides their own section.
fn tags(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, Vec<Tag>>> {
    let mut tags: HashMap<i64, Vec<Tag>> = HashMap::new();
    let authors: Vec<(i64, i64)> = article_authors::table
        .filter(article_authors::article_id.eq_any(ids))
        .select((article_authors::article_id, article_authors::author_id))
        .load(conn)?;
    let sections: Vec<(i64, i64)> = article_sections::table
        .filter(article_sections::article_id.eq_any(ids))
        .select((article_sections::article_id, article_sections::section_id))
        .load(conn)?;
    let topics: Vec<(i64, i64)> = article_topics::table
        .filter(article_topics::article_id.eq_any(ids))
        .select((article_topics::article_id, article_topics::topic_id))
        .load(conn)?;
    for (id, author) in authors {
        tags.entry(id).or_default().push(Tag::Author(author));
    }
    for (id, section) in sections {
        tags.entry(id).or_default().push(Tag::Section(section));
    }
    for (id, topic) in topics {
        tags.entry(id).or_default().push(Tag::Topic(topic));
    }
    Ok(tags)
}

/// The stems of an article's words.
struct Stems {
    headline: Vec<String>,
    /// Those of the standfirst and of the text, as far as they are indexed.
    below: [Vec<String>; 2],
    /// The words of headline and standfirst as they are written.
    known: BTreeSet<String>,
}

impl Stems {
    fn of(entry: &Entry, body: &str, stemming: Stemming) -> Self {
        let mut known = BTreeSet::new();
        let [headline, standfirst] = [&entry.headline, &entry.standfirst].map(|text| {
            let words = words::words(text).into_iter().map(|word| word.folded);
            let words: Vec<String> = words.collect();
            let stems: Vec<String> = words.iter().map(|word| stemming.stem(word)).collect();
            known.extend(words);
            stems
        });
        let mut bytes = 0;
        let mut fits = |stem: &String| {
            bytes += stem.len() + 1;
            bytes <= LONGEST_TEXT
        };
        Self {
            headline,
            below: [
                standfirst.into_iter().take_while(&mut fits).collect(),
                stemming.stems(body).take_while(&mut fits).collect(),
            ],
            known,
        }
    }
}

/// Puts an article into both indexes, in which it is not.
fn put(conn: &mut AnyConnection, entry: &Entry, stems: Stems, tags: &[Tag]) -> QueryResult<()> {
    let doc = place(conn, entry.id, entry.published_at.unwrap_or_default())?;
    let mut words: Vec<String> = tags.iter().map(|tag| tag.word()).collect();
    words.extend(stems.headline);
    insert(conn, Index::Headlines, doc, &words)?;
    for part in stems.below {
        // No phrase goes from one part into the next.
        words.push(Tag::MARK.to_string());
        words.extend(part);
    }
    insert(conn, Index::Texts, doc, &words)
}

/// Takes a place for an article in the order of publication, and returns its number.
fn place(conn: &mut AnyConnection, article_id: i64, time: NaiveDateTime) -> QueryResult<i64> {
    let first = first_of_minute(time);
    let mut stretches = STRETCHES.into_iter().peekable();
    while let Some(length) = stretches.peek() {
        let end = first + length;
        let last: Option<i64> = findable::table
            .filter(findable::doc.ge(first))
            .filter(findable::doc.lt(end))
            .select(max(findable::doc))
            .first(conn)?;
        let free = last.map_or(first, |last| last + 1);
        if free == end {
            stretches.next();
            continue;
        }
        let row = (findable::doc.eq(free), findable::article_id.eq(article_id));
        let taken = each_backend!(conn, |c| diesel::insert_into(findable::table)
            .values(row)
            .on_conflict(findable::doc)
            .do_nothing()
            .execute(c))?;
        // Otherwise another instance has just taken this place.
        if taken == 1 {
            return Ok(free);
        }
    }
    Err(diesel::result::Error::QueryBuilderError(
        "the search index has no place left".into(),
    ))
}

fn insert(conn: &mut AnyConnection, index: Index, doc: i64, words: &[String]) -> QueryResult<()> {
    let table = index.table();
    match conn {
        AnyConnection::Sqlite(conn) => {
            sql_query(format!(
                "INSERT INTO {table} (rowid, words) VALUES ($1, $2)"
            ))
            .bind::<BigInt, _>(doc)
            .bind::<Text, _>(words.join(" "))
            .execute(conn)?;
        }
        AnyConnection::Postgres(conn) => {
            let date = time_of(doc).date();
            let time = [Tag::month_of(date).word(), Tag::Year(date.year()).word()];
            let pairs: Vec<i16> = pairs::of(words).into_iter().collect();
            sql_query(format!(
                "INSERT INTO {table} (doc, words, pairs) VALUES ($1, $2::tsvector, $3)"
            ))
            .bind::<BigInt, _>(doc)
            .bind::<Text, _>(vector(words.iter().chain(&time)))
            .bind::<Array<SmallInt>, _>(pairs)
            .execute(conn)?;
        }
    }
    Ok(())
}

/// Words as PostgreSQL writes a tsvector. Made here, not by its own parser, so that both engines have the
/// same words whatever locale the server was set up with.
fn vector<'w>(words: impl Iterator<Item = &'w String>) -> String {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (place, word) in (1..).zip(words) {
        let of_word = places.entry(word).or_default();
        if of_word.len() < MOST_PLACES {
            of_word.push(place.min(LAST_PLACE).to_string());
        }
    }
    let lexemes: Vec<String> = places
        .into_iter()
        .map(|(word, places)| format!("'{word}':{}", places.join(",")))
        .collect();
    lexemes.join(" ")
}

/// Forgets an article's words, if any are known.
pub(in crate::models) fn remove(conn: &mut AnyConnection, article_id: i64) -> QueryResult<()> {
    let doc: Option<i64> = findable::table
        .filter(findable::article_id.eq(article_id))
        .select(findable::doc)
        .first(conn)
        .optional()?;
    let Some(doc) = doc else {
        return Ok(());
    };
    // PostgreSQL does this by itself when the place goes.
    if let AnyConnection::Sqlite(_) = conn {
        for index in [Index::Texts, Index::Headlines] {
            sql_query(format!("DELETE FROM {} WHERE rowid = $1", index.table()))
                .bind::<BigInt, _>(doc)
                .execute(conn)?;
        }
    }
    diesel::delete(findable::table.find(doc)).execute(conn)?;
    Ok(())
}

/// Adds words to those that are known.
fn learn(conn: &mut AnyConnection, words: BTreeSet<String>) -> QueryResult<()> {
    // In order, so that two processes lock the rows in one order.
    let rows: Vec<_> = words
        .into_iter()
        .filter(|word| KNOWN.contains(&word.chars().count()))
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
        .map(|word| known_words::word.eq(word))
        .collect();
    // Few enough for the variables that one statement may have.
    for some in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(known_words::table)
            .values(some)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Has the index made anew, in the background: the language decides how words are compared.
pub(in crate::models) fn queue_all(conn: &mut AnyConnection) -> QueryResult<()> {
    sql_query(
        "INSERT INTO index_queue (article_id, words) \
         SELECT article_id, TRUE FROM findable WHERE TRUE \
         ON CONFLICT (article_id) DO UPDATE SET words = TRUE",
    )
    .execute(conn)?;
    Ok(())
}

/// Has the words of a topic's articles put into the index anew, in the background: they are filtered by
/// topics.
pub(in crate::models) fn queue_topic(conn: &mut AnyConnection, topic_id: i64) -> QueryResult<()> {
    sql_query(
        "INSERT INTO index_queue (article_id, words) SELECT article_id, TRUE FROM article_topics \
         WHERE topic_id = $1 ON CONFLICT (article_id) DO UPDATE SET words = TRUE",
    )
    .bind::<BigInt, _>(topic_id)
    .execute(conn)?;
    Ok(())
}

/// Has stories looked for in the same vein as each of these, in the background.
pub(in crate::models) fn queue_related(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<()> {
    let rows: Vec<_> = ids
        .iter()
        .map(|id| {
            (
                index_queue::article_id.eq(*id),
                index_queue::words.eq(false),
            )
        })
        .collect();
    // Few enough for the variables that one statement may have.
    for some in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(index_queue::table)
            .values(some)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Articles whose turn it is, up to `limit`, the newest first: the id, and whether its words are to be put into
/// the index.
pub fn queued(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<(i64, bool)>> {
    index_queue::table
        .order(index_queue::article_id.desc())
        .limit(limit)
        .select((index_queue::article_id, index_queue::words))
        .load(conn)
}

/// Has whoever saves one of these articles, or works on the queue in another process, wait.
pub fn lock(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<()> {
    // SQLite has one writer at a time.
    if let AnyConnection::Postgres(conn) = conn {
        let _locked: Vec<i64> = articles::table
            .filter(articles::id.eq_any(ids))
            .order(articles::id)
            .select(articles::id)
            .for_update()
            .load(conn)?;
    }
    Ok(())
}

/// Puts the words of queued articles into the index.
pub fn put_words(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<()> {
    lock(conn, ids)?;
    refresh(conn, ids)?;
    diesel::update(index_queue::table.filter(index_queue::article_id.eq_any(ids)))
        .set(index_queue::words.eq(false))
        .execute(conn)?;
    Ok(())
}

/// Takes an article off the queue, unless its words were asked for again meanwhile.
pub fn done(conn: &mut AnyConnection, article_id: i64) -> QueryResult<()> {
    diesel::delete(
        index_queue::table
            .find(article_id)
            .filter(index_queue::words.eq(false)),
    )
    .execute(conn)?;
    Ok(())
}
