//! The authority in the ids of feeds and their items (RFC 4151), which never changes, so that subscribers see no item twice.

use diesel::prelude::*;

use crate::db::{
    AnyConnection,
    schema::site_state::{feed_authority, table},
};

/// The stored authority; `None` before the first start of the server.
pub fn authority(conn: &mut AnyConnection) -> QueryResult<Option<String>> {
    let stored: String = table.select(feed_authority).first(conn)?;
    Ok(Some(stored).filter(|authority| !authority.is_empty()))
}

/// Stores the authority unless there is one already, and returns the one that is stored.
pub fn keep_authority(conn: &mut AnyConnection, authority: &str) -> QueryResult<String> {
    diesel::update(table.filter(feed_authority.eq("")))
        .set(feed_authority.eq(authority))
        .execute(conn)?;
    table.select(feed_authority).first(conn)
}
