//! Response headers of pages that do not depend on the request.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

use super::{
    cache_control::shared,
    page::{HTML, RenderedPage},
    response::Headers,
};
use crate::web::headers::{self, CONTENT_SECURITY_POLICY_WITH_PLAYERS};

/// Up to how many seconds shared caches keep old articles longer than the setting says.
const MAX_FOR_OLD_ARTICLES: u32 = 3_600;

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
        let seconds = self.shared_seconds(page, now);
        all.push((header::CACHE_CONTROL, shared(seconds, seconds)));
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

    /// How long shared caches may keep a page, in seconds: the longer, the older the article is, but at most an hour unless
    /// the setting is longer.
    pub(super) fn shared_seconds(&self, page: &RenderedPage, now: DateTime<Utc>) -> u32 {
        let factor = match page.published_at.map(|time| now - time) {
            Some(age) if age > TimeDelta::days(30) => 60,
            Some(age) if age > TimeDelta::days(1) => 6,
            _ => 1,
        };
        let longest = self.shared_max_age.max(MAX_FOR_OLD_ARTICLES);
        self.shared_max_age.saturating_mul(factor).min(longest)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_caches_keep_old_articles_longer() {
        let headers = PageHeaders::new(false, 60);
        let now = Utc::now();
        let seconds = |age: Option<TimeDelta>| {
            let mut page = RenderedPage::file(HTML, "");
            page.published_at = age.map(|age| now - age);
            headers.shared_seconds(&page, now)
        };
        assert_eq!(seconds(None), 60);
        assert_eq!(seconds(Some(TimeDelta::hours(3))), 60);
        assert_eq!(seconds(Some(TimeDelta::days(3))), 360);
        assert_eq!(seconds(Some(TimeDelta::days(300))), 3_600);
        let headers = PageHeaders::new(false, 1_000);
        let mut page = RenderedPage::file(HTML, "");
        page.published_at = Some(now - TimeDelta::days(300));
        assert_eq!(headers.shared_seconds(&page, now), 3_600);
    }
}
