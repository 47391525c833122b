//! Words: what may stand in a body, how a body falls into parts, addresses made of headlines.

mod body;
mod lines;
mod sanitize;
mod translation;
pub mod words;

pub use body::{Figure, Part, links, parts, player, with_markers};
pub use lines::lines;
pub use sanitize::{EMBED_HOSTS, SanitizedHtml, absolute, stored};
pub use translation::Translation;

/// How long a slug gets at most, in characters: it is cut at the end of a word.
const SLUG_LENGTH: usize = 80;

/// The words of a headline as they stand in an address: `iran-japan-hold-talks`. Letters of other
/// scripts are spelled in Latin ones. Empty if nothing remains.
pub fn slug(text: &str) -> String {
    let full = ::slug::slugify(text);
    if full.len() <= SLUG_LENGTH {
        return full;
    }
    // A slug is ASCII, so any index is between characters.
    let cut = full[..=SLUG_LENGTH].rfind('-').unwrap_or(SLUG_LENGTH);
    full[..cut].to_owned()
}

/// How long reading takes, in whole minutes, at least one.
pub fn reading_minutes(words: i32) -> i64 {
    // What adults read of news text in a minute, rounded: Brysbaert 2019 found 238.
    const WORDS_A_MINUTE: i64 = 240;
    ((i64::from(words) + WORDS_A_MINUTE / 2) / WORDS_A_MINUTE).max(1)
}

/// Without the characters that XML 1.0 has no way to write (<https://www.w3.org/TR/xml/#charsets>).
pub fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| {
            matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_becomes_an_address_that_is_cut_between_words() {
        assert_eq!(
            slug("Iran & Japan: “Talks”, at last!"),
            "iran-japan-talks-at-last"
        );
        assert_eq!(slug("Żółć w Łodzi"), "zolc-w-lodzi");
        assert_eq!(slug("!?"), "");
        let long = slug(&"reconciliation ".repeat(20));
        assert!(
            long.len() <= SLUG_LENGTH && long.ends_with("reconciliation"),
            "{long}"
        );
    }

    #[test]
    fn reading_takes_at_least_a_minute() {
        assert_eq!(reading_minutes(0), 1);
        assert_eq!(reading_minutes(700), 3);
    }
}
