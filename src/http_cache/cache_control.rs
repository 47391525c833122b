//! `Cache-Control` of pages, and how long shared caches may keep them.

use actix_web::http::header::HeaderValue;
use chrono::{DateTime, Utc};

/// Browsers revalidate every time, so that a correction, or an address that moved, is seen immediately.
pub(super) const REVALIDATE: &str = "public, max-age=0, must-revalidate";
/// For pages rendered for a logged-in user.
pub(super) const PRIVATE: &str = "private, no-store";
/// How long shared caches may keep a 404, in seconds: the address may be published at any time.
const MAX_MISSING: u32 = 10;

/// How long shared caches may keep a page.
#[derive(Clone, Copy, Debug)]
pub struct SharedLifetime {
    /// As long as the page is not about to change, in seconds; 0 for not at all.
    pub(super) seconds: u32,
    /// When time alone changes the page: a scheduled article, the end of a pin, midnight.
    pub(super) until: DateTime<Utc>,
}

impl SharedLifetime {
    /// Of a response whose own `Cache-Control` holds at any time.
    pub(super) const NONE: Self = Self {
        seconds: 0,
        until: DateTime::<Utc>::MAX_UTC,
    };

    /// `Cache-Control` in place of that of the page, which would reach past the moment at which the page changes; `None` if
    /// it does not. A cache may serve the page as long as `s-maxage` and `stale-while-revalidate` together.
    pub(super) fn limited(self, now: DateTime<Utc>) -> Option<HeaderValue> {
        let rest = self.rest(now);
        if self.seconds == 0 || self.seconds.saturating_mul(2) <= rest {
            return None;
        }
        let fresh = self.seconds.min(rest);
        Some(shared(fresh, self.seconds.min(rest - fresh)))
    }

    /// `Cache-Control` of a page that says that there is none.
    pub(super) fn of_missing(self, now: DateTime<Utc>) -> HeaderValue {
        shared(self.seconds.min(self.rest(now)).min(MAX_MISSING), 0)
    }

    /// The seconds until time alone changes the page.
    fn rest(self, now: DateTime<Utc>) -> u32 {
        let seconds = (self.until - now).num_seconds().max(0);
        u32::try_from(seconds).unwrap_or(u32::MAX)
    }
}

/// `Cache-Control` where shared caches may keep pages for some seconds, and then as long again while they ask for a new one.
pub(super) fn shared(fresh: u32, stale: u32) -> HeaderValue {
    let text = match (fresh, stale) {
        (0, _) => return HeaderValue::from_static(REVALIDATE),
        (_, 0) => format!("public, max-age=0, s-maxage={fresh}"),
        (_, _) => format!(
            "public, max-age=0, s-maxage={fresh}, stale-while-revalidate={stale}, stale-if-error=86400"
        ),
    };
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(REVALIDATE))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn shared_caches_keep_no_page_past_the_moment_at_which_it_changes() {
        let now = Utc::now();
        let at = |seconds, rest| SharedLifetime {
            seconds,
            until: now + TimeDelta::seconds(rest),
        };
        let limited = |seconds, rest| {
            let value = at(seconds, rest).limited(now);
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(limited(0, 5), None, "not kept at all");
        assert_eq!(limited(600, 1_200), None);
        let error = "stale-if-error=86400";
        for (rest, expected) in [
            (
                1_199,
                format!("s-maxage=600, stale-while-revalidate=599, {error}"),
            ),
            (
                601,
                format!("s-maxage=600, stale-while-revalidate=1, {error}"),
            ),
            (600, "s-maxage=600".to_owned()),
            (1, "s-maxage=1".to_owned()),
        ] {
            let expected = format!("public, max-age=0, {expected}");
            assert_eq!(limited(600, rest), Some(expected));
        }
        for rest in [0, -5] {
            assert_eq!(limited(600, rest).as_deref(), Some(REVALIDATE));
        }
        let missing = |seconds, rest| {
            let value = at(seconds, rest).of_missing(now);
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(missing(0, 900), REVALIDATE);
        assert_eq!(missing(600, 900), "public, max-age=0, s-maxage=10");
        assert_eq!(missing(5, 900), "public, max-age=0, s-maxage=5");
        assert_eq!(missing(600, 3), "public, max-age=0, s-maxage=3");
    }
}
