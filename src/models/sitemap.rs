//! What sitemaps list: canonical addresses, a file's worth at a time, cut by id so that a file costs the
//! same in an archive of any size.

use chrono::NaiveDateTime;
use diesel::{
    dsl::{exists, max},
    prelude::*,
};

use crate::db::{
    AnyConnection, MultiBackend,
    schema::{addresses, articles, river_entries},
    types::{AddressKind, River, Status},
};

/// How many ids a file covers; there are at most as many addresses in it.
pub const FILE: i64 = 10_000;

/// An address, and when what stands there changed last, if that is known.
pub type Entry = (String, Option<NaiveDateTime>);

/// How many files the addresses of a kind fill.
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
            // One whose stories are all yet to come would tell of them.
            let holds_one = river_entries::table
                .filter(river_entries::river.eq(River::Topic))
                .filter(river_entries::owner_id.nullable().eq(addresses::target_id))
                .filter(river_entries::published_at.le(now));
            listed = listed.filter(exists(holds_one));
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
