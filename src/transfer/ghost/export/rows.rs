//! Rows of an export that are read one by one, so that a malformed one costs no other.

use std::{fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::transfer::Trouble;

/// What a row is called in the report.
pub trait Row: DeserializeOwned {
    const NAME: &'static str;
}

/// The rows of a table that can be read, and those that cannot.
pub struct Rows<T> {
    rows: Vec<T>,
    pub unreadable: Vec<Trouble>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            unreadable: Vec::new(),
        }
    }
}

impl<T> Deref for Rows<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.rows
    }
}

impl<'de, T: Row> Deserialize<'de> for Rows<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut read = Self::default();
        each(from, |number, json| match serde_json::from_str(json) {
            Ok(row) => read.rows.push(row),
            Err(why) => read.unreadable.push(Trouble {
                line: 0,
                what: format!("{} number {number}", T::NAME),
                why: why.to_string(),
            }),
        })?;
        Ok(read)
    }
}

/// Calls `row` with the number, from 1, and the JSON of each element of a list. Values are not read: they may contain half
/// of a surrogate pair or numbers that nothing can represent.
pub fn each<'de, D: Deserializer<'de>>(
    from: D,
    row: impl FnMut(u64, &str),
) -> Result<(), D::Error> {
    from.deserialize_seq(Each(row))
}

struct Each<F>(F);

impl<'de, F: FnMut(u64, &str)> Visitor<'de> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut rows: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(json) = rows.next_element::<Box<RawValue>>()? {
            number += 1;
            (self.0)(number, json.get());
        }
        Ok(())
    }
}
