//! Writing articles: insert, update, relations, state, and the indexes that follow from them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::draft::Draft;
use crate::{
    db::{
        self, AnyConnection,
        schema::{
            article_also_read, article_authors, article_sections, article_topics, articles, bodies,
        },
        types::{AddressKind, Status},
    },
    each_backend,
    models::{
        address, edit_context::EditContext, index_queue, search, section_tree::SectionTree,
        timeline,
    },
    text::slug,
};

/// The columns of `articles` that a draft sets.
#[derive(AsChangeset, Insertable)]
#[diesel(table_name = articles, treat_none_as_null = true, treat_none_as_default_value = false)]
struct DraftColumns<'a> {
    status: Status,
    kicker: &'a str,
    headline: &'a str,
    standfirst: &'a str,
    dateline_place: &'a str,
    dateline_date: Option<NaiveDate>,
    dateline_agency: &'a str,
    section_id: Option<i64>,
    lead_media_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
    updated_at: Option<NaiveDateTime>,
    word_count: i32,
    search_title: &'a str,
    search_description: &'a str,
    translations: &'a str,
}

impl<'a> From<&'a Draft> for DraftColumns<'a> {
    fn from(draft: &'a Draft) -> Self {
        let dateline = draft.dateline.as_ref();
        Self {
            status: draft.status,
            kicker: &draft.kicker,
            headline: &draft.headline,
            standfirst: &draft.standfirst,
            dateline_place: dateline.map_or("", |dateline| &dateline.place),
            dateline_date: dateline.and_then(|dateline| dateline.date),
            dateline_agency: dateline.map_or("", |dateline| &dateline.agency),
            section_id: draft.section_id,
            lead_media_id: draft.lead_media_id,
            published_at: draft.published_at.map(|time| time.naive_utc()),
            updated_at: draft.updated_at.map(|time| time.naive_utc()),
            word_count: i32::try_from(draft.body.word_count()).unwrap_or(i32::MAX),
            search_title: &draft.search_title,
            search_description: &draft.search_description,
            translations: &draft.translations,
        }
    }
}

/// Adds an empty draft; returns its id.
pub(in crate::models) fn begin(
    conn: &mut AnyConnection,
    owner_id: i64,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let draft = Draft::default();
    let id = diesel::insert_into(articles::table)
        .values((
            DraftColumns::from(&draft),
            articles::owner_id.eq(owner_id),
            articles::created_at.eq(now.naive_utc()),
            articles::changed_at.eq(now.naive_utc()),
        ))
        .returning(articles::id)
        .get_result(conn)?;
    diesel::insert_into(bodies::table)
        .values((bodies::article_id.eq(id), bodies::html.eq("")))
        .execute(conn)?;
    Ok(id)
}

/// Adds an article with its address, and to the timelines and the search index; returns its id.
pub fn insert(
    conn: &mut AnyConnection,
    draft: &Draft,
    sections: &SectionTree,
    time_zone: Tz,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let id = insert_unindexed(conn, draft, time_zone, now)?;
    index_new(conn, &[id], sections, time_zone)?;
    Ok(id)
}

/// Adds an article with its address, but to neither timelines nor the search index; returns its id. For batches: call
/// [`index_new`] once for all of them in the same transaction.
pub fn insert_unindexed(
    conn: &mut AnyConnection,
    draft: &Draft,
    time_zone: Tz,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let id = diesel::insert_into(articles::table)
        .values((
            DraftColumns::from(draft),
            articles::created_at.eq(now.naive_utc()),
            articles::changed_at.eq(now.naive_utc()),
        ))
        .returning(articles::id)
        .get_result(conn)?;
    diesel::insert_into(bodies::table)
        .values((
            bodies::article_id.eq(id),
            bodies::html.eq(draft.body.as_str()),
        ))
        .execute(conn)?;
    write_relations(conn, id, draft, time_zone)?;
    Ok(id)
}

/// Adds articles that were inserted with [`insert_unindexed`] to the timelines and the search index.
pub fn index_new(
    conn: &mut AnyConnection,
    ids: &[i64],
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    timeline::index_new(conn, ids, sections, time_zone)?;
    search::refresh(conn, ids)?;
    index_queue::queue_related(conn, ids)
}

/// Replaces the content of an article. Its earlier paths keep redirecting to it.
pub fn update(
    conn: &mut AnyConnection,
    id: i64,
    draft: &Draft,
    sections: &SectionTree,
    time_zone: Tz,
) -> QueryResult<()> {
    diesel::update(articles::table.find(id))
        .set(DraftColumns::from(draft))
        .execute(conn)?;
    diesel::update(bodies::table.find(id))
        .set(bodies::html.eq(draft.body.as_str()))
        .execute(conn)?;
    diesel::delete(article_authors::table.filter(article_authors::article_id.eq(id)))
        .execute(conn)?;
    diesel::delete(article_sections::table.filter(article_sections::article_id.eq(id)))
        .execute(conn)?;
    diesel::delete(article_topics::table.filter(article_topics::article_id.eq(id)))
        .execute(conn)?;
    diesel::delete(article_also_read::table.filter(article_also_read::article_id.eq(id)))
        .execute(conn)?;
    write_relations(conn, id, draft, time_zone)?;
    timeline::reindex(conn, id, sections, time_zone)?;
    search::refresh(conn, &[id])?;
    index_queue::queue_related(conn, &[id])
}

/// Writes an article's authors, further sections, topics, also-read links and address.
fn write_relations(
    conn: &mut AnyConnection,
    id: i64,
    draft: &Draft,
    time_zone: Tz,
) -> QueryResult<()> {
    let authors: Vec<_> = (0..)
        .zip(&draft.author_ids)
        .map(|(position, author_id)| {
            (
                article_authors::article_id.eq(id),
                article_authors::position.eq(position),
                article_authors::author_id.eq(author_id),
            )
        })
        .collect();
    let further: Vec<_> = draft
        .further_section_ids
        .iter()
        .map(|section_id| {
            (
                article_sections::article_id.eq(id),
                article_sections::section_id.eq(section_id),
            )
        })
        .collect();
    let topics: Vec<_> = (0..)
        .zip(&draft.topic_ids)
        .map(|(position, topic_id)| {
            (
                article_topics::article_id.eq(id),
                article_topics::position.eq(position),
                article_topics::topic_id.eq(topic_id),
            )
        })
        .collect();
    let also_read: Vec<_> = (0..)
        .zip(&draft.also_read_ids)
        .map(|(position, other_id)| {
            (
                article_also_read::article_id.eq(id),
                article_also_read::position.eq(position),
                article_also_read::other_id.eq(other_id),
            )
        })
        .collect();
    each_backend!(conn, |c| {
        diesel::insert_into(article_also_read::table)
            .values(&also_read)
            .execute(c)?;
        diesel::insert_into(article_authors::table)
            .values(&authors)
            .execute(c)?;
        diesel::insert_into(article_sections::table)
            .values(&further)
            .execute(c)?;
        diesel::insert_into(article_topics::table)
            .values(&topics)
            .execute(c)
    })?;
    // A draft has no address: it would change with every edit of the headline.
    if let Some(published_at) = draft
        .published_at
        .filter(|_| draft.status == Status::Published)
    {
        let path = free_path(conn, id, draft, published_at, time_zone)?;
        address::set_canonical(conn, AddressKind::Article, id, &path)?;
    }
    Ok(())
}

/// `/2023/12/15/headline-in-short`, with a number appended if another target has that path.
fn free_path(
    conn: &mut AnyConnection,
    id: i64,
    draft: &Draft,
    published_at: DateTime<Utc>,
    time_zone: Tz,
) -> QueryResult<String> {
    if let Some(path) = &draft.path {
        return Ok(path.clone());
    }
    let day = published_at.with_timezone(&time_zone).format("/%Y/%m/%d/");
    let name = if draft.slug.is_empty() {
        slug(&draft.headline)
    } else {
        draft.slug.clone()
    };
    let name = if name.is_empty() {
        format!("article-{id}")
    } else {
        name
    };
    let wanted = format!("{day}{name}");
    address::free(conn, &wanted, Some((AddressKind::Article, id)))
}

/// Sets which revision is the newest, and which one is published.
pub(in crate::models) fn set_revisions(
    conn: &mut AnyConnection,
    id: i64,
    newest: i64,
    live: Option<i64>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::update(articles::table.find(id))
        .set((
            articles::revision_id.eq(newest),
            articles::live_revision_id.eq(live),
            articles::changed_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Moves an article to a state that is not public, and removes it from timelines and the search index.
pub(in crate::models) fn set_status(
    conn: &mut AnyConnection,
    id: i64,
    status: Status,
    edit_context: &EditContext<'_>,
) -> QueryResult<()> {
    db::note_withdrawal(conn)?;
    diesel::update(articles::table.find(id))
        .set((
            articles::status.eq(status),
            articles::live_revision_id.eq(None::<i64>),
            articles::changed_at.eq(edit_context.now.naive_utc()),
        ))
        .execute(conn)?;
    timeline::reindex(conn, id, edit_context.sections, edit_context.time_zone)?;
    search::remove(conn, id)
}
