//! The texts of the interface, which `build.rs` generates from `locales/`: a field for each text, and for a text with
//! placeholders a method of the same name that fills them in.

use std::fmt::Display;

use super::{count_in, fill_in};

/// The texts of one language.
pub(super) struct LanguageTexts {
    /// The first subtag of language tags (RFC 5646).
    pub tag: &'static str,
    pub texts: &'static Texts,
    /// `None` if the newsroom has not been translated.
    pub newsroom: Option<&'static Newsroom>,
}

/// A text that depends on a number: its forms by plural category (<https://cldr.unicode.org/index/cldr-spec/plural-rules>).
#[derive(Debug)]
pub struct Plural {
    pub(super) language: &'static str,
    pub(super) zero: Option<&'static str>,
    pub(super) one: Option<&'static str>,
    pub(super) two: Option<&'static str>,
    pub(super) few: Option<&'static str>,
    pub(super) many: Option<&'static str>,
    pub(super) other: &'static str,
}

impl Plural {
    fn text(&self, number: impl Count, values: &[(&str, &dyn Display)]) -> String {
        count_in(self, number.magnitude(), values)
    }
}

/// A number that selects a plural form.
pub trait Count: Copy {
    fn magnitude(self) -> u64;
}

macro_rules! counts {
    ($($unsigned:ty, $signed:ty;)+) => {$(
        impl Count for $unsigned {
            fn magnitude(self) -> u64 {
                self as u64
            }
        }
        impl Count for $signed {
            fn magnitude(self) -> u64 {
                self.unsigned_abs() as u64
            }
        }
    )+};
}

counts! {
    u8, i8;
    u16, i16;
    u32, i32;
    u64, i64;
    usize, isize;
}

/// Templates pass arguments by reference.
impl<T: Count> Count for &T {
    fn magnitude(self) -> u64 {
        (*self).magnitude()
    }
}

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
