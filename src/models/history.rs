//! The history: who did what to what, when. It is added to and never changed; the database itself
//! refuses anything else.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Bool, Text},
};

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

/// Which events are looked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Each stands somewhere in what the event tells, as it is or as a part of a word.
    pub words: Vec<String>,
    pub user_id: Option<i64>,
    /// Of what they are; empty for everything.
    pub kind: String,
    /// Of what they must not be, or empty.
    pub hidden_kind: &'static str,
    /// Older than the event of this number.
    pub before: Option<i64>,
}

/// The last events that a filter lets through, newest first.
pub fn find(conn: &mut AnyConnection, filter: &Filter, limit: i64) -> QueryResult<Vec<Event>> {
    let mut query = history::table
        .filter(history::kind.ne(filter.hidden_kind))
        .order(history::id.desc())
        .limit(limit)
        .select(Event::as_select())
        .into_boxed();
    if let Some(user_id) = filter.user_id {
        query = query.filter(history::user_id.eq(user_id));
    }
    if !filter.kind.is_empty() {
        query = query.filter(history::kind.eq(filter.kind.clone()));
    }
    if let Some(before) = filter.before {
        query = query.filter(history::id.lt(before));
    }
    for word in &filter.words {
        // Both sides are made small by the database, whose idea of small letters they then share.
        let told = "lower(who || ' ' || action || ' ' || kind || ' ' || object || ' ' || detail)";
        query = query.filter(
            diesel::dsl::sql::<Bool>(&format!("{told} LIKE lower("))
                .bind::<Text, _>(pattern(word))
                .sql(") ESCAPE '!'"),
        );
    }
    query.load(conn)
}

/// What `LIKE` takes for "holds this", with nothing in it that means something else.
fn pattern(word: &str) -> String {
    let plain = word
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{plain}%")
}

#[derive(QueryableByName)]
struct Kind {
    #[diesel(sql_type = Text)]
    kind: String,
}

/// Of what there are events, in alphabetical order: one step along the index for each.
pub fn kinds(conn: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let kinds: Vec<Kind> = sql_query(
        "WITH RECURSIVE kinds (kind) AS (
             SELECT MIN(kind) FROM history
             UNION ALL
             SELECT (SELECT MIN(history.kind) FROM history WHERE history.kind > kinds.kind)
             FROM kinds WHERE kinds.kind IS NOT NULL
         )
         SELECT kind FROM kinds WHERE kind IS NOT NULL",
    )
    .load(conn)?;
    Ok(kinds.into_iter().map(|row| row.kind).collect())
}
