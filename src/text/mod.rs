//! Text processing: sanitized HTML, the parts of a body, slugs, words for the search.

mod body;
mod complexity;
mod embed;
mod invisible;
mod lines;
pub(crate) mod pattern;
mod sanitize;
mod structure;
mod translation;
pub mod words;

pub use body::{Figure, Part, links, parts, player, with_markers};
pub use complexity::{TooComplex, parse};
pub use embed::EMBED_HOSTS;
pub use invisible::visible;
pub use lines::lines;
pub use sanitize::{Opening, SanitizedHtml, absolute, stored};
pub use translation::{Translation, TranslationError};

/// The maximum length of a slug, in characters. Longer ones are cut at the end of a word.
const SLUG_LENGTH: usize = 80;

/// The slug of a headline, such as `iran-japan-hold-talks`. Other scripts are transliterated. Empty if no letter or digit
/// remains.
pub fn slug(text: &str) -> String {
    let full = ::slug::slugify(visible(text));
    if full.len() <= SLUG_LENGTH {
        return full;
    }
    // A slug is ASCII, so any index is between characters.
    let cut = full[..=SLUG_LENGTH].rfind('-').unwrap_or(SLUG_LENGTH);
    full[..cut].to_owned()
}

/// The reading time in whole minutes, at least one.
pub fn reading_minutes(words: i32) -> i64 {
    // The average for adults, rounded: 238 according to Brysbaert (2019).
    const WORDS_PER_MINUTE: i64 = 240;
    ((i64::from(words) + WORDS_PER_MINUTE / 2) / WORDS_PER_MINUTE).max(1)
}

/// Removes the characters that XML 1.0 cannot represent (<https://www.w3.org/TR/xml/#charsets>).
pub fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| {
            matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        })
        .collect()
}

/// Removes control characters other than tabs and line breaks, which mean nothing in a text and of which PostgreSQL cannot
/// store NUL; returns their number.
pub fn remove_controls(text: &mut String) -> u64 {
    let mut removed = 0;
    if text.chars().any(is_stray) {
        text.retain(|c| {
            removed += u64::from(is_stray(c));
            !is_stray(c)
        });
    }
    removed
}

/// Whether a character is a control character that is not part of a text, or no character at all.
fn is_stray(c: char) -> bool {
    let is_control = c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    is_control || matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_removed_and_counted() {
        let mut text = "\0a\u{1}\tb\u{b}\r\n\u{7f}\u{9f}é\u{ffff}".to_owned();
        assert_eq!(remove_controls(&mut text), 6);
        assert_eq!(text, "a\tb\r\né");
        assert_eq!(remove_controls(&mut text), 0);
    }

    #[test]
    fn a_slug_is_cut_between_words() {
        assert_eq!(
            slug("Iran & Japan: “Talks”, at last!"),
            "iran-japan-talks-at-last"
        );
        assert_eq!(slug("Żółć w Łodzi"), "zolc-w-lodzi");
        assert_eq!(slug("!?"), "");
        assert_eq!(slug("Donau\u{ad}dampf\u{200b}schiff"), "donaudampfschiff");
        let long = slug(&"reconciliation ".repeat(20));
        assert!(
            long.len() <= SLUG_LENGTH && long.ends_with("reconciliation"),
            "{long}"
        );
    }

    #[test]
    fn the_reading_time_is_at_least_one_minute() {
        assert_eq!(reading_minutes(0), 1);
        assert_eq!(reading_minutes(700), 3);
    }
}
