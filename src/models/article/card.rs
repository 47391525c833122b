//! Cards: what lists show of an article.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::{
    db::{
        self, AnyConnection,
        schema::{addresses, articles, media},
        types::{AddressKind, Status},
    },
    each_backend,
    models::{author, media::Media},
};

/// What lists show of a live article.
#[derive(Clone, Debug)]
pub struct Card {
    pub id: i64,
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub section_id: i64,
    pub published_at: DateTime<Utc>,
    pub path: String,
    pub picture: Option<Media>,
    pub authors: Vec<String>,
}

/// Cards by article id.
pub type Cards = HashMap<i64, Arc<Card>>;

#[derive(Queryable, Selectable)]
#[diesel(table_name = articles)]
struct CardRow {
    id: i64,
    kicker: String,
    headline: String,
    standfirst: String,
    section_id: Option<i64>,
    published_at: Option<NaiveDateTime>,
}

/// The cards of those of these articles that are live.
pub fn cards(conn: &mut AnyConnection, ids: &[i64], now: NaiveDateTime) -> QueryResult<Cards> {
    if ids.is_empty() {
        return Ok(Cards::new());
    }
    let rows: Vec<(CardRow, String, Option<Media>)> = each_backend!(conn, |c| with_address!()
        .left_join(media::table.on(media::id.nullable().eq(articles::lead_media_id)))
        .filter(db::eq_any_padded(articles::id, ids))
        .filter(articles::status.eq(Status::Published))
        .filter(articles::published_at.le(now))
        .select((
            CardRow::as_select(),
            addresses::path,
            Option::<Media>::as_select(),
        ))
        .load(c))?;
    let mut cards = Cards::with_capacity(rows.len());
    for (row, path, picture) in rows {
        // Every published article has both.
        let (Some(published_at), Some(section_id)) = (row.published_at, row.section_id) else {
            continue;
        };
        cards.insert(
            row.id,
            Arc::new(Card {
                id: row.id,
                kicker: row.kicker,
                headline: row.headline,
                standfirst: row.standfirst,
                section_id,
                published_at: published_at.and_utc(),
                path,
                picture,
                authors: Vec::new(),
            }),
        );
    }
    for (article_id, name) in author::names_of_articles(conn, ids)? {
        if let Some(card) = cards.get_mut(&article_id) {
            Arc::make_mut(card).authors.push(name);
        }
    }
    Ok(cards)
}
