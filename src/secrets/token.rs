//! Random tokens, for cookies and one-time links. The database keeps only their hashes.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// A new token of 256 random bits, as text that may stand in a cookie or in a URL.
pub fn new() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

/// What is kept of a token. A plain hash is enough: there is no guessing 256 random bits.
pub fn hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// What a form has to send back, made of the token in the cookie: whoever cannot read the cookie
/// cannot make it.
pub fn for_forms(cookie: &str) -> String {
    hash(&format!("forms:{cookie}"))
}

/// Whether two secrets are the same, in a time that does not tell how far they are.
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .fold(0, |all, (a, b)| all | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        assert_ne!(new(), new());
        assert_eq!(new().len(), 43);
    }

    #[test]
    fn what_forms_send_back_does_not_give_the_cookie_away() {
        let cookie = new();
        assert!(!for_forms(&cookie).contains(&cookie));
        assert_ne!(for_forms(&cookie), hash(&cookie));
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }
}
