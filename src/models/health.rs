//! Consistency checks of the stored data and their repair, for `dateline doctor`.

use chrono_tz::Tz;
use diesel::{prelude::*, sql_query, sql_types::BigInt};

use super::{search, section_tree::SectionTree, timeline};
use crate::{
    db::{AnyConnection, schema::index_queue},
    models::user,
};

/// The number of inconsistencies of each kind; 0 is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Published articles that are missing in the search index.
    pub not_findable: i64,
    /// Articles in the search index that are not published.
    pub wrongly_findable: i64,
    /// Articles in the queue of the background indexer.
    pub waiting: i64,
    /// Published articles without a timeline entry.
    pub not_listed: i64,
    /// Published articles without an address.
    pub without_address: i64,
    /// Addresses whose target does not exist.
    pub of_nothing: i64,
    /// Redirects to a redirect.
    pub chains: i64,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

fn count(conn: &mut AnyConnection, condition: &str) -> QueryResult<i64> {
    let counted: Count =
        sql_query(format!("SELECT COUNT(*) AS found FROM {condition}")).get_result(conn)?;
    Ok(counted.found)
}

const NOT_FINDABLE: &str = "articles a WHERE a.status = 'published' \
     AND NOT EXISTS (SELECT 1 FROM findable f WHERE f.article_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM index_queue q WHERE q.article_id = a.id AND q.words)";
const WRONGLY_FINDABLE: &str = "findable f WHERE NOT EXISTS \
     (SELECT 1 FROM articles a WHERE a.id = f.article_id AND a.status = 'published')";
const NOT_LISTED: &str = "articles a WHERE a.status = 'published' AND NOT EXISTS \
     (SELECT 1 FROM timeline_entries r WHERE r.article_id = a.id AND r.kind = 'site')";
const WITHOUT_ADDRESS: &str = "articles a WHERE a.status = 'published' AND NOT EXISTS \
     (SELECT 1 FROM addresses d WHERE d.kind = 'article' AND d.target_id = a.id AND d.canonical)";
const WITHOUT_TARGET: &str = "addresses d WHERE \
     (d.kind = 'article' AND NOT EXISTS (SELECT 1 FROM articles x WHERE x.id = d.target_id)) \
     OR (d.kind = 'section' AND NOT EXISTS (SELECT 1 FROM sections x WHERE x.id = d.target_id)) \
     OR (d.kind = 'author' AND NOT EXISTS (SELECT 1 FROM authors x WHERE x.id = d.target_id)) \
     OR (d.kind = 'topic' AND NOT EXISTS (SELECT 1 FROM topics x WHERE x.id = d.target_id)) \
     OR (d.kind = 'page' AND NOT EXISTS (SELECT 1 FROM pages x WHERE x.id = d.target_id))";
const CHAINS: &str = "addresses d JOIN addresses next ON next.path = d.moved_to \
     WHERE d.moved_to IS NOT NULL AND next.moved_to IS NOT NULL";

/// Counts the inconsistencies.
pub fn counts(conn: &mut AnyConnection) -> QueryResult<Counts> {
    Ok(Counts {
        not_findable: count(conn, NOT_FINDABLE)?,
        wrongly_findable: count(conn, WRONGLY_FINDABLE)?,
        waiting: index_queue::table.count().get_result(conn)?,
        not_listed: count(conn, NOT_LISTED)?,
        without_address: count(conn, WITHOUT_ADDRESS)?,
        of_nothing: count(conn, WITHOUT_TARGET)?,
        chains: count(conn, CHAINS)?,
    })
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

fn ids(conn: &mut AnyConnection, column: &str, condition: &str) -> QueryResult<Vec<i64>> {
    let found: Vec<Id> =
        sql_query(format!("SELECT {column} AS id FROM {condition} ORDER BY 1")).load(conn)?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// Repairs the search index and the timelines: adds missing articles, and removes unpublished ones from the index.
/// Call it in one transaction.
pub fn repair(conn: &mut AnyConnection, sections: &SectionTree, time_zone: Tz) -> QueryResult<()> {
    for id in ids(conn, "f.article_id", WRONGLY_FINDABLE)? {
        search::remove(conn, id)?;
    }
    for batch in ids(conn, "a.id", NOT_FINDABLE)?.chunks(500) {
        search::put_words(conn, batch)?;
    }
    for id in ids(conn, "a.id", NOT_LISTED)? {
        timeline::reindex(conn, id, sections, time_zone)?;
    }
    Ok(())
}

/// Whether there is an admin who can log in.
pub fn has_admin(conn: &mut AnyConnection) -> QueryResult<bool> {
    let all = user::all(conn)?;
    Ok(all
        .iter()
        .any(|user| user.role == crate::db::types::UserRole::Admin && !user.disabled))
}
