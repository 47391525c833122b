//! Writing the search index: the words and tags of every published article, in the transaction that changes it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDateTime};
use diesel::{
    dsl::max,
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, SmallInt, Text},
};

use super::{
    document::{Index, SLOTS_PER_MINUTE, Tag, first_of_minute, time_of},
    pairs,
    stemming::stemming,
};
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
    models::{article_text, index_queue as queue},
    parallel::{cores, map_chunks},
    text::{
        SanitizedHtml,
        words::{self, Stemming},
    },
};

/// The number of document numbers of a day.
const SLOTS_PER_DAY: i64 = 24 * 60 * SLOTS_PER_MINUTE;
/// The ranges that are searched for a free document number, in slots from the first one of the minute: the minute
/// itself, then longer ranges if it is full.
const SLOT_RANGES: [i64; 4] = [
    SLOTS_PER_MINUTE,
    SLOTS_PER_DAY,
    31 * SLOTS_PER_DAY,
    40_000 * SLOTS_PER_DAY,
];

/// The maximum indexed length of an article, in bytes; the rest is not searchable. A PostgreSQL tsvector holds 1 MB,
/// with its overhead.
const MAX_TEXT_BYTES: usize = 300_000;
/// The maximum number of positions per word in a tsvector.
const MAX_POSITIONS: usize = 255;
/// The maximum position in a tsvector; later words get this one.
const MAX_POSITION: usize = 16_383;

/// The lengths of words that completions and suggestions use, in characters.
const KNOWN_WORD_LENGTH: std::ops::RangeInclusive<usize> = 3..=40;

/// Updates the index for these articles: published ones are added, all others removed. Call it in the transaction of
/// the change.
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
    let bodies = article_text::bodies(conn, ids)?;
    let mut tags = tags(conn, ids)?;
    let stemming = stemming(conn)?;
    let mut known = BTreeSet::new();
    // Stemming is most of the work, and needs no connection.
    let stems = map_chunks(&published, cores(), |chunk| {
        chunk
            .iter()
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
        add_document(conn, entry, stems, &tags)?;
    }
    add_known_words(conn, known)
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

/// The tags of these articles, without those of their primary sections.
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
    /// Those of the standfirst and of the text, up to [`MAX_TEXT_BYTES`].
    rest: [Vec<String>; 2],
    /// The unstemmed words of headline and standfirst.
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
            bytes <= MAX_TEXT_BYTES
        };
        Self {
            headline,
            rest: [
                standfirst.into_iter().take_while(&mut fits).collect(),
                stemming.stems(body).take_while(&mut fits).collect(),
            ],
            known,
        }
    }
}

/// Adds an article to both indexes.
fn add_document(
    conn: &mut AnyConnection,
    entry: &Entry,
    stems: Stems,
    tags: &[Tag],
) -> QueryResult<()> {
    let doc = assign_number(conn, entry.id, entry.published_at.unwrap_or_default())?;
    let mut words: Vec<String> = tags.iter().map(|tag| tag.word()).collect();
    words.extend(stems.headline);
    insert(conn, Index::Headlines, doc, &words)?;
    for part in stems.rest {
        // The separator keeps phrases from matching across parts.
        words.push(Tag::MARK.to_string());
        words.extend(part);
    }
    insert(conn, Index::Texts, doc, &words)
}

/// Assigns a document number in the order of publication to an article.
fn assign_number(
    conn: &mut AnyConnection,
    article_id: i64,
    time: NaiveDateTime,
) -> QueryResult<i64> {
    let first = first_of_minute(time);
    let mut ranges = SLOT_RANGES.into_iter().peekable();
    while let Some(length) = ranges.peek() {
        let end = first + length;
        let last: Option<i64> = findable::table
            .filter(findable::doc.ge(first))
            .filter(findable::doc.lt(end))
            .select(max(findable::doc))
            .first(conn)?;
        let free = last.map_or(first, |last| last + 1);
        if free == end {
            ranges.next();
            continue;
        }
        let row = (findable::doc.eq(free), findable::article_id.eq(article_id));
        let inserted = each_backend!(conn, |c| diesel::insert_into(findable::table)
            .values(row)
            .on_conflict(findable::doc)
            .do_nothing()
            .execute(c))?;
        // 0: another process has taken this number since.
        if inserted == 1 {
            return Ok(free);
        }
    }
    Err(diesel::result::Error::QueryBuilderError(
        "the search index has no free document number".into(),
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
            .bind::<Text, _>(tsvector(words.iter().chain(&time)))
            .bind::<Array<SmallInt>, _>(pairs)
            .execute(conn)?;
        }
    }
    Ok(())
}

/// The text form of a tsvector. PostgreSQL's own parser is not used, because its result depends on the server's locale:
/// both engines must index the same words.
fn tsvector<'w>(words: impl Iterator<Item = &'w String>) -> String {
    let mut positions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (position, word) in (1..).zip(words) {
        let of_word = positions.entry(word).or_default();
        if of_word.len() < MAX_POSITIONS {
            of_word.push(position.min(MAX_POSITION).to_string());
        }
    }
    let lexemes: Vec<String> = positions
        .into_iter()
        .map(|(word, positions)| format!("'{word}':{}", positions.join(",")))
        .collect();
    lexemes.join(" ")
}

/// Removes an article from the index, if it is there.
pub(in crate::models) fn remove(conn: &mut AnyConnection, article_id: i64) -> QueryResult<()> {
    let doc: Option<i64> = findable::table
        .filter(findable::article_id.eq(article_id))
        .select(findable::doc)
        .first(conn)
        .optional()?;
    let Some(doc) = doc else {
        return Ok(());
    };
    // On PostgreSQL a foreign key with ON DELETE CASCADE does this.
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

/// Adds words to those that completions and suggestions use.
fn add_known_words(conn: &mut AnyConnection, words: BTreeSet<String>) -> QueryResult<()> {
    // Sorted, so that concurrent transactions lock the rows in the same order.
    let rows: Vec<_> = words
        .into_iter()
        .filter(|word| KNOWN_WORD_LENGTH.contains(&word.chars().count()))
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit()))
        .map(|word| known_words::word.eq(word))
        .collect();
    // In batches, because both engines limit the bind parameters of a statement.
    for batch in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(known_words::table)
            .values(batch)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Indexes the words of queued articles.
pub fn put_words(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<()> {
    queue::lock(conn, ids)?;
    refresh(conn, ids)?;
    diesel::update(index_queue::table.filter(index_queue::article_id.eq_any(ids)))
        .set(index_queue::words.eq(false))
        .execute(conn)?;
    Ok(())
}
