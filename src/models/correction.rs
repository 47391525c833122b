//! Corrections, clarifications and updates that stand with an article.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::db::{
    AnyConnection,
    schema::corrections,
    types::{CorrectionKind, Placement},
};

#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = corrections)]
pub struct Correction {
    pub kind: CorrectionKind,
    pub placement: Placement,
    pub text: String,
    pub made_at: NaiveDateTime,
}

/// The notes of an article, oldest first.
pub fn of_article(conn: &mut AnyConnection, article_id: i64) -> QueryResult<Vec<Correction>> {
    corrections::table
        .filter(corrections::article_id.eq(article_id))
        .order((corrections::made_at, corrections::id))
        .select(Correction::as_select())
        .load(conn)
}

/// Adds a note to an article.
pub fn insert(
    conn: &mut AnyConnection,
    article_id: i64,
    kind: CorrectionKind,
    placement: Placement,
    text: &str,
    made_at: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::insert_into(corrections::table)
        .values((
            corrections::article_id.eq(article_id),
            corrections::kind.eq(kind),
            corrections::placement.eq(placement),
            corrections::text.eq(text),
            corrections::made_at.eq(made_at.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}
