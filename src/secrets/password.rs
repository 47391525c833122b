//! Passwords: strength, hashing, verification. Hashing takes 19 MiB and tens of milliseconds of CPU time, so its
//! concurrency is limited.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::parallel::WorkerPool;

/// The minimum length in characters, as counted by NIST SP 800-63B.
pub const MIN_CHARS: usize = 10;
/// The maximum length in characters, which bounds the cost of hashing.
pub const MAX_CHARS: usize = 1_000;

/// Why a password was refused; its text is shown to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("the password is too short: it needs at least {MIN_CHARS} characters")]
    Short,
    #[error("the password is too long: {MAX_CHARS} characters are enough")]
    Long,
    #[error("the password is too easy to guess: choose a longer or less common one")]
    Common,
}

/// Checks a new password. `about` has words that it must not consist of: the e-mail address and the name of its owner.
///
/// # Errors
/// If it is too short, too long, or easy to guess.
pub fn check(password: &str, about: &[&str]) -> Result<(), Weak> {
    match password.chars().count() {
        count if count < MIN_CHARS => Err(Weak::Short),
        count if count > MAX_CHARS => Err(Weak::Long),
        // A score of 2 means at least a million guesses. The estimate uses lists of common passwords.
        _ if zxcvbn::zxcvbn(password, about).score() < zxcvbn::Score::Two => Err(Weak::Common),
        _ => Ok(()),
    }
}

/// Argon2id with 19 MiB, two passes and a parallelism of one, as recommended by OWASP.
fn hasher() -> Result<Argon2<'static>, argon2::Error> {
    let params = Params::new(19 * 1024, 2, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password. Blocks for tens of milliseconds.
///
/// # Errors
/// The message of the library; independent of the password.
pub fn hash(password: &str) -> Result<String, String> {
    let hash: PasswordHash = hasher()
        .map_err(|error| error.to_string())?
        .hash_password(password.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

/// Verified in place of the hash of an account that does not exist, so that the response time does not reveal which
/// accounts exist.
static DUMMY_HASH: LazyLock<String> = LazyLock::new(|| hash("dummy password").unwrap_or_default());

/// Whether a password matches a stored hash. `None` means an unknown account: the result is false, after the same time.
/// Blocks for tens of milliseconds.
pub fn matches(password: &str, stored: Option<&str>) -> bool {
    let hash = stored.unwrap_or(&DUMMY_HASH);
    let parsed = PasswordHash::new(hash);
    let checked = match (hasher(), &parsed) {
        (Ok(hasher), Ok(parsed)) => hasher.verify_password(password.as_bytes(), parsed),
        _ => return false,
    };
    checked.is_ok() && stored.is_some()
}

/// The threads that hash passwords, for the whole process.
static POOL: LazyLock<WorkerPool> = LazyLock::new(|| WorkerPool::new("passwords", 2));

/// Runs `work`, which calls [`hash`] or [`matches`], on a worker thread. `None` if no thread could run it, or it
/// panicked.
pub async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    POOL.run(work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_common_passwords_are_refused_in_any_script() {
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
    fn long_passwords_are_compared_completely() {
        let long = "x7 ".repeat(300);
        let stored = hash(&long).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(&long, Some(&stored)));
        assert!(!matches(&long[..899], Some(&stored)));
        assert!(!matches("dummy password", None));
    }
}
