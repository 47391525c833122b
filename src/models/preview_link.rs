//! Preview links: they show unpublished articles without a login until they expire or are revoked. Only the hash of a
//! link's token is stored.

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

/// How long a link is valid.
pub const LIFETIME: TimeDelta = TimeDelta::days(7);

/// A preview link, without its token.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = preview_links)]
pub struct PreviewLink {
    pub id: i64,
    pub made_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
}

/// Creates a link to an article; returns its token, which is not stored.
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

/// The valid links to an article, newest first.
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

/// The article that a link shows, if the link is valid.
pub fn article_of(
    conn: &mut AnyConnection,
    link: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    // Not for articles in the trash, and not from disabled users.
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

/// Revokes a link to this article. `false` if it does not exist.
pub fn revoke(conn: &mut AnyConnection, id: i64, article_id: i64) -> QueryResult<bool> {
    let revoked = diesel::delete(preview_links::table.find(id))
        .filter(preview_links::article_id.eq(article_id))
        .execute(conn)?;
    Ok(revoked == 1)
}
