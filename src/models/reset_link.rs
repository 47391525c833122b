//! One-time links to reset a password. Only the hash of a link's token is stored.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::{
    db::{AnyConnection, schema::reset_links},
    secrets::token,
};

/// How long a link is valid.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(60);

/// Creates a link for a user, replacing an earlier one; returns its token.
pub fn make(conn: &mut AnyConnection, user_id: i64, now: DateTime<Utc>) -> QueryResult<String> {
    let new = token::new();
    diesel::delete(reset_links::table.filter(reset_links::user_id.eq(user_id))).execute(conn)?;
    diesel::insert_into(reset_links::table)
        .values((
            reset_links::token_hash.eq(token::hash(&new)),
            reset_links::user_id.eq(user_id),
            reset_links::expires_at.eq((now + LIFETIME).naive_utc()),
        ))
        .execute(conn)?;
    Ok(new)
}

/// The user of a link, if the link is valid.
pub fn user_of(
    conn: &mut AnyConnection,
    link: &str,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    reset_links::table
        .find(token::hash(link))
        .filter(reset_links::expires_at.gt(now.naive_utc()))
        .select(reset_links::user_id)
        .first(conn)
        .optional()
}

/// Consumes a link. `false` if it was used already.
pub fn use_up(conn: &mut AnyConnection, link: &str) -> QueryResult<bool> {
    let used = diesel::delete(reset_links::table.find(token::hash(link))).execute(conn)?;
    Ok(used == 1)
}
