//! Validation that several forms share.

use diesel::QueryResult;

use crate::{
    db::{AnyConnection, types::AddressKind},
    locale::{Newsroom, TypedTimeError},
    models::{address, media, user::UserError},
    paths,
    secrets::password::{self, Weak},
    text,
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

/// Adds an error if `value` is empty or longer than `max` characters. The names begin the messages: “A name” is required,
/// “The name” is too long.
pub(super) fn required(
    errors: &mut Errors,
    texts: &Newsroom,
    field: &'static str,
    value: &str,
    [a_name, the_name]: [&str; 2],
    max: usize,
) {
    if value.is_empty() {
        errors.add(field, texts.common.required(a_name));
    }
    max_chars(errors, texts, field, value, the_name, max);
}

/// Adds an error if `value` is longer than `max` characters. `name` begins the message.
pub(super) fn max_chars(
    errors: &mut Errors,
    texts: &Newsroom,
    field: &'static str,
    value: &str,
    name: &str,
    max: usize,
) {
    let length = value.chars().count();
    if length > max {
        errors.add(field, texts.common.too_long(name, length, max));
    }
}

/// The slug of the input, or of the name if the input is empty. Adds an error to the field `slug` if it
/// would be empty.
pub(super) fn slug(errors: &mut Errors, texts: &Newsroom, input: &str, name: &str) -> String {
    let slug = text::slug(if input.trim().is_empty() { name } else { input });
    if slug.is_empty() && !name.is_empty() {
        errors.add("slug", texts.common.slug_letters);
    }
    slug
}

/// The hint of a slug field. `path` is the current address of what is being edited.
pub(super) fn slug_hint(texts: &Newsroom, path: Option<&str>) -> String {
    match path {
        Some(path) => texts.common.slug_hint(path),
        None => texts.common.slug_hint_new.to_owned(),
    }
}

/// The message if `path` is reserved or in use. `id` identifies what is being edited, which may keep
/// its own path.
pub(super) fn path_conflict(
    conn: &mut AnyConnection,
    texts: &Newsroom,
    path: &str,
    kind: AddressKind,
    id: Option<i64>,
) -> QueryResult<Option<String>> {
    let texts = &texts.common;
    if paths::is_reserved(path) {
        return Ok(Some(texts.path_reserved(path)));
    }
    let Some((holder, target)) = address::holder(conn, path)? else {
        return Ok(None);
    };
    if holder == kind && target.is_some() && target == id {
        return Ok(None);
    }
    Ok(Some(match holder {
        AddressKind::Article => texts.path_of_article(path),
        AddressKind::Section => texts.path_of_section(path),
        AddressKind::Author => texts.path_of_author(path),
        AddressKind::Topic => texts.path_of_topic(path),
        AddressKind::Page => texts.path_of_page(path),
        AddressKind::Redirect => texts.path_redirected(path),
    }))
}

/// The message for a date and time that cannot be parsed.
pub(super) fn typed_time(texts: &Newsroom, error: TypedTimeError) -> &'static str {
    match error {
        TypedTimeError::Form => texts.common.time_form,
        TypedTimeError::Skipped => texts.common.time_skipped,
        TypedTimeError::Year => texts.common.time_year,
    }
}

/// The message for a password that is not accepted, without a full stop.
pub(super) fn password_problem(texts: &Newsroom, problem: &Weak) -> String {
    match problem {
        Weak::Short => texts.common.password_short(password::MIN_CHARS),
        Weak::Long => texts.common.password_long(password::MAX_CHARS),
        Weak::Common => texts.common.password_common.to_owned(),
    }
}

/// The message for a user that cannot be saved, without a full stop.
pub(super) fn user_error(texts: &Newsroom, error: &UserError) -> String {
    let texts = match error {
        UserError::Password(problem) => return password_problem(texts, problem),
        _ => &texts.common,
    };
    match error {
        UserError::Email(address) => texts.user_email(address),
        UserError::Name => texts.user_name.to_owned(),
        UserError::Taken(address) => texts.user_taken(address),
        UserError::Unknown(address) => texts.user_unknown(address),
        UserError::LastAdmin => texts.user_last_admin.to_owned(),
        UserError::Password(_) | UserError::Hash(_) | UserError::Database(_) => {
            texts.user_failed.to_owned()
        }
    }
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
    texts: &Newsroom,
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
        errors.add(field, texts.common.no_such_picture);
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
