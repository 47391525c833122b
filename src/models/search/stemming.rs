//! The stemming of the site's language.

use diesel::prelude::*;

use crate::{
    db::{AnyConnection, schema::settings},
    models::setting::Settings,
    text::words::Stemming,
};

/// The stemming of the site's language, as set.
pub fn stemming(conn: &mut AnyConnection) -> QueryResult<Stemming> {
    let language: Option<String> = settings::table
        .find("language")
        .select(settings::value)
        .first(conn)
        .optional()?;
    let default = || Settings::default().language;
    Ok(Stemming::of(&language.unwrap_or_else(default)))
}
