//! The site's accent colour, made readable on light and on dark paper.

/// The page's backgrounds, as `static/css/reader.css` has them.
const LIGHT_PAPER: [u8; 3] = [0xff, 0xfd, 0xfa];
const DARK_PAPER: [u8; 3] = [0x1c, 0x1d, 0x20];

/// The contrast that text needs: WCAG 2.2, success criterion 1.4.3, with a little to spare for
/// tinted backgrounds.
const CONTRAST: f64 = 4.9;

/// The accent as text on light paper and on dark paper: darkened or lightened no more than reading
/// needs. What is no `#rrggbb` is black.
pub fn accents(accent: &str) -> (String, String) {
    let colour = parse(accent).unwrap_or([0, 0, 0]);
    (
        hex(ground(accent)),
        hex(towards(colour, [255, 255, 255], DARK_PAPER)),
    )
}

/// The accent as a ground on which the colour of light paper can be read.
pub fn ground(accent: &str) -> [u8; 3] {
    towards(parse(accent).unwrap_or([0, 0, 0]), [0, 0, 0], LIGHT_PAPER)
}

/// `colour`, mixed with `end` just so far that it can be read on `paper`.
fn towards(colour: [u8; 3], end: [u8; 3], paper: [u8; 3]) -> [u8; 3] {
    (0..=100)
        .map(|percent| mix(colour, end, percent))
        .find(|mixed| contrast(*mixed, paper) >= CONTRAST)
        .unwrap_or(end)
}

fn mix(from: [u8; 3], to: [u8; 3], percent: u32) -> [u8; 3] {
    std::array::from_fn(|i| {
        let mixed = u32::from(from[i]) * (100 - percent) + u32::from(to[i]) * percent;
        // A mean of two bytes is a byte.
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
    fn any_accent_can_be_read_on_both_papers() {
        for accent in [
            "#9b1c1f", "#ffff00", "#000000", "#ffffff", "#0057b8", "#777777",
        ] {
            let (light, dark) = accents(accent);
            assert!(
                contrast(parse(&light).unwrap(), LIGHT_PAPER) >= 4.5,
                "{accent}"
            );
            assert!(
                contrast(parse(&dark).unwrap(), DARK_PAPER) >= 4.5,
                "{accent}"
            );
        }
    }

    #[test]
    fn an_accent_that_is_readable_stays_as_it_is() {
        assert_eq!(accents("#9b1c1f").0, "#9b1c1f");
        assert_eq!(accents("red").0, "#000000");
    }
}
