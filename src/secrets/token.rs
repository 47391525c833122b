//! Random tokens for cookies and one-time links. Only their hashes are stored.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// A new token of 256 random bits, in URL-safe Base64.
pub fn new() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

/// The stored hash of a token. A fast hash is sufficient for 256 random bits.
pub fn hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// The CSRF token of forms, derived from the session cookie, which other sites cannot read.
pub fn for_forms(cookie: &str) -> String {
    hash(&format!("forms:{cookie}"))
}

/// Compares two secrets in constant time.
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
    fn tokens_are_long_and_unique() {
        assert_ne!(new(), new());
        assert_eq!(new().len(), 43);
    }

    #[test]
    fn the_csrf_token_does_not_reveal_the_cookie() {
        let cookie = new();
        assert!(!for_forms(&cookie).contains(&cookie));
        assert_ne!(for_forms(&cookie), hash(&cookie));
        assert!(same("abc", "abc") && !same("abc", "abd") && !same("abc", "ab"));
    }
}
