//! Buildings, windows, lamps and furniture, shared by the city and indoor scenes.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::palette::{Palette, Room};

/// An upright box in the design space.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Area {
    /// An area from its corner and size.
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }
}

/// Fills an area.
pub fn block(c: &mut Canvas, a: Area, fill: impl Into<Fill>) {
    c.rect(a.x, a.y, a.w, a.h, fill);
}

/// A grid of windows in an area; each is drawn with the given probability.
pub fn windows(c: &mut Canvas, a: Area, (columns, rows): (usize, usize), ink: Ink, chance: f32) {
    let (dx, dy) = (a.w / columns as f32, a.h / rows as f32);
    for row in 0..rows {
        for column in 0..columns {
            if c.happens(chance) {
                let (x, y) = (a.x + column as f32 * dx, a.y + row as f32 * dy);
                c.rect(x + dx * 0.22, y + dy * 0.2, dx * 0.56, dy * 0.58, ink);
            }
        }
    }
}

/// A row of towers standing on `ground`, up to `tall` high.
pub fn skyline(c: &mut Canvas, p: &Palette, ground: f32, tall: f32, t: f32) {
    let ink = p.depth(t);
    let mut x = c.range(-80.0, -10.0);
    let middle = c.range(400.0, 1200.0);
    while x < WIDTH {
        let w = c.range(56.0, 128.0);
        let bell = 1.0 - ((x - middle) / 1100.0).abs().min(0.72);
        let h = tall * bell * c.range(0.45, 1.0);
        let a = Area::new(x, ground - h, w, h);
        block(
            c,
            a,
            Fill::down(a.y, ground, &[ink, ink.mix(p.sky[2], 0.3)]),
        );
        match c.count(0, 6) {
            0 => c.poly(&[(x, a.y), (x + w / 2.0, a.y - w * 0.5), (x + w, a.y)], ink),
            1 => c.line(
                &[(x + w / 2.0, a.y), (x + w / 2.0, a.y - tall * 0.16)],
                4.0,
                ink,
            ),
            2 => c.rect(x + w * 0.2, a.y - 16.0, w * 0.6, 17.0, ink),
            3 => c.poly(
                &[(x, a.y + 1.0), (x + w, a.y - w * 0.35), (x + w, a.y + 1.0)],
                ink,
            ),
            _ => {}
        }
        let (glass, chance) = if p.night {
            (p.light.alpha(0.45 + 0.5 * t), 0.42)
        } else {
            (p.light.alpha(0.2), 0.85)
        };
        let columns = (w / 20.0) as usize;
        let rows = (h / 30.0).max(1.0) as usize;
        let face = Area::new(x + 8.0, a.y + 14.0, w - 16.0, h - 24.0);
        if c.happens(0.75) {
            windows(c, face, (columns.max(2), rows), glass, chance);
        }
        x += w + c.range(-6.0, 16.0);
    }
}

/// A classical column with base and capital.
pub fn column(c: &mut Canvas, a: Area, light: Ink, dark: Ink) {
    let cap = (a.w * 0.34).min(a.h * 0.06);
    let shaft = Fill::across(
        a.x,
        a.x + a.w,
        &[light.mix(dark, 0.2), light, light.mix(dark, 0.3), dark],
    );
    c.poly(
        &[
            (a.x + a.w * 0.08, a.y),
            (a.x + a.w * 0.92, a.y),
            (a.x + a.w, a.y + a.h),
            (a.x, a.y + a.h),
        ],
        shaft,
    );
    for flute in 1..4 {
        let x = a.x + a.w * (0.1 + 0.2 * flute as f32);
        c.rect(x, a.y + cap, a.w * 0.03, a.h - cap * 2.0, dark.alpha(0.22));
    }
    c.rect(a.x - a.w * 0.14, a.y, a.w * 1.28, cap, light);
    c.rect(
        a.x - a.w * 0.14,
        a.y + cap * 0.72,
        a.w * 1.28,
        cap * 0.28,
        dark.alpha(0.35),
    );
    c.rect(
        a.x - a.w * 0.14,
        a.y + a.h - cap,
        a.w * 1.28,
        cap,
        light.mix(dark, 0.2),
    );
}

/// Wide steps that rise from `bottom` to `top`.
pub fn steps(
    c: &mut Canvas,
    middle: f32,
    top: (f32, f32),
    bottom: (f32, f32),
    count: usize,
    inks: [Ink; 2],
) {
    for i in 0..count {
        let t = i as f32 / count as f32;
        let next = (i + 1) as f32 / count as f32;
        let half = top.1 + (bottom.1 - top.1) * next;
        let y = top.0 + (bottom.0 - top.0) * t;
        let h = (bottom.0 - top.0) / count as f32;
        let tread = inks[0].mix(inks[1], t * 0.35);
        c.rect(
            middle - half,
            y,
            half * 2.0,
            h + 1.0,
            tread.mix(inks[1], 0.4),
        );
        c.rect(middle - half, y, half * 2.0, h * 0.5, tread);
    }
}

/// A wall and a floor with light falling from one side.
pub fn interior(c: &mut Canvas, r: &Room, floor: f32) {
    let (near, far) = if c.happens(0.5) {
        (r.wall, r.shade)
    } else {
        (r.shade, r.wall)
    };
    c.wash(Fill::across(0.0, WIDTH, &[near, far]));
    c.rect(
        -600.0,
        floor,
        WIDTH + 1200.0,
        HEIGHT,
        Fill::down(floor, HEIGHT, &[r.floor, r.floor.mix(r.dark, 0.4)]),
    );
    c.rect(
        -600.0,
        floor - 14.0,
        WIDTH + 1200.0,
        14.0,
        r.shade.mix(r.dark, 0.3),
    );
}

/// A tall window with a sky behind its bars.
pub fn tall_window(c: &mut Canvas, a: Area, sky: &Palette, frame: Ink, panes: (usize, usize)) {
    c.rect(a.x - 12.0, a.y - 12.0, a.w + 24.0, a.h + 24.0, frame);
    block(c, a, Fill::down(a.y, a.y + a.h, &sky.sky));
    window_bars(c, a, frame, panes);
}

/// The glazing bars of a window.
pub fn window_bars(c: &mut Canvas, a: Area, frame: Ink, (columns, rows): (usize, usize)) {
    for i in 1..columns {
        c.rect(
            a.x + a.w * i as f32 / columns as f32 - 4.0,
            a.y,
            8.0,
            a.h,
            frame,
        );
    }
    for i in 1..rows {
        c.rect(
            a.x,
            a.y + a.h * i as f32 / rows as f32 - 4.0,
            a.w,
            8.0,
            frame,
        );
    }
}

/// Light that falls from a window across the floor.
pub fn sunbeam(c: &mut Canvas, a: Area, floor: f32, slant: f32, ink: Ink) {
    let reach = HEIGHT - floor;
    c.poly(
        &[
            (a.x + slant * 0.5, floor),
            (a.x + a.w + slant * 0.5, floor),
            (a.x + a.w * 1.2 + slant, floor + reach),
            (a.x - a.w * 0.2 + slant, floor + reach),
        ],
        Fill::down(floor, HEIGHT, &[ink.alpha(0.36), ink.alpha(0.04)]),
    );
}

/// A lamp hanging from the ceiling with its cone of light.
pub fn pendant(c: &mut Canvas, (x, y): Spot, size: f32, shade: Ink, light: Ink) {
    c.line(&[(x, -10.0), (x, y)], 3.0, shade);
    let cone = Fill::down(y, y + size * 6.5, &[light.alpha(0.3), light.alpha(0.0)]);
    c.poly(
        &[
            (x - size * 0.9, y),
            (x + size * 0.9, y),
            (x + size * 3.2, y + size * 6.5),
            (x - size * 3.2, y + size * 6.5),
        ],
        cone,
    );
    c.oval(x, y, size * 0.8, size * 0.26, light);
    c.poly(
        &[
            (x - size * 0.22, y - size * 0.9),
            (x + size * 0.22, y - size * 0.9),
            (x + size, y),
            (x - size, y),
        ],
        shade,
    );
}

/// A street lamp, lit at night.
pub fn street_lamp(c: &mut Canvas, p: &Palette, (x, y): Spot, height: f32) {
    let ink = p.near;
    c.taper((x, y), height * 0.016, (x, y - height), height * 0.008, ink);
    c.curve(
        (x, y - height),
        (x, y - height * 1.06),
        (x + height * 0.12, y - height * 1.05),
        height * 0.014,
        ink,
    );
    let lamp = (x + height * 0.13, y - height * 1.03);
    if p.night {
        super::nature::glow(c, lamp, height * 0.42, p.light, 0.55);
    }
    c.oval(
        lamp.0,
        lamp.1,
        height * 0.045,
        height * 0.016,
        if p.night { p.light } else { ink },
    );
}

/// A leafy plant in a pot.
pub fn plant(c: &mut Canvas, (x, y): Spot, size: f32, leaf: Ink, pot: Ink) {
    for i in 0..7 {
        let lean = (i as f32 - 3.0) * 0.17 + c.range(-0.05, 0.05);
        let long = size * c.range(0.7, 1.05) * (1.0 - lean.abs() * 0.35);
        let tip = (x + long * lean * 1.25, y - size * 0.3 - long);
        let root = (x, y - size * 0.3);
        let mid = (
            root.0 + (tip.0 - root.0) * 0.55,
            root.1 + (tip.1 - root.1) * 0.6,
        );
        let w = size * 0.09;
        let ink = leaf.shade(c.range(0.8, 1.12));
        c.blob(&[root, (mid.0 - w, mid.1), tip, (mid.0 + w, mid.1)], ink);
    }
    let (top, low) = (size * 0.24, size * 0.17);
    c.poly(
        &[
            (x - top, y - size * 0.4),
            (x + top, y - size * 0.4),
            (x + low, y),
            (x - low, y),
        ],
        Fill::across(x - top, x + top, &[pot, pot.shade(0.72)]),
    );
}
