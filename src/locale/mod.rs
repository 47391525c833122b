//! Interface texts, dates, numbers and plurals in the site's language.

mod texts;

use std::{
    fmt::{Display, Write as _},
    ops::RangeInclusive,
    sync::LazyLock,
};

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, TimeZone, Utc,
    format::{Item, StrftimeItems},
};
use chrono_tz::Tz;
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
use unic_langid::LanguageIdentifier;

use texts::LanguageTexts;
pub use texts::*;

/// The languages of the interface. English comes first: it is the fallback.
static LANGUAGES: LazyLock<Vec<Language>> =
    LazyLock::new(|| texts::LANGUAGES.iter().map(Language::new).collect());

/// The texts of a language, and the rules for its dates and plurals.
struct Language {
    tag: &'static str,
    texts: &'static Texts,
    newsroom: Option<&'static Newsroom>,
    dates: chrono::Locale,
    plurals: PluralRules,
}

impl Language {
    /// The files are part of the program, and a test loads each of them, so that a panic is impossible at run time.
    fn new(language: &LanguageTexts) -> Self {
        let LanguageTexts {
            tag,
            texts,
            newsroom,
        } = *language;
        let dates = texts.chrono.try_into().unwrap_or_else(|_| {
            panic!("locales/{tag}.toml: chrono has no locale {}", texts.chrono)
        });
        let plurals = tag
            .parse::<LanguageIdentifier>()
            .ok()
            .and_then(|tag| PluralRules::create(tag, PluralRuleType::CARDINAL).ok())
            .unwrap_or_else(|| panic!("locales/{tag}.toml: no plural rules"));
        Self {
            tag,
            texts,
            newsroom,
            dates,
            plurals,
        }
    }

    /// The language of a tag, by its first subtag; English if there is no such language.
    fn of(tag: &str) -> &'static Self {
        let first = tag
            .split(['-', '_'])
            .next()
            .unwrap_or(tag)
            .to_ascii_lowercase();
        LANGUAGES
            .iter()
            .find(|language| language.tag == first)
            .unwrap_or(&LANGUAGES[0])
    }

    /// `12,345`
    fn number(&self, number: u64) -> String {
        let plain = number.to_string();
        let mut grouped = String::new();
        for (index, digit) in plain.chars().enumerate() {
            if index > 0 && (plain.len() - index).is_multiple_of(3) {
                grouped.push_str(self.texts.thousands);
            }
            grouped.push(digit);
        }
        self.digits(&grouped)
    }

    /// Replaces ASCII digits by those of the language.
    fn digits(&self, text: &str) -> String {
        let digits = self.texts.digits;
        if digits.is_empty() {
            return text.to_owned();
        }
        let localized = |c: char| {
            c.to_digit(10)
                .and_then(|digit| digits.chars().nth(digit as usize))
        };
        text.chars().map(|c| localized(c).unwrap_or(c)).collect()
    }
}

/// Why the input of a date and time is invalid; its text is shown to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypedTimeError {
    #[error("Use the form 2026-03-29T14:30: year, month, day, hour and minute")]
    Form,
    #[error(
        "This time does not exist because the clocks are set forward. Choose a time an hour later"
    )]
    Skipped,
    #[error("Enter a year from 1400 to 2200")]
    Year,
}

/// The years of dates that the newsroom can enter: others are typing errors.
pub const YEARS: RangeInclusive<i32> = 1_400..=2_200;

/// The language, time zone and date format of the site.
pub struct Locale {
    language: &'static Language,
    tag: String,
    time_zone: Tz,
    /// The date format, parsed: pages have dozens of dates.
    date_format: Vec<Item<'static>>,
}

impl Locale {
    /// For a language tag. If the interface has no texts in the language, they are English. `date_format` is a `strftime`
    /// pattern, or empty for the default of the language.
    pub fn new(tag: &str, time_zone: Tz, date_format: &str) -> Self {
        let language = Language::of(tag);
        let date_format = if can_write_dates(date_format) {
            date_format
        } else {
            language.texts.date
        };
        Self {
            language,
            tag: tag.to_owned(),
            time_zone,
            date_format: StrftimeItems::new_with_locale(date_format, language.dates)
                .parse_to_owned()
                .unwrap_or_default(),
        }
    }

    /// The locale of the newsroom of a site: in the language of the site if the newsroom has been translated, otherwise
    /// in English.
    pub fn for_newsroom(tag: &str, time_zone: Tz) -> Self {
        let language = Language::of(tag);
        // The English texts are in British English, whichever English the site is in.
        if language.newsroom.is_none() || language.tag == "en" {
            return Self::new("en-GB", time_zone, "");
        }
        Self::new(tag, time_zone, "")
    }

    pub fn texts(&self) -> &'static Texts {
        self.language.texts
    }

    /// The texts of the newsroom; English if they have not been translated.
    pub fn newsroom(&self) -> &'static Newsroom {
        self.language
            .newsroom
            .or(LANGUAGES[0].newsroom)
            .expect("build.rs requires the English texts")
    }

    /// The language tag, for `lang`.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    pub fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// The day in the site's zone.
    pub fn day(&self, moment: DateTime<Utc>) -> NaiveDate {
        moment.with_timezone(&self.time_zone).date_naive()
    }

    /// `15 December 2023`
    pub fn date(&self, moment: DateTime<Utc>) -> String {
        self.calendar_date(self.day(moment))
    }

    /// `15 December 2023`, for a date without a time zone.
    pub fn calendar_date(&self, date: NaiveDate) -> String {
        let formatted =
            date.format_localized_with_items(self.date_format.iter(), self.language.dates);
        self.digits(&formatted.to_string())
    }

    /// `Friday, 15 December 2023`
    pub fn date_with_weekday(&self, moment: DateTime<Utc>) -> String {
        self.calendar_date_with_weekday(self.day(moment))
    }

    /// `Friday, 15 December 2023`, for a date without a time zone.
    pub fn calendar_date_with_weekday(&self, date: NaiveDate) -> String {
        self.formatted(date, self.texts().date_with_weekday)
    }

    /// `December 2023`, for any date in the month.
    pub fn month(&self, date: NaiveDate) -> String {
        self.formatted(date, self.texts().month)
    }

    /// `14:05`
    pub fn time(&self, moment: DateTime<Utc>) -> String {
        let local = moment.with_timezone(&self.time_zone);
        let time = local
            .format_localized(self.texts().time, self.language.dates)
            .to_string();
        self.digits(&time)
    }

    /// The time in a list: `14:05` today, `Yesterday`, `15 Dec`, and `15 Dec 2022` in another year than `now`.
    pub fn list_time(&self, moment: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let date = self.day(moment);
        match self.day(now).signed_duration_since(date).num_days() {
            0 => self.time(moment),
            1 => self.texts().yesterday.to_owned(),
            _ => self.short_date(date, now),
        }
    }

    /// The time of an article: `15 Dec, 14:05`, and `15 Dec 2022, 14:05` in another year than `now`.
    pub fn short_date_and_time(&self, moment: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let date = self.short_date(self.day(moment), now);
        self.texts().date_and_time(date, self.time(moment))
    }

    /// `15 Dec`, and `15 Dec 2022` in another year than `now`.
    fn short_date(&self, date: NaiveDate, now: DateTime<Utc>) -> String {
        let texts = self.texts();
        let format = if date.year() == self.day(now).year() {
            texts.short_date
        } else {
            texts.short_date_with_year
        };
        self.formatted(date, format)
    }

    /// The heading of a day in a list: `Today`, `Yesterday` or `Friday, 15 December 2023`.
    pub fn day_heading(&self, date: NaiveDate, now: DateTime<Utc>) -> String {
        match self.day(now).signed_duration_since(date).num_days() {
            0 => self.texts().today.to_owned(),
            1 => self.texts().yesterday.to_owned(),
            _ => self.calendar_date_with_weekday(date),
        }
    }

    /// `15 December 2023, 14:05`
    pub fn date_and_time(&self, moment: DateTime<Utc>) -> String {
        self.texts()
            .date_and_time(self.date(moment), self.time(moment))
    }

    /// The RFC 3339 form for `datetime` attributes and structured data, in the site's zone.
    pub fn machine(&self, moment: DateTime<Utc>) -> String {
        moment
            .with_timezone(&self.time_zone)
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// The value of an `<input type="datetime-local">`, in the site's zone: `2023-12-15T14:05`.
    pub fn input(&self, moment: DateTime<Utc>) -> String {
        moment
            .with_timezone(&self.time_zone)
            .format("%Y-%m-%dT%H:%M")
            .to_string()
    }

    /// Parses the value of an `<input type="datetime-local">`, in the site's zone. Of an ambiguous time, when clocks are set
    /// back, the first is used.
    ///
    /// # Errors
    /// If it has another form, its year is none of [`YEARS`], or it does not exist because clocks are set forward.
    pub fn moment(&self, input: &str) -> Result<DateTime<Utc>, TypedTimeError> {
        let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(input.trim(), form).ok())
            .filter(|local| (1..=9_999).contains(&local.year()))
            .ok_or(TypedTimeError::Form)?;
        if !YEARS.contains(&local.year()) {
            return Err(TypedTimeError::Year);
        }
        match self.time_zone.from_local_datetime(&local).earliest() {
            Some(moment) => Ok(moment.to_utc()),
            None => Err(TypedTimeError::Skipped),
        }
    }

    /// The year in the site's zone.
    pub fn year(&self, moment: DateTime<Utc>) -> String {
        self.digits(&self.day(moment).year().to_string())
    }

    /// `12,345`
    pub fn number(&self, number: i64) -> String {
        self.language.number(number.unsigned_abs())
    }

    /// `A, B and C`
    pub fn list(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [name] => name.clone(),
            [first @ .., last] => {
                first.join(self.texts().list_separator) + self.texts().list_last + last
            }
        }
    }

    fn formatted(&self, date: NaiveDate, pattern: &str) -> String {
        self.digits(
            &date
                .format_localized(pattern, self.language.dates)
                .to_string(),
        )
    }

    /// Replaces ASCII digits by those of the language.
    pub fn digits(&self, text: &str) -> String {
        self.language.digits(text)
    }
}

/// The form of a text for `number`, with the number as `{n}`, and with other values.
fn count_in(text: &Plural, number: u64, values: &[(&str, &dyn Display)]) -> String {
    let language = Language::of(text.language);
    let form = match language.plurals.select(number) {
        Ok(PluralCategory::ZERO) => text.zero,
        Ok(PluralCategory::ONE) => text.one,
        Ok(PluralCategory::TWO) => text.two,
        Ok(PluralCategory::FEW) => text.few,
        Ok(PluralCategory::MANY) => text.many,
        Ok(PluralCategory::OTHER) | Err(_) => None,
    };
    let number = language.number(number);
    let mut all: Vec<(&str, &dyn Display)> = vec![("n", &number)];
    all.extend(values);
    fill_in(form.unwrap_or(text.other), &all)
}

/// Whether a pattern can format a date. Formatting with an invalid pattern, or one with a time of day, would panic.
pub fn can_write_dates(pattern: &str) -> bool {
    use std::fmt::Write;
    let date = NaiveDate::default();
    !pattern.is_empty() && write!(String::new(), "{}", date.format(pattern)).is_ok()
}

/// Replaces each `{name}` in a text by its value.
fn fill_in(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            // Writing to a string cannot fail.
            let _ = write!(filled, "{value}");
        }
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> DateTime<Utc> {
        "2023-12-15T22:05:00Z".parse().unwrap()
    }

    #[test]
    fn every_language_file_is_valid() {
        assert_eq!(LANGUAGES.len(), 4);
    }

    #[test]
    fn dates_are_in_the_language_and_time_zone_of_the_site() {
        let london = Locale::new("en-GB", Tz::Europe__London, "");
        assert_eq!(london.date_and_time(moment()), "15 December 2023, 22:05");
        let karachi = Locale::new("en", Tz::Asia__Karachi, "%B %-d, %Y");
        assert_eq!(karachi.date(moment()), "December 16, 2023");
        let cairo = Locale::new("ar-EG", Tz::Africa__Cairo, "");
        assert_eq!(cairo.date(moment()), "١٦ ديسمبر ٢٠٢٣");
        let berlin = Locale::new("de", Tz::Europe__Berlin, "");
        assert_eq!(berlin.date(moment()), "15. Dezember 2023");
    }

    #[test]
    fn times_in_lists_are_as_short_as_the_day_allows() {
        let berlin = Locale::new("en", Tz::Europe__Berlin, "");
        let at = |time: &str| time.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-01-02T10:00:00Z");
        for (time, shown, heading) in [
            ("2026-01-02T07:05:00Z", "08:05", "Today"),
            // Already the second of January in Berlin.
            ("2026-01-01T23:05:00Z", "00:05", "Today"),
            ("2026-01-01T22:59:59Z", "Yesterday", "Yesterday"),
            (
                "2025-12-31T22:00:00Z",
                "31 Dec 2025",
                "Wednesday, 31 December 2025",
            ),
            // Scheduled, in a preview.
            ("2026-01-03T10:00:00Z", "3 Jan", "Saturday, 3 January 2026"),
        ] {
            let time = at(time);
            assert_eq!(berlin.list_time(time, now), shown);
            assert_eq!(berlin.day_heading(berlin.day(time), now), heading);
        }
        let arabic = Locale::new("ar", Tz::UTC, "");
        assert_eq!(arabic.list_time(at("2026-01-02T07:05:00Z"), now), "٠٧:٠٥");
    }

    #[test]
    fn times_are_parsed_in_the_time_zone_of_the_site() {
        let berlin = Locale::new("de", Tz::Europe__Berlin, "");
        let utc = |input| berlin.moment(input).map(|moment| moment.to_rfc3339());
        assert_eq!(
            utc("2026-07-01T14:05").as_deref(),
            Ok("2026-07-01T12:05:00+00:00")
        );
        assert_eq!(
            berlin.input(berlin.moment("2026-07-01T14:05").unwrap()),
            "2026-07-01T14:05"
        );
        assert_eq!(utc("2026-03-29T02:30"), Err(TypedTimeError::Skipped));
        let twice = utc("2026-10-25T02:30");
        assert_eq!(
            twice.as_deref(),
            Ok("2026-10-25T00:30:00+00:00"),
            "the first of two"
        );
        for wrong in ["", "tomorrow", "2026-13-01T10:00", "+99999-01-01T00:00"] {
            assert_eq!(utc(wrong), Err(TypedTimeError::Form), "{wrong}");
        }
        for typing_error in [
            "0026-03-29T10:00",
            "1399-12-31T23:59",
            "2201-01-01T00:00",
            "9026-03-29 10:00",
        ] {
            assert_eq!(
                utc(typing_error),
                Err(TypedTimeError::Year),
                "{typing_error}"
            );
        }
        for early_or_late in ["1400-01-01T00:00", "2200-12-31T23:59"] {
            assert!(utc(early_or_late).is_ok(), "{early_or_late}");
        }
    }

    #[test]
    fn an_invalid_date_pattern_is_replaced_by_the_default() {
        for pattern in ["%Q %!", "%d %B %Y %H:%M", "%z", ""] {
            let locale = Locale::new("en", Tz::UTC, pattern);
            assert_eq!(locale.date(moment()), "15 December 2023", "{pattern}");
        }
    }

    #[test]
    fn numbers_have_separators_and_plurals() {
        let english = Locale::new("en", Tz::UTC, "");
        assert_eq!(english.number(1_234_567), "1,234,567");
        assert_eq!(english.texts().stories(1), "1 story");
        assert_eq!(english.texts().stories(2_000), "2,000 stories");
    }

    #[test]
    fn names_are_joined_as_a_list() {
        let english = Locale::new("en", Tz::UTC, "");
        let names = ["A", "B", "C"].map(str::to_owned);
        assert_eq!(english.list(&names), "A, B and C");
        assert_eq!(english.list(&names[..1]), "A");
    }

    #[test]
    fn filled_values_are_not_filled_again() {
        assert_eq!(
            fill_in("{a} and {b}", &[("a", &"{b}"), ("b", &"x")]),
            "{b} and x"
        );
    }
}
