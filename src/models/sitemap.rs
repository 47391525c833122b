//! The contents of sitemaps: canonical addresses, split into files by id range, so that a file costs the same in an
//! archive of any size.

use chrono::NaiveDateTime;
use diesel::{
    dsl::{exists, max},
    prelude::*,
};

use crate::db::{
    AnyConnection, MultiBackend,
    schema::{addresses, articles, timeline_entries},
    types::{AddressKind, Status, TimelineKind},
};

/// The number of ids that a file covers, and so the maximum number of its addresses.
pub const FILE: i64 = 10_000;

/// A path, and when its target changed last, if known.
pub type Entry = (String, Option<NaiveDateTime>);

/// The number of files for the addresses of a kind.
pub fn files(conn: &mut AnyConnection, kind: AddressKind) -> QueryResult<i64> {
    let last: Option<i64> = addresses::table
        .filter(addresses::kind.eq(kind))
        .filter(addresses::canonical)
        .select(max(addresses::target_id))
        .first(conn)?;
    Ok(last.map_or(0, |id| (id - 1) / FILE + 1))
}

/// The addresses of file `number`, from 1.
pub fn file(
    conn: &mut AnyConnection,
    kind: AddressKind,
    number: i64,
    now: NaiveDateTime,
) -> QueryResult<Vec<Entry>> {
    let (from, to) = ((number - 1) * FILE + 1, number * FILE);
    let of_kind = addresses::table
        .filter(addresses::kind.eq(kind))
        .filter(addresses::canonical)
        .filter(addresses::target_id.between(from, to))
        .order(addresses::target_id);
    if kind != AddressKind::Article {
        let mut listed = of_kind.select(addresses::path).into_boxed::<MultiBackend>();
        if kind == AddressKind::Topic {
            // A topic with only scheduled articles would reveal them.
            let has_live_article = timeline_entries::table
                .filter(timeline_entries::kind.eq(TimelineKind::Topic))
                .filter(
                    timeline_entries::owner_id
                        .nullable()
                        .eq(addresses::target_id),
                )
                .filter(timeline_entries::published_at.le(now));
            listed = listed.filter(exists(has_live_article));
        }
        let paths: Vec<String> = listed.load(conn)?;
        return Ok(paths.into_iter().map(|path| (path, None)).collect());
    }
    let rows: Vec<(String, Option<NaiveDateTime>, Option<NaiveDateTime>)> = of_kind
        .inner_join(articles::table.on(articles::id.nullable().eq(addresses::target_id)))
        .filter(articles::status.eq(Status::Published))
        .filter(articles::published_at.le(now))
        .select((
            addresses::path,
            articles::published_at,
            articles::updated_at,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(path, published, updated)| (path, published.max(updated)))
        .collect())
}
