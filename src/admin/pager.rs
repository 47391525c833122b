//! Keyset pagination for long lists: each page costs the same.

/// Rows on a page.
pub(super) const PAGE_SIZE: usize = 50;

/// The number of rows to query: one more than a page shows, to find out whether there is a next page.
pub(super) const QUERY_LIMIT: i64 = PAGE_SIZE as i64 + 1;

/// Links to the first and to the next page.
pub struct Pager {
    pub first: Option<String>,
    pub next: Option<String>,
}

impl Pager {
    /// Truncates `rows`, the result of a query for [`QUERY_LIMIT`] rows, to one page of the list at
    /// `path`. The next page begins after the `key` of the last row.
    pub(super) fn truncate<T>(
        path: &str,
        search: &str,
        after: &str,
        rows: &mut Vec<T>,
        key: impl Fn(&T) -> &str,
    ) -> Self {
        let has_next = rows.len() > PAGE_SIZE;
        rows.truncate(PAGE_SIZE);
        let url = |after: Option<&str>| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            if !search.is_empty() {
                query.append_pair("q", search);
            }
            if let Some(after) = after {
                query.append_pair("after", after);
            }
            let query = query.finish();
            if query.is_empty() {
                path.to_owned()
            } else {
                format!("{path}?{query}")
            }
        };
        Self {
            first: (!after.is_empty()).then(|| url(None)),
            next: rows
                .last()
                .filter(|_| has_next)
                .map(|last| url(Some(key(last)))),
        }
    }
}
