//! Validation that several forms share.

use diesel::QueryResult;

use crate::{
    db::{AnyConnection, types::AddressKind},
    models::{address, media},
    paths, text,
    view::form::Errors,
};

/// Normalizes a single-line input: collapses white space and removes control characters.
pub(super) fn line(input: &str) -> String {
    let words: Vec<&str> = input
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Normalizes a multi-line input: trims it and removes control characters but line feeds and tabs.
pub(super) fn lines(input: &str) -> String {
    let text: String = input
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect();
    text.trim().to_owned()
}

/// Adds an error if `value` is empty or longer than `max` characters. `name` begins the message.
pub(super) fn required(
    errors: &mut Errors,
    field: &'static str,
    value: &str,
    name: &str,
    max: usize,
) {
    if value.is_empty() {
        errors.add(field, format!("{name} is required"));
    }
    max_chars(errors, field, value, name, max);
}

/// Adds an error if `value` is longer than `max` characters. `name` begins the message.
pub(super) fn max_chars(
    errors: &mut Errors,
    field: &'static str,
    value: &str,
    name: &str,
    max: usize,
) {
    let length = value.chars().count();
    if length > max {
        errors.add(
            field,
            format!("{name} is too long: {length} characters; the limit is {max}"),
        );
    }
}

/// The slug of the input, or of the name if the input is empty. Adds an error to the field `slug` if it
/// would be empty.
pub(super) fn slug(errors: &mut Errors, input: &str, name: &str) -> String {
    let slug = text::slug(if input.trim().is_empty() { name } else { input });
    if slug.is_empty() && !name.is_empty() {
        errors.add("slug", "The address must contain letters or digits");
    }
    slug
}

/// The hint of a slug field. `path` is the current address of what is being edited.
pub(super) fn slug_hint(path: Option<&str>) -> String {
    match path {
        Some(path) => {
            format!(
                "The last part of {path}. After a change, the old address redirects to the new one"
            )
        }
        None => "The last part of the address. If empty, it is derived from the name".to_owned(),
    }
}

/// The message if `path` is reserved or in use. `id` identifies what is being edited, which may keep
/// its own path.
pub(super) fn path_conflict(
    conn: &mut AnyConnection,
    path: &str,
    kind: AddressKind,
    id: Option<i64>,
) -> QueryResult<Option<String>> {
    if paths::is_reserved(path) {
        return Ok(Some(format!("{path} is reserved for a built-in page")));
    }
    Ok(match address::holder(conn, path)? {
        None => None,
        Some((holder, target)) if holder == kind && target.is_some() && target == id => None,
        Some((AddressKind::Redirect, _)) => {
            Some(format!("{path} is redirected; delete the redirect first"))
        }
        Some((holder, _)) => {
            let article = match holder {
                AddressKind::Article | AddressKind::Author => "an",
                _ => "a",
            };
            Some(format!(
                "{path} is or was the address of {article} {}",
                holder.as_str()
            ))
        }
    })
}

/// Whether `text` is a path of the site or an https URL, the targets that links may have.
pub(super) fn is_link_target(text: &str) -> bool {
    is_path(text) || is_url(text, &["https"])
}

/// Whether `text` is a path of the site. Excludes `//host` and `/\host`, which browsers take for another site.
pub(super) fn is_path(text: &str) -> bool {
    text.strip_prefix('/')
        .is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
}

/// Whether `text` is an absolute URL with one of these schemes.
pub(super) fn is_url(text: &str, schemes: &[&str]) -> bool {
    !text.contains(char::is_whitespace)
        && url::Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host())
}

/// Parses the id of a picture; empty is none. Adds an error to `field` if there is no such picture.
pub(super) fn media_id(
    conn: &mut AnyConnection,
    errors: &mut Errors,
    field: &'static str,
    input: &str,
) -> QueryResult<Option<i64>> {
    let input = input.trim();
    if input.is_empty() {
        return Ok(None);
    }
    let found = match input.parse() {
        Ok(id) => media::find_all(conn, &[id])?.pop(),
        Err(_) => None,
    };
    if found.is_none() {
        errors.add(field, "There is no picture with this number");
    }
    Ok(found.map(|media| media.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_targets_are_paths_of_the_site_or_https_urls() {
        for good in ["/", "/news?x=1#y", "https://example.org/a"] {
            assert!(is_link_target(good), "{good}");
        }
        for bad in [
            "",
            "news",
            "//evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "http://a.example",
            "https:",
            "/a b",
            "data:text/html,x",
            " /news",
            "/\u{9}/evil.example",
        ] {
            assert!(!is_link_target(bad), "{bad}");
        }
    }

    #[test]
    fn control_characters_are_removed() {
        assert_eq!(line(" a\0b \r\n c "), "a b c");
        assert_eq!(lines("a\r\nb\0\n"), "a\nb");
    }
}
