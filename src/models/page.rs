//! Standing pages, such as About, Contact and Corrections policy.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::address;
use crate::{
    db::{
        self, AnyConnection,
        schema::{addresses, pages},
        types::AddressKind,
    },
    text::SanitizedHtml,
};

/// A standing page.
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

/// Adds a page with this path; returns its id.
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

/// A page without its text.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = pages)]
pub struct Listed {
    pub id: i64,
    pub title: String,
    #[diesel(select_expression = addresses::path)]
    pub path: String,
    pub updated_at: NaiveDateTime,
}

/// Pages joined with their canonical address.
macro_rules! with_address {
    () => {
        pages::table.inner_join(
            addresses::table.on(addresses::target_id
                .eq(pages::id.nullable())
                .and(addresses::kind.eq(AddressKind::Page))
                .and(addresses::canonical)),
        )
    };
}

/// All pages by title.
pub fn all(conn: &mut AnyConnection) -> QueryResult<Vec<Listed>> {
    with_address!()
        .order((pages::title, pages::id))
        .select(Listed::as_select())
        .load(conn)
}

/// The page of this id, without its text.
pub fn listed(conn: &mut AnyConnection, id: i64) -> QueryResult<Option<Listed>> {
    with_address!()
        .filter(pages::id.eq(id))
        .select(Listed::as_select())
        .first(conn)
        .optional()
}

/// Changes a page. Earlier paths redirect to the current one.
pub fn change(
    conn: &mut AnyConnection,
    id: i64,
    title: &str,
    html: &SanitizedHtml,
    path: &str,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    diesel::update(pages::table.find(id))
        .set((
            pages::title.eq(title),
            pages::html.eq(html.as_str()),
            pages::updated_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    address::move_to(conn, AddressKind::Page, id, path)
}

/// Deletes a page with its paths.
pub fn delete(conn: &mut AnyConnection, id: i64) -> QueryResult<()> {
    db::note_withdrawal(conn)?;
    address::forget(conn, AddressKind::Page, id)?;
    diesel::delete(pages::table.find(id)).execute(conn)?;
    Ok(())
}
