//! Lists of stories, page by page.

use crate::{
    error::{Error, Result},
    http_cache::{PageContext, PageNumber},
    models::{
        article::Cards,
        timeline::{self, Period, TimelineKey},
    },
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
