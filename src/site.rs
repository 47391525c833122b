//! The publication as it stands: settings, sections and menus, which every page needs and which
//! change rarely. Loaded again when the site version was raised.

use diesel::prelude::*;

use crate::{
    db::AnyConnection,
    models::{
        media::{self, Media},
        menu::{self, MenuItem},
        section::{self, SectionTree},
        setting::{self, Settings},
    },
    view::locale::Locale,
};

pub struct Site {
    /// The site version that this is.
    pub version: i64,
    pub settings: Settings,
    pub sections: SectionTree,
    pub menu_items: Vec<MenuItem>,
    pub logo: Option<Media>,
    pub locale: Locale,
}

impl Site {
    pub fn load(conn: &mut AnyConnection, version: i64) -> QueryResult<Self> {
        let settings = setting::load(conn)?;
        let logo_ids: Vec<i64> = settings.logo_media_id.into_iter().collect();
        Ok(Self {
            version,
            sections: section::tree(conn)?,
            menu_items: menu::all(conn)?,
            logo: media::find_all(conn, &logo_ids)?.pop(),
            locale: Locale::new(
                &settings.language,
                settings.time_zone,
                &settings.date_format,
            ),
            settings,
        })
    }
}
