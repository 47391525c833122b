//! Query parameters of cached pages: a page can read only those that its policy declares.

use std::borrow::Cow;

use crate::{
    error::{Error, Result},
    view::pagination,
};

/// The parameter that selects a page of a list: the only one that cached pages are stored by.
pub(super) const PAGE: &str = "page";

/// The largest number of digits of a cached page number.
const MAX_DIGITS: usize = 9;

/// The query of a page, as a type: a render function gets a value of it, and has no other access to the query.
pub trait PageQuery: Sized + 'static {
    /// The parameters that are read.
    const PARAMETERS: &'static [&'static str];

    /// Reads the parameters.
    ///
    /// # Errors
    /// [`Error::NotFound`] for values that no page has, [`Error::Moved`] for those that have another address.
    fn read(values: &QueryValues<'_>) -> Result<Self>;
}

/// The declared parameters of a request.
pub struct QueryValues<'q> {
    path: &'q str,
    values: Vec<(Cow<'q, str>, Cow<'q, str>)>,
}

impl<'q> QueryValues<'q> {
    /// Takes the declared parameters out of a query; all others are dropped.
    pub(super) fn new(path: &'q str, query: &'q str, parameters: &[&str]) -> Self {
        Self {
            path,
            values: url::form_urlencoded::parse(query.as_bytes())
                .filter(|(name, _)| parameters.contains(&name.as_ref()))
                .collect(),
        }
    }

    /// Names and decoded values, in the order of the query.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

/// For pages that do not depend on the query.
#[derive(Clone, Copy, Debug)]
pub struct NoQuery;

impl PageQuery for NoQuery {
    const PARAMETERS: &'static [&'static str] = &[];

    fn read(_: &QueryValues<'_>) -> Result<Self> {
        Ok(Self)
    }
}

/// `?page=N`: the number of a page of a list, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageNumber(i64);

impl PageNumber {
    pub fn get(self) -> i64 {
        self.0
    }
}

impl PageQuery for PageNumber {
    const PARAMETERS: &'static [&'static str] = &[PAGE];

    fn read(values: &QueryValues<'_>) -> Result<Self> {
        let mut number = 1;
        for (_, value) in values.iter() {
            let is_plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            number = value
                .parse()
                .ok()
                .filter(|number| is_plain && *number > 0)
                .ok_or(Error::NotFound)?;
            // Every page has one address: the first has no number, others no leading zeros.
            if number == 1 || value.starts_with('0') {
                return Err(Error::Moved(pagination::url(values.path, number)));
            }
        }
        Ok(Self(number))
    }
}

/// For addresses: which page is there, and which parameters it reads, is known only after a lookup in the database.
/// Then the policy of that page is applied ([`PageContext::apply`](super::PageContext::apply)).
#[derive(Clone, Copy, Debug)]
pub struct UnresolvedQuery;

impl PageQuery for UnresolvedQuery {
    const PARAMETERS: &'static [&'static str] = PageNumber::PARAMETERS;

    fn read(_: &QueryValues<'_>) -> Result<Self> {
        Ok(Self)
    }
}

/// Whether a query has one of these parameters.
pub(super) fn contains(query: &str, parameters: &[&str]) -> bool {
    !parameters.is_empty()
        && url::form_urlencoded::parse(query.as_bytes())
            .any(|(name, _)| parameters.contains(&name.as_ref()))
}

/// The cache key of a request: its path, and the page number if it is declared. `None` if the response is not stored:
/// for other declared parameters, and for page numbers that no list has.
pub(super) fn key(path: &str, query: &str, parameters: &[&str]) -> Option<String> {
    let mut number = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if !parameters.contains(&name.as_ref()) {
            continue;
        }
        let is_number =
            value.len() <= MAX_DIGITS && value.bytes().all(|byte| byte.is_ascii_digit());
        if name != PAGE || !is_number || number.is_some() {
            return None;
        }
        number = Some(value);
    }
    Some(match number {
        Some(number) => format!("{path}?{PAGE}={number}"),
        None => path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_holds_the_path_and_the_page_number_only() {
        for (query, expected) in [
            ("", Some("/news")),
            ("utm_source=mail&fbclid=1", Some("/news")),
            ("page=2", Some("/news?page=2")),
            ("x=1&page=2", Some("/news?page=2")),
            ("page=2&page=3", None),
            ("page=-1", None),
            ("page=1e18", None),
            ("page=99999999999", None),
        ] {
            assert_eq!(key("/news", query, &[PAGE]).as_deref(), expected, "{query}");
        }
        assert_eq!(key("/", "page=2", &[]).as_deref(), Some("/"));
        assert_eq!(key("/", "p=7", &["p"]), None);
    }

    #[test]
    fn a_page_number_has_one_notation() {
        let read = |query| PageNumber::read(&QueryValues::new("/news", query, &[PAGE]));
        assert_eq!(read("").unwrap(), PageNumber(1));
        assert_eq!(read("x=3&page=12").unwrap(), PageNumber(12));
        for (query, address) in [("page=1", "/news"), ("page=02", "/news?page=2")] {
            let moved = read(query).unwrap_err();
            assert!(
                matches!(moved, Error::Moved(to) if to == address),
                "{query}"
            );
        }
        for query in ["page=", "page=0", "page=-1", "page=+2", "page=two"] {
            assert!(matches!(read(query), Err(Error::NotFound)), "{query}");
        }
    }
}
