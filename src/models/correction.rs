//! Notes on articles: corrections, clarifications and updates.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::db::{
    AnyConnection,
    schema::{addresses, articles, corrections},
    types::{AddressKind, CorrectionKind, Placement, Status},
};

/// A note on an article.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = corrections)]
pub struct Correction {
    pub id: i64,
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

/// Deletes a note of this article; returns its text. `None` if there is no such note.
pub fn remove(conn: &mut AnyConnection, id: i64, article_id: i64) -> QueryResult<Option<String>> {
    diesel::delete(corrections::table.find(id))
        .filter(corrections::article_id.eq(article_id))
        .returning(corrections::text)
        .get_result(conn)
        .optional()
}

/// A correction or clarification with its article.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = corrections)]
pub struct Listed {
    pub kind: CorrectionKind,
    pub text: String,
    pub made_at: NaiveDateTime,
    #[diesel(select_expression = articles::headline)]
    pub headline: String,
    #[diesel(select_expression = addresses::path)]
    pub path: String,
}

/// Up to `limit` corrections and clarifications of live articles, newest first, after the first `skipped`.
pub fn newest(
    conn: &mut AnyConnection,
    now: NaiveDateTime,
    skipped: i64,
    limit: i64,
) -> QueryResult<Vec<Listed>> {
    corrections::table
        .inner_join(articles::table.on(articles::id.eq(corrections::article_id)))
        .inner_join(
            addresses::table.on(addresses::target_id
                .eq(articles::id.nullable())
                .and(addresses::kind.eq(AddressKind::Article))
                .and(addresses::canonical)),
        )
        .filter(corrections::kind.ne(CorrectionKind::Update))
        .filter(articles::status.eq(Status::Published))
        .filter(articles::published_at.le(now))
        .order((corrections::made_at.desc(), corrections::id.desc()))
        .offset(skipped)
        .limit(limit)
        .select(Listed::as_select())
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
