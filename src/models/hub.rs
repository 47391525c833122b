//! WebSub notifications: which feeds have changed since the hub was notified.

use chrono::NaiveDateTime;
use diesel::{
    dsl::exists,
    prelude::*,
    sql_query,
    sql_types::{BigInt, Timestamp},
};

use super::timeline;
use crate::db::{
    AnyConnection,
    schema::{addresses, articles, timeline_entries, told_articles},
    types::{AddressKind, TimelineKind},
};

/// Whether a feed has changed since the last notification.
pub fn has_news(conn: &mut AnyConnection, now: NaiveDateTime) -> QueryResult<bool> {
    let newest = timeline::newest(conn, timeline::SITE, now, timeline::IN_A_FEED)?;
    Ok(!unannounced(conn, &newest)?.is_empty())
}

/// Claims all pending notifications: the paths of the changed feeds, without the feed suffix. Concurrent processes do
/// not get them too.
pub fn take(conn: &mut AnyConnection, now: NaiveDateTime) -> QueryResult<Vec<String>> {
    let newest = timeline::newest(conn, timeline::SITE, now, timeline::IN_A_FEED)?;
    let mut claimed = Vec::new();
    for (id, changed_at) in unannounced(conn, &newest)? {
        let updated = sql_query(
            "INSERT INTO told_articles (article_id, changed_at) VALUES ($1, $2) \
             ON CONFLICT (article_id) DO UPDATE SET changed_at = excluded.changed_at \
             WHERE told_articles.changed_at <> excluded.changed_at",
        )
        .bind::<BigInt, _>(id)
        .bind::<Timestamp, _>(changed_at)
        .execute(conn)?;
        if updated == 1 {
            claimed.push(id);
        }
    }
    diesel::delete(told_articles::table.filter(told_articles::article_id.ne_all(newest)))
        .execute(conn)?;
    feeds_of(conn, &claimed)
}

/// Those of the newest articles whose last change was not announced: (id, time of the change).
fn unannounced(conn: &mut AnyConnection, newest: &[i64]) -> QueryResult<Vec<(i64, NaiveDateTime)>> {
    type Row = (i64, Option<NaiveDateTime>, Option<NaiveDateTime>);
    let rows: Vec<Row> = articles::table
        .filter(articles::id.eq_any(newest))
        .order(articles::id)
        .select((articles::id, articles::published_at, articles::updated_at))
        .load(conn)?;
    let announced: Vec<(i64, NaiveDateTime)> = told_articles::table
        .filter(told_articles::article_id.eq_any(newest))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, published, updated)| Some((id, published.max(updated)?)))
        .filter(|row| !announced.contains(row))
        .collect())
}

/// The paths of the feeds that contain these articles.
fn feeds_of(conn: &mut AnyConnection, ids: &[i64]) -> QueryResult<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut paths = vec![String::new()];
    for (timeline, kind) in [
        (TimelineKind::Section, AddressKind::Section),
        (TimelineKind::Author, AddressKind::Author),
        (TimelineKind::Topic, AddressKind::Topic),
    ] {
        let has_one = timeline_entries::table
            .filter(timeline_entries::kind.eq(timeline))
            .filter(
                timeline_entries::owner_id
                    .nullable()
                    .eq(addresses::target_id),
            )
            .filter(timeline_entries::article_id.eq_any(ids));
        let of_kind: Vec<String> = addresses::table
            .filter(addresses::kind.eq(kind))
            .filter(addresses::canonical)
            .filter(exists(has_one))
            .order(addresses::path)
            .select(addresses::path)
            .load(conn)?;
        paths.extend(of_kind);
    }
    Ok(paths)
}
