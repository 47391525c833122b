//! What the WebSub hub is to be told: which feeds have something new.

use chrono::NaiveDateTime;
use diesel::{
    dsl::exists,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Timestamp},
};

use super::river;
use crate::db::{
    AnyConnection,
    schema::{addresses, articles, river_entries, told_articles},
    types::{AddressKind, River},
};

/// Whether the hub does not know one of the newest articles as it is now.
pub fn has_news(conn: &mut AnyConnection, now: NaiveDateTime) -> QueryResult<bool> {
    let newest = river::newest(conn, river::SITE, now, river::IN_A_FEED)?;
    Ok(!untold(conn, &newest)?.is_empty())
}

/// Takes it on to tell the hub of everything that it does not know: the paths of the feeds that have
/// something new, without what their addresses end in. Another process that asks gets none of them.
pub fn take(conn: &mut AnyConnection, now: NaiveDateTime) -> QueryResult<Vec<String>> {
    let newest = river::newest(conn, river::SITE, now, river::IN_A_FEED)?;
    let mut ours = Vec::new();
    for (id, changed_at) in untold(conn, &newest)? {
        let taken = sql_query(
            "INSERT INTO told_articles (article_id, changed_at) VALUES ($1, $2) \
             ON CONFLICT (article_id) DO UPDATE SET changed_at = excluded.changed_at \
             WHERE told_articles.changed_at <> excluded.changed_at",
        )
        .bind::<BigInt, _>(id)
        .bind::<Timestamp, _>(changed_at)
        .execute(conn)?;
        if taken == 1 {
            ours.push(id);
        }
    }
    diesel::delete(told_articles::table.filter(told_articles::article_id.ne_all(newest)))
        .execute(conn)?;
    feeds_of(conn, &ours)
}

/// Those of the newest articles that the hub does not know as they are: the id, and when it changed.
fn untold(conn: &mut AnyConnection, newest: &[i64]) -> QueryResult<Vec<(i64, NaiveDateTime)>> {
    type Row = (i64, Option<NaiveDateTime>, Option<NaiveDateTime>);
    let rows: Vec<Row> = articles::table
        .filter(articles::id.eq_any(newest))
        .order(articles::id)
        .select((articles::id, articles::published_at, articles::updated_at))
        .load(conn)?;
    let told: Vec<(i64, NaiveDateTime)> = told_articles::table
        .filter(told_articles::article_id.eq_any(newest))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, published, updated)| Some((id, published.max(updated)?)))
        .filter(|row| !told.contains(row))
        .collect())
}

/// The feeds that these articles are in.
fn feeds_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut paths = vec![String::new()];
    for (river, kind) in [
        (River::Section, AddressKind::Section),
        (River::Author, AddressKind::Author),
        (River::Topic, AddressKind::Topic),
    ] {
        let holds_one = river_entries::table
            .filter(river_entries::river.eq(river))
            .filter(river_entries::owner_id.nullable().eq(addresses::target_id))
            .filter(river_entries::article_id.eq_any(ids));
        let of_kind: Vec<String> = addresses::table
            .filter(addresses::kind.eq(kind))
            .filter(addresses::canonical)
            .filter(exists(holds_one))
            .order(addresses::path)
            .select(addresses::path)
            .load(conn)?;
        paths.extend(of_kind);
    }
    Ok(paths)
}
