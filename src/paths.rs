//! The paths that Dateline itself serves: fixed pages, reserved folders, feed suffixes. Routes, checks of addresses, the
//! sitemap and redirects all use these lists.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// A page at a fixed path. Addresses of all other pages are in the database.
pub struct FixedPage {
    pub path: &'static str,
    pub in_sitemap: bool,
}

const fn page(path: &'static str) -> FixedPage {
    FixedPage {
        path,
        in_sitemap: true,
    }
}

const fn unlisted(path: &'static str) -> FixedPage {
    FixedPage {
        path,
        in_sitemap: false,
    }
}

/// All fixed pages.
pub const FIXED_PAGES: [FixedPage; 17] = [
    page("/"),
    page("/latest"),
    page("/authors"),
    page("/archive"),
    page("/corrections"),
    page("/most-popular"),
    unlisted("/most-popular/week"),
    unlisted("/most-popular/ever"),
    unlisted("/search"),
    unlisted("/feed.xml"),
    unlisted("/feed.atom"),
    unlisted("/feed.json"),
    unlisted("/sitemap.xml"),
    unlisted("/robots.txt"),
    unlisted("/humans.txt"),
    unlisted("/site.webmanifest"),
    unlisted("/favicon.ico"),
];

/// First segments of paths under which the newsroom cannot create anything.
const RESERVED_FOLDERS: [&str; 9] = [
    "admin",
    "assets",
    "media",
    "healthz",
    "readyz",
    "preview",
    "share",
    "sitemaps",
    ".well-known",
];

/// A feed format, by the suffix of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedFormat {
    Rss,
    Atom,
    Json,
}

impl FeedFormat {
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// Appended to the path of a page, it is the path of the page's feed.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Rss => "/feed.xml",
            Self::Atom => "/feed.atom",
            Self::Json => "/feed.json",
        }
    }
}

/// Splits the path of a feed into the path of its page (empty for the site's) and the format. `None` for other paths.
pub fn split_feed(path: &str) -> Option<(&str, FeedFormat)> {
    FeedFormat::ALL
        .into_iter()
        .find_map(|format| Some((path.strip_suffix(format.suffix())?, format)))
}

/// Whether this is the path of a feed.
pub fn is_feed(path: &str) -> bool {
    split_feed(path).is_some()
}

/// Whether the newsroom cannot create anything at this path.
pub fn is_reserved(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    RESERVED_FOLDERS.contains(&first) || is_fixed_page(path) || is_feed(path)
}

/// The path without the reserved folders at its beginning, unless nothing else remains.
pub fn outside_reserved_folders(path: &str) -> String {
    let mut rest = path;
    while let Some((first, after)) = rest.trim_start_matches('/').split_once('/')
        && RESERVED_FOLDERS.contains(&first)
        && !after.trim_matches('/').is_empty()
    {
        rest = after;
    }
    if rest == path {
        return path.to_owned();
    }
    format!("/{}", rest.trim_start_matches('/'))
}

/// Whether a page exists at this path without an address in the database: a fixed page, or a year, month or day of the
/// archive.
pub fn is_fixed_page(path: &str) -> bool {
    let is_date = || {
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        let digits = |part: &str, n| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
        parts.len() <= 3 && digits(parts[0], 4) && parts[1..].iter().all(|part| digits(part, 2))
    };
    FIXED_PAGES.iter().any(|page| page.path == path) || is_date()
}

/// The absolute URL of a path, which may have a query, percent-encoded for headers and XML files.
pub fn absolute_url(base_url: &str, path: &str) -> String {
    const ENCODE_SET: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
    format!("{base_url}{}", utf8_percent_encode(path, ENCODE_SET))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_dateline_serves_itself_are_reserved() {
        for path in [
            "/",
            "/latest",
            "/2026",
            "/2026/11/26",
            "/admin",
            "/admin/articles/7",
            "/news/feed.xml",
            "/share/7.png",
        ] {
            assert!(is_reserved(path), "{path}");
        }
        // The last two are the targets of CONNECT and OPTIONS requests.
        for path in ["/news", "/2026/11/26/a-story", "/administration", "", "*"] {
            assert!(!is_reserved(path), "{path}");
        }
    }
}
