//! The edition: which stories an editor put at the top of the front page, or of a section.

use chrono::NaiveDateTime;
use diesel::{
    prelude::*,
    sql_types::{Bool, Nullable},
};

use crate::db::{AnyConnection, MultiBackend, schema::edition_slots};

/// The articles placed at the top, the lead first, without those whose time is over. `None` is the
/// front page.
pub fn placed(
    conn: &mut AnyConnection,
    section_id: Option<i64>,
    now: NaiveDateTime,
) -> QueryResult<Vec<i64>> {
    edition_slots::table
        .filter(of(section_id))
        .filter(
            edition_slots::until
                .is_null()
                .or(edition_slots::until.gt(now)),
        )
        .order((edition_slots::position, edition_slots::id))
        .select(edition_slots::article_id)
        .load(conn)
}

/// Places these articles at the top, in this order, in place of what stood there. Each stays until
/// its time, or until it is replaced.
pub fn place(
    conn: &mut AnyConnection,
    section_id: Option<i64>,
    articles: &[(i64, Option<NaiveDateTime>)],
) -> QueryResult<()> {
    diesel::delete(edition_slots::table.filter(of(section_id))).execute(conn)?;
    for (position, (article_id, until)) in (0..).zip(articles) {
        diesel::insert_into(edition_slots::table)
            .values((
                edition_slots::section_id.eq(section_id),
                edition_slots::position.eq(position),
                edition_slots::article_id.eq(article_id),
                edition_slots::until.eq(*until),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The slots of one top.
fn of(
    section_id: Option<i64>,
) -> Box<dyn BoxableExpression<edition_slots::table, MultiBackend, SqlType = Nullable<Bool>>> {
    match section_id {
        Some(id) => Box::new(edition_slots::section_id.eq(id)),
        None => Box::new(edition_slots::section_id.is_null().nullable()),
    }
}
