//! Topics: free labels, independent of sections.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use diesel::{prelude::*, sql_query};

use super::{address, index_queue, timeline};
use crate::db::{
    AnyConnection,
    schema::{addresses, article_topics, topics},
    types::{AddressKind, TimelineKind},
};

/// A topic with its canonical path.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = topics)]
pub struct Topic {
    pub id: i64,
    pub slug: String,
    pub name: String,
    pub description: String,
    #[diesel(select_expression = addresses::path)]
    pub path: String,
}

/// The default path of a topic with this slug.
pub fn path(slug: &str) -> String {
    format!("/topic/{slug}")
}

/// Topics joined with their canonical address.
macro_rules! with_address {
    () => {
        topics::table.inner_join(
            addresses::table.on(addresses::target_id
                .eq(topics::id.nullable())
                .and(addresses::kind.eq(AddressKind::Topic))
                .and(addresses::canonical)),
        )
    };
}

/// The topic of this id.
pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Topic>> {
    with_address!()
        .filter(topics::id.eq(id))
        .select(Topic::as_select())
        .first(conn)
        .optional()
}

/// Whether readers can see the topic: it has a live article. Otherwise its name would tell of articles that are
/// scheduled, withdrawn or not written yet.
pub fn is_public(conn: &mut AnyConnection, id: i64, now: NaiveDateTime) -> QueryResult<bool> {
    let live = timeline::newest(conn, (TimelineKind::Topic, id), now, 1)?;
    Ok(!live.is_empty())
}

/// These topics, in unspecified order.
pub fn find_all(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Topic>> {
    with_address!()
        .filter(topics::id.eq_any(ids))
        .select(Topic::as_select())
        .load(conn)
}

/// The topic with this slug.
pub fn find_by_slug(conn: &mut AnyConnection, slug: &str) -> QueryResult<Option<Topic>> {
    with_address!()
        .filter(topics::slug.eq(slug))
        .select(Topic::as_select())
        .first(conn)
        .optional()
}

/// Up to `limit` topics whose slug contains `search`, ordered by slug, after the slug `after`.
pub fn list(
    conn: &mut AnyConnection,
    search: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Topic>> {
    with_address!()
        .filter(topics::slug.gt(after))
        .filter(topics::slug.like(format!("%{search}%")))
        .order(topics::slug)
        .limit(limit)
        .select(Topic::as_select())
        .load(conn)
}

/// The names of the topics of these articles: (article id, name), by name for each article.
pub fn names_of_articles(
    conn: &mut AnyConnection,
    article_ids: &[i64],
) -> QueryResult<Vec<(i64, String)>> {
    article_topics::table
        .inner_join(topics::table.on(topics::id.eq(article_topics::topic_id)))
        .filter(article_topics::article_id.eq_any(article_ids))
        .order((article_topics::article_id, topics::name))
        .select((article_topics::article_id, topics::name))
        .load(conn)
}

/// The topics of an article, in order.
pub fn of_article(conn: &mut AnyConnection, article_id: i64) -> QueryResult<Vec<Topic>> {
    with_address!()
        .inner_join(article_topics::table.on(article_topics::topic_id.eq(topics::id)))
        .filter(article_topics::article_id.eq(article_id))
        .order(article_topics::position)
        .select(Topic::as_select())
        .load(conn)
}

/// Adds a topic with the path `/topic/<slug>`; returns its id.
pub fn insert(
    conn: &mut AnyConnection,
    slug: &str,
    name: &str,
    description: &str,
) -> QueryResult<i64> {
    let id = diesel::insert_into(topics::table)
        .values((
            topics::slug.eq(slug),
            topics::name.eq(name),
            topics::description.eq(description),
        ))
        .returning(topics::id)
        .get_result(conn)?;
    address::set_canonical(conn, AddressKind::Topic, id, &path(slug))?;
    Ok(id)
}

/// The ids of the topics with these names, in order and without duplicates. Case, accents and punctuation do not
/// matter, and earlier names of renamed or merged topics count. An unknown name is added as a topic if `add`, and
/// left out otherwise.
pub fn named(conn: &mut AnyConnection, names: &[String], add: bool) -> QueryResult<Vec<i64>> {
    let mut ids = Vec::with_capacity(names.len());
    let slugs: Vec<String> = names.iter().map(|name| crate::text::slug(name)).collect();
    let paths: Vec<String> = slugs.iter().map(|slug| path(slug)).collect();
    let mut known: Vec<(String, Option<i64>)> = addresses::table
        .filter(addresses::path.eq_any(&paths))
        .filter(addresses::kind.eq(AddressKind::Topic))
        .select((addresses::path, addresses::target_id))
        .load(conn)?;
    for ((name, slug), path) in names.iter().zip(&slugs).zip(&paths) {
        let found = known.iter().find(|(known, _)| known == path);
        let id = match found {
            Some((_, Some(id))) => *id,
            None if add && !slug.is_empty() => {
                let id = insert(conn, slug, name.trim(), "")?;
                known.push((path.clone(), Some(id)));
                id
            }
            _ => continue,
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The fields of a topic that an editor can change.
#[derive(AsChangeset)]
#[diesel(table_name = topics)]
pub struct Change<'a> {
    pub slug: &'a str,
    pub name: &'a str,
    pub description: &'a str,
}

/// Changes a topic. Earlier paths redirect to the current one.
pub fn change(conn: &mut AnyConnection, id: i64, change: &Change<'_>) -> QueryResult<()> {
    let before: String = topics::table.find(id).select(topics::slug).first(conn)?;
    // The path of an imported topic need not contain the slug; it stays unless the slug changes.
    if before != change.slug {
        address::move_to(conn, AddressKind::Topic, id, &path(change.slug))?;
    }
    diesel::update(topics::table.find(id))
        .set(change)
        .execute(conn)?;
    Ok(())
}

/// Merges a topic into another one: its articles, timeline and addresses.
pub fn merge(conn: &mut AnyConnection, id: i64, into: i64, time_zone: Tz) -> QueryResult<()> {
    // Diesel cannot use a table in its own DELETE's subquery. Only numbers are formatted into the SQL.
    sql_query(format!(
        "DELETE FROM article_topics WHERE topic_id = {id} AND EXISTS \
         (SELECT 1 FROM article_topics AS other \
          WHERE other.article_id = article_topics.article_id AND other.topic_id = {into})"
    ))
    .execute(conn)?;
    diesel::update(article_topics::table.filter(article_topics::topic_id.eq(id)))
        .set(article_topics::topic_id.eq(into))
        .execute(conn)?;
    timeline::copy_entries(
        conn,
        (TimelineKind::Topic, id),
        (TimelineKind::Topic, into),
        time_zone,
    )?;
    timeline::empty(conn, (TimelineKind::Topic, id))?;
    index_queue::queue_topic(conn, into)?;
    address::hand_over(conn, AddressKind::Topic, id, into)?;
    diesel::delete(topics::table.find(id)).execute(conn)?;
    Ok(())
}

/// The number of articles with this topic, drafts and the trash included.
pub fn articles_of(conn: &mut AnyConnection, id: i64) -> QueryResult<i64> {
    article_topics::table
        .filter(article_topics::topic_id.eq(id))
        .count()
        .get_result(conn)
}

/// Deletes a topic without articles.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    timeline::empty(conn, (TimelineKind::Topic, id))?;
    address::forget(conn, AddressKind::Topic, id)?;
    diesel::delete(topics::table.find(id)).execute(conn)?;
    Ok(())
}
