//! Presences: which users have an article open in the editor.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::{
    db::{
        AnyConnection,
        schema::{presences, users},
    },
    each_backend,
};

/// How long after the last heartbeat a presence expires.
const HEARTBEAT_TIMEOUT: TimeDelta = TimeDelta::seconds(45);

/// Records that a user has an article open; returns the names of the other users who have it open.
pub fn note(
    conn: &mut AnyConnection,
    article_id: i64,
    user_id: i64,
    now: DateTime<Utc>,
) -> QueryResult<Vec<String>> {
    let row = (
        presences::article_id.eq(article_id),
        presences::user_id.eq(user_id),
        presences::seen_at.eq(now.naive_utc()),
    );
    each_backend!(conn, |c| diesel::insert_into(presences::table)
        .values(row)
        .on_conflict((presences::article_id, presences::user_id))
        .do_update()
        .set(presences::seen_at.eq(now.naive_utc()))
        .execute(c))?;
    diesel::delete(
        presences::table
            .filter(presences::article_id.eq(article_id))
            .filter(presences::seen_at.lt((now - HEARTBEAT_TIMEOUT).naive_utc())),
    )
    .execute(conn)?;
    presences::table
        .inner_join(users::table.on(users::id.eq(presences::user_id)))
        .filter(presences::article_id.eq(article_id))
        .filter(presences::user_id.ne(user_id))
        .order(users::name)
        .select(users::name)
        .load(conn)
}

/// Records that a user has closed an article.
pub fn leave(conn: &mut AnyConnection, article_id: i64, user_id: i64) -> QueryResult<()> {
    diesel::delete(presences::table.find((article_id, user_id))).execute(conn)?;
    Ok(())
}
