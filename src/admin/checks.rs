//! Checks that several forms make of what was typed.

use diesel::QueryResult;

use crate::{
    db::{AnyConnection, types::AddressKind},
    models::{address, media},
    routes, text,
    view::form::Errors,
};

/// What was typed, on one line: white space is folded, and nothing that cannot be seen remains.
pub(super) fn line(typed: &str) -> String {
    let words: Vec<&str> = typed
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// What was typed, on several lines.
pub(super) fn lines(typed: &str) -> String {
    let kept: String = typed
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect();
    kept.trim().to_owned()
}

/// Says so if nothing was typed, or more than so many characters.
pub(super) fn needed(
    errors: &mut Errors,
    field: &'static str,
    value: &str,
    what: &str,
    max: usize,
) {
    if value.is_empty() {
        errors.add(field, format!("{what} is needed"));
    }
    short(errors, field, value, what, max);
}

/// Says so if more than so many characters were typed.
pub(super) fn short(errors: &mut Errors, field: &'static str, value: &str, what: &str, max: usize) {
    let length = value.chars().count();
    if length > max {
        errors.add(
            field,
            format!("{what} is too long: {length} characters, and {max} are allowed"),
        );
    }
}

/// The slug that was typed, or one made of the name; says so in `slug` if nothing remains.
pub(super) fn slug(errors: &mut Errors, typed: &str, name: &str) -> String {
    let slug = text::slug(if typed.trim().is_empty() { name } else { typed });
    if slug.is_empty() && !name.is_empty() {
        errors.add("slug", "The address needs letters or digits");
    }
    slug
}

/// What is said of the field that a slug is typed into; `path` is where something stands already.
pub(super) fn slug_hint(path: Option<&str>) -> String {
    match path {
        Some(path) => {
            format!(
                "The last part of {path}. When it changes, the old address leads to the new one"
            )
        }
        None => "The last part of it. Left empty, it is made of the name".to_owned(),
    }
}

/// Why something cannot have this path: because something else has it. `id` is its own, if it is
/// there already.
pub(super) fn taken(
    conn: &mut AnyConnection,
    path: &str,
    kind: AddressKind,
    id: Option<i64>,
) -> QueryResult<Option<String>> {
    if routes::is_reserved(path) {
        return Ok(Some(format!("{path} is a page that the site always has")));
    }
    Ok(match address::holder(conn, path)? {
        None => None,
        Some((holder, target)) if holder == kind && target.is_some() && target == id => None,
        Some((AddressKind::Redirect, _)) => Some(format!(
            "{path} is redirected elsewhere; delete the redirect first"
        )),
        Some((holder, _)) => {
            let article = match holder {
                AddressKind::Article | AddressKind::Author => "an",
                _ => "a",
            };
            Some(format!(
                "{path} belongs, now or from earlier, to {article} {}",
                holder.as_str()
            ))
        }
    })
}

/// A path of the site or an https address, which a menu or a link may lead to.
pub(super) fn is_target(text: &str) -> bool {
    is_path(text) || is_web_address(text, &["https"])
}

/// A path of the site, and no other site in disguise.
pub(super) fn is_path(text: &str) -> bool {
    text.strip_prefix('/')
        .is_some_and(|rest| !rest.starts_with(['/', '\\']))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
}

/// An address on the web, with one of these schemes.
pub(super) fn is_web_address(text: &str, schemes: &[&str]) -> bool {
    !text.contains(char::is_whitespace)
        && url::Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host())
}

/// The number of a picture, empty for none; says so in `field` if there is no such picture.
pub(super) fn picture(
    conn: &mut AnyConnection,
    errors: &mut Errors,
    field: &'static str,
    typed: &str,
) -> QueryResult<Option<i64>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let found = match typed.parse() {
        Ok(id) => media::find_all(conn, &[id])?.pop(),
        Err(_) => None,
    };
    if found.is_none() {
        errors.add(field, "There is no picture of this number");
    }
    Ok(found.map(|media| media.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_leads_to_the_site_or_safely_elsewhere_and_nowhere_else() {
        for good in ["/", "/news?x=1#y", "https://example.org/a"] {
            assert!(is_target(good), "{good}");
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
            assert!(!is_target(bad), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_seen_is_left_out() {
        assert_eq!(line(" a\0b \r\n c "), "a b c");
        assert_eq!(lines("a\r\nb\0\n"), "a\nb");
    }
}
