//! Standing pages: About, Contact, Corrections policy.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::address;
use crate::{
    db::{AnyConnection, schema::pages, types::AddressKind},
    text::SanitizedHtml,
};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = pages)]
pub struct Page {
    pub title: String,
    pub html: SanitizedHtml,
    pub updated_at: NaiveDateTime,
}

/// The page of this id.
pub fn find(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Page>> {
    pages::table
        .find(id)
        .select(Page::as_select())
        .first(conn)
        .optional()
}

/// Adds a page at `path`; returns its id.
pub fn insert(
    conn: &mut AnyConnection,
    title: &str,
    html: &SanitizedHtml,
    path: &str,
    now: DateTime<Utc>,
) -> QueryResult<i64> {
    let id = diesel::insert_into(pages::table)
        .values((
            pages::title.eq(title),
            pages::html.eq(html.as_str()),
            pages::updated_at.eq(now.naive_utc()),
        ))
        .returning(pages::id)
        .get_result(conn)?;
    address::set_canonical(conn, AddressKind::Page, id, path)?;
    Ok(id)
}
