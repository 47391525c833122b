//! Colours, seeded random numbers and the canvas with its drawing primitives.

use std::cell::Cell;
use std::f32::consts::TAU;

use tiny_skia::{
    Color, FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Mask, Paint, Path,
    PathBuilder, Pixmap, Point, RadialGradient, Rect, Shader, SpreadMode, Stroke, Transform,
};

/// Width of the design space: scenes use its coordinates, which are scaled to the size of the picture.
pub const WIDTH: f32 = 1600.0;
/// Height of the design space.
pub const HEIGHT: f32 = 1000.0;

/// A point of the design space.
pub type Spot = (f32, f32);

/// A colour with opacity, each channel from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ink {
    r: f32,
    g: f32,
    b: f32,
    a: f32,
}

impl Ink {
    /// An opaque colour from `0xRRGGBB`.
    pub const fn hex(rgb: u32) -> Self {
        Self {
            r: ((rgb >> 16) & 0xff) as f32 / 255.0,
            g: ((rgb >> 8) & 0xff) as f32 / 255.0,
            b: (rgb & 0xff) as f32 / 255.0,
            a: 1.0,
        }
    }

    /// Interpolates between this colour (`t` = 0) and `other` (`t` = 1).
    pub fn mix(self, other: Self, t: f32) -> Self {
        let blend = |from: f32, to: f32| from + (to - from) * t;
        Self {
            r: blend(self.r, other.r),
            g: blend(self.g, other.g),
            b: blend(self.b, other.b),
            a: blend(self.a, other.a),
        }
    }

    /// This colour with another opacity, 0 to 1.
    pub fn alpha(self, a: f32) -> Self {
        Self { a, ..self }
    }

    /// This colour with each channel multiplied by `factor`.
    pub fn shade(self, factor: f32) -> Self {
        Self {
            r: self.r * factor,
            g: self.g * factor,
            b: self.b * factor,
            a: self.a,
        }
    }

    fn color(self) -> Color {
        let fit = |v: f32| v.clamp(0.0, 1.0);
        Color::from_rgba(fit(self.r), fit(self.g), fit(self.b), fit(self.a)).unwrap_or(Color::BLACK)
    }
}

/// How an area is filled.
#[derive(Clone, Debug)]
pub enum Fill {
    /// A single colour.
    Flat(Ink),
    /// A linear gradient between two points with evenly spaced stops.
    Linear(Spot, Spot, Vec<Ink>),
    /// A radial gradient: centre, radius, evenly spaced stops.
    Radial(Spot, f32, Vec<Ink>),
}

impl From<Ink> for Fill {
    fn from(ink: Ink) -> Self {
        Self::Flat(ink)
    }
}

impl Fill {
    /// A vertical gradient from `top` to `bottom`.
    pub fn down(top: f32, bottom: f32, inks: &[Ink]) -> Self {
        Self::Linear((0.0, top), (0.0, bottom), inks.to_vec())
    }

    /// A horizontal gradient from `left` to `right`.
    pub fn across(left: f32, right: f32, inks: &[Ink]) -> Self {
        Self::Linear((left, 0.0), (right, 0.0), inks.to_vec())
    }

    fn shader(self) -> Shader<'static> {
        let stops = |inks: &[Ink]| -> Vec<GradientStop> {
            let last = inks.len().saturating_sub(1).max(1) as f32;
            inks.iter()
                .enumerate()
                .map(|(i, ink)| GradientStop::new(i as f32 / last, ink.color()))
                .collect()
        };
        let point = |(x, y): Spot| Point::from_xy(x, y);
        let (pad, still) = (SpreadMode::Pad, Transform::identity());
        let (gradient, inks) = match self {
            Self::Flat(ink) => (None, vec![ink]),
            Self::Linear(from, to, inks) => (
                LinearGradient::new(point(from), point(to), stops(&inks), pad, still),
                inks,
            ),
            Self::Radial(at, radius, inks) => (
                RadialGradient::new(point(at), 0.0, point(at), radius, stops(&inks), pad, still),
                inks,
            ),
        };
        gradient.unwrap_or_else(|| {
            Shader::SolidColor(inks.first().map_or(Color::BLACK, |ink| ink.color()))
        })
    }
}

/// A seeded random number generator (splitmix64): one seed always gives the same picture.
#[derive(Debug)]
struct Chance(Cell<u64>);

impl Chance {
    fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A smooth random outline across the picture: a hill, a swell, a treetop line.
#[derive(Clone, Debug)]
pub struct Ridge {
    base: f32,
    waves: [(f32, f32, f32); 3],
}

impl Ridge {
    /// The height of the outline at `x`.
    pub fn y(&self, x: f32) -> f32 {
        self.waves
            .iter()
            .fold(self.base, |y, (amplitude, length, phase)| {
                y + amplitude * (x / length * TAU + phase).sin()
            })
    }
}

/// The picture being painted, with its random number generator.
pub struct Canvas {
    pixmap: Pixmap,
    place: Transform,
    scale: f32,
    clip: Option<Mask>,
    seed: u64,
    chance: Chance,
}

impl Canvas {
    /// An empty canvas of `width` by `height` pixels that the design space `space` is scaled to cover.
    pub fn new(width: u32, height: u32, space: Spot, seed: u64) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let pixmap = Pixmap::new(width, height)
            .unwrap_or_else(|| panic!("a picture of {width}x{height} is too large"));
        let (w, h) = (width as f32, height as f32);
        let scale = (w / space.0).max(h / space.1);
        let place = Transform::from_row(
            scale,
            0.0,
            0.0,
            scale,
            (w - space.0 * scale) / 2.0,
            (h - space.1 * scale) / 2.0,
        );
        Self {
            pixmap,
            place,
            scale,
            clip: None,
            seed,
            chance: Chance(Cell::new(seed)),
        }
    }

    /// Mirrors everything that is painted from now on, left to right.
    pub fn mirror(&mut self) {
        let width = self.pixmap.width() as f32;
        self.place = self
            .place
            .post_concat(Transform::from_row(-1.0, 0.0, 0.0, 1.0, width, 0.0));
    }

    /// Returns the picture with a faint paper grain, which also hides banding in gradients.
    pub fn finish(mut self) -> Pixmap {
        let grain = Chance(Cell::new(7));
        for pixel in self.pixmap.data_mut().chunks_exact_mut(4) {
            let speck = (grain.next() % 5) as i16 - 2;
            for channel in &mut pixel[..3] {
                *channel = (i16::from(*channel) + speck).clamp(0, 255) as u8;
            }
            pixel[3] = 255;
        }
        self.pixmap
    }

    /// A random number in `0.0..1.0`.
    pub fn unit(&self) -> f32 {
        (self.chance.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// A random number between `low` and `high`.
    pub fn range(&self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// A random whole number from `low` to `high`, both included.
    pub fn count(&self, low: usize, high: usize) -> usize {
        low + (self.chance.next() % (high - low + 1) as u64) as usize
    }

    /// True with the given probability.
    pub fn happens(&self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// A random element of `things`.
    pub fn pick<T: Copy>(&self, things: &[T]) -> T {
        things[self.count(0, things.len() - 1)]
    }

    /// An element of `things` selected by the seed: consecutive seeds get different elements.
    pub fn turn<T: Copy>(&self, things: &[T]) -> T {
        things[(self.seed % things.len() as u64) as usize]
    }

    /// A smooth random outline around `base` that swings by about `swing` over `length`.
    pub fn ridge(&self, base: f32, swing: f32, length: f32) -> Ridge {
        let wave = |part: f32, reach: f32| {
            let stretch = self.range(0.85, 1.2);
            (swing * part, length * reach * stretch, self.range(0.0, TAU))
        };
        Ridge {
            base,
            waves: [wave(0.66, 0.7), wave(0.27, 0.34), wave(0.07, 0.15)],
        }
    }

    /// Fills a path.
    pub fn fill(&mut self, path: &Path, fill: impl Into<Fill>) {
        let paint = Paint {
            shader: fill.into().shader(),
            anti_alias: true,
            ..Paint::default()
        };
        self.pixmap.fill_path(
            path,
            &paint,
            FillRule::Winding,
            self.place,
            self.clip.as_ref(),
        );
    }

    /// Clips what `paint` draws to the inside of `path`.
    pub fn inside(&mut self, path: &Path, paint: impl FnOnce(&mut Self)) {
        let outer = self.clip.clone();
        match &mut self.clip {
            Some(mask) => mask.intersect_path(path, FillRule::Winding, true, self.place),
            None => {
                self.clip = Mask::new(self.pixmap.width(), self.pixmap.height()).map(|mut mask| {
                    mask.fill_path(path, FillRule::Winding, true, self.place);
                    mask
                });
            }
        }
        paint(self);
        self.clip = outer;
    }

    /// Fills the whole picture.
    pub fn wash(&mut self, fill: impl Into<Fill>) {
        self.rect(-600.0, -600.0, WIDTH + 1200.0, HEIGHT + 1200.0, fill);
    }

    /// Fills an axis-parallel rectangle.
    pub fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, fill: impl Into<Fill>) {
        self.poly(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)], fill);
    }

    /// Fills a rectangle with rounded corners.
    pub fn round(&mut self, x: f32, y: f32, w: f32, h: f32, radius: f32, fill: impl Into<Fill>) {
        if let Some(path) = rounded(x, y, w, h, radius) {
            self.fill(&path, fill);
        }
    }

    /// Fills a disc.
    pub fn disc(&mut self, x: f32, y: f32, radius: f32, fill: impl Into<Fill>) {
        self.oval(x, y, radius, radius, fill);
    }

    /// Fills an ellipse around a centre.
    pub fn oval(&mut self, x: f32, y: f32, rx: f32, ry: f32, fill: impl Into<Fill>) {
        if let Some(path) = ellipse(x, y, rx, ry) {
            self.fill(&path, fill);
        }
    }

    /// Fills a polygon.
    pub fn poly(&mut self, spots: &[Spot], fill: impl Into<Fill>) {
        if let Some(path) = polygon(spots) {
            self.fill(&path, fill);
        }
    }

    /// Fills a closed smooth curve through all points.
    pub fn blob(&mut self, spots: &[Spot], fill: impl Into<Fill>) {
        if let Some(path) = smooth(spots) {
            self.fill(&path, fill);
        }
    }

    /// Fills the union of several discs, each a centre and a radius: a cloud, a treetop.
    pub fn cluster(&mut self, discs: &[(Spot, f32)], fill: impl Into<Fill>) {
        let mut path = PathBuilder::new();
        for &((x, y), radius) in discs {
            path.push_circle(x, y, radius);
        }
        if let Some(path) = path.finish() {
            self.fill(&path, fill);
        }
    }

    /// Strokes a path with round ends.
    pub fn stroke(&mut self, path: &Path, width: f32, fill: impl Into<Fill>) {
        let paint = Paint {
            shader: fill.into().shader(),
            anti_alias: true,
            ..Paint::default()
        };
        let stroke = Stroke {
            width,
            line_cap: LineCap::Round,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        self.pixmap
            .stroke_path(path, &paint, &stroke, self.place, self.clip.as_ref());
    }

    /// Strokes straight lines from point to point.
    pub fn line(&mut self, spots: &[Spot], width: f32, fill: impl Into<Fill>) {
        if let Some(path) = polyline(spots) {
            self.stroke(&path, width, fill);
        }
    }

    /// Strokes a quadratic Bézier curve with the control point `pull`.
    pub fn curve(&mut self, from: Spot, pull: Spot, to: Spot, width: f32, fill: impl Into<Fill>) {
        let mut path = PathBuilder::new();
        path.move_to(from.0, from.1);
        path.quad_to(pull.0, pull.1, to.0, to.1);
        if let Some(path) = path.finish() {
            self.stroke(&path, width, fill);
        }
    }

    /// Strokes a circle.
    pub fn ring(&mut self, x: f32, y: f32, radius: f32, width: f32, fill: impl Into<Fill>) {
        if let Some(path) = ellipse(x, y, radius, radius) {
            self.stroke(&path, width, fill);
        }
    }

    /// Fills a rounded bar that tapers from radius `ra` at `a` to `rb` at `b`, such as a limb.
    pub fn taper(&mut self, a: Spot, ra: f32, b: Spot, rb: f32, ink: Ink) {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = dx.hypot(dy).max(0.01);
        let (nx, ny) = (-dy / length, dx / length);
        self.poly(
            &[
                (a.0 + nx * ra, a.1 + ny * ra),
                (b.0 + nx * rb, b.1 + ny * rb),
                (b.0 - nx * rb, b.1 - ny * rb),
                (a.0 - nx * ra, a.1 - ny * ra),
            ],
            ink,
        );
        self.disc(a.0, a.1, ra, ink);
        self.disc(b.0, b.1, rb, ink);
    }

    /// Fills everything below an outline.
    pub fn land(&mut self, ridge: &Ridge, fill: impl Into<Fill>) {
        let mut spots: Vec<Spot> = (-2..=82)
            .map(|i| (i as f32 * 20.0, ridge.y(i as f32 * 20.0)))
            .collect();
        spots.extend([(WIDTH + 40.0, HEIGHT + 40.0), (-40.0, HEIGHT + 40.0)]);
        self.poly(&spots, fill);
    }

    /// Mirrors what is above `waterline` into the area below it, with ripples, fading with depth.
    pub fn reflect(&mut self, waterline: f32, depth: f32, strength: f32) {
        let (width, height) = (self.pixmap.width() as usize, self.pixmap.height() as usize);
        let first = (waterline * self.scale + self.place.ty).round().max(1.0) as usize;
        if first >= height {
            return;
        }
        let (above, below) = self.pixmap.data_mut().split_at_mut(first * width * 4);
        for (row, line) in below.chunks_exact_mut(width * 4).enumerate() {
            let deep = row as f32 / self.scale;
            let opacity = strength * (1.0 - deep / depth);
            if opacity <= 0.0 {
                break;
            }
            let wobble = (deep * 0.55 + (deep * 0.021).sin() * 9.0).sin() * (1.0 + deep * 0.028);
            let shift = (wobble * self.scale) as isize;
            let source_row = first.saturating_sub(row + 1) * width * 4;
            let source = &above[source_row..source_row + width * 4];
            let weight = (opacity * 256.0) as u32;
            for (column, pixel) in line.chunks_exact_mut(4).enumerate() {
                let from = column.saturating_add_signed(shift).min(width - 1) * 4;
                for (channel, &mirrored) in pixel.iter_mut().zip(&source[from..from + 4]) {
                    let mixed = u32::from(*channel) * (256 - weight) + u32::from(mirrored) * weight;
                    *channel = (mixed >> 8) as u8;
                }
            }
        }
    }
}

/// A rectangle with rounded corners.
pub fn rounded(x: f32, y: f32, w: f32, h: f32, radius: f32) -> Option<Path> {
    let r = radius.min(w / 2.0).min(h / 2.0);
    let mut path = PathBuilder::new();
    path.move_to(x + r, y);
    path.line_to(x + w - r, y);
    path.quad_to(x + w, y, x + w, y + r);
    path.line_to(x + w, y + h - r);
    path.quad_to(x + w, y + h, x + w - r, y + h);
    path.line_to(x + r, y + h);
    path.quad_to(x, y + h, x, y + h - r);
    path.line_to(x, y + r);
    path.quad_to(x, y, x + r, y);
    path.close();
    path.finish()
}

/// An ellipse around a centre.
pub fn ellipse(x: f32, y: f32, rx: f32, ry: f32) -> Option<Path> {
    PathBuilder::from_oval(Rect::from_xywh(x - rx, y - ry, rx * 2.0, ry * 2.0)?)
}

/// A closed polygon.
pub fn polygon(spots: &[Spot]) -> Option<Path> {
    let (first, rest) = spots.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(first.0, first.1);
    for spot in rest {
        path.line_to(spot.0, spot.1);
    }
    path.close();
    path.finish()
}

/// A closed smooth curve (Catmull-Rom) through all points.
pub fn smooth(spots: &[Spot]) -> Option<Path> {
    let n = spots.len();
    let first = spots.first()?;
    let mut path = PathBuilder::new();
    path.move_to(first.0, first.1);
    for i in 0..n {
        let [p0, p1, p2, p3] = [n - 1, 0, 1, 2].map(|step| spots[(i + step) % n]);
        path.cubic_to(
            p1.0 + (p2.0 - p0.0) / 6.0,
            p1.1 + (p2.1 - p0.1) / 6.0,
            p2.0 - (p3.0 - p1.0) / 6.0,
            p2.1 - (p3.1 - p1.1) / 6.0,
            p2.0,
            p2.1,
        );
    }
    path.close();
    path.finish()
}

fn polyline(spots: &[Spot]) -> Option<Path> {
    let (first, rest) = spots.split_first()?;
    let mut path = PathBuilder::new();
    path.move_to(first.0, first.1);
    for spot in rest {
        path.line_to(spot.0, spot.1);
    }
    path.finish()
}
