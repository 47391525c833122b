//! Topics: free labels across sections.

use diesel::prelude::*;

use crate::db::{
    AnyConnection,
    schema::{addresses, article_topics, topics},
    types::AddressKind,
};

/// A topic with its address.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Topic {
    pub id: i64,
    pub name: String,
    pub description: String,
    pub path: String,
}

/// The topic of this id.
pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Topic>> {
    topics::table
        .inner_join(
            addresses::table.on(addresses::target_id
                .eq(topics::id.nullable())
                .and(addresses::kind.eq(AddressKind::Topic))
                .and(addresses::canonical)),
        )
        .filter(topics::id.eq(id))
        .select((
            topics::id,
            topics::name,
            topics::description,
            addresses::path,
        ))
        .first(conn)
        .optional()
}

/// These topics, in no order.
pub fn find_all(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Topic>> {
    topics::table
        .inner_join(
            addresses::table.on(addresses::target_id
                .eq(topics::id.nullable())
                .and(addresses::kind.eq(AddressKind::Topic))
                .and(addresses::canonical)),
        )
        .filter(topics::id.eq_any(ids))
        .select((
            topics::id,
            topics::name,
            topics::description,
            addresses::path,
        ))
        .load(conn)
}

/// The topics of an article, in its order.
pub fn of_article(conn: &mut AnyConnection, article_id: i64) -> QueryResult<Vec<Topic>> {
    article_topics::table
        .inner_join(topics::table.on(topics::id.eq(article_topics::topic_id)))
        .inner_join(
            addresses::table.on(addresses::target_id
                .eq(topics::id.nullable())
                .and(addresses::kind.eq(AddressKind::Topic))
                .and(addresses::canonical)),
        )
        .filter(article_topics::article_id.eq(article_id))
        .order(article_topics::position)
        .select((
            topics::id,
            topics::name,
            topics::description,
            addresses::path,
        ))
        .load(conn)
}

/// Adds a topic at `/topic/<slug>`; returns its id.
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
    super::address::set_canonical(conn, AddressKind::Topic, id, &format!("/topic/{slug}"))?;
    Ok(id)
}

/// The ids of the topics of these names, in their order and each once. A name that only differs from
/// a known one in case, accents or punctuation is that topic; one that is not known is added if
/// `add`, and left out otherwise.
pub fn named(conn: &mut AnyConnection, names: &[String], add: bool) -> QueryResult<Vec<i64>> {
    let mut ids = Vec::with_capacity(names.len());
    let slugs: Vec<String> = names.iter().map(|name| crate::text::slug(name)).collect();
    let mut known: Vec<(String, i64)> = topics::table
        .filter(topics::slug.eq_any(&slugs))
        .select((topics::slug, topics::id))
        .load(conn)?;
    for (name, slug) in names.iter().zip(&slugs) {
        let found = known.iter().find(|(known, _)| known == slug);
        let id = match found {
            Some((_, id)) => *id,
            None if add && !slug.is_empty() => {
                let id = insert(conn, slug, name.trim(), "")?;
                known.push((slug.clone(), id));
                id
            }
            None => continue,
        };
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}
