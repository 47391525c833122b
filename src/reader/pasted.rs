//! Addresses as people paste them: with the punctuation, markup, words or tracking parameters that stood around them.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

/// Longer paths, in bytes, are not examined.
const MAX_BYTES: usize = 1_000;
/// The maximum number of characters at the end that are removed one by one: an address may itself end with one of them.
const MAX_STEPS: usize = 6;
/// Where parameters begin that should have been in the query.
const PARAMETERS: [char; 4] = ['&', '?', '#', ';'];
/// The suffix of AMP pages, which many sites had.
const AMP: &str = "/amp";

/// The paths that `path` may have been before it was pasted: without `path` itself and the front page. They need not exist.
pub(super) fn candidates(path: &str) -> Vec<String> {
    if path.len() > MAX_BYTES {
        return Vec::new();
    }
    let mut texts = vec![path.to_owned()];
    if path.contains('%') {
        // Encoded twice.
        let again = percent_decode_str(path).decode_utf8_lossy().into_owned();
        if !again.contains('\0') {
            texts.push(again);
        }
    }
    if path.contains(is_invisible) {
        texts.push(path.replace(is_invisible, ""));
    }
    let mut found = BTreeSet::new();
    for text in &texts {
        let text = text.trim_start_matches(|c: char| c == '/' || is_opening(c));
        let ends = [
            None,
            text.find(PARAMETERS),
            text.find(|c: char| is_outside_addresses(c) || PARAMETERS.contains(&c)),
        ];
        for end in ends {
            let text = end.map_or(text, |end| &text[..end]);
            for text in shortened(text) {
                add(&mut found, text);
                if let Some(article) = without_amp(text) {
                    add(&mut found, article);
                }
            }
        }
    }
    found.remove(path);
    found.into_iter().collect()
}

/// Adds a path with single slashes, as it is and in lower case, unless it is all punctuation.
fn add(found: &mut BTreeSet<String>, text: &str) {
    if !text.contains(char::is_alphanumeric) {
        return;
    }
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    let path = format!("/{}", parts.join("/"));
    found.insert(path.to_lowercase());
    found.insert(path);
}

/// The text with fewer and fewer of the characters at its end that are neither letters nor digits.
fn shortened(text: &str) -> Vec<&str> {
    let mut all = vec![text];
    let mut rest = text;
    for _ in 0..MAX_STEPS {
        let Some(last) = rest.chars().next_back().filter(|c| !c.is_alphanumeric()) else {
            return all;
        };
        rest = &rest[..rest.len() - last.len_utf8()];
        all.push(rest);
    }
    all.push(rest.trim_end_matches(|c: char| !c.is_alphanumeric()));
    all
}

/// The path of the article whose AMP page this was.
fn without_amp(text: &str) -> Option<&str> {
    let text = text.trim_end_matches('/');
    let start = text.len().checked_sub(AMP.len())?;
    let (article, suffix) = text.split_at_checked(start)?;
    suffix.eq_ignore_ascii_case(AMP).then_some(article)
}

/// Whether a character has no width: copied text often contains such ones.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

/// Whether a character opens a quotation or a bracket, or is a space.
fn is_opening(c: char) -> bool {
    c.is_whitespace() || "\"'`*_<([{«»‹›“”„‟‘’‚‛「『《〈【（".contains(c)
}

/// Whether a character ends an address within a text.
fn is_outside_addresses(c: char) -> bool {
    c.is_whitespace() || "\"`<>[]{}|\\^«»‹›“”„‟‘’‚‛「」『』《》〈〉【】（）".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_found_in_what_people_paste() {
        for pasted in [
            "/story”",
            "/story\"",
            "/story’",
            "/story»",
            "/story ",
            "/story\u{a0}",
            "/story\u{200b}",
            "/sto\u{ad}ry",
            "/story)",
            "/story).",
            "/story]",
            "/story>",
            "/story,",
            "/story...",
            "/story…",
            "/story**",
            "/story。",
            "/story\u{fffd}",
            "/“story”",
            "/(story)",
            "/ story",
            "/Story!",
            "/story&utm_source=x",
            "/story&utm_source=x&utm_medium=y.",
            "/story?utm_source=x",
            "/story#comments",
            "/story&quot;",
            "/story;jsessionid=7",
            "/story/amp",
            "/story/amp/",
            "/story/AMP",
            "/story/amp)",
            "/story/amp&utm_source=x",
            "/story/&utm_source=x",
            "/story/”",
            "/story and what follows",
            "/story\">the story</a>",
            "/story](https://example.org/story)",
            "/story%20",
            "/story%C2%A0",
            "//story/.",
        ] {
            let found = candidates(pasted);
            assert!(
                found.contains(&"/story".to_owned()),
                "{pasted:?}: {found:?}"
            );
        }
    }

    #[test]
    fn an_address_may_end_with_punctuation_or_have_capitals() {
        assert!(
            candidates("/Archive/Bridge_(Mostar).")
                .contains(&"/Archive/Bridge_(Mostar)".to_owned())
        );
        assert!(candidates("/a/Story_7.html)").contains(&"/a/Story_7.html".to_owned()));
    }

    #[test]
    fn ordinary_and_hostile_paths_have_no_candidates() {
        let long = format!("/{}", ")".repeat(MAX_BYTES));
        for path in [
            "/story",
            "/2026/11/26/a-story",
            "/wp-login.php",
            "/.env",
            "/",
            "/”",
            "/)))",
            "/ / /",
            "/amp",
            "/\u{fffd}\u{fffd}",
            long.as_str(),
        ] {
            let found = candidates(path);
            assert!(found.is_empty(), "{path:?}: {found:?}");
        }
    }
}
