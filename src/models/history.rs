//! The history: who did what to what, when. It is added to and never changed; the database itself
//! refuses anything else.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::db::{AnyConnection, schema::history};

/// Something that somebody did.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = history)]
pub struct Event {
    pub id: i64,
    pub made_at: NaiveDateTime,
    pub user_id: Option<i64>,
    /// The user's name at that time.
    pub who: String,
    /// "published", "renamed", "logged in" and so on.
    pub action: String,
    /// "article", "section" and so on.
    pub kind: String,
    pub object_id: Option<i64>,
    /// What the object was called at that time.
    pub object: String,
    /// What else there is to say, or empty.
    pub detail: String,
}

/// Something that was just done.
#[derive(Clone, Debug, Default)]
pub struct NewEvent<'a> {
    pub action: &'a str,
    pub kind: &'a str,
    pub object_id: Option<i64>,
    pub object: &'a str,
    pub detail: &'a str,
}

/// Writes down what `who` did. Call it in the transaction that does it.
pub fn add(
    conn: &mut AnyConnection,
    user_id: Option<i64>,
    who: &str,
    event: &NewEvent<'_>,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::insert_into(history::table)
        .values((
            history::made_at.eq(now.naive_utc()),
            history::user_id.eq(user_id),
            history::who.eq(who),
            history::action.eq(event.action),
            history::kind.eq(event.kind),
            history::object_id.eq(event.object_id),
            history::object.eq(event.object),
            history::detail.eq(event.detail),
        ))
        .execute(conn)?;
    Ok(())
}

/// The last events, newest first.
pub fn newest(conn: &mut AnyConnection, limit: i64) -> QueryResult<Vec<Event>> {
    history::table
        .order(history::id.desc())
        .limit(limit)
        .select(Event::as_select())
        .load(conn)
}

/// The last events of one object, newest first.
pub fn of_object(
    conn: &mut AnyConnection,
    kind: &str,
    object_id: i64,
    limit: i64,
) -> QueryResult<Vec<Event>> {
    history::table
        .filter(history::kind.eq(kind))
        .filter(history::object_id.eq(object_id))
        .order(history::id.desc())
        .limit(limit)
        .select(Event::as_select())
        .load(conn)
}
