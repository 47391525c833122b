//! The state of an item of an export: whether it is public, and since when.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::wxr::Element;
use crate::db::types::Status;

/// Whether a password is needed to read an item. One space is a password.
pub fn is_protected(item: &Element) -> bool {
    item.all("wp:post_password").any(|element| {
        let password = element.text.as_str();
        // Programs that indent XML add line breaks, which a password does not have. One that consisted of control
        // characters is empty by now.
        let is_indentation = password.trim().is_empty() && password.contains(['\n', '\r']);
        element.controls > 0 || !(password.is_empty() || is_indentation)
    })
}

/// The status that an item gets here.
pub fn status(item: &Element) -> Status {
    match item.get("wp:status") {
        "publish" | "future" if !is_protected(item) => Status::Published,
        "pending" => Status::Review,
        "trash" => Status::Trashed,
        _ => Status::Draft,
    }
}

/// The time in one of these child elements: one in UTC, and one in the time zone of the site.
pub fn written(item: &Element, gmt: &str, local: &str, time_zone: Tz) -> Option<DateTime<Utc>> {
    time(item.get(gmt), Tz::UTC).or_else(|| time(item.get(local), time_zone))
}

/// The date of an item.
pub fn date(item: &Element, time_zone: Tz) -> Option<DateTime<Utc>> {
    written(item, "wp:post_date_gmt", "wp:post_date", time_zone).or_else(|| {
        let date = DateTime::parse_from_rfc2822(item.get("pubDate")).ok()?;
        Some(date.to_utc())
    })
}

/// Whether anyone may read an item at `now`.
pub fn is_public(item: &Element, time_zone: Tz, now: DateTime<Utc>) -> bool {
    status(item) == Status::Published && date(item, time_zone).is_some_and(|date| date <= now)
}

/// Parses `2015-01-27 14:56:57`; `None` for the zero date that WordPress writes for “no time”.
fn time(text: &str, time_zone: Tz) -> Option<DateTime<Utc>> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    let time = time_zone.from_local_datetime(&local).earliest()?;
    Some(time.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_date_is_no_time() {
        assert_eq!(time("0000-00-00 00:00:00", Tz::UTC), None);
        let karachi = time("2015-01-27 14:56:57", chrono_tz::Asia::Karachi).unwrap();
        assert_eq!(karachi.to_string(), "2015-01-27 09:56:57 UTC");
    }

    #[test]
    fn every_password_hides_an_item_even_a_space() {
        let item = |password: &str, controls| Element {
            children: vec![Element {
                name: "wp:post_password".to_owned(),
                text: password.to_owned(),
                controls,
                ..Element::default()
            }],
            ..Element::default()
        };
        for (password, controls) in [
            (" ", 0),
            ("  ", 0),
            ("\t", 0),
            ("x", 0),
            ("", 1),
            ("\u{a0}", 0),
        ] {
            assert!(is_protected(&item(password, controls)), "{password:?}");
        }
        for none in ["", "\n", "\n    "] {
            assert!(!is_protected(&item(none, 0)), "{none:?}");
        }
        assert!(!is_protected(&Element::default()));
    }
}
