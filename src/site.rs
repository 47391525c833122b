//! The site: settings, sections and menus, which every page needs, and the cards of articles that many pages show. Loaded
//! again when the site version is raised, and at times such as a scheduled publication.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use quick_cache::sync::Cache;

use crate::{
    colour::Accents,
    db::{AnyConnection, SiteVersion},
    locale::Locale,
    models::{
        article::{self, Card, Cards},
        edition,
        media::{self, Media},
        menu::{self, MenuItem},
        section::{self, SectionTree},
        setting::{self, Settings},
        timeline::{self, Period},
    },
};

/// How many cards are cached, of about 1 KiB each.
const MAX_CARDS: usize = 1_000;

/// The site at one version.
pub struct Site {
    pub version: SiteVersion,
    /// When it was loaded.
    pub since: DateTime<Utc>,
    /// When the site next changes without a write: a scheduled article is due; a pin, the breaking bar or the day ends.
    pub until: DateTime<Utc>,
    pub settings: Settings,
    pub sections: SectionTree,
    pub menu_items: Vec<MenuItem>,
    pub logo: Option<Media>,
    pub locale: Locale,
    pub accents: Accents,
    /// Recently used cards by article id; `None` for articles that are not live.
    cards: Cache<i64, Option<Arc<Card>>>,
}

impl Site {
    /// The locale of the newsroom: like that of the site, but with its own texts and the default date format.
    pub fn newsroom_locale(&self) -> Locale {
        Locale::for_newsroom(&self.settings.language, self.settings.time_zone)
    }

    pub fn load(
        conn: &mut AnyConnection,
        version: SiteVersion,
        now: DateTime<Utc>,
    ) -> QueryResult<Self> {
        let settings = setting::load(conn)?;
        let logo_ids: Vec<i64> = settings.logo_media_id.into_iter().collect();
        let locale = Locale::new(
            &settings.language,
            settings.time_zone,
            &settings.date_format,
        );
        let breaking_ends = settings.breaking.as_ref().map(|breaking| breaking.until);
        let ends: [Option<NaiveDateTime>; 3] = [
            article::next_due(conn, now.naive_utc())?,
            edition::next_end(conn, now.naive_utc())?,
            breaking_ends
                .filter(|end| *end > now)
                .map(|end| end.naive_utc()),
        ];
        let today = now.with_timezone(&settings.time_zone);
        let today = Period::of_day(today.date_naive());
        let (_, tomorrow) = timeline::bounds(today, settings.time_zone);
        let until = ends
            .into_iter()
            .flatten()
            .fold(tomorrow, NaiveDateTime::min)
            .and_utc();
        Ok(Self {
            version,
            since: now,
            until,
            sections: section::tree(conn)?,
            menu_items: menu::all(conn)?,
            logo: media::find_all(conn, &logo_ids)?.pop(),
            locale,
            accents: Accents::new(&settings.accent),
            cards: Cache::new(MAX_CARDS),
            settings,
        })
    }

    /// The cards of the live ones among these articles, by id. Only those that are not cached are queried.
    pub fn cards(
        &self,
        conn: &mut AnyConnection,
        ids: &[i64],
        now: DateTime<Utc>,
    ) -> QueryResult<Cards> {
        let mut cards = Cards::with_capacity(ids.len());
        let mut unknown = Vec::new();
        for id in ids {
            match self.cards.get(id) {
                Some(Some(card)) => {
                    cards.insert(*id, card);
                }
                Some(None) => {}
                None => unknown.push(*id),
            }
        }
        let found = article::cards(conn, &unknown, now.naive_utc())?;
        for id in unknown {
            self.cards.insert(id, found.get(&id).cloned());
        }
        cards.extend(found);
        Ok(cards)
    }

    /// Whether it is valid at this time, as long as the site version is the same.
    pub fn holds_at(&self, now: DateTime<Utc>) -> bool {
        (self.since..self.until).contains(&now)
    }
}
