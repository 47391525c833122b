//! Adjusts the accent colour to be readable on the light and the dark background.

/// The backgrounds of pages, as in `static/css/reader.css`.
const LIGHT_PAPER: [u8; 3] = [0xff, 0xfd, 0xfa];
const DARK_PAPER: [u8; 3] = [0x1c, 0x1d, 0x20];

/// The minimum contrast of text: WCAG 2.2 (success criterion 1.4.3) requires 4.5; the rest is a margin for tinted
/// backgrounds.
const CONTRAST: f64 = 4.9;

/// The accent for text on the light and on the dark background, as `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accents {
    pub on_light: String,
    pub on_dark: String,
}

impl Accents {
    /// The accent, darkened or lightened as little as possible. An invalid colour is treated as black.
    pub fn new(accent: &str) -> Self {
        let colour = parse(accent).unwrap_or([0, 0, 0]);
        Self {
            on_light: hex(ground(accent)),
            on_dark: hex(towards(colour, [255, 255, 255], DARK_PAPER)),
        }
    }
}

/// The accent as a background for text in the colour of the light background.
pub fn ground(accent: &str) -> [u8; 3] {
    towards(parse(accent).unwrap_or([0, 0, 0]), [0, 0, 0], LIGHT_PAPER)
}

/// Mixes `colour` with as little of `end` as needed to be readable on `paper`.
fn towards(colour: [u8; 3], end: [u8; 3], paper: [u8; 3]) -> [u8; 3] {
    (0..=100)
        .map(|percent| mix(colour, end, percent))
        .find(|mixed| contrast(*mixed, paper) >= CONTRAST)
        .unwrap_or(end)
}

fn mix(from: [u8; 3], to: [u8; 3], percent: u32) -> [u8; 3] {
    std::array::from_fn(|i| {
        let mixed = u32::from(from[i]) * (100 - percent) + u32::from(to[i]) * percent;
        // A weighted mean of two bytes fits in a byte.
        (mixed / 100) as u8
    })
}

/// WCAG 2.2, "contrast ratio".
fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// WCAG 2.2, "relative luminance".
fn luminance(colour: [u8; 3]) -> f64 {
    let [r, g, b] = colour.map(|byte| {
        let part = f64::from(byte) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn parse(text: &str) -> Option<[u8; 3]> {
    let digits = text
        .strip_prefix('#')
        .filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([byte(0)?, byte(2)?, byte(4)?])
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_accent_is_readable_on_both_backgrounds() {
        for accent in [
            "#9b1c1f", "#ffff00", "#000000", "#ffffff", "#0057b8", "#777777",
        ] {
            let accents = Accents::new(accent);
            assert!(
                contrast(parse(&accents.on_light).unwrap(), LIGHT_PAPER) >= 4.5,
                "{accent}"
            );
            assert!(
                contrast(parse(&accents.on_dark).unwrap(), DARK_PAPER) >= 4.5,
                "{accent}"
            );
        }
    }

    #[test]
    fn a_readable_accent_is_unchanged() {
        assert_eq!(Accents::new("#9b1c1f").on_light, "#9b1c1f");
        assert_eq!(Accents::new("red").on_light, "#000000");
    }
}
