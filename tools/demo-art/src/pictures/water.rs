//! Scenes at sea and by the water: ships, harbours, lighthouses, dams and ice.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::built::{self, Area};
use super::nature;
use super::palette::{self, Palette};

/// A harbour with cranes and moored boats.
pub fn harbour(c: &mut Canvas) {
    let p = palette::any(c);
    let line = 640.0;
    let sun = nature::sky(c, &p, line);
    let hill = c.ridge(line - 70.0, 40.0, 900.0);
    c.land(&hill, p.depth(0.14));
    built::skyline(c, &p, line, 170.0, 0.3);
    c.rect(-10.0, line - 26.0, WIDTH + 20.0, 40.0, p.depth(0.55));
    let colours = [p.accent, p.warm, p.depth(0.45), p.light];
    stack(
        c,
        &p,
        Area::new(c.range(40.0, 500.0), line - 26.0, 380.0, 0.0),
        (1, 3),
        &colours,
    );
    let first = c.range(90.0, 330.0);
    for i in 0..c.count(2, 4) {
        let x = first + i as f32 * c.range(330.0, 400.0);
        let ink = if i % 2 == 0 {
            p.lit(p.accent, 0.8)
        } else {
            p.depth(0.75)
        };
        crane(c, (x, line - 24.0), c.range(330.0, 420.0), ink);
    }
    nature::sea(c, &p, line);
    c.reflect(line, 330.0, 0.5);
    nature::glitter(c, &p, line, sun);
    let x = c.range(240.0, 420.0);
    trawler(c, &p, (x, 775.0), 1.0, p.lit(p.accent, 0.9));
    trawler(
        c,
        &p,
        (x + c.range(560.0, 760.0), 850.0),
        1.35,
        p.lit(c.pick(&[p.warm, p.depth(0.6)]), 0.9),
    );
    nature::ripples(c, line, p.light);
    for x in [90.0, 210.0] {
        let top = c.range(850.0, 880.0);
        c.round(x, top, 46.0, 200.0, 8.0, p.near);
        c.rect(x, top + 22.0, 46.0, 12.0, p.light.alpha(0.6));
    }
}

/// A gantry crane on the quay.
fn crane(c: &mut Canvas, (x, y): Spot, h: f32, ink: Ink) {
    let w = h * 0.3;
    let top = y - h * 0.62;
    for leg in [x, x + w] {
        c.rect(leg - 6.0, top, 12.0, h * 0.62, ink);
    }
    c.line(&[(x, y - h * 0.2), (x + w, top)], 5.0, ink);
    c.rect(x - 6.0, y - h * 0.24, w + 12.0, 9.0, ink);
    c.rect(x - h * 0.55, top - 8.0, h * 1.1, 15.0, ink);
    let mast = (x + w * 0.35, y - h);
    c.line(&[(x + w * 0.1, top), mast, (x + w * 0.6, top)], 8.0, ink);
    c.line(&[mast, (x - h * 0.52, top)], 3.0, ink);
    c.line(&[mast, (x + h * 0.52, top)], 3.0, ink);
    c.rect(x + w * 0.4, top + 6.0, w * 0.34, h * 0.07, ink);
    let hook = x - h * 0.38;
    c.line(&[(hook, top), (hook, top + h * 0.24)], 2.5, ink);
    c.rect(hook - 18.0, top + h * 0.24, 36.0, 16.0, ink);
}

/// Containers stacked on the top edge of `a` over its width.
fn stack(c: &mut Canvas, p: &Palette, a: Area, (least, most): (usize, usize), inks: &[Ink]) {
    let (w, h) = (54.0, 25.0);
    for column in 0..(a.w / w) as usize {
        for level in 0..c.count(least, most) {
            let (x, y) = (a.x + column as f32 * w, a.y - (level + 1) as f32 * h);
            let ink = p.lit(c.pick(inks), 0.8);
            c.rect(x, y, w - 2.0, h - 1.5, ink);
            for rib in 1..6 {
                c.rect(
                    x + rib as f32 * 8.6,
                    y + 3.0,
                    2.0,
                    h - 7.5,
                    p.near.alpha(0.16),
                );
            }
        }
    }
}

/// A laden container ship.
pub fn container_ship(c: &mut Canvas) {
    let p = palette::daylight(c);
    let line = c.range(520.0, 600.0);
    let sun = nature::sky(c, &p, line);
    let coast = c.ridge(line - 18.0, 26.0, 800.0);
    if c.happens(0.6) {
        c.land(&coast, p.depth(0.12));
    }
    nature::water(c, &p, line, sun);
    let (x, y) = (c.range(150.0, 300.0), line + 190.0);
    let hull = p.lit(c.pick(&[p.accent, p.depth(0.8), Ink::hex(0x2f5d73)]), 1.0);
    let inks = [
        p.accent,
        p.warm,
        p.light,
        Ink::hex(0x5f8f98),
        Ink::hex(0x7d9273),
        p.depth(0.5),
    ];
    for bay in 0..8 {
        let left = x + 200.0 + bay as f32 * 117.0;
        let area = Area::new(left, y - 150.0, 112.0, 0.0);
        let most = [7, 8, 8, 7, 7, 6, 5, 4][bay];
        stack(c, &p, area, (most - 2, most), &inks);
    }
    let cabin = Area::new(x + 78.0, y - 400.0, 104.0, 252.0);
    built::block(
        c,
        cabin,
        Fill::across(
            cabin.x,
            cabin.x + 104.0,
            &[p.light, p.light.mix(p.far, 0.4)],
        ),
    );
    built::windows(
        c,
        Area::new(cabin.x + 6.0, cabin.y + 46.0, 92.0, 190.0),
        (5, 6),
        p.near.alpha(0.5),
        1.0,
    );
    c.rect(cabin.x - 16.0, cabin.y - 6.0, 140.0, 44.0, p.light);
    c.rect(cabin.x - 8.0, cabin.y + 4.0, 124.0, 16.0, p.near);
    c.rect(x + 30.0, y - 330.0, 40.0, 180.0, p.accent.mix(p.near, 0.2));
    c.rect(x + 30.0, y - 312.0, 40.0, 20.0, p.light);
    c.line(
        &[(cabin.x + 52.0, cabin.y), (cabin.x + 52.0, cabin.y - 70.0)],
        6.0,
        p.near,
    );
    let bow = x + 1270.0;
    c.poly(
        &[
            (x, y - 160.0),
            (x + 1050.0, y - 150.0),
            (x + 1120.0, y - 185.0),
            (bow, y - 195.0),
            (bow - 80.0, y + 20.0),
            (x + 40.0, y + 20.0),
            (x + 8.0, y - 60.0),
        ],
        Fill::down(y - 195.0, y + 20.0, &[hull, hull.mix(p.near, 0.35)]),
    );
    c.poly(
        &[
            (x + 20.0, y - 24.0),
            (bow - 66.0, y - 24.0),
            (bow - 80.0, y + 20.0),
            (x + 40.0, y + 20.0),
        ],
        p.lit(Ink::hex(0x8e3f34), 0.9),
    );
    c.rect(x + 8.0, y - 134.0, 1240.0, 7.0, p.light.alpha(0.65));
    c.line(
        &[(bow - 90.0, y - 190.0), (bow - 90.0, y - 290.0)],
        6.0,
        p.near,
    );
    c.reflect(y + 18.0, 260.0, 0.34);
    for i in 0..9 {
        let t = i as f32 / 9.0;
        c.oval(
            x + 40.0 + 1180.0 * t,
            y + 20.0 + c.range(-3.0, 5.0),
            110.0,
            5.0,
            p.light.alpha(0.5),
        );
    }
    c.oval(bow - 70.0, y + 18.0, 70.0, 9.0, p.light);
    nature::ripples(c, y + 10.0, p.light);
    nature::birds(c, p.near, (c.range(400.0, 1200.0), 170.0));
}

/// A lighthouse on its rock.
pub fn lighthouse(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(640.0, 700.0);
    let sun = nature::sky(c, &p, line);
    nature::water(c, &p, line, sun);
    nature::ripples(c, line, p.light);
    let right = sun.0 < WIDTH / 2.0;
    let x = if right {
        c.range(1080.0, 1250.0)
    } else {
        c.range(350.0, 520.0)
    };
    let side = if right { 1.0 } else { -1.0 };
    let (top, foot) = (c.range(190.0, 260.0), 700.0);
    if p.night || c.happens(0.3) {
        for (dx, dy, strength) in [(-side, -0.05, 0.5), (side, 0.05, 0.3)] {
            let (x2, y2) = (x + dx * 1500.0, top + dy * 1500.0);
            let beam = vec![p.light.alpha(strength), p.light.alpha(0.0)];
            c.poly(
                &[
                    (x, top - 6.0),
                    (x2, y2 - 170.0),
                    (x2, y2 + 170.0),
                    (x, top + 6.0),
                ],
                Fill::Linear((x, top), (x + dx * 1100.0, top), beam),
            );
        }
    }
    let rock = p.depth(0.82);
    for (t, reach) in [(0.45, 1.0), (0.7, 0.74), (1.0, 0.52)] {
        let rise = 300.0 * (1.0 - t) + 20.0;
        let edge = [
            (x - side * 760.0 * reach, HEIGHT - 20.0 - 60.0 * (1.0 - t)),
            (x - side * 420.0 * reach, 820.0 - rise * 0.1 + 90.0 * t),
            (x - side * 250.0 * reach, 760.0 + 90.0 * t),
            (x - side * 130.0 * reach, 690.0 + 170.0 * (t - 0.45)),
            (x + side * 150.0, 680.0 + 190.0 * (t - 0.45)),
            (x + side * 420.0, 730.0 + 120.0 * (t - 0.45)),
            (x + side * 900.0, 770.0 + 150.0 * (t - 0.45)),
            (x + side * 900.0, 1100.0),
            (x - side * 760.0 * reach, 1100.0),
        ];
        let ink = p.far.mix(rock, t);
        c.poly(
            &edge,
            Fill::down(660.0, 1000.0, &[ink.mix(p.warm, 0.12), ink]),
        );
    }
    let cottage = Area::new(x + side * 190.0 - 70.0, 628.0, 140.0, 72.0);
    let wall = p.lit(Ink::hex(0xf3e7cf), 0.85);
    built::block(c, cottage, wall);
    c.poly(
        &[
            (cottage.x - 14.0, cottage.y + 4.0),
            (cottage.x + 30.0, cottage.y - 50.0),
            (cottage.x + 110.0, cottage.y - 50.0),
            (cottage.x + 154.0, cottage.y + 4.0),
        ],
        p.lit(p.accent, 0.8),
    );
    let pane = if p.night { p.light } else { p.near };
    built::windows(c, cottage, (3, 1), pane, 1.0);
    let half = |y: f32| 34.0 + 26.0 * (y - top) / (foot - top);
    let stripe = p.lit(p.accent, 0.9);
    let bands = c.count(0, 2);
    for i in 0..6 {
        let (y1, y2) = (
            top + (foot - top) * i as f32 / 6.0,
            top + (foot - top) * (i + 1) as f32 / 6.0,
        );
        let ink = match bands {
            0 => wall,
            1 if i == 2 => stripe,
            2 if i % 2 == 1 => stripe,
            _ => wall,
        };
        let (lit, dim) = (ink, ink.mix(p.near, 0.42));
        c.poly(
            &[
                (x - half(y1), y1),
                (x + half(y1), y1),
                (x + half(y2), y2 + 1.0),
                (x - half(y2), y2 + 1.0),
            ],
            Fill::across(x - 50.0 * side, x + 55.0 * side, &[lit, lit, dim]),
        );
    }
    for y in [340.0, 470.0, 590.0] {
        c.round(x - 9.0, y, 18.0, 30.0, 9.0, pane);
    }
    c.rect(x - 52.0, top - 6.0, 104.0, 14.0, p.near);
    c.rect(x - 27.0, top - 62.0, 54.0, 58.0, p.light);
    c.rect(x - 3.0, top - 62.0, 6.0, 58.0, p.near);
    c.line(
        &[
            (x - 50.0, top - 6.0),
            (x - 50.0, top - 30.0),
            (x + 50.0, top - 30.0),
            (x + 50.0, top - 6.0),
        ],
        3.0,
        p.near,
    );
    c.poly(
        &[
            (x - 38.0, top - 60.0),
            (x - 20.0, top - 92.0),
            (x + 20.0, top - 92.0),
            (x + 38.0, top - 60.0),
        ],
        stripe,
    );
    c.disc(x, top - 98.0, 8.0, p.near);
    nature::glow(
        c,
        (x, top - 34.0),
        150.0,
        p.light,
        if p.night { 0.8 } else { 0.3 },
    );
    if !p.night {
        nature::birds(c, p.near, (x - side * 330.0, 260.0));
    }
}

/// A stormy sea under a dark sky.
pub fn storm_sea(c: &mut Canvas) {
    let p = palette::rough(c);
    c.wash(Fill::down(0.0, 560.0, &p.sky));
    let gap = (c.range(400.0, 1200.0), 470.0);
    nature::glow(c, gap, 620.0, p.sun, 0.5);
    for i in 0..4 {
        let base = 40.0 + i as f32 * 75.0;
        let roll = c.ridge(base, 36.0, 1000.0);
        let spots: Vec<Spot> = (-2..=82)
            .map(|k| (k as f32 * 20.0, roll.y(k as f32 * 20.0)))
            .collect();
        let mut edge = vec![(-40.0, -40.0)];
        edge.extend(&spots);
        edge.push((WIDTH + 40.0, -40.0));
        c.poly(&edge, p.sky[0].mix(p.near, 0.3).alpha(0.26));
    }
    let boat = c.range(480.0, 1120.0);
    let tilt = c.pick(&[-1.0, 1.0]);
    for i in 0..6 {
        let t = i as f32 / 5.0;
        let y = 530.0 + 450.0 * t;
        if i == 3 {
            tossed_boat(c, &p, (boat, y - 74.0), tilt);
        }
        wave_row(c, &p, y, t);
    }
    nature::rain(c, p.light);
}

/// A row of steep waves with foam below their crests.
fn wave_row(c: &mut Canvas, p: &Palette, y: f32, t: f32) {
    let ink = p.sky[1].mix(p.near, 0.15 + 0.6 * t);
    let (width, height) = (260.0 + 560.0 * t, 30.0 + 125.0 * t);
    let shift = c.range(0.0, width);
    let sway = c.ridge(0.0, 0.13, 2600.0);
    let swell = c.ridge(1.0, 0.36, 3000.0);
    let profile = |x: f32| {
        let phase = ((x + shift) / width + sway.y(x)).rem_euclid(1.0);
        let rise = if phase < 0.68 {
            phase / 0.68
        } else {
            (1.0 - phase) / 0.32
        };
        (rise.powf(1.6), height * swell.y(x))
    };
    let xs: Vec<f32> = (-4..=330).map(|i| i as f32 * 5.0).collect();
    let crest: Vec<Spot> = xs
        .iter()
        .map(|&x| {
            let (rise, tall) = profile(x);
            (x, y - tall * rise)
        })
        .collect();
    let mut body = crest.clone();
    body.extend([(WIDTH + 60.0, HEIGHT + 40.0), (-20.0, HEIGHT + 40.0)]);
    c.poly(
        &body,
        Fill::down(
            y - height,
            y + height * 0.6,
            &[ink.mix(p.white(), 0.32), ink.mix(p.near, 0.12)],
        ),
    );
    let mut foam = crest.clone();
    foam.extend(xs.iter().zip(&crest).rev().map(|(&x, spot)| {
        let (rise, tall) = profile(x);
        (x, spot.1 + tall * 0.2 * (rise - 0.25).max(0.0))
    }));
    c.poly(&foam, p.white().alpha(0.3 + 0.5 * t));
    for _ in 0..7 {
        let (x, drop) = (c.range(-40.0, WIDTH), c.range(0.2, 0.7));
        let length = width * c.range(0.1, 0.22);
        c.oval(
            x,
            y + height * drop,
            length,
            1.5 + 2.5 * t,
            p.white().alpha(0.16),
        );
    }
}

fn tossed_boat(c: &mut Canvas, p: &Palette, (x, y): Spot, tilt: f32) {
    let at = |dx: f32, dy: f32| (x + dx * tilt - dy * 0.28 * tilt, y + dy + dx * 0.28);
    c.poly(
        &[
            at(-60.0, -30.0),
            at(-60.0, -92.0),
            at(0.0, -92.0),
            at(14.0, -30.0),
        ],
        p.light,
    );
    c.poly(
        &[
            at(-48.0, -78.0),
            at(-8.0, -78.0),
            at(-4.0, -56.0),
            at(-48.0, -56.0),
        ],
        p.near,
    );
    c.line(&[at(-30.0, -90.0), at(-30.0, -190.0)], 6.0, p.near);
    c.line(&[at(-30.0, -180.0), at(130.0, -44.0)], 2.5, p.near);
    c.poly(
        &[
            at(-130.0, -34.0),
            at(90.0, -34.0),
            at(165.0, -64.0),
            at(110.0, 60.0),
            at(-112.0, 60.0),
        ],
        p.accent,
    );
    c.poly(
        &[
            at(-130.0, -34.0),
            at(90.0, -34.0),
            at(165.0, -64.0),
            at(158.0, -46.0),
            at(92.0, -20.0),
            at(-128.0, -20.0),
        ],
        p.light,
    );
}

/// A small fishing boat with wheelhouse, mast and boom; `size` 1 is about 300 long.
fn trawler(c: &mut Canvas, p: &Palette, (x, y): Spot, size: f32, hull: Ink) {
    let at = |dx: f32, dy: f32| (x + dx * size, y + dy * size);
    let rope = 2.2 * size;
    c.line(&[at(20.0, -60.0), at(20.0, -230.0)], 6.0 * size, p.near);
    c.line(&[at(20.0, -220.0), at(150.0, -74.0)], rope, p.near);
    c.line(&[at(20.0, -220.0), at(-130.0, -60.0)], rope, p.near);
    c.line(&[at(20.0, -100.0), at(-100.0, -170.0)], 5.0 * size, p.near);
    c.line(&[at(-100.0, -170.0), at(-100.0, -60.0)], rope, p.near);
    c.poly(
        &[
            at(28.0, -50.0),
            at(28.0, -132.0),
            at(92.0, -132.0),
            at(104.0, -50.0),
        ],
        Fill::across(
            at(28.0, 0.0).0,
            at(100.0, 0.0).0,
            &[p.light, p.light.mix(p.far, 0.45)],
        ),
    );
    c.rect(
        at(20.0, 0.0).0,
        at(0.0, -142.0).1,
        84.0 * size,
        12.0 * size,
        hull.mix(p.near, 0.3),
    );
    let glass = if p.night { p.warm } else { p.near };
    for i in 0..2 {
        let (left, top) = at(40.0 + i as f32 * 29.0, -116.0);
        c.round(left, top, 20.0 * size, 24.0 * size, 3.0, glass);
    }
    let body = [
        at(-150.0, -58.0),
        at(-40.0, -44.0),
        at(60.0, -50.0),
        at(160.0, -84.0),
        at(128.0, 8.0),
        at(-128.0, 8.0),
    ];
    c.poly(
        &body,
        Fill::down(
            y - 70.0 * size,
            y + 8.0 * size,
            &[hull, hull.mix(p.near, 0.45)],
        ),
    );
    c.line(
        &[
            at(-150.0, -56.0),
            at(-40.0, -42.0),
            at(60.0, -48.0),
            at(158.0, -80.0),
        ],
        7.0 * size,
        p.light,
    );
    for i in 0..3 {
        let (cx, cy) = at(-96.0 + i as f32 * 46.0, -22.0);
        c.ring(cx, cy, 10.0 * size, 5.0 * size, p.near);
    }
    let glint = [hull.alpha(0.4), hull.alpha(0.0)];
    c.oval(
        x,
        y + 16.0 * size,
        140.0 * size,
        15.0 * size,
        Fill::down(y, y + 34.0 * size, &glint),
    );
    c.oval(
        x,
        y + 8.0 * size,
        150.0 * size,
        4.0 * size,
        p.light.alpha(0.5),
    );
}

/// A fishing boat on open water, with gulls.
pub fn fishing_boat(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(480.0, 560.0);
    let sun = nature::sky(c, &p, line);
    let rows = c.count(1, 2);
    for i in 0..rows {
        let coast = c.ridge(line - 40.0 + 30.0 * i as f32, 30.0, 760.0);
        c.land(&coast, p.depth(0.1 + 0.12 * i as f32));
    }
    nature::water(c, &p, line, sun);
    nature::ripples(c, line, p.light);
    let far = c.range(160.0, 1400.0);
    trawler(c, &p, (far, line + 46.0), 0.34, p.depth(0.6));
    let x = if sun.0 < WIDTH / 2.0 {
        c.range(920.0, 1060.0)
    } else {
        c.range(520.0, 680.0)
    };
    let hull = p.lit(c.pick(&[p.accent, Ink::hex(0x2c6178), p.warm]), 1.0);
    trawler(c, &p, (x, 810.0), 2.15, hull);
    c.reflect(826.0, 160.0, 0.3);
    let near = c.ridge(955.0, 14.0, 420.0);
    c.land(&near, p.sky[0].mix(p.near, 0.72));
    nature::birds(
        c,
        if p.night { p.light } else { p.near },
        (x - 260.0, 400.0),
    );
}

/// Sailing boats heeling in the wind.
pub fn sailing(c: &mut Canvas) {
    let p = palette::daylight(c);
    let line = c.range(520.0, 600.0);
    let sun = nature::sky(c, &p, line);
    let coast = c.ridge(line - 34.0, 36.0, 800.0);
    c.land(&coast, p.depth(0.16));
    nature::water(c, &p, line, sun);
    let lean = c.pick(&[-1.0, 1.0]) * c.range(0.1, 0.2);
    for _ in 0..c.count(3, 5) {
        let x = c.range(80.0, 1520.0);
        yacht(
            c,
            &p,
            (x, line + c.range(14.0, 50.0)),
            c.range(0.2, 0.34),
            lean,
            p.light,
        );
    }
    nature::ripples(c, line, p.light);
    let x = c.range(420.0, 640.0);
    yacht(
        c,
        &p,
        (x + c.range(440.0, 620.0), line + 120.0),
        0.72,
        lean,
        p.warm,
    );
    yacht(
        c,
        &p,
        (x, line + 260.0),
        1.3,
        lean,
        c.pick(&[p.accent, p.light]),
    );
    nature::swells(c, &p, 890.0, 2);
}

/// A sloop under main and jib; `size` 1 has a mast of about 480.
fn yacht(c: &mut Canvas, p: &Palette, (x, y): Spot, size: f32, lean: f32, sail: Ink) {
    let at = |dx: f32, dy: f32| {
        (
            x + (dx - dy * lean) * size,
            y + (dy + dx * lean * 0.25) * size,
        )
    };
    let shade = |ink: Ink| {
        Fill::Linear(
            at(-120.0, 0.0),
            at(140.0, 0.0),
            vec![ink.mix(p.far, 0.4), ink],
        )
    };
    let belly = lean.signum() * 26.0;
    c.line(&[at(0.0, -20.0), at(0.0, -490.0)], 7.0 * size, p.near);
    c.blob(
        &[
            at(-8.0, -478.0),
            at(-70.0 + belly * 0.4, -270.0),
            at(-176.0, -54.0),
            at(-90.0, -46.0),
            at(-8.0, -50.0),
            at(-6.0, -270.0),
        ],
        shade(sail),
    );
    c.poly(
        &[
            at(10.0, -430.0),
            at(74.0 + belly, -200.0),
            at(150.0, -46.0),
            at(16.0, -58.0),
        ],
        shade(p.light),
    );
    c.line(&[at(0.0, -44.0), at(-180.0, -48.0)], 6.0 * size, p.near);
    let hull = p.near.mix(p.far, 0.1);
    c.poly(
        &[
            at(-190.0, -30.0),
            at(180.0, -34.0),
            at(130.0, 16.0),
            at(-150.0, 16.0),
        ],
        Fill::down(
            y - 30.0 * size,
            y + 16.0 * size,
            &[p.light.mix(p.far, 0.1), hull],
        ),
    );
    for dx in [-120.0, -80.0] {
        let (hx, hy) = at(dx, -48.0);
        c.disc(hx, hy - 16.0 * size, 10.0 * size, p.near);
        c.oval(hx, hy + 8.0 * size, 15.0 * size, 20.0 * size, p.accent);
    }
    c.oval(
        x,
        y + 18.0 * size,
        190.0 * size,
        8.0 * size,
        p.light.alpha(0.7),
    );
    c.oval(
        x - lean * 200.0 * size,
        y + 46.0 * size,
        130.0 * size,
        22.0 * size,
        sail.alpha(0.22),
    );
}

/// Drifting ice under a low sun.
pub fn ice(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(500.0, 580.0);
    let sun = nature::sky(c, &p, line);
    let pale = Ink::hex(0xeef3f0).mix(p.sky[2], if p.night { 0.5 } else { 0.15 });
    let shadow = p.sky[0].mix(p.far, 0.6);
    for i in 0..4 {
        let x = c.range(-100.0, 200.0) + i as f32 * 440.0;
        let (w, h) = (c.range(200.0, 330.0), c.range(70.0, 160.0));
        nature::peak(
            c,
            (x, line - h),
            w,
            line,
            pale.mix(p.far, 0.5),
            shadow.mix(p.far, 0.4),
            None,
        );
    }
    nature::water(c, &p, line, sun);
    let x = if sun.0 < WIDTH / 2.0 {
        c.range(980.0, 1180.0)
    } else {
        c.range(420.0, 620.0)
    };
    berg(c, (x, line + 110.0), c.range(0.9, 1.15), pale, shadow);
    let other = if x > 800.0 { x - 660.0 } else { x + 660.0 };
    berg(
        c,
        (other, line + 46.0),
        0.46,
        pale.mix(p.far, 0.25),
        shadow.mix(p.far, 0.25),
    );
    c.reflect(line + 112.0, 230.0, 0.4);
    for i in 0..15 {
        let t = i as f32 / 14.0;
        let y = line + 150.0 + 290.0 * t;
        floe(
            c,
            (c.range(-50.0, WIDTH), y),
            (60.0 + 170.0 * t) * c.range(0.5, 1.2),
            pale,
            shadow,
        );
    }
}

fn berg(c: &mut Canvas, (x, y): Spot, size: f32, pale: Ink, shadow: Ink) {
    let at = |dx: f32, dy: f32| (x + dx * size, y - dy * size);
    let peak = c.range(300.0, 390.0);
    let notch = c.range(150.0, 230.0);
    let outline = [
        at(-350.0, 0.0),
        at(-300.0, 90.0),
        at(-210.0, 120.0),
        at(-120.0, peak * 0.8),
        at(-60.0, peak),
        at(10.0, peak * 0.74),
        at(60.0, notch),
        at(150.0, notch * 1.25),
        at(230.0, 80.0),
        at(330.0, 50.0),
        at(350.0, 0.0),
    ];
    c.poly(
        &outline,
        Fill::down(y - peak * size, y, &[pale, pale.mix(shadow, 0.35)]),
    );
    let lee = [
        at(-60.0, peak),
        at(10.0, peak * 0.74),
        at(60.0, notch),
        at(20.0, notch * 0.6),
        at(70.0, 0.0),
        at(-110.0, 0.0),
        at(-30.0, notch * 0.8),
        at(-80.0, peak * 0.6),
    ];
    c.poly(&lee, shadow.mix(pale, 0.25));
    c.poly(
        &[
            at(150.0, notch * 1.25),
            at(230.0, 80.0),
            at(330.0, 50.0),
            at(350.0, 0.0),
            at(180.0, 0.0),
            at(200.0, 70.0),
        ],
        shadow.mix(pale, 0.35),
    );
    c.poly(
        &[
            at(-300.0, 90.0),
            at(-210.0, 120.0),
            at(-190.0, 40.0),
            at(-260.0, 0.0),
            at(-330.0, 0.0),
        ],
        shadow.mix(pale, 0.55),
    );
}

fn floe(c: &mut Canvas, (x, y): Spot, w: f32, pale: Ink, shadow: Ink) {
    let h = w * 0.16;
    let top: Vec<Spot> = (0..8)
        .map(|i| {
            let angle = i as f32 / 8.0 * std::f32::consts::TAU;
            let reach = c.range(0.8, 1.1);
            (x + angle.cos() * w * reach, y + angle.sin() * h * reach)
        })
        .collect();
    let side: Vec<Spot> = top.iter().map(|spot| (spot.0, spot.1 + w * 0.07)).collect();
    c.poly(&side, shadow);
    c.poly(&top, pale);
}

/// A reservoir between hills, held by a curved dam.
pub fn reservoir(c: &mut Canvas) {
    let p = palette::daylight(c);
    let line = c.range(520.0, 570.0);
    let sun = nature::sky(c, &p, line);
    for i in 0..3 {
        let x = c.range(-60.0, 160.0) + i as f32 * c.range(480.0, 620.0);
        let (w, h) = (c.range(380.0, 520.0), c.range(190.0, 320.0));
        nature::peak(
            c,
            (x, line - h),
            w,
            line,
            p.depth(0.12),
            p.depth(0.26),
            None,
        );
    }
    let rows = nature::hills(c, &p, line - 70.0, line - 8.0, 3);
    if let Some(shore) = rows.last() {
        nature::treeline(c, shore, 46.0, p.green(0.72));
    }
    nature::sea(c, &p, line);
    c.reflect(line, 300.0, 0.6);
    nature::glitter(c, &p, line, sun);
    let left = c.happens(0.5);
    let flip = |x: f32| if left { x } else { WIDTH - x };
    let stone = p.lit(Ink::hex(0xd8ccb4), 0.9);
    let bank: Vec<Spot> = [
        (760.0, 1040.0),
        (900.0, 900.0),
        (1130.0, 790.0),
        (1330.0, 650.0),
        (1480.0, 600.0),
        (1700.0, 560.0),
        (1700.0, 1040.0),
    ]
    .map(|(x, y)| (flip(x), y))
    .to_vec();
    c.poly(
        &[
            (-50.0, 700.0),
            (300.0, 738.0),
            (700.0, 752.0),
            (1330.0, 690.0),
            (1180.0, 1040.0),
            (-50.0, 1040.0),
        ]
        .map(|(x, y)| (flip(x), y)),
        Fill::down(700.0, 1000.0, &[stone, stone.mix(p.near, 0.6)]),
    );
    for i in 0..13 {
        let x = 40.0 + i as f32 * 98.0;
        let top = 722.0 + 30.0 * (1.0 - ((x - 640.0) / 640.0).powi(2)) - 16.0;
        c.poly(
            &[
                (x, top),
                (x + 20.0, top),
                (x + 44.0, 1040.0),
                (x - 6.0, 1040.0),
            ]
            .map(|(x, y)| (flip(x), y)),
            p.near.alpha(0.17),
        );
    }
    for (drop, ink) in [(0.0, stone.mix(p.light, 0.5)), (22.0, p.near.alpha(0.35))] {
        c.line(
            &[
                (-50.0, 700.0),
                (300.0, 738.0),
                (700.0, 752.0),
                (1330.0, 690.0),
            ]
            .map(|(x, y)| (flip(x), y + drop)),
            20.0,
            ink,
        );
    }
    for x in [360.0, 720.0] {
        let tower = Area::new(flip(x) - 34.0, 640.0, 68.0, 120.0);
        built::block(
            c,
            tower,
            Fill::across(tower.x, tower.x + 68.0, &[stone, stone.mix(p.near, 0.35)]),
        );
        c.poly(
            &[
                (tower.x - 8.0, 642.0),
                (tower.x + 34.0, 604.0),
                (tower.x + 76.0, 642.0),
            ],
            p.lit(p.accent, 0.85),
        );
        c.rect(tower.x + 26.0, 674.0, 16.0, 36.0, p.near);
    }
    c.blob(&bank, p.green(0.75));
    for _ in 0..11 {
        let x = c.range(1180.0, 1600.0);
        let y = 1000.0 - (x - 1000.0) * c.range(0.2, 0.5);
        nature::conifer(
            c,
            (flip(x), y),
            c.range(110.0, 210.0),
            p.green(0.9).mix(p.near, 0.4),
        );
    }
}

/// A tidal barrage: a wall of gates with water streaming through.
pub fn barrage(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(430.0, 480.0);
    let sun = nature::sky(c, &p, line);
    let coast = c.ridge(line - 36.0, 34.0, 900.0);
    c.land(&coast, p.depth(0.14));
    nature::water(c, &p, line, sun);
    let stone = p.lit(Ink::hex(0xdccfb6), 0.95);
    let flip = c.happens(0.5);
    let place = |t: f32| {
        let t = if flip { 1.0 - t } else { t };
        (
            -80.0 + 1760.0 * t,
            0.34 + 0.66 * if flip { 1.0 - t } else { t },
        )
    };
    let deck = |s: f32| line - 10.0 + 130.0 * (s - 0.34);
    let foot = |s: f32| line + 18.0 + 400.0 * (s - 0.3);
    let count = c.count(6, 8);
    let (a, b) = (place(0.0), place(1.0));
    c.poly(
        &[
            (a.0, deck(a.1)),
            (b.0, deck(b.1)),
            (b.0, foot(b.1)),
            (a.0, foot(a.1)),
        ],
        Fill::down(line, HEIGHT, &[p.depth(0.55), p.depth(0.85)]),
    );
    for i in 0..count {
        let (x, s) = place((i as f32 + 0.5) / count as f32);
        let w = 62.0 * s;
        let gate = 1760.0 / count as f32 - w * 2.0;
        let open = c.happens(0.6);
        let inner = Area::new(
            x + w,
            deck(s) + 60.0 * s,
            gate,
            foot(s) - deck(s) - 60.0 * s,
        );
        built::block(c, inner, p.near);
        let door = inner.h * if open { 0.45 } else { 0.95 };
        let steel = p.lit(p.accent, 0.85);
        c.rect(
            inner.x,
            inner.y,
            gate,
            door,
            Fill::down(inner.y, inner.y + door, &[steel, steel.mix(p.near, 0.3)]),
        );
        for k in 1..4 {
            c.rect(
                inner.x,
                inner.y + door * k as f32 / 4.0,
                gate,
                4.0 * s,
                p.near.alpha(0.35),
            );
        }
        if open {
            let y = inner.y + door;
            c.poly(
                &[
                    (inner.x, y),
                    (inner.x + gate, y),
                    (inner.x + gate * 1.05, inner.y + inner.h + 60.0 * s),
                    (inner.x - gate * 0.05, inner.y + inner.h + 60.0 * s),
                ],
                Fill::down(
                    y,
                    inner.y + inner.h + 60.0 * s,
                    &[p.white().mix(p.far, 0.4), p.white()],
                ),
            );
        }
        let pier = Area::new(
            x - w,
            deck(s) - 150.0 * s,
            w * 2.0,
            foot(s) - deck(s) + 176.0 * s,
        );
        c.poly(
            &[
                (pier.x, pier.y + 30.0 * s),
                (pier.x + w * 0.5, pier.y),
                (pier.x + w * 1.5, pier.y),
                (pier.x + w * 2.0, pier.y + 30.0 * s),
                (pier.x + w * 2.0, pier.y + pier.h),
                (pier.x + w, pier.y + pier.h + 26.0 * s),
                (pier.x, pier.y + pier.h),
            ],
            Fill::across(
                pier.x,
                pier.x + w * 2.0,
                &[stone, stone.mix(p.near, 0.22), stone.mix(p.near, 0.5)],
            ),
        );
        let glass = if p.night { p.light } else { p.near.alpha(0.6) };
        c.rect(pier.x + w * 0.5, pier.y + 52.0 * s, w, 26.0 * s, glass);
    }
    c.poly(
        &[
            (a.0, deck(a.1) + 14.0 * a.1),
            (b.0, deck(b.1) + 14.0 * b.1),
            (b.0, deck(b.1) + 44.0 * b.1),
            (a.0, deck(a.1) + 44.0 * a.1),
        ],
        stone.mix(p.light, 0.3),
    );
    for _ in 0..26 {
        let (x, s) = place(c.unit());
        let y = foot(s) + c.range(16.0, 90.0) * s;
        c.oval(
            x,
            y,
            c.range(40.0, 130.0) * s,
            6.0 * s,
            p.white().alpha(0.5),
        );
    }
    nature::ripples(c, foot(0.5), p.light);
}

/// A bridge over a strait.
pub fn bridge(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(660.0, 710.0);
    let sun = nature::sky(c, &p, line);
    let coast = c.ridge(line - 80.0, 60.0, 900.0);
    c.land(&coast, p.depth(0.12));
    if c.happens(0.6) {
        built::skyline(c, &p, line, 150.0, 0.22);
    }
    nature::mist(c, p.sky[2], line, 90.0, 0.5);
    let (deck, ink) = (
        line - 130.0,
        p.lit(c.pick(&[p.accent, p.near, p.near]), 0.9),
    );
    match c.turn(&[0, 1, 2]) {
        0 => suspension(c, ink, line, deck),
        1 => stays(c, ink, line, deck),
        _ => arches(c, ink, line, deck),
    }
    nature::sea(c, &p, line);
    c.reflect(line, 300.0, 0.5);
    nature::glitter(c, &p, line, sun);
    nature::ripples(c, line, p.light);
    let bank = c.ridge(930.0, 36.0, 700.0);
    c.land(&bank, p.near);
    nature::treeline(c, &bank, 74.0, p.near);
}

fn deck_of(c: &mut Canvas, ink: Ink, deck: f32) {
    c.rect(-10.0, deck, WIDTH + 20.0, 20.0, ink);
    c.rect(-10.0, deck - 16.0, WIDTH + 20.0, 3.0, ink);
    for i in 0..110 {
        c.rect(i as f32 * 15.0, deck - 16.0, 2.0, 18.0, ink);
    }
}

fn suspension(c: &mut Canvas, ink: Ink, line: f32, deck: f32) {
    let top = deck - c.range(330.0, 410.0);
    let towers = [330.0, 1270.0];
    let sag = |from: f32, to: f32, x: f32| {
        let t = (x - from) / (to - from) * 2.0 - 1.0;
        deck - 26.0 + (top - deck + 26.0) * t * t
    };
    for (from, to) in [
        (-610.0, towers[0]),
        (towers[0], towers[1]),
        (towers[1], 2210.0),
    ] {
        let cable: Vec<Spot> = (0..=60)
            .map(|i| from + (to - from) * i as f32 / 60.0)
            .map(|x| (x, sag(from, to, x)))
            .collect();
        c.line(&cable, 8.0, ink);
        for i in 1..32 {
            let x = from + (to - from) * i as f32 / 32.0;
            c.rect(x, sag(from, to, x), 2.5, deck - sag(from, to, x), ink);
        }
    }
    for x in towers {
        for side in [-34.0, 18.0] {
            c.rect(x + side, top - 12.0, 18.0, line - top + 12.0, ink);
        }
        for y in [top + 10.0, top + 120.0, top + 230.0, deck + 30.0] {
            c.rect(x - 34.0, y, 70.0, 16.0, ink);
        }
        c.rect(x - 60.0, line - 26.0, 120.0, 30.0, ink);
    }
    deck_of(c, ink, deck);
}

fn stays(c: &mut Canvas, ink: Ink, line: f32, deck: f32) {
    let top = deck - c.range(400.0, 450.0);
    for x in [400.0, 1200.0] {
        for i in 1..12 {
            let reach = i as f32 * 33.0;
            let hook = top + 10.0 + (12 - i) as f32 * 13.0;
            c.line(&[(x, hook), (x - reach, deck)], 2.8, ink);
            c.line(&[(x, hook), (x + reach, deck)], 2.8, ink);
        }
        c.poly(
            &[
                (x - 9.0, top - 20.0),
                (x + 9.0, top - 20.0),
                (x + 30.0, line),
                (x - 30.0, line),
            ],
            ink,
        );
    }
    deck_of(c, ink, deck);
}

fn arches(c: &mut Canvas, ink: Ink, line: f32, deck: f32) {
    let count = c.count(4, 6);
    let span = WIDTH / (count as f32 - 0.5);
    let shift = c.range(0.0, 0.8) * span;
    for i in 0..=count {
        let x = i as f32 * span - shift;
        let arch: Vec<Spot> = (0..=30)
            .map(|k| {
                let t = k as f32 / 30.0;
                let lift = 1.0 - (2.0 * t - 1.0).powi(2);
                (
                    x + 26.0 + (span - 52.0) * t,
                    line - lift * (line - deck - 22.0),
                )
            })
            .collect();
        let mut body = vec![(x, line), (x, deck), (x + span, deck), (x + span, line)];
        body.extend(arch.iter().rev());
        c.poly(&body, Fill::down(deck, line, &[ink, ink.shade(0.75)]));
        c.poly(
            &[
                (x - 26.0, line + 2.0),
                (x, line - 60.0),
                (x + 26.0, line + 2.0),
            ],
            ink.shade(0.75),
        );
    }
    deck_of(c, ink, deck);
    for i in 0..=count * 2 {
        let x = i as f32 * span / 2.0 - shift;
        c.rect(x - 2.0, deck - 74.0, 4.0, 76.0, ink);
        c.disc(x, deck - 78.0, 8.0, ink);
    }
}
