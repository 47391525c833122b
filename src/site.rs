//! The publication as it stands: settings, sections and menus, which every page needs and which
//! change rarely. Loaded again when the site version was raised, or when time alone changes something.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::{
    db::{AnyConnection, SiteVersion},
    models::{
        article, edition,
        media::{self, Media},
        menu::{self, MenuItem},
        river::{self, Period},
        section::{self, SectionTree},
        setting::{self, Settings},
    },
    view::locale::Locale,
};

pub struct Site {
    /// The site version that this is.
    pub version: SiteVersion,
    /// When it was loaded.
    pub since: DateTime<Utc>,
    /// The moment at which something appears or goes with no one doing anything: an article is due, a
    /// place at the top is over, the bar with the breaking news is, or the day.
    pub until: DateTime<Utc>,
    pub settings: Settings,
    pub sections: SectionTree,
    pub menu_items: Vec<MenuItem>,
    pub logo: Option<Media>,
    pub locale: Locale,
}

impl Site {
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
        let (_, tomorrow) = river::bounds(today, settings.time_zone);
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
            settings,
        })
    }

    /// Whether it is still so at this moment, as long as the site version is the same.
    pub fn holds_at(&self, now: DateTime<Utc>) -> bool {
        (self.since..self.until).contains(&now)
    }
}
