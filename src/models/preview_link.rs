//! Preview links: they show what is not public to people without a login, for a while, until they are
//! revoked. Only a hash of a link's token is kept.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::{
    db::{
        AnyConnection,
        schema::{articles, preview_links, users},
        types::Status,
    },
    secrets::token,
};

/// For how long a link works.
pub const LIFETIME: TimeDelta = TimeDelta::days(7);

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = preview_links)]
pub struct PreviewLink {
    pub id: i64,
    pub made_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
}

/// Makes a link to an article; returns its token, which is not kept.
pub fn make(
    conn: &mut AnyConnection,
    article_id: i64,
    user_id: i64,
    now: DateTime<Utc>,
) -> QueryResult<String> {
    let new = token::new();
    diesel::insert_into(preview_links::table)
        .values((
            preview_links::article_id.eq(article_id),
            preview_links::token_hash.eq(token::hash(&new)),
            preview_links::user_id.eq(user_id),
            preview_links::made_at.eq(now.naive_utc()),
            preview_links::expires_at.eq((now + LIFETIME).naive_utc()),
        ))
        .execute(conn)?;
    Ok(new)
}

/// The links to an article that still work, newest first.
pub fn of_article(
    conn: &mut AnyConnection,
    article_id: i64,
    now: DateTime<Utc>,
) -> QueryResult<Vec<PreviewLink>> {
    preview_links::table
        .filter(preview_links::article_id.eq(article_id))
        .filter(preview_links::expires_at.gt(now.naive_utc()))
        .order(preview_links::id.desc())
        .select(PreviewLink::as_select())
        .load(conn)
}

/// The article that a link shows, if it still works.
pub fn article_of(
    conn: &mut AnyConnection,
    link: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    // Not of what was thrown away, and not from somebody who may not log in any more.
    preview_links::table
        .inner_join(articles::table.on(articles::id.eq(preview_links::article_id)))
        .inner_join(users::table.on(users::id.nullable().eq(preview_links::user_id)))
        .filter(preview_links::token_hash.eq(token::hash(link)))
        .filter(preview_links::expires_at.gt(now.naive_utc()))
        .filter(articles::status.ne(Status::Trashed))
        .filter(users::disabled.eq(false))
        .select(preview_links::article_id)
        .first(conn)
        .optional()
}

/// Revokes a link to this article. `false`: there is none.
pub fn revoke(conn: &mut AnyConnection, id: i64, article_id: i64) -> QueryResult<bool> {
    let revoked = diesel::delete(preview_links::table.find(id))
        .filter(preview_links::article_id.eq(article_id))
        .execute(conn)?;
    Ok(revoked == 1)
}
