//! The queue of the background job that updates the search index and the related articles.

use diesel::{prelude::*, sql_query, sql_types::BigInt};

use crate::{
    db::{
        AnyConnection,
        schema::{articles, index_queue},
    },
    each_backend,
};

/// Queues all indexed articles for re-indexing: after a change of the language, which decides the stemming.
pub(super) fn queue_all(conn: &mut AnyConnection) -> QueryResult<()> {
    sql_query(
        "INSERT INTO index_queue (article_id, words) \
         SELECT article_id, TRUE FROM findable WHERE TRUE \
         ON CONFLICT (article_id) DO UPDATE SET words = TRUE",
    )
    .execute(conn)?;
    Ok(())
}

/// Queues a topic's articles for re-indexing: topics are tags of the index.
pub(super) fn queue_topic(conn: &mut AnyConnection, topic_id: i64) -> QueryResult<()> {
    sql_query(
        "INSERT INTO index_queue (article_id, words) SELECT article_id, TRUE FROM article_topics \
         WHERE topic_id = $1 ON CONFLICT (article_id) DO UPDATE SET words = TRUE",
    )
    .bind::<BigInt, _>(topic_id)
    .execute(conn)?;
    Ok(())
}

/// Queues these articles for an update of their related articles.
pub(super) fn queue_related(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<()> {
    let rows: Vec<_> = ids
        .iter()
        .map(|id| {
            (
                index_queue::article_id.eq(*id),
                index_queue::words.eq(false),
            )
        })
        .collect();
    // In batches, because both engines limit the bind parameters of a statement.
    for batch in rows.chunks(5_000) {
        each_backend!(conn, |c| diesel::insert_into(index_queue::table)
            .values(batch)
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Up to `limit` queued articles, newest first: the id, and whether its words have to be indexed.
pub fn queued(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<(i64, bool)>> {
    index_queue::table
        .order(index_queue::article_id.desc())
        .limit(limit)
        .select((index_queue::article_id, index_queue::words))
        .load(conn)
}

/// Locks these articles against edits, and against queue workers of other processes, until the transaction ends.
pub fn lock(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<()> {
    // On SQLite there is a single writer.
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

/// Removes an article from the queue, unless its words were queued again meanwhile.
pub fn done(conn: &mut AnyConnection, article_id: i64) -> QueryResult<()> {
    diesel::delete(
        index_queue::table
            .find(article_id)
            .filter(index_queue::words.eq(false)),
    )
    .execute(conn)?;
    Ok(())
}
