//! Login sessions. The cookie contains a token; only its hash is stored.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::user::User;
use crate::{
    db::{
        AnyConnection,
        schema::{sessions, users},
    },
    secrets::token,
};

/// A login on one device.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct Session {
    pub id: i64,
    pub user_id: i64,
    /// `false` between the password and the second factor.
    pub verified: bool,
    /// Whether "Keep me signed in" was chosen.
    pub persistent: bool,
    pub made_at: NaiveDateTime,
    pub seen_at: NaiveDateTime,
    pub address: String,
    pub user_agent: String,
}

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// An ordinary session, since its last use.
    pub idle: TimeDelta,
    /// An ordinary session, since the login, however often it is used.
    pub ordinary: TimeDelta,
    /// A persistent session, since the login, however often it is used.
    pub kept: TimeDelta,
}

impl Session {
    /// Whether it has not expired.
    pub fn is_alive(&self, now: DateTime<Utc>, lifetimes: Lifetimes) -> bool {
        let now = now.naive_utc();
        let age = now - self.made_at;
        if self.persistent {
            age < lifetimes.kept
        } else {
            age < lifetimes.ordinary && now - self.seen_at < lifetimes.idle
        }
    }
}

/// The session of this cookie with its user, unless the user is disabled.
pub fn find(conn: &mut AnyConnection, cookie: &str) -> QueryResult<Option<(Session, User)>> {
    sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::token_hash.eq(token::hash(cookie)))
        .filter(users::disabled.eq(false))
        .select((Session::as_select(), User::as_select()))
        .first(conn)
        .optional()
}

/// The sessions of a user, most recently used first.
pub fn of_user(conn: &mut AnyConnection, user_id: i64) -> QueryResult<Vec<Session>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id))
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .select(Session::as_select())
        .load(conn)
}

/// A session to add.
pub struct NewSession<'a> {
    pub cookie: &'a str,
    pub user_id: i64,
    pub verified: bool,
    pub persistent: bool,
    pub address: &'a str,
    pub user_agent: &'a str,
}

/// The maximum stored length of a User-Agent header, in characters.
const MAX_USER_AGENT_LENGTH: usize = 300;

/// Adds a session, and deletes the user's sessions that were not used for 100 days.
pub fn insert(
    conn: &mut AnyConnection,
    new: &NewSession<'_>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    const MAX_UNUSED: TimeDelta = TimeDelta::days(100);
    let now = now.naive_utc();
    let user_agent: String = new.user_agent.chars().take(MAX_USER_AGENT_LENGTH).collect();
    diesel::delete(
        sessions::table
            .filter(sessions::user_id.eq(new.user_id))
            .filter(sessions::seen_at.lt(now - MAX_UNUSED)),
    )
    .execute(conn)?;
    diesel::insert_into(sessions::table)
        .values((
            sessions::token_hash.eq(token::hash(new.cookie)),
            sessions::user_id.eq(new.user_id),
            sessions::verified.eq(new.verified),
            sessions::persistent.eq(new.persistent),
            sessions::made_at.eq(now),
            sessions::seen_at.eq(now),
            sessions::address.eq(new.address),
            sessions::user_agent.eq(user_agent),
        ))
        .execute(conn)?;
    Ok(())
}

/// Records that a session is in use.
pub fn touch(conn: &mut AnyConnection, id: i64, now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(sessions::table.find(id))
        .set(sessions::seen_at.eq(now.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// Ends a session of this user. `false` if the user has no such session.
pub fn end(conn: &mut AnyConnection, id: i64, user_id: i64) -> QueryResult<bool> {
    let ended = diesel::delete(sessions::table.find(id))
        .filter(sessions::user_id.eq(user_id))
        .execute(conn)?;
    Ok(ended == 1)
}

/// Ends all sessions of this user but one; returns how many.
pub fn end_others(conn: &mut AnyConnection, keep: i64, user_id: i64) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id)))
        .filter(sessions::id.ne(keep))
        .execute(conn)
}

/// Ends all sessions of this user; returns how many.
pub fn end_all(conn: &mut AnyConnection, user_id: i64) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id))).execute(conn)
}

/// The number of sessions, expired ones included.
pub fn count(conn: &mut AnyConnection) -> QueryResult<i64> {
    sessions::table.count().get_result(conn)
}

/// When each user with a session was seen last.
pub fn last_seen(conn: &mut AnyConnection) -> QueryResult<HashMap<i64, NaiveDateTime>> {
    let rows: Vec<(i64, Option<NaiveDateTime>)> = sessions::table
        .filter(sessions::verified)
        .group_by(sessions::user_id)
        .select((sessions::user_id, diesel::dsl::max(sessions::seen_at)))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, seen)| Some((id, seen?)))
        .collect())
}
