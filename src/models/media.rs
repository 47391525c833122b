//! Pictures: what is known of them. The files are in the media store.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::db::{AnyConnection, schema::media};

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = media)]
pub struct Media {
    pub id: i64,
    /// Names its files.
    pub hash: String,
    /// In pixels, of the largest file.
    pub width: i32,
    pub height: i32,
    /// The widths of its files in pixels, smallest first, separated by commas.
    pub widths: String,
    pub alt: String,
    pub caption: String,
    pub credit: String,
}

/// The pictures of these ids, in no order.
pub fn find_all(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<Media>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    media::table
        .filter(media::id.eq_any(ids))
        .select(Media::as_select())
        .load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = media)]
pub struct NewMedia<'a> {
    pub hash: &'a str,
    pub width: i32,
    pub height: i32,
    pub widths: &'a str,
    pub alt: &'a str,
    pub caption: &'a str,
    pub credit: &'a str,
    pub created_at: NaiveDateTime,
}

/// Adds a picture; returns its id.
pub fn insert(conn: &mut AnyConnection, new: &NewMedia<'_>) -> QueryResult<i64> {
    diesel::insert_into(media::table)
        .values(new)
        .returning(media::id)
        .get_result(conn)
}
