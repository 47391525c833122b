//! The texts of articles, which pages and the search index share.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    db::{AnyConnection, schema::bodies},
    text::SanitizedHtml,
};

/// The texts of these articles, by article id.
pub fn bodies(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<HashMap<i64, SanitizedHtml>> {
    let rows: Vec<(i64, SanitizedHtml)> = bodies::table
        .filter(bodies::article_id.eq_any(ids))
        .select((bodies::article_id, bodies::html))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
