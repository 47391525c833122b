//! Words as searching compares them: without case and accents, without endings, in any script; and what
//! somebody types to search for.

use std::{collections::HashSet, ops::Range};

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a text, folded, a blank between two: lower case, without accents, of letters and digits
/// alone.
pub fn folded(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.folded).collect();
    words.join(" ")
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// In bytes of the text.
    pub range: Range<usize>,
    pub folded: String,
}

/// The words of a text. Where a script has no blanks between words, each letter is one.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        if is_combining_mark(c) || c == TATWEEL {
            // It belongs to the letter before it, and is not compared.
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

/// Draws letters out in Arabic type, and means nothing.
const TATWEEL: char = '\u{640}';

/// A letter as it is compared.
fn fold(c: char, into: &mut String) {
    let letters = std::iter::once(c)
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase);
    for c in letters {
        // What Unicode does not take apart, but readers leave out or cannot type.
        match c {
            'ß' => into.push_str("ss"),
            'æ' => into.push_str("ae"),
            'œ' => into.push_str("oe"),
            'ø' => into.push('o'),
            'ł' => into.push('l'),
            'đ' | 'ð' => into.push('d'),
            'ı' => into.push('i'),
            'ς' => into.push('σ'),
            // Persian and Urdu have the same letters at other places than Arabic.
            'ی' | 'ى' => into.push('ي'),
            'ک' => into.push('ك'),
            c if c.is_alphanumeric() => into.push(c),
            _ => {}
        }
    }
}

/// Whether a letter is of a script that does not part words: Thai to Khmer, kana, Han.
fn is_word_alone(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

/// How the words of a language lose their endings: Snowball's rules, for those that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stemming(Option<Algorithm>);

impl Stemming {
    /// For a BCP 47 language tag. Words of other languages stay as they are.
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

    /// A folded word without its ending.
    pub fn stem(self, folded: &str) -> String {
        let stem = match self.0 {
            Some(algorithm) => Stemmer::create(algorithm).stem(folded).into_owned(),
            None => folded.to_owned(),
        };
        let Some((end, _)) = stem.char_indices().nth(LONGEST_STEM) else {
            return stem;
        };
        stem[..end].to_owned()
    }

    /// The stems of a text's words, in their order.
    pub fn stems(self, text: &str) -> impl Iterator<Item = String> {
        words(text)
            .into_iter()
            .map(move |word| self.stem(&word.folded))
    }
}

/// In letters: of longer words only the beginning counts. Some of an index's entries are not words.
const LONGEST_STEM: usize = 64;

/// How many words of a query count.
const WORDS: usize = 12;
/// The letters that the beginning of a word needs at least, so that not half the dictionary begins so.
const SHORTEST_BEGINNING: usize = 3;

/// What somebody typed to search for. Anything typed is words: quotation marks hold a phrase together, and
/// so does what stands between words without a blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words, folded, that have to stand in this order: mostly one alone.
    pub phrases: Vec<Vec<String>>,
    /// Whether the last word may be the beginning of one.
    pub goes_on: bool,
}

impl Query {
    pub fn new(typed: &str) -> Self {
        let mut query = Self::default();
        let mut quoted = false;
        let mut left = WORDS;
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
                    query.goes_on = !quoted
                        && phrase.len() == 1
                        && phrase[0].chars().count() >= SHORTEST_BEGINNING;
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

    /// The single words, in the order in which they were typed.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.phrases.iter().flatten().map(String::as_str)
    }

    /// The last word, if it may be the beginning of one.
    pub fn beginning(&self) -> Option<&str> {
        let last = self.phrases.last()?.last()?;
        self.goes_on.then_some(last)
    }
}

/// A piece of a text; whether it is what was searched for.
pub type Piece = (String, bool);

/// A text in pieces, those words set off that have one of the stems, or begin with `beginning`.
pub fn marked(
    text: &str,
    stemming: Stemming,
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut done = 0;
    for word in words(text) {
        if !is_sought(&word, stemming, stems, beginning) {
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

fn is_sought(
    word: &Word,
    stemming: Stemming,
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> bool {
    beginning.is_some_and(|beginning| word.folded.starts_with(beginning))
        || stems.contains(&stemming.stem(&word.folded))
}

/// Words shown around what was found, and how many of them before it.
const EXCERPT: usize = 32;
const BEFORE: usize = 8;
/// So many places are compared, so that a text that says one word over and over costs no more.
const PLACES: usize = 100;

/// The part of a text in which most of the stems stand, cut between words. `None`: none of them does.
pub fn excerpt<'t>(
    text: &'t str,
    stemming: Stemming,
    stems: &HashSet<String>,
    beginning: Option<&str>,
) -> Option<&'t str> {
    let words = words(text);
    let sought: Vec<usize> = (0..words.len())
        .filter(|at| is_sought(&words[*at], stemming, stems, beginning))
        .take(PLACES)
        .collect();
    let reach = |first: usize| {
        sought
            .iter()
            .filter(move |at| (first..first + EXCERPT - BEFORE).contains(*at))
            .map(|at| &words[*at].folded)
            .collect::<HashSet<_>>()
            .len()
    };
    // The first of the best: `max_by_key` would take the last.
    let best = sought
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
    fn words_are_compared_without_case_accents_and_punctuation() {
        assert_eq!(folded(" COVID-19: “Élan”, 3.5% "), "covid 19 elan 3 5");
        assert_eq!(
            folded("Straße Ærø Łódź ΟΔΟΣ οδος"),
            "strasse aero lodz οδοσ οδοσ"
        );
        assert_eq!(folded("كُتُب کتـــاب"), "كتب كتاب");
        assert_eq!(folded("…"), "");
    }

    #[test]
    fn scripts_without_blanks_are_taken_letter_by_letter() {
        assert_eq!(folded("NHKは東京で"), "nhk は 東 京 て");
        assert_eq!(phrases("東京 タワー"), ["東 京", "タ ワ ー"]);
        assert_eq!(folded("ไทย"), "ไ ท ย");
    }

    #[test]
    fn words_know_where_they_stand() {
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
    fn endings_are_those_of_the_sites_language() {
        let english = Stemming::of("en-GB");
        assert_eq!(english.stem("harbours"), english.stem("harbour"));
        assert_eq!(Stemming::of("ur").stem("harbours"), "harbours");
        assert_eq!(Stemming::of("").stem(&"x".repeat(90)).len(), LONGEST_STEM);
    }

    #[test]
    fn quotation_marks_and_what_has_no_blank_hold_phrases_together() {
        assert_eq!(phrases("covid-19 cost"), ["covid 19", "cost"]);
        assert_eq!(
            phrases("the \"prime minister\" said"),
            ["the", "prime minister", "said"]
        );
        assert_eq!(phrases("“prime minister"), ["prime minister"]);
        assert_eq!(phrases("\"\" * - \0"), [""; 0]);
        assert_eq!(Query::new(&"word ".repeat(40)).words().count(), WORDS);
        assert_eq!(Query::new("prime min").beginning(), Some("min"));
        for closed in ["prime mi", "\"prime minister\"", "covid-19", ""] {
            assert_eq!(Query::new(closed).beginning(), None, "{closed}");
        }
    }

    #[test]
    fn what_was_searched_for_is_set_off_where_it_stands() {
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
