//! Lists of stories, page by page.

use chrono::NaiveDate;

use crate::{
    error::{Error, Result},
    http_cache::{PageContext, PageNumber},
    models::{
        article::Cards,
        timeline::{self, Period, TimelineKey},
    },
    site::Site,
    view::{card::Card, pagination::Pagination, picture::Place},
};

/// Stories on one page of a list.
pub(super) const PAGE_SIZE: i64 = 20;

/// One page of a list of stories.
pub(super) struct StoryList {
    pub cards: Vec<Card>,
    pub pagination: Option<Pagination>,
    /// "1,234 stories"
    pub count: String,
    pub number: i64,
}

/// The stories of a day in a list that is sorted by time.
pub(super) struct Day<T> {
    /// `Today`, `Yesterday` or `Friday, 15 December 2023`.
    pub heading: String,
    pub stories: Vec<T>,
}

/// Divides a list that is sorted by time into days.
pub(super) fn days<T>(site: &Site, stories: Vec<T>, day_of: fn(&T) -> NaiveDate) -> Vec<Day<T>> {
    let mut days: Vec<Day<T>> = Vec::new();
    let mut last = None;
    for story in stories {
        let date = day_of(&story);
        match days.last_mut() {
            Some(day) if last == Some(date) => day.stories.push(story),
            _ => days.push(Day {
                heading: site.locale.day_heading(date, site.since),
                stories: vec![story],
            }),
        }
        last = Some(date);
    }
    days
}

impl PageContext<'_> {
    /// A page of the part of a timeline within `period`.
    pub(super) fn list(
        &mut self,
        page: PageNumber,
        timeline: TimelineKey,
        period: Period,
    ) -> Result<StoryList> {
        Ok(self.list_and_cards(page, timeline, period, &[])?.0)
    }

    /// A page of a timeline, and the cards of `others`, which the page shows as well: one query loads all cards.
    pub(super) fn list_and_cards(
        &mut self,
        page: PageNumber,
        timeline: TimelineKey,
        period: Period,
        others: &[i64],
    ) -> Result<(StoryList, Cards)> {
        let number = page.get();
        let now = self.now.naive_utc();
        let time_zone = self.site.locale.time_zone();
        let page = timeline::page(
            self.conn, timeline, period, time_zone, now, number, PAGE_SIZE,
        )?
        .ok_or(Error::NotFound)?;
        let ids: Vec<i64> = page.article_ids.iter().chain(others).copied().collect();
        let cards = self.cards(&ids)?;
        let locale = &self.site.locale;
        let list = StoryList {
            cards: page
                .article_ids
                .iter()
                .filter_map(|id| cards.get(id))
                .map(|card| Card::new(card, &self.site, Place::Thumbnail))
                .collect(),
            pagination: Pagination::new(&self.site, &self.path, number, page.pages),
            count: locale.texts().stories(page.entries),
            number,
        };
        Ok((list, cards))
    }

    /// The title of a list with the page's number, except for the first page.
    pub(super) fn title_of_page(&self, title: &str, number: i64) -> String {
        if number == 1 {
            return title.to_owned();
        }
        let number = self.site.locale.number(number);
        format!("{title} – {}", self.texts().page(&number))
    }
}
