//! Passwords: which are good enough, hashing, checking. Only a few are hashed at a time, because each
//! takes 19 MiB and some tens of milliseconds of a core.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::parallel::Lane;

/// In characters, as the NIST guideline SP 800-63B counts them.
pub const SHORTEST: usize = 10;
/// In characters. Long enough for any sentence, short enough that hashing it costs nothing.
pub const LONGEST: usize = 1_000;

/// Why a password is not good enough; its text is for whoever chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("the password is too short: it needs at least {SHORTEST} characters")]
    Short,
    #[error("the password is too long: {LONGEST} characters are enough")]
    Long,
    #[error("the password is too easy to guess: choose a longer one, or one that nobody uses")]
    Common,
}

/// Whether a password may be chosen. `about` is what is known of its owner: e-mail address, name.
pub fn check(password: &str, about: &[&str]) -> Result<(), Weak> {
    match password.chars().count() {
        count if count < SHORTEST => Err(Weak::Short),
        count if count > LONGEST => Err(Weak::Long),
        // At least a million guesses. Lists of common passwords are part of the estimate.
        _ if zxcvbn::zxcvbn(password, about).score() < zxcvbn::Score::Two => Err(Weak::Common),
        _ => Ok(()),
    }
}

/// Argon2id with 19 MiB, two passes, one lane: the OWASP password storage recommendation.
fn hasher() -> Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(19 * 1024, 2, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password. Blocks for some tens of milliseconds.
///
/// # Errors
/// Says what the library says; no password causes it.
pub fn hash(password: &str) -> Result<String, String> {
    let hash: PasswordHash = hasher()
        .map_err(|error| error.to_string())?
        .hash_password(password.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

/// Stands in for the hash of an account that is not there, so that its password takes as long to
/// check.
static NOBODYS: LazyLock<String> = LazyLock::new(|| hash("nobody's password").unwrap_or_default());

/// Whether a password is the one that `stored` is the hash of. `None`: there is no such account,
/// and it takes as long to say so. Blocks for some tens of milliseconds.
pub fn matches(password: &str, stored: Option<&str>) -> bool {
    let hash = stored.unwrap_or(&NOBODYS);
    let parsed = PasswordHash::new(hash);
    let checked = match (hasher(), &parsed) {
        (Ok(hasher), Ok(parsed)) => hasher.verify_password(password.as_bytes(), parsed),
        _ => return false,
    };
    checked.is_ok() && stored.is_some()
}

/// Where passwords are hashed in the whole process: each takes 19 MiB and some tens of milliseconds.
static LANE: LazyLock<Lane> = LazyLock::new(|| Lane::new("passwords", 2));

/// Runs `work` (a [`hash`] or a [`matches`]) off the async threads when its turn comes. `None` if that cannot
/// be done now.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    LANE.run(work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_common_passwords_are_refused_and_any_script_is_welcome() {
        assert_eq!(check("päßwörd", &[]), Err(Weak::Short));
        assert_eq!(check("1234567890", &[]), Err(Weak::Common));
        assert_eq!(check("password123", &[]), Err(Weak::Common));
        assert_eq!(check("qwertyuiop", &[]), Err(Weak::Common));
        assert_eq!(
            check("aqsabibi99", &["aqsa bibi", "aqsabibi99"]),
            Err(Weak::Common)
        );
        assert_eq!(check("четыре слона и труба", &[]), Ok(()));
        assert_eq!(check("granite otter 44 lanes", &[]), Ok(()));
    }

    #[test]
    fn a_password_is_compared_to_its_last_character() {
        let long = "x7 ".repeat(300);
        let stored = hash(&long).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(&long, Some(&stored)));
        assert!(!matches(&long[..899], Some(&stored)));
        assert!(!matches("nobody's password", None));
    }
}
