//! Cache policies: each page's file declares when the page is stale and which query parameters it reads.

use std::marker::PhantomData;

use super::query::{NoQuery, PageQuery};

/// What makes a page stale in addition to a raised site version and to scheduled changes of the site: an article that
/// is due, a pin or a breaking bar that ends, midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expiry {
    /// Nothing.
    SiteVersion,
    /// The end of the minute, as the page shows a ranking or something else that depends on the time.
    NextMinute,
    /// The end of the minute, if the page's ranking has changed by then.
    NextMinuteIfRankingChanged,
}

/// When a page is stale, and which query parameters it reads.
///
/// ```ignore
/// const CACHE: CachePolicy<PageNumber> = CachePolicy::site_version().query();
/// ```
#[derive(Debug)]
pub struct CachePolicy<Q = NoQuery> {
    pub(super) is_stored: bool,
    pub(super) expiry: Expiry,
    query: PhantomData<fn() -> Q>,
}

impl<Q> Clone for CachePolicy<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q> Copy for CachePolicy<Q> {}

impl CachePolicy {
    /// Fresh while the site version is the one that the page was rendered from.
    pub const fn site_version() -> Self {
        Self {
            is_stored: true,
            expiry: Expiry::SiteVersion,
            query: PhantomData,
        }
    }

    /// Rendered for every request: for pages that depend on more than path and page number, or are not public.
    pub const fn uncached() -> Self {
        Self {
            is_stored: false,
            ..Self::site_version()
        }
    }

    /// Declares the query parameters, by a type.
    pub const fn query<Q: PageQuery>(self) -> CachePolicy<Q> {
        CachePolicy {
            is_stored: self.is_stored,
            expiry: self.expiry,
            query: PhantomData,
        }
    }

    /// Stale at the end of the minute as well: for rankings, and for what depends on the age of articles.
    pub const fn until_next_minute(self) -> Self {
        Self {
            expiry: Expiry::NextMinute,
            ..self
        }
    }

    /// Stale at the end of the minute as well, if the Most Popular list that the page shows beside its content has
    /// changed by then. The list is compared before the page is rendered again.
    pub const fn until_next_minute_if_popular(self) -> Self {
        Self {
            expiry: Expiry::NextMinuteIfRankingChanged,
            ..self
        }
    }
}

impl<Q: PageQuery> CachePolicy<Q> {
    /// The query parameters that the page reads.
    pub(super) const fn parameters(&self) -> &'static [&'static str] {
        Q::PARAMETERS
    }
}
