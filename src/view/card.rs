//! A card: an article in a list.

use chrono::NaiveDate;

use super::{
    Link,
    picture::{Picture, Place},
};
use crate::{models::article, site::Site};

#[derive(Clone, Debug)]
pub struct Card {
    pub path: String,
    pub kicker: String,
    pub headline: String,
    pub standfirst: String,
    pub section: Option<Link>,
    pub picture: Option<Picture>,
    /// `By A and B`, or empty.
    pub byline: String,
    /// The day in the site's time zone.
    pub day: NaiveDate,
    /// `14:05`, `Yesterday` or `15 Dec`.
    pub time: String,
    /// For the `datetime` attribute.
    pub machine_time: String,
}

impl Card {
    pub fn new(card: &article::Card, site: &Site, place: Place) -> Self {
        let locale = &site.locale;
        let byline = match card.authors.as_slice() {
            [] => String::new(),
            names => locale.texts().by(locale.list(names)),
        };
        Self {
            path: card.path.clone(),
            kicker: card.kicker.clone(),
            headline: card.headline.clone(),
            standfirst: card.standfirst.clone(),
            section: site
                .sections
                .get(card.section_id)
                .map(|section| Link::new(&section.name, &section.path)),
            picture: card
                .picture
                .as_ref()
                .map(|media| Picture::new(media, place).decorative()),
            byline,
            day: locale.day(card.published_at),
            // The site is loaded again at midnight, so that its day is that of the page.
            time: locale.list_time(card.published_at, site.since),
            machine_time: locale.machine(card.published_at),
        }
    }

    /// The card for another place on the page.
    pub fn placed(self, place: Place) -> Self {
        Self {
            picture: self.picture.map(|picture| picture.placed(place)),
            ..self
        }
    }
}
