//! Sessions: who is logged in where. The cookie holds a token; only its hash is kept here.

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
    /// False between the password and the second factor.
    pub verified: bool,
    /// "Keep me signed in".
    pub persistent: bool,
    pub made_at: NaiveDateTime,
    pub seen_at: NaiveDateTime,
    pub address: String,
    pub user_agent: String,
}

/// For how long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// An ordinary one, since it was last used.
    pub idle: TimeDelta,
    /// One that is to be kept, since the login.
    pub kept: TimeDelta,
}

impl Session {
    /// Whether it is still good.
    pub fn is_alive(&self, now: DateTime<Utc>, lifetimes: Lifetimes) -> bool {
        let now = now.naive_utc();
        if self.persistent {
            now - self.made_at < lifetimes.kept
        } else {
            now - self.seen_at < lifetimes.idle
        }
    }
}

/// The session of this cookie with its user, unless the user was disabled.
pub fn find(conn: &mut AnyConnection, cookie: &str) -> QueryResult<Option<(Session, User)>> {
    sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::token_hash.eq(token::hash(cookie)))
        .filter(users::disabled.eq(false))
        .select((Session::as_select(), User::as_select()))
        .first(conn)
        .optional()
}

/// The sessions of a user, the one used last first.
pub fn of_user(conn: &mut AnyConnection, user_id: i64) -> QueryResult<Vec<Session>> {
    sessions::table
        .filter(sessions::user_id.eq(user_id))
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .select(Session::as_select())
        .load(conn)
}

/// A session to be.
pub struct NewSession<'a> {
    pub cookie: &'a str,
    pub user_id: i64,
    pub verified: bool,
    pub persistent: bool,
    pub address: &'a str,
    pub user_agent: &'a str,
}

/// How much is kept of what a browser says it is, in characters.
const USER_AGENT_LENGTH: usize = 300;

/// Adds a session; sessions that nobody has used for months go.
pub fn insert(
    conn: &mut AnyConnection,
    new: &NewSession<'_>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    const FORGOTTEN: TimeDelta = TimeDelta::days(100);
    let now = now.naive_utc();
    let user_agent: String = new.user_agent.chars().take(USER_AGENT_LENGTH).collect();
    diesel::delete(
        sessions::table
            .filter(sessions::user_id.eq(new.user_id))
            .filter(sessions::seen_at.lt(now - FORGOTTEN)),
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

/// Notes that a session is used.
pub fn touch(conn: &mut AnyConnection, id: i64, now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(sessions::table.find(id))
        .set(sessions::seen_at.eq(now.naive_utc()))
        .execute(conn)?;
    Ok(())
}

/// Ends a session of this user's. `false`: the user has no such session.
pub fn end(conn: &mut AnyConnection, id: i64, user_id: i64) -> QueryResult<bool> {
    let ended = diesel::delete(sessions::table.find(id))
        .filter(sessions::user_id.eq(user_id))
        .execute(conn)?;
    Ok(ended == 1)
}

/// Ends every session of this user's but one.
pub fn end_others(conn: &mut AnyConnection, keep: i64, user_id: i64) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id)))
        .filter(sessions::id.ne(keep))
        .execute(conn)
}

/// Ends every session of this user's.
pub fn end_all(conn: &mut AnyConnection, user_id: i64) -> QueryResult<usize> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id))).execute(conn)
}

/// How many there are that nobody has ended.
pub fn count(conn: &mut AnyConnection) -> QueryResult<i64> {
    sessions::table.count().get_result(conn)
}

/// When each user who is logged in somewhere was seen last.
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
