//! The article list of the admin interface, filtered by state, section, author and words. A page is a short index range
//! scan in an archive of any size.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{prelude::*, sql_query, sql_types::BigInt};

use super::{article::Record, search, timeline};
use crate::{
    db::{
        AnyConnection,
        schema::{article_authors, articles, view_totals},
        types::{Status, TimelineKind},
    },
    text::words::folded,
};

/// The state of an article in the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Any,
    Draft,
    Review,
    Scheduled,
    Live,
    Trashed,
}

/// Which articles to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: State,
    /// Articles of any of these sections; of all sections if empty.
    pub section_ids: Vec<i64>,
    pub author_id: Option<i64>,
    /// Only articles that this user created.
    pub owner_id: Option<i64>,
}

/// The sort order, always descending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Changed,
    Published,
    Views,
}

/// The position where a page ended: the sort value and the id of its last article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Time(NaiveDateTime, i64),
    Views(i64, i64),
}

/// An article in the list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub record: Record,
    pub views: i64,
}

impl Listed {
    /// The position of this article in a sort order.
    pub fn place(&self, sort: Sort) -> Place {
        match sort {
            Sort::Changed => Place::Time(self.record.changed_at, self.record.id),
            Sort::Published => {
                let time = self.record.published_at.unwrap_or(self.record.changed_at);
                Place::Time(time, self.record.id)
            }
            Sort::Views => Place::Views(self.views, self.record.id),
        }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The articles of authors with more articles than this are found along the sort index.
const MANY: i64 = 2_000;

/// Up to `limit` articles after the position `after`.
pub fn page(
    conn: &mut AnyConnection,
    filter: &Filter,
    sort: Sort,
    after: Option<&Place>,
    limit: i64,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Listed>> {
    let articles = match filter.state {
        // CROSS JOIN fixes SQLite's join order: few articles are scheduled.
        State::Scheduled => "articles AS due CROSS JOIN articles AS article",
        _ => "articles AS article",
    };
    let (table, key) = match sort {
        Sort::Changed => (articles, "article.changed_at"),
        Sort::Published => (articles, "article.published_at"),
        // CROSS JOIN fixes SQLite's join order: along the index by views.
        Sort::Views => (
            "view_totals AS total CROSS JOIN articles AS article",
            "total.views",
        ),
    };
    let mut conditions = vec![state_condition(filter.state, now.naive_utc())];
    if filter.state == State::Scheduled && sort != Sort::Views {
        let now = sql_time(now.naive_utc());
        conditions.push(format!(
            "due.published_at > '{now}' AND due.id = article.id"
        ));
    }
    conditions.push(match sort {
        Sort::Changed => String::new(),
        Sort::Published => "article.published_at IS NOT NULL".to_owned(),
        Sort::Views => "article.id = total.article_id".to_owned(),
    });
    if let Some(owner_id) = filter.owner_id {
        conditions.push(format!("article.owner_id = {owner_id}"));
    }
    if let Some(author_id) = filter.author_id {
        let by_author = "FROM article_authors AS byline WHERE byline.author_id";
        // Few articles are collected and sorted. With many, enough are found soon along the sort index; the COUNT
        // keeps SQLite from collecting all of them first.
        let written = timeline::totals(conn, TimelineKind::Author, &[author_id])?;
        conditions.push(if written.get(&author_id).is_some_and(|n| *n > MANY) {
            format!(
                "(SELECT COUNT(*) {by_author} = {author_id} AND byline.article_id = article.id) > 0"
            )
        } else {
            format!("article.id IN (SELECT byline.article_id {by_author} = {author_id})")
        });
    }
    conditions.extend(after.map(|after| match after {
        Place::Time(time, id) => format!("({key}, article.id) < ('{}', {id})", sql_time(*time)),
        Place::Views(views, id) => format!("({key}, article.id) < ({views}, {id})"),
    }));
    conditions.retain(|condition| !condition.is_empty());
    // One range scan per section, then merged. Only numbers, times and constants are formatted into the SQL.
    let sections: Vec<Option<i64>> = match filter.section_ids.as_slice() {
        [] => vec![None],
        ids => ids.iter().copied().map(Some).collect(),
    };
    let parts: Vec<String> = sections
        .into_iter()
        .map(|section_id| {
            let mut all = conditions.clone();
            all.extend(section_id.map(|id| format!("article.section_id = {id}")));
            let all = if all.is_empty() {
                "1 = 1".to_owned()
            } else {
                all.join(" AND ")
            };
            format!(
                "SELECT * FROM (SELECT article.id AS id, {key} AS sorted FROM {table} WHERE {all} \
                 ORDER BY {key} DESC, article.id DESC LIMIT {limit}) AS part"
            )
        })
        .collect();
    let found: Vec<Found> = sql_query(format!(
        "SELECT id FROM ({}) AS parts ORDER BY sorted DESC, id DESC LIMIT {limit}",
        parts.join(" UNION ALL ")
    ))
    .load(conn)?;
    let ids: Vec<i64> = found.into_iter().map(|row| row.id).collect();
    listed(conn, &ids)
}

/// The maximum number of unpublished articles that are searched for words: those changed last.
const MAX_UNPUBLISHED: i64 = 5_000;

/// Up to `limit` articles that contain every word of `words`, last changed first: published ones in headline,
/// standfirst or text, others in the headline only.
pub fn find(
    conn: &mut AnyConnection,
    filter: &Filter,
    words: &str,
    limit: i64,
    now: DateTime<Utc>,
) -> QueryResult<Vec<Listed>> {
    let far_future = (now + chrono::TimeDelta::days(36_500)).naive_utc();
    let mut ids = search::newest(conn, words, far_future)?;
    let unpublished: Vec<(i64, String)> = articles::table
        .filter(articles::status.eq_any([Status::Draft, Status::Review, Status::Trashed]))
        .order((articles::changed_at.desc(), articles::id.desc()))
        .limit(MAX_UNPUBLISHED)
        .select((articles::id, articles::headline))
        .load(conn)?;
    let folded_words = folded(words);
    let wanted: Vec<&str> = folded_words.split_whitespace().collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    ids.extend(unpublished.into_iter().filter_map(|(id, headline)| {
        let headline = folded(&headline);
        let has = |word: &&str| headline.split(' ').any(|other| other.starts_with(word));
        wanted.iter().all(has).then_some(id)
    }));
    let by_author: Option<Vec<i64>> = match filter.author_id {
        Some(author_id) => Some(
            article_authors::table
                .filter(article_authors::author_id.eq(author_id))
                .filter(article_authors::article_id.eq_any(&ids))
                .select(article_authors::article_id)
                .load(conn)?,
        ),
        None => None,
    };
    let mut found = listed(conn, &ids)?;
    found.retain(|listed| {
        let record = &listed.record;
        let in_section = filter.section_ids.is_empty()
            || record
                .section_id
                .is_some_and(|id| filter.section_ids.contains(&id));
        let owned = filter
            .owner_id
            .is_none_or(|owner| record.owner_id == Some(owner));
        let by = by_author
            .as_ref()
            .is_none_or(|ids| ids.contains(&record.id));
        in_section && owned && by && is_in(filter.state, record, now)
    });
    found.sort_by_key(|listed| std::cmp::Reverse((listed.record.changed_at, listed.record.id)));
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// These articles with their views, in the given order.
pub fn listed(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Listed>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(Record, Option<i64>)> = articles::table
        .left_join(view_totals::table.on(view_totals::article_id.eq(articles::id)))
        .filter(articles::id.eq_any(ids))
        .select((Record::as_select(), view_totals::views.nullable()))
        .load(conn)?;
    let order: std::collections::HashMap<i64, usize> =
        ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    rows.sort_by_key(|(record, _)| order.get(&record.id).copied());
    Ok(rows
        .into_iter()
        .map(|(record, views)| Listed {
            record,
            views: views.unwrap_or(0),
        })
        .collect())
}

fn is_in(state: State, record: &Record, now: DateTime<Utc>) -> bool {
    match state {
        State::Any => record.status != Status::Trashed,
        State::Draft => record.status == Status::Draft,
        State::Review => record.status == Status::Review,
        State::Scheduled => record.is_published() && !record.is_live(now),
        State::Live => record.is_live(now),
        State::Trashed => record.status == Status::Trashed,
    }
}

fn state_condition(state: State, now: NaiveDateTime) -> String {
    let now = sql_time(now);
    match state {
        // The trash is small, so skipping it is cheap.
        State::Any => "article.status <> 'trashed'".to_owned(),
        State::Draft => "article.status = 'draft'".to_owned(),
        State::Review => "article.status = 'review'".to_owned(),
        State::Scheduled => {
            format!("article.status = 'published' AND article.published_at > '{now}'")
        }
        State::Live => format!("article.status = 'published' AND article.published_at <= '{now}'"),
        State::Trashed => "article.status = 'trashed'".to_owned(),
    }
}

/// A time as an SQL literal of both engines.
fn sql_time(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}
