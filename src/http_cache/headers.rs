//! Response headers of pages, above all `Cache-Control`.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::{
    page::{HTML, RenderedPage},
    response::Headers,
};
use crate::web::headers::{self, CONTENT_SECURITY_POLICY_WITH_PLAYERS};

/// Browsers revalidate every time, so that a correction, or an address that moved, is seen immediately.
pub(super) const REVALIDATE: &str = "public, max-age=0, must-revalidate";
/// For pages rendered for a logged-in user.
pub(super) const PRIVATE: &str = "private, no-store";

/// The headers of pages. Of thousands of cached pages most have equal headers, which are stored once.
pub struct PageHeaders {
    /// Sent with every response.
    common: Vec<(HeaderName, HeaderValue)>,
    /// How long shared caches may keep pages, in seconds; 0 for not at all.
    shared_max_age: u32,
    interned: Mutex<Vec<Headers>>,
}

impl PageHeaders {
    pub fn new(is_https: bool, shared_max_age: u32) -> Self {
        Self {
            common: headers::always(is_https),
            shared_max_age,
            interned: Mutex::default(),
        }
    }

    /// The headers of every response.
    pub fn common(&self) -> Vec<(HeaderName, HeaderValue)> {
        self.common.clone()
    }

    /// All headers of a page that do not depend on the request.
    pub(super) fn of(&self, page: &RenderedPage, now: DateTime<Utc>) -> Headers {
        let mut all = self.common();
        for (name, value) in &mut all {
            if page.has_players && *name == header::CONTENT_SECURITY_POLICY {
                *value = HeaderValue::from_static(CONTENT_SECURITY_POLICY_WITH_PLAYERS);
            }
            // Feeds are for other sites to read.
            if page.content_type != HTML && *name == header::CROSS_ORIGIN_RESOURCE_POLICY {
                *value = HeaderValue::from_static("cross-origin");
            }
        }
        all.push((
            header::CONTENT_TYPE,
            HeaderValue::from_static(page.content_type),
        ));
        let cache_control = match self.shared_max_age {
            0 => HeaderValue::from_static(REVALIDATE),
            seconds => shared(seconds, page.published_at.map(|time| now - time)),
        };
        all.push((header::CACHE_CONTROL, cache_control));
        if page.links.is_empty() {
            return self.intern_headers(all);
        }
        let links: Vec<String> = page
            .links
            .iter()
            .map(|(target, relation)| format!("<{target}>; rel=\"{relation}\""))
            .collect();
        if let Ok(value) = HeaderValue::from_str(&links.join(", ")) {
            all.push((header::LINK, value));
        }
        all.into()
    }

    /// The stored equal headers. They are never removed: do not use it for headers that name a single page.
    fn intern_headers(&self, headers: Vec<(HeaderName, HeaderValue)>) -> Headers {
        let mut interned = self.interned.lock();
        if let Some(equal) = interned.iter().find(|known| known[..] == headers[..]) {
            return equal.clone();
        }
        let headers = Headers::from(headers);
        interned.push(headers.clone());
        headers
    }
}

/// `Cache-Control` where shared caches may keep pages: the longer, the older the article is.
fn shared(seconds: u32, age: Option<TimeDelta>) -> HeaderValue {
    let factor = match age {
        Some(age) if age > TimeDelta::days(30) => 60,
        Some(age) if age > TimeDelta::days(1) => 6,
        _ => 1,
    };
    let seconds = u64::from(seconds) * factor;
    let text = format!(
        "public, max-age=0, s-maxage={seconds}, stale-while-revalidate={seconds}, stale-if-error=86400"
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(REVALIDATE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_caches_keep_old_articles_longer() {
        let text = |age| shared(60, age).to_str().unwrap().to_owned();
        assert!(text(None).contains("s-maxage=60,"));
        assert!(text(Some(TimeDelta::hours(3))).contains("s-maxage=60,"));
        assert!(text(Some(TimeDelta::days(3))).contains("s-maxage=360,"));
        assert!(text(Some(TimeDelta::days(300))).contains("s-maxage=3600,"));
        assert!(text(None).contains("max-age=0"));
    }
}
