//! Draws the preview picture for social networks of an article without a picture: its headline on the accent colour.

use std::{
    collections::HashSet,
    io,
    sync::{Arc, LazyLock},
};

use cosmic_text::{
    Align, Attrs, Buffer, Color, Family, FontSystem, Metrics, Shaping, SwashCache, Weight, fontdb,
};
use image::{ImageFormat, Rgb, RgbImage};

use crate::error::Result;

/// The size in pixels that social networks recommend.
pub const WIDTH: u32 = 1_200;
pub const HEIGHT: u32 = 630;

/// The margin on the left and the right, in pixels.
const MARGIN: u32 = 80;
/// The font sizes of the headline in pixels, each with its maximum number of lines. The first that fits is used.
const SIZES: [(f32, usize); 5] = [(92.0, 3), (80.0, 3), (68.0, 4), (58.0, 5), (50.0, 6)];
/// The maximum length of the headline, in characters; more never fit.
const MAX_CHARS: usize = 400;
/// The line height, as a multiple of the font size.
const LINE_HEIGHT: f32 = 1.14;
/// The font size of the section's and the site's name, in pixels.
const SMALL: f32 = 34.0;
/// The top of the headline, and the position of the rule above the site's name, in pixels.
const TOP: f32 = 96.0;
const RULE: u32 = HEIGHT - 128;
const PAPER: Rgb<u8> = Rgb([0xff, 0xfd, 0xfa]);

/// The fonts of the pages, each in one weight.
const FONTS: [&[u8]; 3] = [
    include_bytes!("../../fonts/newsreader-latin-600.ttf"),
    include_bytes!("../../fonts/newsreader-ext-600.ttf"),
    include_bytes!("../../fonts/noto-naskh-arabic-600.ttf"),
];

/// The code points that the fonts contain.
static CODE_POINTS: LazyLock<HashSet<u32>> = LazyLock::new(|| {
    let mut fonts = fonts("en");
    let ids: Vec<fontdb::ID> = fonts.db().faces().map(|face| face.id).collect();
    let mut code_points = HashSet::new();
    for font in ids
        .into_iter()
        .filter_map(|id| fonts.get_font(id, Weight::SEMIBOLD))
    {
        font.as_swash().charmap().enumerate(|code_point, _| {
            code_points.insert(code_point);
        });
    }
    code_points
});

fn fonts(language: &str) -> FontSystem {
    let mut fonts = fontdb::Database::new();
    for font in FONTS {
        fonts.load_font_source(fontdb::Source::Binary(Arc::new(font)));
    }
    FontSystem::new_with_locale_and_db(language.to_owned(), fonts)
}

/// The texts of the picture.
#[derive(Clone, Debug)]
pub struct Labels {
    pub headline: String,
    pub section: String,
    pub site_name: String,
    /// A BCP 47 tag.
    pub language: String,
}

/// Whether the fonts contain all letters and digits of a headline. Other missing characters are dropped.
pub fn is_drawable(headline: &str) -> bool {
    headline.chars().any(char::is_alphanumeric)
        && headline
            .chars()
            .filter(|c| c.is_alphanumeric())
            .all(|c| CODE_POINTS.contains(&u32::from(c)))
}

/// Draws the picture as PNG. `colour` is the background, on which light text must be readable.
///
/// # Errors
/// If the picture cannot be encoded.
pub fn draw(labels: &Labels, colour: [u8; 3]) -> Result<Vec<u8>> {
    let mut pen = Pen {
        fonts: fonts(&labels.language),
        glyphs: SwashCache::new(),
        picture: RgbImage::from_pixel(WIDTH, HEIGHT, Rgb(colour)),
    };
    let headline = drawable(&labels.headline);
    let section = drawable(&labels.section);
    let top = if section.is_empty() {
        TOP
    } else {
        TOP + SMALL * 1.6
    };
    let text = pen.headline(&headline);
    pen.write(text, top);
    let line = |pen: &mut Pen, words: &str, top: f32| {
        let text = pen.truncated(words, SMALL, 1);
        pen.write(text, top);
    };
    line(&mut pen, &section, TOP - SMALL * 0.4);
    for x in MARGIN..WIDTH - MARGIN {
        for y in RULE..RULE + 2 {
            pen.picture.put_pixel(x, y, PAPER);
        }
    }
    line(
        &mut pen,
        &drawable(&labels.site_name),
        RULE as f32 + SMALL * 0.7,
    );
    let mut png = io::Cursor::new(Vec::new());
    pen.picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// The text without characters that the fonts lack.
fn drawable(text: &str) -> String {
    let kept = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| CODE_POINTS.contains(&u32::from(*c)));
    kept.collect::<String>().trim().to_owned()
}

struct Pen {
    fonts: FontSystem,
    glyphs: SwashCache,
    picture: RgbImage,
}

impl Pen {
    /// Lays out the headline in the largest size that fits, or truncated in the smallest.
    fn headline(&mut self, words: &str) -> Buffer {
        for (size, lines) in SIZES {
            let text = self.text(words, size);
            if text.layout_runs().count() <= lines {
                return text;
            }
        }
        let (size, lines) = SIZES[SIZES.len() - 1];
        self.truncated(words, size, lines)
    }

    /// Lays out as many words as fit on `lines` lines, with an ellipsis. The library's own ellipsis starts lines with a
    /// space.
    fn truncated(&mut self, words: &str, size: f32, lines: usize) -> Buffer {
        let mut text = self.text(words, size);
        let mut kept: String = words.chars().take(MAX_CHARS).collect();
        while text.layout_runs().count() > lines
            && let Some(end) = kept.rfind(' ')
        {
            kept.truncate(end);
            text = self.text(&format!("{kept}…"), size);
        }
        text
    }

    /// Lays out a text in one size.
    fn text(&mut self, words: &str, size: f32) -> Buffer {
        let mut text = Buffer::new(&mut self.fonts, Metrics::relative(size, LINE_HEIGHT));
        let family = self
            .fonts
            .db()
            .faces()
            .next()
            .and_then(|face| face.families.first())
            .map(|(name, _)| name.clone())
            .unwrap_or_default();
        let attributes = Attrs::new()
            .family(Family::Name(&family))
            .weight(Weight::SEMIBOLD);
        text.set_size(Some((WIDTH - 2 * MARGIN) as f32), None);
        text.set_text(words, &attributes, Shaping::Advanced, None::<Align>);
        text.shape_until_scroll(&mut self.fonts, false);
        text
    }

    /// Draws a text at a vertical position in pixels.
    fn write(&mut self, mut text: Buffer, top: f32) {
        let ink = Color::rgb(PAPER[0], PAPER[1], PAPER[2]);
        let picture = &mut self.picture;
        text.draw(
            &mut self.fonts,
            &mut self.glyphs,
            ink,
            |x, y, width, height, colour| {
                for (x, y) in (0..width)
                    .flat_map(|dx| (0..height).map(move |dy| (dx, dy)))
                    .map(|(dx, dy)| {
                        (
                            i64::from(x) + i64::from(dx) + i64::from(MARGIN),
                            i64::from(y) + i64::from(dy) + top as i64,
                        )
                    })
                {
                    let place = u32::try_from(x).ok().zip(u32::try_from(y).ok());
                    if let Some(under) =
                        place.and_then(|(x, y)| picture.get_pixel_mut_checked(x, y))
                    {
                        *under = over(*under, colour);
                    }
                }
            },
        );
    }
}

/// Blends a colour with opacity over another one.
fn over(under: Rgb<u8>, colour: Color) -> Rgb<u8> {
    let opacity = u32::from(colour.a());
    let ink = [colour.r(), colour.g(), colour.b()];
    Rgb(std::array::from_fn(|i| {
        let mixed = u32::from(ink[i]) * opacity + u32::from(under[i]) * (255 - opacity);
        // A weighted mean of two bytes fits in a byte.
        (mixed / 255) as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(headline: &str) -> Labels {
        Labels {
            headline: headline.to_owned(),
            section: "News".to_owned(),
            site_name: "The Courier".to_owned(),
            language: "en-GB".to_owned(),
        }
    }

    #[test]
    fn headlines_in_the_scripts_of_the_fonts_can_be_drawn() {
        for headline in [
            "Harbour reopens",
            "Łódź wählt",
            "بندرگاہ دوبارہ کھل گئی",
            "Café 🎉 “opens”",
        ] {
            assert!(is_drawable(headline), "{headline}");
        }
        for other in ["東京の港", "🎉", "", "—"] {
            assert!(!is_drawable(other), "{other}");
        }
    }

    #[test]
    fn the_headline_is_drawn_inside_the_margins() {
        let colour = [0x9b, 0x1c, 0x1f];
        let long = "A very long headline that goes on and on ".repeat(20);
        let drawn: Vec<RgbImage> = ["Harbour reopens", &long]
            .into_iter()
            .map(|headline| {
                let png = draw(&labels(headline), colour).unwrap();
                image::load_from_memory(&png).unwrap().to_rgb8()
            })
            .collect();
        let ink = |picture: &RgbImage| {
            picture
                .enumerate_pixels()
                .filter(|(_, y, pixel)| *y < RULE && **pixel == PAPER)
                .count()
        };
        for picture in &drawn {
            assert_eq!(picture.dimensions(), (WIDTH, HEIGHT));
            assert_eq!(*picture.get_pixel(2, 2), Rgb(colour));
            assert!(
                (0..WIDTH)
                    .all(|x| (0..MARGIN / 2).all(|y| *picture.get_pixel(x, y) == Rgb(colour)))
            );
            let edge = |y| *picture.get_pixel(WIDTH - MARGIN / 2, y) == Rgb(colour);
            assert!((0..HEIGHT).all(edge), "text outside the margin");
        }
        assert!(ink(&drawn[0]) > 3_000);
        assert!(ink(&drawn[1]) > ink(&drawn[0]));
    }
}
