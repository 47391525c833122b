//! Which words stand side by side, for PostgreSQL, whose index knows no places: without them, each text that has the
//! words of a phrase anywhere would have to be looked at.

use std::{collections::BTreeSet, hash::Hasher};

use siphasher::sip::SipHasher13;

use super::Tag;

/// The numbers of the pairs that words make which stand in this order. There are more pairs than numbers: what shares
/// one with a pair of a phrase is looked at in vain, seldom enough, and the rows stay small.
pub(super) fn of(words: &[String]) -> BTreeSet<i16> {
    words
        .windows(2)
        .filter(|pair| !pair.iter().any(|word| word.starts_with(Tag::MARK)))
        .map(number)
        .collect()
}

fn number(pair: &[String]) -> i16 {
    // It is stored: of a hasher that never changes.
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
    fn words_make_pairs_in_their_order_and_tags_make_none() {
        let pairs = |text: &str| of(&text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let phrase = pairs("the port author");
        assert_eq!(phrase.len(), 2);
        assert!(phrase.is_subset(&pairs("\u{E000}s1 of the port author said \u{E000} the")));
        assert!(!phrase.is_subset(&pairs("author port the port")));
        assert!(pairs("port").is_empty());
        assert!(pairs("port \u{E000} author").is_empty());
    }
}
