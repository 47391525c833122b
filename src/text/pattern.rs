//! Regular expressions as statics of a module. A test of each module checks that they compile.

use regex::{Captures, Regex};

/// A regular expression; an invalid one matches nothing.
pub struct Pattern(Option<Regex>);

impl Pattern {
    pub fn new(text: &str) -> Self {
        Self(Regex::new(text).ok())
    }

    #[cfg(test)]
    pub fn is_valid(&self) -> bool {
        self.0.is_some()
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|regex| regex.is_match(text))
    }

    pub fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.0.as_ref()?.captures(text)
    }

    pub fn captures_iter<'p, 't>(
        &'p self,
        text: &'t str,
    ) -> impl Iterator<Item = Captures<'t>> + use<'p, 't> {
        self.0
            .iter()
            .flat_map(move |regex| regex.captures_iter(text))
    }

    pub fn replace_all(&self, text: &str, by: impl Fn(&Captures<'_>) -> String) -> String {
        match &self.0 {
            Some(regex) => regex
                .replace_all(text, |found: &Captures<'_>| by(found))
                .into_owned(),
            None => text.to_owned(),
        }
    }
}

/// Declares the regular expressions of a module.
macro_rules! patterns {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)+) => {
        $(
            $(#[$meta])*
            static $name: std::sync::LazyLock<$crate::text::pattern::Pattern> =
                std::sync::LazyLock::new(|| {
                    $crate::text::pattern::Pattern::new($text)
                });
        )+

        #[cfg(test)]
        #[test]
        fn every_pattern_is_valid() {
            $(assert!($name.is_valid(), stringify!($name));)+
        }
    };
}
pub(crate) use patterns;
