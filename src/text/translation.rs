//! The addresses of an article in other languages, entered and stored one per line.

use std::fmt;

use url::Url;

/// Why an input is invalid: the language that the first invalid line begins with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TranslationError {
    #[error("{0:?} is not a language tag")]
    NotATag(String),
    #[error("the address of {0:?} is not a full one")]
    NotAnAddress(String),
    #[error("{0:?} occurs twice")]
    Twice(String),
}

/// The address of an article in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// A BCP 47 tag.
    pub language: String,
    pub url: String,
}

impl Translation {
    /// Parses lines such as `de https://example.com/bericht`.
    ///
    /// # Errors
    /// If a line is invalid, or two have the same language.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, TranslationError> {
        let mut all: Vec<Self> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (language, url) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            if !is_tag(language) {
                return Err(TranslationError::NotATag(language.to_owned()));
            }
            let url = Url::parse(url.trim())
                .ok()
                .filter(|url| matches!(url.scheme(), "http" | "https"))
                .ok_or_else(|| TranslationError::NotAnAddress(language.to_owned()))?;
            if all
                .iter()
                .any(|other| other.language.eq_ignore_ascii_case(language))
            {
                return Err(TranslationError::Twice(language.to_owned()));
            }
            all.push(Self {
                language: language.to_owned(),
                url: url.into(),
            });
        }
        Ok(all)
    }
}

impl fmt::Display for Translation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.language, self.url)
    }
}

/// Whether a text has the form of a BCP 47 tag (RFC 5646).
fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|first| {
        (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic())
    }) && parts.all(|part| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_language_tag_and_a_full_address() {
        let all =
            Translation::parse_all(" de  https://example.com/a b\n\npt-BR http://example.com ")
                .unwrap();
        let lines: Vec<String> = all.iter().map(Translation::to_string).collect();
        assert_eq!(
            lines,
            ["de https://example.com/a%20b", "pt-BR http://example.com/"]
        );
        for wrong in [
            "https://example.com",
            "de",
            "de /story",
            "de javascript:alert(1)",
            "deutsch https://example.com",
            "de https://a.example\nDE https://b.example",
        ] {
            assert!(Translation::parse_all(wrong).is_err(), "{wrong}");
        }
    }
}
