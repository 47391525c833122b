//! Records: what the admin lists know of an article without reading it.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::db::{AnyConnection, schema::articles, types::Status};

/// The state of an article, without its text.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = articles)]
pub struct Record {
    pub id: i64,
    pub status: Status,
    pub headline: String,
    pub section_id: Option<i64>,
    pub owner_id: Option<i64>,
    pub published_at: Option<NaiveDateTime>,
    pub updated_at: Option<NaiveDateTime>,
    pub changed_at: NaiveDateTime,
    /// The newest revision; `None` for an imported article that was never edited.
    pub revision_id: Option<i64>,
    /// The published revision.
    pub live_revision_id: Option<i64>,
}

impl Record {
    /// Whether it is live or scheduled.
    pub fn is_published(&self) -> bool {
        self.status == Status::Published
    }

    /// Whether readers can see it.
    pub fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.is_published()
            && self
                .published_at
                .is_some_and(|time| time <= now.naive_utc())
    }

    /// Whether the newest revision is not the published one.
    pub fn has_unpublished_changes(&self) -> bool {
        self.is_published() && self.revision_id != self.live_revision_id
    }
}

/// The article of this id, in any state.
pub fn record(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Record>> {
    articles::table
        .find(id)
        .select(Record::as_select())
        .first(conn)
        .optional()
}

/// [`record`] with the row locked until the transaction ends, which serialises changes to one article.
pub fn locked(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Record>> {
    // An UPDATE locks the row on both engines.
    diesel::update(articles::table.find(id))
        .set(articles::changed_at.eq(articles::changed_at))
        .execute(conn)?;
    record(conn, id)
}

/// Up to `limit` articles in any state with ids greater than `after`, in ascending order.
pub fn records_after(conn: &mut AnyConnection, after: i64, limit: i64) -> QueryResult<Vec<Record>> {
    articles::table
        .filter(articles::id.gt(after))
        .order(articles::id)
        .limit(limit)
        .select(Record::as_select())
        .load(conn)
}
