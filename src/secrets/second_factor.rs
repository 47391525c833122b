//! The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when the
//! telephone is lost.

use totp_rs::{Builder, Secret, Totp};

use super::token;

/// A new secret, in Base32 as authenticator apps take it. 160 bits: what RFC 4226 recommends.
pub fn new_secret() -> String {
    Secret::new_stack(rand::random()).to_base32()
}

/// The time step whose code this is, within half a minute to either side of `now` (in seconds since
/// 1970). A step must be later than the last one that was used: no code works twice.
pub fn step_of(secret: &str, code: &str, now: u64) -> Option<i64> {
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let step = totp(secret, "", "")?.check(&code, now)?;
    i64::try_from(step).ok()
}

/// The code that an authenticator app shows at `now`.
pub fn code_at(secret: &str, now: u64) -> Option<String> {
    totp(secret, "", "").map(|totp| totp.generate(now).to_string())
}

/// A picture that an authenticator app reads: black squares, as the path of an SVG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrCode {
    pub path: String,
    /// Of the picture with the margin that it needs, in squares.
    pub side: usize,
}

/// What an authenticator app reads. `None` if the names are too long for it.
pub fn qr_code(secret: &str, site: &str, account: &str) -> Option<QrCode> {
    /// In squares: ISO/IEC 18004 asks for four.
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
    // A colon parts the two names in the URL.
    let plain = |text: &str| text.replace(':', " ");
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new()
        .with_secret(secret)
        .with_account_name(plain(account))
        .with_issuer(Some(plain(site)))
        .build()
        .ok()
}

/// How many recovery codes somebody gets.
const RECOVERY_CODES: usize = 10;

/// New recovery codes: 50 bits each, in two groups that can be typed.
pub fn new_recovery_codes() -> Vec<String> {
    let group = || {
        const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
        (0..5)
            .map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())]))
            .collect::<String>()
    };
    (0..RECOVERY_CODES)
        .map(|_| format!("{}-{}", group(), group()))
        .collect()
}

/// What is kept of a recovery code, however its owner typed it.
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
    fn an_apps_code_is_taken_for_half_a_minute_more_and_no_longer() {
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
    fn the_picture_for_the_app_has_squares_and_a_margin() {
        let code = qr_code(&new_secret(), "The Paper: Daily", "a@b.example").unwrap();
        assert!(
            code.path.starts_with("M4 4h1v1h-1z") && code.side > 40,
            "{code:?}"
        );
    }

    #[test]
    fn a_recovery_code_may_be_typed_in_capitals_and_without_its_hyphen() {
        let codes = new_recovery_codes();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let typed = codes[0].to_uppercase().replace('-', " ");
        assert_eq!(recovery_code_hash(&typed), recovery_code_hash(&codes[0]));
        assert_ne!(codes[0], codes[1]);
    }
}
