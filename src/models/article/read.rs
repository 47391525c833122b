//! Published articles as readers see them, and what lists of articles need to know.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::Bool};

use crate::{
    db::{
        self, AnyConnection,
        schema::{addresses, article_also_read, articles, bodies, media},
        types::{AddressKind, Status},
    },
    each_backend,
    models::{media::Media, timeline},
    text::SanitizedHtml,
};

/// A live article with everything that its page shows.
#[derive(Debug)]
pub struct Article {
    pub id: i64,
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub dateline: Option<Dateline>,
    pub section_id: i64,
    pub published_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
    pub word_count: i32,
    /// Replaces the headline in search results and link previews unless empty.
    pub search_title: String,
    /// Replaces the standfirst in search results and link previews unless empty.
    pub search_description: String,
    /// The article in other languages: lines of [`crate::text::Translation`].
    pub translations: String,
    pub path: String,
    pub picture: Option<Media>,
    pub body: SanitizedHtml,
}

/// Place, date and agency at the start of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dateline {
    pub place: String,
    pub date: Option<NaiveDate>,
    pub agency: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct ArticleRow {
    id: i64,
    kicker: String,
    headline: String,
    standfirst: String,
    dateline_place: String,
    dateline_date: Option<NaiveDate>,
    dateline_agency: String,
    section_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
    updated_at: Option<NaiveDateTime>,
    word_count: i32,
    search_title: String,
    search_description: String,
    translations: String,
}

/// The article of this id, if it is live.
pub fn find_live(
    conn: &mut AnyConnection,
    id: i64,
    now: NaiveDateTime,
) -> QueryResult<Option<Article>> {
    Ok(find_all_live(conn, &[id], now)?.pop())
}

/// Those of these articles that are live, in unspecified order.
pub fn find_all_live(
    conn: &mut AnyConnection,
    ids: &[i64],
    now: NaiveDateTime,
) -> QueryResult<Vec<Article>> {
    let found: Vec<(ArticleRow, String, SanitizedHtml, Option<Media>)> =
        each_backend!(conn, |c| with_address!()
            .inner_join(bodies::table.on(bodies::article_id.eq(articles::id)))
            .left_join(media::table.on(media::id.nullable().eq(articles::lead_media_id)))
            .filter(db::eq_any_padded(articles::id, ids))
            .filter(articles::status.eq(Status::Published))
            .filter(articles::published_at.le(now))
            .select((
                ArticleRow::as_select(),
                addresses::path,
                bodies::html,
                Option::<Media>::as_select(),
            ))
            .load(c))?;
    let article = |(row, path, body, picture): (ArticleRow, String, _, _)| {
        let dateline = (!row.dateline_place.is_empty()).then_some(Dateline {
            place: row.dateline_place,
            date: row.dateline_date,
            agency: row.dateline_agency,
        });
        Some(Article {
            id: row.id,
            kicker: row.kicker,
            headline: row.headline,
            standfirst: row.standfirst,
            dateline,
            section_id: row.section_id?,
            published_at: row.published_at?.and_utc(),
            updated_at: row.updated_at.map(|time| time.and_utc()),
            word_count: row.word_count,
            search_title: row.search_title,
            search_description: row.search_description,
            translations: row.translations,
            path,
            picture,
            body,
        })
    };
    Ok(found.into_iter().filter_map(article).collect())
}

/// The articles linked below an article's text, in order.
pub fn also_read(conn: &mut AnyConnection, id: i64) -> QueryResult<Vec<i64>> {
    article_also_read::table
        .filter(article_also_read::article_id.eq(id))
        .order(article_also_read::position)
        .select(article_also_read::other_id)
        .load(conn)
}

/// Whether readers may see the article of this id.
pub fn is_live(conn: &mut AnyConnection, id: i64, now: NaiveDateTime) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        articles::table
            .filter(articles::id.eq(id))
            .filter(articles::status.eq(Status::Published))
            .filter(articles::published_at.le(now)),
    ))
    .get_result(conn)
}

/// How many articles are published, scheduled ones included.
pub fn count_published(conn: &mut AnyConnection) -> QueryResult<i64> {
    articles::table
        .filter(articles::status.eq(Status::Published))
        .count()
        .get_result(conn)
}

/// Up to `limit` ids greater than `after` of published articles, scheduled ones included, in ascending order.
pub fn published_after(conn: &mut AnyConnection, after: i64, limit: i64) -> QueryResult<Vec<i64>> {
    articles::table
        .filter(articles::id.gt(after))
        .filter(sql::<Bool>(IS_PUBLISHED))
        .order(articles::id)
        .limit(limit)
        .select(articles::id)
        .load(conn)
}

/// A condition for published articles that no index on `status` can answer: nearly all articles are published, but
/// SQLite would prefer that index to the one on the time.
pub(in crate::models) const IS_PUBLISHED: &str = "(status = 'published') IS TRUE";

/// The publication time of the next scheduled article.
pub fn next_due(
    conn: &mut AnyConnection,
    now: NaiveDateTime,
) -> QueryResult<Option<NaiveDateTime>> {
    articles::table
        .filter(articles::published_at.gt(now))
        .filter(sql::<Bool>(IS_PUBLISHED))
        .order(articles::published_at)
        .select(articles::published_at)
        .first(conn)
        .optional()
        .map(Option::flatten)
}

/// Up to `limit` of the newest headlines published since `since`, scheduled ones included, without that of the
/// article `except`.
pub fn recent_headlines(
    conn: &mut AnyConnection,
    since: NaiveDateTime,
    except: i64,
    limit: i64,
) -> QueryResult<Vec<String>> {
    // The site's timeline gives a plan that does not depend on the engine's statistics.
    let ids: Vec<i64> = timeline::since(conn, timeline::SITE, since, limit)?;
    articles::table
        .filter(articles::id.eq_any(ids))
        .filter(articles::id.ne(except))
        .select(articles::headline)
        .load(conn)
}

/// The canonical paths of these articles in any state, by id.
pub fn paths(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String)> = with_address!()
        .filter(articles::id.eq_any(ids))
        .select((articles::id, addresses::path))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The headlines of these articles in any state, by id.
pub fn headlines(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, String)> = articles::table
        .filter(articles::id.eq_any(ids))
        .select((articles::id, articles::headline))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The primary sections of these articles: (article id, section id).
pub fn sections_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<(i64, Option<i64>)>> {
    articles::table
        .filter(articles::id.eq_any(ids))
        .select((articles::id, articles::section_id))
        .load(conn)
}
