//! Skies, weather, water, hills and trees, shared by the outdoor scenes.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Ridge, Spot, WIDTH, ellipse, polygon};
use super::palette::Palette;

/// Paints the sky down to `horizon` with its sun or moon, clouds or stars; returns where the disc is.
pub fn sky(c: &mut Canvas, p: &Palette, horizon: f32) -> Spot {
    c.wash(Fill::down(0.0, horizon, &p.sky));
    if p.night {
        stars(c, p, horizon);
    }
    let side = if c.happens(0.5) {
        c.range(0.14, 0.36)
    } else {
        c.range(0.62, 0.86)
    };
    let height = if p.night {
        c.range(0.18, 0.4)
    } else {
        c.range(0.3, 0.86)
    };
    let radius = if p.night {
        c.range(42.0, 62.0)
    } else {
        c.range(58.0, 110.0)
    };
    let sun = (WIDTH * side, horizon * height);
    disc(c, p, sun, radius);
    match c.count(0, 3) {
        0 => {}
        1 => heaps(c, p, horizon),
        _ => bands(c, p, horizon),
    }
    sun
}

/// The disc of sun or moon with a soft halo.
pub fn disc(c: &mut Canvas, p: &Palette, (x, y): Spot, radius: f32) {
    let glow = [p.sun.alpha(0.5), p.sun.alpha(0.16), p.sun.alpha(0.0)];
    c.disc(
        x,
        y,
        radius * 4.5,
        Fill::Radial((x, y), radius * 4.5, glow.to_vec()),
    );
    c.disc(x, y, radius, p.sun);
}

fn stars(c: &mut Canvas, p: &Palette, horizon: f32) {
    for _ in 0..c.count(40, 80) {
        let (x, y) = (c.range(0.0, WIDTH), c.unit().powf(1.4) * horizon * 0.8);
        let (r, glow) = (c.range(0.8, 2.0), c.range(0.25, 0.8));
        c.disc(x, y, r, p.sun.alpha(glow));
    }
}

/// Long flat bands of cloud.
pub fn bands(c: &mut Canvas, p: &Palette, horizon: f32) {
    for _ in 0..c.count(2, 4) {
        let (x, y) = (c.range(-100.0, WIDTH - 200.0), c.range(0.14, 0.8) * horizon);
        let length = c.range(260.0, 620.0);
        let ink = p.sky[2]
            .mix(p.light, 0.3)
            .alpha(if p.night { 0.1 } else { 0.34 });
        for i in 0..c.count(2, 3) {
            let (slip, part) = (c.range(-90.0, 190.0), c.range(0.45, 1.0));
            let thick = c.range(13.0, 24.0);
            c.round(
                x + slip,
                y + i as f32 * 17.0,
                length * part,
                thick,
                14.0,
                ink,
            );
        }
    }
}

/// Heaped clouds with flat undersides.
pub fn heaps(c: &mut Canvas, p: &Palette, horizon: f32) {
    let first = c.range(-100.0, 200.0);
    for i in 0..c.count(2, 3) {
        let x = first + i as f32 * c.range(480.0, 640.0);
        let y = c.range(0.3, 0.62) * horizon;
        let size = c.range(0.7, 1.25);
        let top = p
            .light
            .mix(p.sky[2], 0.25)
            .alpha(if p.night { 0.16 } else { 0.85 });
        heap(
            c,
            (x, y),
            size,
            Fill::down(y - 110.0 * size, y, &[top, top, top.alpha(0.1)]),
        );
    }
}

fn heap(c: &mut Canvas, (x, y): Spot, size: f32, fill: Fill) {
    let width = c.range(280.0, 400.0) * size;
    let mut discs = Vec::new();
    for i in 0..14 {
        let t = i as f32 / 13.0;
        let radius = 20.0 * size + c.range(0.0, 7.0);
        discs.push(((x + t * width, y - radius), radius));
    }
    for i in 0..c.count(4, 6) {
        let t = 0.14 + 0.14 * i as f32 + c.range(-0.04, 0.04);
        let radius = (30.0 + 34.0 * (t * std::f32::consts::PI).sin() * c.range(0.7, 1.1)) * size;
        discs.push(((x + t * width, y - radius), radius));
    }
    c.cluster(&discs, fill);
}

/// A few distant birds.
pub fn birds(c: &mut Canvas, ink: Ink, (x, y): Spot) {
    for _ in 0..c.count(3, 6) {
        let (x, y) = (x + c.range(-150.0, 150.0), y + c.range(-60.0, 60.0));
        let s = c.range(9.0, 17.0);
        c.curve(
            (x - s, y - s * 0.4),
            (x - s * 0.4, y - s * 0.7),
            (x, y),
            3.0,
            ink,
        );
        c.curve(
            (x, y),
            (x + s * 0.4, y - s * 0.7),
            (x + s, y - s * 0.4),
            3.0,
            ink,
        );
    }
}

/// Slanting rain over the whole picture.
pub fn rain(c: &mut Canvas, ink: Ink) {
    let slant = c.range(0.12, 0.3);
    for _ in 0..150 {
        let (x, y) = (c.range(0.0, WIDTH + 200.0), c.range(-50.0, HEIGHT));
        let length = c.range(30.0, 90.0);
        let strength = c.range(0.1, 0.3);
        c.line(
            &[(x, y), (x - length * slant, y + length)],
            2.2,
            ink.alpha(strength),
        );
    }
}

/// A band of mist around a height.
pub fn mist(c: &mut Canvas, ink: Ink, y: f32, depth: f32, strength: f32) {
    let inks = [ink.alpha(0.0), ink.alpha(strength), ink.alpha(0.0)];
    c.rect(
        -10.0,
        y - depth,
        WIDTH + 20.0,
        depth * 2.0,
        Fill::down(y - depth, y + depth, &inks),
    );
}

/// Water from `horizon` to the bottom, with the light's path on it.
pub fn water(c: &mut Canvas, p: &Palette, horizon: f32, sun: Spot) {
    sea(c, p, horizon);
    glitter(c, p, horizon, sun);
}

/// Plain water from `horizon` to the bottom.
pub fn sea(c: &mut Canvas, p: &Palette, horizon: f32) {
    let inks = [
        p.sky[2].mix(p.far, 0.55),
        p.sky[1].mix(p.depth(0.4), 0.5),
        p.sky[0].mix(p.near, 0.55),
    ];
    c.rect(
        -10.0,
        horizon,
        WIDTH + 20.0,
        HEIGHT,
        Fill::down(horizon, HEIGHT, &inks),
    );
}

/// The broken path of sunlight or moonlight on water.
pub fn glitter(c: &mut Canvas, p: &Palette, horizon: f32, sun: Spot) {
    let depth = HEIGHT - horizon;
    let mut t = 0.012;
    while t < 1.0 {
        let y = horizon + t * depth;
        let width = (70.0 + 150.0 * t) * c.range(0.3, 1.0);
        let x = sun.0 + c.range(-0.5, 0.5) * (24.0 + 120.0 * t);
        c.oval(x, y, width, 1.6 + 5.0 * t, p.sun.alpha(0.75 - 0.5 * t));
        t += 0.02 + 0.045 * t;
    }
}

/// Small waves: thin strokes that get larger towards the viewer.
pub fn ripples(c: &mut Canvas, horizon: f32, ink: Ink) {
    for _ in 0..46 {
        let t = c.range(0.06, 1.0);
        let y = horizon + t * (HEIGHT - horizon);
        let (x, length) = (c.range(-50.0, WIDTH), c.range(30.0, 130.0) * (0.3 + t));
        let strength = c.range(0.12, 0.4);
        c.oval(x, y, length, 1.2 + 2.2 * t, ink.alpha(strength));
    }
}

/// Rolling swells in front, each a shade darker.
pub fn swells(c: &mut Canvas, p: &Palette, from: f32, count: usize) {
    for i in 0..count {
        let t = (i + 1) as f32 / count as f32;
        let y = from + (HEIGHT - from) * (i as f32 / count as f32).powf(1.2);
        let crest = c.ridge(y, 4.0 + 7.0 * t, 620.0 + 240.0 * t);
        let ink = p.sky[0].mix(p.near, 0.3 + 0.3 * t);
        c.land(
            &crest,
            Fill::down(y - 20.0, y + 200.0, &[ink.mix(p.light, 0.1), ink]),
        );
    }
}

/// Rows of hills from the horizon towards the viewer; returns their outlines, farthest first.
pub fn hills(c: &mut Canvas, p: &Palette, from: f32, to: f32, rows: usize) -> Vec<Ridge> {
    (0..rows)
        .map(|i| {
            let t = i as f32 / (rows.max(2) - 1) as f32;
            let base = from + (to - from) * t;
            let (swing, length) = (c.range(26.0, 52.0), c.range(620.0, 1100.0));
            let ridge = c.ridge(base, swing, length);
            let ink = p.green(0.06 + 0.55 * t);
            c.land(
                &ridge,
                Fill::down(base - 50.0, base + 240.0, &[ink, ink.mix(p.far, 0.35)]),
            );
            ridge
        })
        .collect()
}

/// One mountain with a lit and a shaded flank, and snow when `snow` is given.
pub fn peak(
    c: &mut Canvas,
    (x, y): Spot,
    width: f32,
    base: f32,
    ink: Ink,
    dark: Ink,
    snow: Option<Ink>,
) {
    let height = base - y;
    let flank = |c: &Canvas, side: f32| -> Vec<Spot> {
        (1..=7)
            .map(|i| {
                let t = i as f32 / 7.0;
                let jag = if i == 7 { 0.0 } else { c.range(-0.05, 0.05) };
                (
                    x + side * width * (t + jag),
                    y + height * (t.powf(0.94) + jag * 0.4),
                )
            })
            .collect()
    };
    let (left, right) = (flank(c, -1.0), flank(c, 1.0));
    let spine: Vec<Spot> = (1..=7)
        .map(|i| {
            let t = i as f32 / 7.0;
            let zigzag = if i % 2 == 0 { -0.075 } else { 0.085 };
            (
                x + width * (zigzag * (0.4 + t) + c.range(0.0, 0.06)),
                y + height * t,
            )
        })
        .collect();
    let mut whole = vec![(x, y)];
    whole.extend(&right);
    whole.extend(left.iter().rev());
    c.poly(&whole, Fill::down(y, base, &[ink, ink.mix(dark, 0.15)]));
    let mut shaded = vec![(x, y)];
    shaded.extend(&right);
    shaded.extend(spine.iter().rev());
    c.poly(&shaded, Fill::down(y, base, &[dark, dark.mix(ink, 0.4)]));
    let Some(snow) = snow else { return };
    let line = c.range(0.24, 0.36);
    let low = |t: f32, drop: f32| (x + width * t, y + height * (line + drop));
    let cover = [
        (x, y),
        (x + width * 0.5, y),
        low(0.3, 0.06),
        low(0.2, -0.03),
        low(0.12, 0.1),
        low(0.04, -0.02),
        low(-0.06, 0.13),
        low(-0.14, 0.0),
        low(-0.24, 0.09),
        low(-0.32, 0.0),
        (x - width * 0.5, y),
    ];
    let (Some(outline), Some(lee)) = (polygon(&whole), polygon(&shaded)) else {
        return;
    };
    c.inside(&outline, |c| c.poly(&cover, snow));
    c.inside(&lee, |c| c.poly(&cover, snow.mix(dark, 0.42)));
}

/// A conifer whose foot is at a point.
pub fn conifer(c: &mut Canvas, (x, y): Spot, height: f32, ink: Ink) {
    let width = height * 0.2;
    c.rect(
        x - height * 0.016,
        y - height * 0.12,
        height * 0.032,
        height * 0.13,
        ink,
    );
    let tiers = 5;
    let mut edge = vec![(x, y - height)];
    let mut other = Vec::new();
    for i in 1..=tiers {
        let t = i as f32 / tiers as f32;
        let level = y - height + t * height * 0.94;
        let reach = width * (0.25 + 0.75 * t);
        let droop = height * 0.03;
        edge.extend([(x + reach, level), (x + reach * 0.5, level - droop)]);
        other.extend([(x - reach, level), (x - reach * 0.5, level - droop)]);
    }
    other.reverse();
    edge.extend(other);
    c.poly(&edge, ink);
}

/// A broadleaf tree whose foot is at a point, lit from above.
pub fn tree(c: &mut Canvas, (x, y): Spot, height: f32, ink: Ink, trunk: Ink) {
    let r = height * 0.3;
    c.taper(
        (x, y),
        height * 0.03,
        (x, y - height * 0.6),
        height * 0.016,
        trunk,
    );
    let top = y - height * 0.66;
    let mut crown = vec![((x, top), r * 0.8), ((x, top - r * 0.42), r * 0.62)];
    for side in [-1.0, 1.0] {
        crown.push((
            (x + side * r * c.range(0.4, 0.55), top + r * 0.24),
            r * c.range(0.48, 0.6),
        ));
        crown.push((
            (x + side * r * 0.42, top - r * c.range(0.2, 0.4)),
            r * c.range(0.42, 0.56),
        ));
    }
    let pale = ink.mix(Ink::hex(0xf2e2b0), 0.22);
    c.cluster(
        &crown,
        Fill::Linear((x - r, top - r), (x + r, top + r), vec![pale, ink, ink]),
    );
    c.line(
        &[(x, y - height * 0.56), (x + r * 0.3, y - height * 0.74)],
        height * 0.012,
        trunk.alpha(0.4),
    );
}

/// A slim poplar or cypress.
pub fn poplar(c: &mut Canvas, (x, y): Spot, height: f32, ink: Ink) {
    let w = height * 0.1;
    let edge = [
        (x, y - height),
        (x + w * 0.8, y - height * 0.62),
        (x + w, y - height * 0.25),
        (x + w * 0.4, y),
        (x - w * 0.4, y),
        (x - w, y - height * 0.25),
        (x - w * 0.8, y - height * 0.62),
    ];
    c.blob(&edge, ink);
}

/// A row of mixed treetops along an outline.
pub fn treeline(c: &mut Canvas, ridge: &Ridge, height: f32, ink: Ink) {
    let mut x = -20.0;
    let conifers = c.range(0.2, 0.9);
    while x < WIDTH + 20.0 {
        let tall = height * c.range(0.6, 1.2);
        let foot = (x, ridge.y(x) + 6.0);
        if c.happens(conifers) {
            conifer(c, foot, tall, ink);
        } else {
            c.oval(x, foot.1 - tall * 0.34, tall * 0.3, tall * 0.4, ink);
        }
        x += tall * c.range(0.2, 0.5);
    }
}

/// A soft pool of light around a point that brightens what is inside it.
pub fn glow(c: &mut Canvas, (x, y): Spot, radius: f32, ink: Ink, strength: f32) {
    let inks = vec![
        ink.alpha(strength),
        ink.alpha(strength * 0.35),
        ink.alpha(0.0),
    ];
    if let Some(path) = ellipse(x, y, radius, radius) {
        c.fill(&path, Fill::Radial((x, y), radius, inks));
    }
}
