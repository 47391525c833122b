//! Bulk inserts of articles in few statements, for generated test data: single inserts would take hours.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use diesel::{connection::SimpleConnection, prelude::*};

use super::{search, section_tree::SectionTree, timeline};
use crate::{
    db::{
        AnyConnection,
        schema::{addresses, article_authors, article_topics, articles, bodies, view_totals},
        types::{AddressKind, Status, TimelineKind},
    },
    each_backend,
    text::SanitizedHtml,
};

/// A published article with its id.
pub struct BulkArticle {
    pub id: i64,
    pub kicker: &'static str,
    pub headline: String,
    pub standfirst: String,
    pub dateline_place: &'static str,
    pub section_id: i64,
    pub author_ids: Vec<i64>,
    pub topic_ids: Vec<i64>,
    pub lead_media_id: Option<i64>,
    pub published_at: NaiveDateTime,
    pub body: SanitizedHtml,
    pub path: String,
    pub views: i64,
}

#[derive(Insertable)]
#[diesel(table_name = articles, treat_none_as_default_value = false)]
struct ArticleRow<'a> {
    id: i64,
    status: Status,
    kicker: &'a str,
    headline: &'a str,
    standfirst: &'a str,
    dateline_place: &'a str,
    dateline_date: Option<chrono::NaiveDate>,
    dateline_agency: &'a str,
    section_id: Option<i64>,
    lead_media_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
    updated_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    changed_at: NaiveDateTime,
    word_count: i32,
}

#[derive(Insertable)]
#[diesel(table_name = bodies, treat_none_as_default_value = false)]
struct BodyRow<'a> {
    article_id: i64,
    html: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = article_authors, treat_none_as_default_value = false)]
struct AuthorRow {
    article_id: i64,
    position: i32,
    author_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = article_topics, treat_none_as_default_value = false)]
struct TopicRow {
    article_id: i64,
    position: i32,
    topic_id: i64,
}

#[derive(Insertable)]
#[diesel(table_name = addresses, treat_none_as_default_value = false)]
struct AddressRow<'a> {
    path: &'a str,
    kind: AddressKind,
    target_id: Option<i64>,
    canonical: bool,
}

#[derive(Insertable)]
#[diesel(table_name = view_totals, treat_none_as_default_value = false)]
struct ViewsRow {
    article_id: i64,
    views: i64,
}

/// Whether there is any article.
pub fn any_article(conn: &mut AnyConnection) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(articles::table.select(articles::id))).get_result(conn)
}

/// Adds articles with their addresses, relations, views, timeline entries and search index.
pub fn insert(
    conn: &mut AnyConnection,
    batch: &[BulkArticle],
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    // In batches, because both engines limit the bind parameters of a statement.
    for chunk in batch.chunks(2_000) {
        let texts: Vec<String> = chunk.iter().map(|article| article.body.plain()).collect();
        let rows: Vec<ArticleRow<'_>> = chunk.iter().zip(&texts).map(article_row).collect();
        let bodies: Vec<_> = chunk
            .iter()
            .map(|article| BodyRow {
                article_id: article.id,
                html: article.body.as_str(),
            })
            .collect();
        let authors: Vec<_> = chunk
            .iter()
            .flat_map(|article| {
                (0..)
                    .zip(&article.author_ids)
                    .map(|(position, author_id)| AuthorRow {
                        article_id: article.id,
                        position,
                        author_id: *author_id,
                    })
            })
            .collect();
        let topics: Vec<_> = chunk
            .iter()
            .flat_map(|article| {
                (0..)
                    .zip(&article.topic_ids)
                    .map(|(position, topic_id)| TopicRow {
                        article_id: article.id,
                        position,
                        topic_id: *topic_id,
                    })
            })
            .collect();
        let paths: Vec<_> = chunk
            .iter()
            .map(|article| AddressRow {
                path: &article.path,
                kind: AddressKind::Article,
                target_id: Some(article.id),
                canonical: true,
            })
            .collect();
        let views: Vec<_> = chunk
            .iter()
            .map(|article| ViewsRow {
                article_id: article.id,
                views: article.views,
            })
            .collect();
        each_backend!(conn, |c| {
            diesel::insert_into(articles::table)
                .values(&rows)
                .execute(c)?;
            diesel::insert_into(bodies::table)
                .values(&bodies)
                .execute(c)?;
            diesel::insert_into(article_authors::table)
                .values(&authors)
                .execute(c)?;
            diesel::insert_into(article_topics::table)
                .values(&topics)
                .execute(c)?;
            diesel::insert_into(addresses::table)
                .values(&paths)
                .execute(c)?;
            diesel::insert_into(view_totals::table)
                .values(&views)
                .execute(c)
        })?;
        let ids: Vec<i64> = chunk.iter().map(|article| article.id).collect();
        search::refresh(conn, &ids)?;
    }
    let entries: Vec<timeline::Entry> = batch
        .iter()
        .flat_map(|article| entries(article, sections))
        .collect();
    timeline::add(conn, &entries, time_zone)
}

fn article_row<'a>((article, text): (&'a BulkArticle, &'a String)) -> ArticleRow<'a> {
    ArticleRow {
        id: article.id,
        status: Status::Published,
        kicker: article.kicker,
        headline: &article.headline,
        standfirst: &article.standfirst,
        dateline_place: article.dateline_place,
        dateline_date: Some(article.published_at.date()),
        dateline_agency: "",
        section_id: Some(article.section_id),
        lead_media_id: article.lead_media_id,
        published_at: Some(article.published_at),
        updated_at: None,
        created_at: article.published_at,
        changed_at: article.published_at,
        word_count: i32::try_from(text.split_whitespace().count()).unwrap_or(i32::MAX),
    }
}

/// The timeline entries of an article.
fn entries(article: &BulkArticle, sections: &SectionTree) -> Vec<timeline::Entry> {
    let trail = sections.trail(article.section_id);
    std::iter::once(timeline::SITE)
        .chain(
            trail
                .into_iter()
                .map(|section| (TimelineKind::Section, section.id)),
        )
        .chain(
            article
                .author_ids
                .iter()
                .map(|id| (TimelineKind::Author, *id)),
        )
        .chain(
            article
                .topic_ids
                .iter()
                .map(|id| (TimelineKind::Topic, *id)),
        )
        .map(|(kind, owner_id)| timeline::Entry {
            kind,
            owner_id,
            published_at: article.published_at,
            article_id: article.id,
        })
        .collect()
}

/// Finishes bulk inserts: on PostgreSQL, makes the id sequence continue after the given ids and updates the statistics.
/// SQLite gets no statistics: with them, it would scan all timelines instead of seeking one in the index.
pub fn finish(conn: &mut AnyConnection) -> QueryResult<()> {
    match conn {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(conn) => conn.batch_execute(
            "SELECT setval(pg_get_serial_sequence('articles', 'id'), \
             (SELECT MAX(id) FROM articles)); ANALYZE;",
        ),
    }
}
