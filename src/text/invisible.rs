//! Invisible characters: soft hyphens, zero-width spaces and joiners. They help to break lines and to shape letters in a
//! text, but would be noise in titles, metadata and searches.

use std::borrow::Cow;

const SOFT_HYPHEN: char = '\u{ad}';
const ZERO_WIDTH_SPACE: char = '\u{200b}';
const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';
const WORD_JOINER: char = '\u{2060}';
/// As a byte order mark, or as the former word joiner.
const ZERO_WIDTH_NO_BREAK_SPACE: char = '\u{feff}';

/// Whether a search ignores the character within a word: besides the above, marks of direction and the separator of
/// Mongolian vowels.
pub(super) fn is_in_words(c: char) -> bool {
    is_for_lines(c) || is_joiner(c) || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200e}'..='\u{200f}')
}

fn is_joiner(c: char) -> bool {
    matches!(c, NON_JOINER | JOINER)
}

/// Whether the character only permits or forbids the end of a line.
fn is_for_lines(c: char) -> bool {
    matches!(
        c,
        SOFT_HYPHEN | ZERO_WIDTH_SPACE | WORD_JOINER | ZERO_WIDTH_NO_BREAK_SPACE
    )
}

/// A text without soft hyphens, zero-width spaces and word joiners, and without those joiners and non-joiners that its
/// script does not need: Arabic and Indic letters and emoji keep them.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| is_for_lines(c) || is_joiner(c)) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if is_for_lines(c) {
            continue;
        }
        if is_joiner(c) {
            let before = visible.chars().next_back();
            let after = rest.clone().find(|c| !is_for_lines(*c));
            let is_next_to_letter = [before, after].into_iter().flatten().any(is_joining);
            let is_in_emoji =
                c == JOINER && before.is_some_and(is_emoji) && after.is_some_and(is_emoji);
            if !is_next_to_letter && !is_in_emoji {
                continue;
            }
        }
        visible.push(c);
    }
    Cow::Owned(visible)
}

/// Whether the character is of a script in which joiners change letters: from Arabic to Sinhala, and the further scripts of
/// South, Southeast and Central Asia.
fn is_joining(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1700}'..='\u{1cff}'
        | '\u{a800}'..='\u{aaff}' | '\u{abc0}'..='\u{abff}'
        | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// Whether the character can be next to a joiner in an emoji: a symbol, its variation, colour or tag.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_hyphens_and_zero_width_characters_are_removed() {
        for (text, shown) in [
            ("Donau\u{ad}dampf\u{ad}schiff", "Donaudampfschiff"),
            (
                "\u{feff}One\u{200b}Two\u{2060} three\u{200b}",
                "OneTwo three",
            ),
            ("Auf\u{200c}lage, a\u{200d}b\u{200d}", "Auflage, ab"),
            ("\u{200d}\u{200c}\u{ad}", ""),
            ("東\u{200b}京\u{200d}都", "東京都"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert!(matches!(visible("Plain — “text”"), Cow::Borrowed(_)));
    }

    #[test]
    fn joiners_stay_where_letters_and_emoji_need_them() {
        for text in [
            // Persian, with a Latin word; the abbreviation of the Hijri year; Marathi; Sinhala.
            "می\u{200c}خواهم",
            "PDF\u{200c}ها",
            "۱۴۴۷ ه\u{200d} است",
            "र\u{94d}\u{200d}य",
            "ක\u{dca}\u{200d}ෂ",
            // A family, a pirate's flag, and a woman with a skin colour at a computer.
            "👨\u{200d}👩\u{200d}👧",
            "🏴\u{200d}☠\u{fe0f}",
            "👩🏽\u{200d}💻",
            "❤\u{fe0f}\u{200d}🔥",
        ] {
            assert_eq!(visible(text), text);
        }
        assert_eq!(visible("می\u{ad}\u{200c}\u{200b}خواهم"), "می\u{200c}خواهم");
        assert_eq!(visible("👨\u{200d} and 👩"), "👨 and 👩");
    }
}
