//! The edition: the articles that an editor placed at the top of the front page or of a section.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::{
    prelude::*,
    sql_types::{Bool, Nullable},
};

use super::article::Record;
use crate::db::{
    AnyConnection, MultiBackend,
    schema::{articles, edition_slots, site_state},
};

/// The number of articles beside the lead, on the front page and on section pages.
pub const BESIDE: usize = 2;
/// The number of articles below the front page's lead, without pictures.
pub const BELOW: usize = 2;
/// The number of articles in the front page's list of the latest.
pub const LATEST: usize = 8;
/// The number of articles above the front page's section blocks: lead, beside, below, latest.
pub const FRONT: usize = 1 + BESIDE + BELOW + LATEST;
/// The number of articles above a section's list.
pub const SECTION: usize = 1 + BESIDE;

/// An article in the edition, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct Slot {
    pub article_id: i64,
    pub until: Option<NaiveDateTime>,
}

/// The placed articles whose time is not over, the lead first; of the front page if `section_id` is `None`.
pub fn placed(
    conn: &mut AnyConnection,
    section_id: Option<i64>,
    now: NaiveDateTime,
) -> QueryResult<Vec<i64>> {
    edition_slots::table
        .filter(belongs_to(section_id))
        .filter(
            edition_slots::until
                .is_null()
                .or(edition_slots::until.gt(now)),
        )
        .order((edition_slots::position, edition_slots::id))
        .select(edition_slots::article_id)
        .load(conn)
}

/// When the next placement ends.
pub fn next_end(
    conn: &mut AnyConnection,
    now: NaiveDateTime,
) -> QueryResult<Option<NaiveDateTime>> {
    edition_slots::table
        .filter(edition_slots::until.gt(now))
        .select(diesel::dsl::min(edition_slots::until))
        .first(conn)
}

/// All placed articles, including those whose time is over.
pub fn arrangement(conn: &mut AnyConnection, section_id: Option<i64>) -> QueryResult<Vec<Slot>> {
    edition_slots::table
        .filter(belongs_to(section_id))
        .order((edition_slots::position, edition_slots::id))
        .select((edition_slots::article_id, edition_slots::until))
        .load(conn)
}

/// The records of these articles by id. Ids without an article are left out.
pub fn stories(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, Record>> {
    let records: Vec<Record> = articles::table
        .filter(articles::id.eq_any(ids))
        .select(Record::as_select())
        .load(conn)?;
    Ok(records
        .into_iter()
        .map(|record| (record.id, record))
        .collect())
}

/// Locks all editions until the transaction ends, which serialises changes.
pub fn lock(conn: &mut AnyConnection) -> QueryResult<()> {
    // An UPDATE locks the row on both engines.
    diesel::update(site_state::table)
        .set(site_state::version.eq(site_state::version))
        .execute(conn)?;
    Ok(())
}

/// Replaces the edition with these articles in this order, each until the given time if there is one.
pub fn place(
    conn: &mut AnyConnection,
    section_id: Option<i64>,
    articles: &[(i64, Option<NaiveDateTime>)],
) -> QueryResult<()> {
    diesel::delete(edition_slots::table.filter(belongs_to(section_id))).execute(conn)?;
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

/// The condition for the slots of one edition.
fn belongs_to(
    section_id: Option<i64>,
) -> Box<dyn BoxableExpression<edition_slots::table, MultiBackend, SqlType = Nullable<Bool>>> {
    match section_id {
        Some(id) => Box::new(edition_slots::section_id.eq(id)),
        None => Box::new(edition_slots::section_id.is_null().nullable()),
    }
}
