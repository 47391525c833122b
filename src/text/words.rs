//! Text analysis for the search: case folding, stemming, queries, excerpts.

use std::{collections::HashSet, ops::Range};

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::invisible;

/// The folded words of a text, separated by spaces: lower case, without accents and punctuation.
pub fn folded(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
    words.join(" ")
}

/// A word and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The byte range in the text.
    pub range: Range<usize>,
    pub folded: String,
}

/// The words of a text. In scripts without spaces between words, each letter is a word.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        if is_combining_mark(c) || c == TATWEEL || invisible::is_in_words(c) {
            // Part of the previous letter, and ignored in comparisons.
            if let Some(word) = &mut open {
                word.range.end = end;
            }
            continue;
        }
        if !c.is_alphanumeric() {
            words.extend(open.take());
            continue;
        }
        if is_word_alone(c) {
            words.extend(open.take());
        }
        let word = open.get_or_insert_with(|| Word {
            range: start..start,
            folded: String::new(),
        });
        word.range.end = end;
        fold(c, &mut word.folded);
        if is_word_alone(c) {
            words.extend(open.take());
        }
    }
    words.extend(open);
    words.retain(|word| !word.folded.is_empty());
    words
}

/// Lengthens letters in Arabic typography, without a meaning.
const TATWEEL: char = '\u{640}';

/// Appends a folded letter.
fn fold(c: char, into: &mut String) {
    let letters = std::iter::once(c)
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase);
    for c in letters {
        // Letters without a Unicode decomposition that readers often cannot type.
        match c {
            'ß' => into.push_str("ss"),
            'æ' => into.push_str("ae"),
            'œ' => into.push_str("oe"),
            'ø' => into.push('o'),
            'ł' => into.push('l'),
            'đ' | 'ð' => into.push('d'),
            'ı' => into.push('i'),
            'ς' => into.push('σ'),
            // Persian and Urdu have other code points for the same letters than Arabic.
            'ی' | 'ى' => into.push('ي'),
            'ک' => into.push('ك'),
            c if c.is_alphanumeric() => into.push(c),
            _ => {}
        }
    }
}

/// Whether a letter belongs to a script without spaces between words: Thai to Khmer, kana, Han.
fn is_word_alone(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// The Snowball stemmer of a language, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stemming(Option<Algorithm>);

impl Stemming {
    /// For a BCP 47 language tag. Words of unsupported languages are not stemmed.
    pub fn of(language: &str) -> Self {
        let first = language.split(['-', '_']).next().unwrap_or_default();
        Self(Some(match first.to_ascii_lowercase().as_str() {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "nl" => Algorithm::Dutch,
            "en" => Algorithm::English,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "no" | "nb" | "nn" => Algorithm::Norwegian,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "es" => Algorithm::Spanish,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return Self(None),
        }))
    }

    /// The stem of a folded word.
    pub fn stem(self, folded: &str) -> String {
        let stem = match self.0 {
            Some(algorithm) => Stemmer::create(algorithm).stem(folded).into_owned(),
            None => folded.to_owned(),
        };
        let Some((end, _)) = stem.char_indices().nth(MAX_STEM) else {
            return stem;
        };
        stem[..end].to_owned()
    }

    /// The stems of the words of a text, in order.
    pub fn stems(self, text: &str) -> impl Iterator<Item = String> {
        words(text)
            .into_iter()
            .map(move |word| self.stem(&word.folded))
    }
}

/// The maximum length of a stem, in characters. It bounds the size of index entries.
const MAX_STEM: usize = 64;

/// The maximum number of words of a query; further words are ignored.
const MAX_WORDS: usize = 12;
/// The minimum length of a prefix, in characters: shorter ones match too many words.
const MIN_PREFIX: usize = 3;

/// A search query. There is no syntax error: quotation marks delimit a phrase, and so does punctuation between words
/// without a space, as in `covid-19`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Phrases of folded words in this order; most have one word.
    pub phrases: Vec<Vec<String>>,
    /// Whether the last word is also a prefix.
    pub goes_on: bool,
}

impl Query {
    pub fn new(typed: &str) -> Self {
        let mut query = Self::default();
        let mut quoted = false;
        let mut left = MAX_WORDS;
        for part in typed.split(['"', '“', '”', '„', '«', '»']) {
            let pieces: Vec<&str> = if quoted {
                vec![part]
            } else {
                part.split_whitespace().collect()
            };
            for piece in pieces {
                let phrase: Vec<String> = words(piece)
                    .into_iter()
                    .take(left)
                    .map(|word| word.folded)
                    .collect();
                left -= phrase.len();
                if !phrase.is_empty() {
                    query.goes_on =
                        !quoted && phrase.len() == 1 && phrase[0].chars().count() >= MIN_PREFIX;
                    query.phrases.push(phrase);
                }
            }
            quoted = !quoted;
        }
        query
    }

    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// The words in order.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.phrases.iter().flatten().map(String::as_str)
    }

    /// The last word, if it is also a prefix.
    pub fn beginning(&self) -> Option<&str> {
        let last = self.phrases.last()?.last()?;
        self.goes_on.then_some(last)
    }
}

/// A piece of a text, and whether it matches the query.
pub type Piece = (String, bool);

/// Splits a text into pieces, with the words marked that have one of the stems or the prefix `beginning`.
pub fn marked(
    text: &str,
    stemming: Stemming,
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut done = 0;
    for word in words(text) {
        if !is_match(&word, stemming, stems, beginning) {
            continue;
        }
        if word.range.start > done {
            pieces.push((text[done..word.range.start].to_owned(), false));
        }
        pieces.push((text[word.range.clone()].to_owned(), true));
        done = word.range.end;
    }
    if done < text.len() {
        pieces.push((text[done..].to_owned(), false));
    }
    pieces
}

fn is_match(
    word: &Word,
    stemming: Stemming,
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> bool {
    beginning.is_some_and(|beginning| word.folded.starts_with(beginning))
        || stems.contains(&stemming.stem(&word.folded))
}

/// The length of an excerpt, and the part of it before the first match, in words.
const EXCERPT: usize = 32;
const BEFORE: usize = 8;
/// The maximum number of matches that are compared. It bounds the cost for texts that repeat a word.
const MAX_MATCHES: usize = 100;

/// The part of a text with most of the stems, cut between words. `None` if there is no match.
pub fn excerpt<'t>(
    text: &'t str,
    stemming: Stemming,
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> Option<&'t str> {
    let words = words(text);
    let matches: Vec<usize> = (0..words.len())
        .filter(|at| is_match(&words[*at], stemming, stems, beginning))
        .take(MAX_MATCHES)
        .collect();
    let reach = |first: usize| {
        matches
            .iter()
            .filter(move |at| (first..first + EXCERPT - BEFORE).contains(*at))
            .map(|at| &words[*at].folded)
            .collect::<HashSet<_>>()
            .len()
    };
    // Reversed, because `max_by_key` returns the last maximum.
    let best = matches
        .iter()
        .rev()
        .copied()
        .max_by_key(|first| reach(*first))?;
    let first = best.saturating_sub(BEFORE);
    let last = (first + EXCERPT).min(words.len()) - 1;
    Some(&text[words[first].range.start..words[last].range.end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(typed: &str) -> Vec<String> {
        let query = Query::new(typed);
        query.phrases.iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn folding_ignores_case_accents_and_punctuation() {
        assert_eq!(folded(" COVID-19: “Élan”, 3.5% "), "covid 19 elan 3 5");
        assert_eq!(
            folded("Straße Ærø Łódź ΟΔΟΣ οδος"),
            "strasse aero lodz οδοσ οδοσ"
        );
        assert_eq!(folded("كُتُب کتـــاب"), "كتب كتاب");
        assert_eq!(folded("…"), "");
    }

    #[test]
    fn folding_ignores_invisible_characters() {
        for (text, plain) in [
            (
                "\u{feff}Donau\u{ad}dampf\u{ad}schiff\u{ad} fährt",
                "Donaudampfschiff fährt",
            ),
            (
                "super\u{200b}long Auf\u{200c}lage a\u{2060}b",
                "superlong Auflage ab",
            ),
            ("می\u{200c}خواهم", "میخواهم"),
            ("\u{200e}west\u{200f}, \u{ad} \u{200b}", "west"),
            ("東\u{200b}京", "東京"),
        ] {
            assert_eq!(folded(text), folded(plain));
            assert_eq!(Query::new(text), Query::new(plain), "{plain}");
        }
        let text = "A Donau\u{ad}dampfer";
        assert_eq!(&text[words(text)[1].range.clone()], "Donau\u{ad}dampfer");
    }

    #[test]
    fn scripts_without_spaces_are_split_into_letters() {
        assert_eq!(folded("NHKは東京で"), "nhk は 東 京 て");
        assert_eq!(phrases("東京 タワー"), ["東 京", "タ ワ ー"]);
        assert_eq!(folded("ไทย"), "ไ ท ย");
    }

    #[test]
    fn words_have_byte_ranges() {
        let text = "Zürich’s Café";
        let found: Vec<&str> = words(text)
            .into_iter()
            .map(|word| &text[word.range])
            .collect();
        assert_eq!(found, ["Zürich", "s", "Café"]);
        let decomposed = "Cafe\u{301}!";
        assert_eq!(
            &decomposed[words(decomposed)[0].range.clone()],
            "Cafe\u{301}"
        );
    }

    #[test]
    fn stemming_depends_on_the_language() {
        let english = Stemming::of("en-GB");
        assert_eq!(english.stem("harbours"), english.stem("harbour"));
        assert_eq!(Stemming::of("ur").stem("harbours"), "harbours");
        assert_eq!(Stemming::of("").stem(&"x".repeat(90)).len(), MAX_STEM);
    }

    #[test]
    fn quotation_marks_and_joined_words_form_phrases() {
        assert_eq!(phrases("covid-19 cost"), ["covid 19", "cost"]);
        assert_eq!(
            phrases("the \"prime minister\" said"),
            ["the", "prime minister", "said"]
        );
        assert_eq!(phrases("“prime minister"), ["prime minister"]);
        assert_eq!(phrases("\"\" * - \0"), [""; 0]);
        assert_eq!(Query::new(&"word ".repeat(40)).words().count(), MAX_WORDS);
        assert_eq!(Query::new("prime min").beginning(), Some("min"));
        for closed in ["prime mi", "\"prime minister\"", "covid-19", ""] {
            assert_eq!(Query::new(closed).beginning(), None, "{closed}");
        }
    }

    #[test]
    fn matches_are_marked_and_excerpted() {
        let english = Stemming::of("en");
        let stems = HashSet::from([english.stem("harbour")]);
        assert_eq!(
            marked("The Harbours <b>close", english, &stems, Some("clo")),
            [
                ("The ".to_owned(), false),
                ("Harbours".to_owned(), true),
                (" <b>".to_owned(), false),
                ("close".to_owned(), true),
            ]
        );
        let text = format!(
            "{} {}the harbour closes.",
            "One harbour.",
            "word ".repeat(60)
        );
        let stems = HashSet::from([english.stem("harbour"), english.stem("closes")]);
        let excerpt = excerpt(&text, english, &stems, None).unwrap();
        assert!(excerpt.ends_with("word the harbour closes"), "{excerpt}");
        assert!(excerpt.len() < 200);
        assert_eq!(super::excerpt("nothing", english, &stems, None), None);
    }
}
