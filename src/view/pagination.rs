//! Pagination links of a list.

use crate::site::Site;

/// A numbered link; the current page is not linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLink {
    pub text: String,
    /// For screen readers: "Page 3".
    pub label: String,
    pub url: String,
    pub current: bool,
    /// Whether pages are omitted before this one.
    pub after_gap: bool,
}

/// The pagination of a list with more than one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pagination {
    pub newer: Option<String>,
    pub older: Option<String>,
    pub links: Vec<PageLink>,
    /// "Page 3 of 17"
    pub position: String,
}

/// The URL of a page of the list at `path`, which may have a query.
pub fn url(path: &str, page: i64) -> String {
    if page == 1 {
        return path.to_owned();
    }
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}page={page}")
}

impl Pagination {
    pub fn new(site: &Site, path: &str, page: i64, pages: i64) -> Option<Self> {
        if pages < 2 {
            return None;
        }
        let locale = &site.locale;
        let mut links: Vec<PageLink> = Vec::new();
        let mut last = 0;
        for number in numbers(page, pages) {
            let text = locale.number(number);
            links.push(PageLink {
                label: locale.texts().page(&text),
                text,
                url: url(path, number),
                current: number == page,
                after_gap: number > last + 1,
            });
            last = number;
        }
        Some(Self {
            newer: (page > 1).then(|| url(path, page - 1)),
            older: (page < pages).then(|| url(path, page + 1)),
            links,
            position: locale
                .texts()
                .page_of(locale.number(page), locale.number(pages)),
        })
    }

    /// For a list of unknown length: only links to the adjacent pages.
    pub fn uncounted(site: &Site, path: &str, page: i64, has_older: bool) -> Option<Self> {
        if page == 1 && !has_older {
            return None;
        }
        let locale = &site.locale;
        Some(Self {
            newer: (page > 1).then(|| url(path, page - 1)),
            older: has_older.then(|| url(path, page + 1)),
            links: Vec::new(),
            position: locale.texts().page(locale.number(page)),
        })
    }
}

/// The first page, the last page, and those around the current one.
fn numbers(page: i64, pages: i64) -> Vec<i64> {
    let near = (page - 2).max(1)..=(page + 2).min(pages);
    let mut numbers: Vec<i64> = [1].into_iter().chain(near).chain([pages]).collect();
    numbers.dedup();
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_last_and_adjacent_pages_are_linked() {
        assert_eq!(numbers(1, 2), [1, 2]);
        assert_eq!(numbers(1, 9), [1, 2, 3, 9]);
        assert_eq!(numbers(5, 9), [1, 3, 4, 5, 6, 7, 9]);
        assert_eq!(numbers(9, 9), [1, 7, 8, 9]);
    }
}
