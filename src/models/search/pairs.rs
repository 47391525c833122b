//! Pairs of adjacent words, for phrase searches in PostgreSQL: its GIN index stores no positions, and would have to
//! recheck every text that contains the words of a phrase anywhere.

use std::{collections::BTreeSet, hash::Hasher};

use siphasher::sip::SipHasher13;

use super::document::Tag;

/// The 16-bit hashes of all pairs of adjacent words, tags excluded. A collision only causes a recheck; short hashes
/// keep the rows small.
pub(super) fn of(words: &[String]) -> BTreeSet<i16> {
    words
        .windows(2)
        .filter(|pair| !pair.iter().any(|word| word.starts_with(Tag::MARK)))
        .map(hash)
        .collect()
}

fn hash(pair: &[String]) -> i16 {
    // The hash is stored, so it needs an algorithm that never changes.
    let mut hasher = SipHasher13::new();
    for word in pair {
        hasher.write(word.as_bytes());
        hasher.write_u8(0xff);
    }
    let [low, high, ..] = hasher.finish().to_le_bytes();
    i16::from_le_bytes([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_ordered_and_exclude_tags() {
        let pairs = |text: &str| of(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let phrase = pairs("the port author");
        assert_eq!(phrase.len(), 2);
        assert!(phrase.is_subset(&pairs("\u{E000}s1 of the port author said \u{E000} the")));
        assert!(!phrase.is_subset(&pairs("author port the port")));
        assert!(pairs("port").is_empty());
        assert!(pairs("port \u{E000} author").is_empty());
    }
}
