//! Drafts: everything that can be written of an article, in any state.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::read::Dateline;
use crate::{
    db::{
        AnyConnection,
        schema::{
            article_also_read, article_authors, article_sections, article_topics, articles, bodies,
        },
        types::Status,
    },
    text::SanitizedHtml,
};

/// Everything that an editor or an import can write of an article.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub status: Status,
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub dateline: Option<Dateline>,
    /// `None` only if it is not published.
    pub section_id: Option<i64>,
    pub further_section_ids: Vec<i64>,
    pub author_ids: Vec<i64>,
    pub topic_ids: Vec<i64>,
    /// Articles linked below the text.
    pub also_read_ids: Vec<i64>,
    pub lead_media_id: Option<i64>,
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub body: SanitizedHtml,
    pub search_title: String,
    pub search_description: String,
    /// The article in other languages: lines of [`crate::text::Translation`].
    pub translations: String,
    /// The last segment of the path; empty to derive it from the headline.
    pub slug: String,
    /// The whole path, for an article that keeps its address.
    pub path: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct DraftRow {
    status: Status,
    kicker: String,
    headline: String,
    standfirst: String,
    dateline_place: String,
    dateline_date: Option<NaiveDate>,
    dateline_agency: String,
    section_id: Option<i64>,
    lead_media_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
    updated_at: Option<NaiveDateTime>,
    search_title: String,
    search_description: String,
    translations: String,
}

/// The stored content of an article in any state, without its revisions.
pub fn draft_of(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Draft>> {
    Ok(drafts_of(conn, &[id])?.pop().map(|(_, draft)| draft))
}

/// [`draft_of`] for several articles: (article id, draft), in the order of the ids.
pub fn drafts_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<(i64, Draft)>> {
    let rows: Vec<(i64, DraftRow, SanitizedHtml)> = articles::table
        .inner_join(bodies::table.on(bodies::article_id.eq(articles::id)))
        .filter(articles::id.eq_any(ids))
        .order(articles::id)
        .select((articles::id, DraftRow::as_select(), bodies::html))
        .load(conn)?;
    let further: Vec<(i64, i64)> = article_sections::table
        .filter(article_sections::article_id.eq_any(ids))
        .order((article_sections::article_id, article_sections::section_id))
        .select((article_sections::article_id, article_sections::section_id))
        .load(conn)?;
    let authors: Vec<(i64, i64)> = article_authors::table
        .filter(article_authors::article_id.eq_any(ids))
        .order((article_authors::article_id, article_authors::position))
        .select((article_authors::article_id, article_authors::author_id))
        .load(conn)?;
    let topics: Vec<(i64, i64)> = article_topics::table
        .filter(article_topics::article_id.eq_any(ids))
        .order((article_topics::article_id, article_topics::position))
        .select((article_topics::article_id, article_topics::topic_id))
        .load(conn)?;
    let also_read: Vec<(i64, i64)> = article_also_read::table
        .filter(article_also_read::article_id.eq_any(ids))
        .order((article_also_read::article_id, article_also_read::position))
        .select((article_also_read::article_id, article_also_read::other_id))
        .load(conn)?;
    let (further, authors) = (group(further), group(authors));
    let (topics, also_read) = (group(topics), group(also_read));
    let of = |all: &HashMap<i64, Vec<i64>>, id| all.get(&id).cloned().unwrap_or_default();
    let draft = |(id, row, body): (i64, DraftRow, _)| {
        let dateline = (!row.dateline_place.is_empty()).then_some(Dateline {
            place: row.dateline_place,
            date: row.dateline_date,
            agency: row.dateline_agency,
        });
        let draft = Draft {
            status: row.status,
            kicker: row.kicker,
            headline: row.headline,
            standfirst: row.standfirst,
            dateline,
            section_id: row.section_id,
            further_section_ids: of(&further, id),
            author_ids: of(&authors, id),
            topic_ids: of(&topics, id),
            also_read_ids: of(&also_read, id),
            lead_media_id: row.lead_media_id,
            published_at: row.published_at.map(|time| time.and_utc()),
            updated_at: row.updated_at.map(|time| time.and_utc()),
            body,
            search_title: row.search_title,
            search_description: row.search_description,
            translations: row.translations,
            slug: String::new(),
            path: None,
        };
        (id, draft)
    };
    Ok(rows.into_iter().map(draft).collect())
}

/// Groups (article id, other id) by article.
fn group(pairs: Vec<(i64, i64)>) -> HashMap<i64, Vec<i64>> {
    let mut groups: HashMap<i64, Vec<i64>> = HashMap::new();
    for (id, other) in pairs {
        groups.entry(id).or_default().push(other);
    }
    groups
}
