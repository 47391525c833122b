//! One-time links to a new password. Only a hash of the link's token is kept.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::{
    db::{AnyConnection, schema::reset_links},
    secrets::token,
};

/// For how long a link works.
pub const LIFETIME: TimeDelta = TimeDelta::hours(2);

/// Makes a link for a user, in place of an earlier one; returns its token.
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

/// Whose link this is, if it still works.
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

/// Uses a link up. `false`: somebody was faster.
pub fn use_up(conn: &mut AnyConnection, link: &str) -> QueryResult<bool> {
    let used = diesel::delete(reset_links::table.find(token::hash(link))).execute(conn)?;
    Ok(used == 1)
}
