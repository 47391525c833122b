//! The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.

use totp_rs::{Builder, Secret, Totp};

use super::token;

/// A new secret of 160 bits, as RFC 4226 recommends, in Base32.
pub fn new_secret() -> String {
    Secret::new_stack(rand::random()).to_base32()
}

/// The time step of a code, which may be one step before or after `now` (in seconds since 1970). The caller must require
/// that it is later than the last used step, so that no code works twice.
pub fn step_of(secret: &str, code: &str, now: u64) -> Option<i64> {
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let step = totp(secret, "", "")?.check(&code, now)?;
    i64::try_from(step).ok()
}

/// The code that an authenticator app shows at `now`.
pub fn code_at(secret: &str, now: u64) -> Option<String> {
    totp(secret, "", "").map(|totp| totp.generate(now).to_string())
}

/// A QR code: black squares, as the path of an SVG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    pub path: String,
    /// The side length including the margin, in squares.
    pub side: usize,
}

/// The QR code for an authenticator app. `None` if the names are too long.
pub fn qr_code(secret: &str, site: &str, account: &str) -> Option<QrCode> {
    /// In squares, as required by ISO/IEC 18004.
    const MARGIN: usize = 4;
    let url = totp(secret, site, account)?.to_url().ok()?;
    let code = qrcode::QrCode::new(url.as_bytes()).ok()?;
    let width = code.width();
    let path = code
        .to_colors()
        .into_iter()
        .enumerate()
        .filter(|(_, colour)| *colour == qrcode::Color::Dark)
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + MARGIN, at / width + MARGIN))
        .collect();
    Some(QrCode {
        path,
        side: width + 2 * MARGIN,
    })
}

fn totp(secret: &str, site: &str, account: &str) -> Option<Totp> {
    // A colon separates the two names in the URL.
    let plain = |text: &str| text.replace(':', " ");
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new()
        .with_secret(secret)
        .with_account_name(plain(account))
        .with_issuer(Some(plain(site)))
        .build()
        .ok()
}

/// The number of recovery codes per user.
const RECOVERY_CODES: usize = 10;

/// New recovery codes of about 50 bits each, in two groups of five characters.
pub fn new_recovery_codes() -> Vec<String> {
    let group = || {
        const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
        (0..5)
            .map(|_| char::from(ALPHABET[rand::random_range(0..ALPHABET.len())]))
            .collect::<String>()
    };
    (0..RECOVERY_CODES)
        .map(|_| format!("{}-{}", group(), group()))
        .collect()
}

/// The stored hash of a recovery code. Case and punctuation are ignored.
pub fn recovery_code_hash(code: &str) -> String {
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    token::hash(&format!("recovery:{plain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_valid_for_one_more_time_step_only() {
        let secret = new_secret();
        let now = 1_800_000_000;
        let code = code_at(&secret, now).unwrap();
        assert_eq!(code.len(), 6);
        let step = step_of(&secret, &code, now);
        assert_eq!(step, Some(60_000_000));
        assert_eq!(step_of(&secret, &code, now + 30), step);
        assert_eq!(step_of(&secret, &code, now + 90), None);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(step_of(&secret, &spaced, now), step);
        assert_eq!(step_of(&secret, "", now), None);
    }

    #[test]
    fn a_qr_code_has_squares_and_a_margin() {
        let code = qr_code(&new_secret(), "The Paper: Daily", "a@b.example").unwrap();
        assert!(
            code.path.starts_with("M4 4h1v1h-1z") && code.side > 40,
            "{code:?}"
        );
    }

    #[test]
    fn recovery_codes_ignore_case_and_punctuation() {
        let codes = new_recovery_codes();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let typed = codes[0].to_uppercase().replace('-', " ");
        assert_eq!(recovery_code_hash(&typed), recovery_code_hash(&codes[0]));
        assert_ne!(codes[0], codes[1]);
    }
}
