//! Documents of the search index: their tables, their numbers, and their tags.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// Which of the two full-text tables.
#[derive(Clone, Copy)]
pub(super) enum Index {
    /// Headline, standfirst and text.
    Texts,
    /// Headlines only.
    Headlines,
}

impl Index {
    pub fn table(self) -> &'static str {
        match self {
            Self::Texts => "article_words",
            Self::Headlines => "headline_words",
        }
    }
}

/// A filter value, indexed as a word of the article: intersecting a word with a section then costs the same as
/// intersecting two words.
#[derive(Clone, Copy)]
pub(super) enum Tag {
    Section(i64),
    Author(i64),
    Topic(i64),
    /// The month of publication, counted from year 0; in PostgreSQL only.
    Month(i32),
    /// The year of publication; in PostgreSQL only.
    Year(i32),
}

impl Tag {
    /// The first character of a tag: from Unicode's private use area, so that no word contains it.
    pub const MARK: char = '\u{E000}';

    /// The tag as a word of the index.
    pub fn word(self) -> String {
        let (kind, id) = match self {
            Self::Section(id) => ('s', id),
            Self::Author(id) => ('a', id),
            Self::Topic(id) => ('t', id),
            Self::Month(month) => ('m', i64::from(month)),
            Self::Year(year) => ('y', i64::from(year)),
        };
        format!("{}{kind}{id}", Self::MARK)
    }

    pub fn month_of(date: NaiveDate) -> Self {
        Self::Month(date.year() * 12 + date.month0().cast_signed())
    }
}

/// How many document numbers each minute of publication time has.
pub(super) const SLOTS_PER_MINUTE: i64 = 64;

/// The time of document number 0.
fn epoch() -> NaiveDateTime {
    let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default();
    day.and_time(NaiveTime::MIN)
}

/// The first document number of a minute, so that numbers are ordered by publication time. Times before 1900 count as
/// 1900.
pub(super) fn first_of_minute(time: NaiveDateTime) -> i64 {
    (time - epoch()).num_minutes().max(0) * SLOTS_PER_MINUTE
}

/// The minute of a document number.
pub(super) fn time_of(doc: i64) -> NaiveDateTime {
    // Out of range only for a number that was written by hand.
    let since = TimeDelta::try_minutes(doc / SLOTS_PER_MINUTE).unwrap_or_default();
    let epoch = epoch();
    epoch.checked_add_signed(since).unwrap_or(epoch)
}
