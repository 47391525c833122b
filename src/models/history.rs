//! The history (audit log): who did what and when. It is append-only; database triggers reject updates and deletes.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Bool, Text},
};

use crate::db::{
    AnyConnection,
    schema::history,
    types::{HistoryAction, HistoryKind},
};

/// An event in the history.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = history)]
pub struct Event {
    pub id: i64,
    pub made_at: NaiveDateTime,
    pub user_id: Option<i64>,
    /// The user's name at that time.
    pub who: String,
    /// A [`HistoryAction`], or an action of another version.
    pub action: String,
    /// A [`HistoryKind`], or a kind of another version.
    pub kind: String,
    pub object_id: Option<i64>,
    /// The object's name at that time.
    pub object: String,
    /// Details, or empty.
    pub detail: String,
}

/// An event to add.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    pub action: HistoryAction,
    pub kind: HistoryKind,
    pub object_id: Option<i64>,
    pub object: &'a str,
    pub detail: &'a str,
}

/// Adds an event. Call it in the transaction of the change.
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

/// Up to `limit` of the newest events of one object, newest first.
pub fn of_object(
    conn: &mut AnyConnection,
    kind: HistoryKind,
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

/// Which events to find.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Each has to occur in the event's texts, possibly as a part of a word.
    pub words: Vec<String>,
    pub user_id: Option<i64>,
    /// The kind of object; empty for all kinds.
    pub kind: String,
    /// A kind of object to exclude, or empty.
    pub hidden_kind: &'static str,
    /// Only events with a smaller id.
    pub before: Option<i64>,
}

/// Up to `limit` of the newest events that match a filter, newest first.
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
        // The database converts both sides to lower case, so that they use the same rules.
        let texts = "lower(who || ' ' || action || ' ' || kind || ' ' || object || ' ' || detail)";
        query = query.filter(
            diesel::dsl::sql::<Bool>(&format!("{texts} LIKE lower("))
                .bind::<Text, _>(pattern(word))
                .sql(") ESCAPE '!'"),
        );
    }
    query.load(conn)
}

/// A `LIKE` pattern for texts that contain `word`, escaped with `!`.
fn pattern(word: &str) -> String {
    let escaped = word
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_");
    format!("%{escaped}%")
}

#[derive(QueryableByName)]
struct Kind {
    #[diesel(sql_type = Text)]
    kind: String,
}

/// The kinds of objects that have events, in alphabetical order, with one index seek per kind.
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
