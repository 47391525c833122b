//! Long lists that are walked by key: a page costs the same however far down it lies.

/// How many rows a page of a list has.
pub(super) const ROWS: usize = 50;

/// One more than a page shows, which tells whether there is another one.
pub(super) const WITH_NEXT: i64 = ROWS as i64 + 1;

/// Links to the first page and to the next, where there are such.
pub struct Pager {
    pub first: Option<String>,
    pub next: Option<String>,
}

impl Pager {
    /// Cuts `rows`, of which [`WITH_NEXT`] were asked for, to a page of the list at `path`. `key`
    /// is what the next page begins after.
    pub(super) fn cut<T>(
        path: &str,
        search: &str,
        after: &str,
        rows: &mut Vec<T>,
        key: impl Fn(&T) -> &str,
    ) -> Self {
        let more = rows.len() > ROWS;
        rows.truncate(ROWS);
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
                .filter(|_| more)
                .map(|last| url(Some(key(last)))),
        }
    }
}
