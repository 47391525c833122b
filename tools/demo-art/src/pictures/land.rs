//! Scenes in open country: mountains, woods, fields, wind turbines, power lines and railways.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::built::Area;
use super::nature;
use super::palette::{self, Palette};

/// A mountain range above forested foothills.
pub fn mountains(c: &mut Canvas) {
    let p = palette::any(c);
    nature::sky(c, &p, 680.0);
    let snow = c.happens(0.75).then(|| p.white().mix(p.sky[2], 0.2));
    for row in 0..3 {
        let t = row as f32 / 2.0;
        let base = 660.0 + 90.0 * t;
        let spread = c.range(420.0, 540.0);
        let first = c.range(-120.0, 140.0);
        for i in 0..4 {
            let x = first + i as f32 * spread;
            let y = c.range(230.0, 360.0) + 150.0 * t;
            let ink = p.depth(0.1 + 0.34 * t);
            let dark = p.depth(0.26 + 0.4 * t);
            let cap = snow.map(|snow| snow.mix(ink, 0.25 * (1.0 - t)));
            nature::peak(
                c,
                (x, y),
                c.range(320.0, 440.0),
                base,
                ink,
                dark,
                if row < 2 { cap } else { None },
            );
        }
        nature::mist(c, p.sky[2], base - 10.0, 150.0, 0.55);
    }
    if c.turn(&[true, false, false]) {
        let line = 720.0;
        nature::sea(c, &p, line);
        c.reflect(line, 300.0, 0.55);
        nature::ripples(c, line, p.light);
    } else {
        let meadow = c.ridge(742.0, 16.0, 900.0);
        c.land(
            &meadow,
            Fill::down(720.0, 860.0, &[p.green(0.2), p.green(0.45)]),
        );
        nature::treeline(c, &meadow, 40.0, p.green(0.42));
    }
    for (y, t, tall) in [(800.0, 0.6, 80.0), (880.0, 0.8, 130.0), (970.0, 1.0, 210.0)] {
        let slope = c.ridge(y, 42.0, 820.0);
        let ink = p.green(t).mix(p.near, 0.45 * t);
        c.land(&slope, ink);
        let mut x = c.range(-40.0, 60.0);
        while x < WIDTH + 40.0 {
            if c.happens(0.72) {
                nature::conifer(c, (x, slope.y(x) + 8.0), tall * c.range(0.6, 1.2), ink);
            }
            x += tall * c.range(0.22, 0.7);
        }
    }
    nature::birds(c, p.near, (c.range(500.0, 1100.0), 200.0));
}

/// Inside a wood, with light between the trunks.
pub fn forest(c: &mut Canvas) {
    let p = palette::any(c);
    let deep = p.green(0.85).mix(p.near, 0.5);
    let haze = p.sky[2].mix(p.green(0.1), 0.35);
    c.wash(Fill::down(0.0, 800.0, &[p.green(0.3).mix(haze, 0.4), haze]));
    let sun = (c.range(480.0, 1120.0), c.range(280.0, 460.0));
    nature::disc(c, &p, sun, 84.0);
    let pines = c.happens(0.5);
    for row in 0..5 {
        let t = row as f32 / 4.0;
        let ink = haze.mix(deep, 0.16 + 0.8 * t);
        let ground = c.ridge(690.0 + 240.0 * t * t, 20.0, 640.0);
        let width = 12.0 + 64.0 * t * t;
        let mut x = c.range(-60.0, 20.0);
        while x < WIDTH + 60.0 {
            let clear = (x - 800.0).abs() < 330.0 * t * t;
            if !clear && c.happens(0.85) {
                if pines && row < 4 {
                    nature::conifer(
                        c,
                        (x, ground.y(x) + 10.0),
                        c.range(420.0, 620.0) * (0.7 + 0.5 * t),
                        ink,
                    );
                } else {
                    trunk(
                        c,
                        (x, ground.y(x) + 14.0),
                        width * c.range(0.8, 1.25),
                        ink,
                        haze,
                    );
                }
            }
            x += (64.0 + 150.0 * t) * c.range(0.7, 1.5);
        }
        c.land(
            &ground,
            Fill::down(690.0, HEIGHT, &[ink.mix(p.green(0.5), 0.25), ink]),
        );
        nature::mist(c, haze, ground.y(800.0), 130.0, 0.4 * (1.0 - t));
    }
    path(c, p.warm.mix(haze, 0.45).mix(p.near, 0.1));
    for i in 0..4 {
        let x = sun.0 + (i as f32 - 1.5) * 200.0;
        let beam = Fill::down(sun.1, 900.0, &[p.sun.alpha(0.2), p.sun.alpha(0.0)]);
        c.poly(
            &[
                (sun.0 - 20.0, 0.0),
                (sun.0 + 20.0, 0.0),
                (x + 100.0, 900.0),
                (x + 10.0, 900.0),
            ],
            beam,
        );
    }
    for _ in 0..18 {
        let x = if c.happens(0.5) {
            c.range(-20.0, 520.0)
        } else {
            c.range(1080.0, 1620.0)
        };
        fern(
            c,
            (x, c.range(940.0, 1020.0)),
            c.range(60.0, 130.0),
            deep.mix(p.near, 0.4),
        );
    }
}

fn trunk(c: &mut Canvas, (x, y): Spot, w: f32, ink: Ink, haze: Ink) {
    let lean = c.range(-20.0, 20.0);
    c.poly(
        &[
            (x - w * 0.4 + lean, -20.0),
            (x + w * 0.4 + lean, -20.0),
            (x + w * 0.5, y - w),
            (x + w * 0.95, y),
            (x - w * 0.95, y),
            (x - w * 0.5, y - w),
        ],
        Fill::across(x - w * 0.5, x + w * 0.5, &[ink.mix(haze, 0.25), ink, ink]),
    );
    for _ in 0..2 {
        let height = c.range(60.0, 420.0);
        let side = c.pick(&[-1.0, 1.0]);
        let reach = side * w * c.range(1.5, 2.4);
        let (root, fork, tip) = (
            (x + lean * 0.6, height),
            (x + reach * 0.6, height - w * 0.7),
            (x + reach, height - w * 1.9),
        );
        c.taper(root, w * 0.16, fork, w * 0.09, ink);
        c.taper(fork, w * 0.09, tip, w * 0.02, ink);
        c.taper(
            fork,
            w * 0.07,
            (fork.0 + side * w * 1.1, fork.1 - w * 0.3),
            w * 0.02,
            ink,
        );
    }
}

fn path(c: &mut Canvas, ink: Ink) {
    let bend = c.range(-160.0, 160.0);
    c.blob(
        &[
            (800.0 + bend, 720.0),
            (860.0 + bend * 0.4, 790.0),
            (990.0, 900.0),
            (1180.0, 1080.0),
            (520.0, 1080.0),
            (690.0, 900.0),
            (800.0 + bend * 0.5, 800.0),
            (780.0 + bend, 730.0),
        ],
        Fill::down(700.0, 1000.0, &[ink.alpha(0.35), ink.alpha(0.75)]),
    );
}

fn fern(c: &mut Canvas, (x, y): Spot, size: f32, ink: Ink) {
    for i in 0..6 {
        let lean = (i as f32 - 2.5) * 0.42;
        let tip = (x + size * lean, y - size * (1.1 - lean.abs() * 0.5));
        c.curve(
            (x, y),
            (x + size * lean * 0.3, y - size),
            tip,
            size * 0.07,
            ink,
        );
    }
}

/// A ripe grain field whose rows lead to a farm on the horizon.
pub fn grain_field(c: &mut Canvas) {
    let p = palette::daylight(c);
    let line = c.range(440.0, 520.0);
    nature::sky(c, &p, line);
    nature::hills(c, &p, line - 60.0, line, 2);
    let edge = c.ridge(line + 10.0, 14.0, 900.0);
    let gold = Ink::hex(0xdcae55).mix(p.warm, 0.5);
    let deep = gold.mix(p.accent, 0.32).mix(p.near, 0.25);
    nature::treeline(c, &edge, 46.0, p.green(0.6));
    farm(c, &p, (c.range(260.0, 1240.0), line + 24.0));
    c.land(
        &edge,
        Fill::down(line, HEIGHT, &[gold.mix(p.sky[2], 0.45), gold, deep]),
    );
    let vanish = (c.range(500.0, 1100.0), line - 20.0);
    for i in -14..=14 {
        let spread = i as f32 * 190.0;
        let ink = if i % 2 == 0 {
            deep.alpha(0.3)
        } else {
            p.light.alpha(0.14)
        };
        c.poly(
            &[
                (vanish.0 + spread * 0.1, line + 34.0),
                (vanish.0 + spread * 0.1 + 5.0, line + 34.0),
                (vanish.0 + spread + 110.0, 1040.0),
                (vanish.0 + spread, 1040.0),
            ],
            ink,
        );
    }
    if c.happens(0.6) {
        harvester(c, &p, (c.range(380.0, 1180.0), line + 150.0));
    }
    for row in 0..3 {
        let y = 930.0 + row as f32 * 70.0;
        let ink = deep
            .mix(p.near, 0.16 * (2 - row) as f32)
            .mix(gold, 0.3 * row as f32);
        let mut x = -20.0;
        while x < WIDTH + 20.0 {
            ear(
                c,
                (x, y + 80.0),
                c.range(170.0, 260.0) - 20.0 * row as f32,
                ink,
            );
            x += c.range(16.0, 38.0);
        }
    }
}

fn ear(c: &mut Canvas, (x, y): Spot, h: f32, ink: Ink) {
    let lean = c.range(4.0, 46.0);
    let tip = (x + lean, y - h);
    c.curve((x, y), (x, y - h * 0.6), tip, 3.0, ink);
    for i in 0..5 {
        let t = i as f32 / 5.0;
        let (px, py) = (tip.0 - lean * 0.3 * t, tip.1 + h * 0.24 * t);
        c.taper((px, py), 3.6, (px + 8.0, py - 13.0), 1.6, ink);
        c.taper((px, py), 3.6, (px - 6.0, py - 13.0), 1.6, ink);
    }
    c.line(&[tip, (tip.0 + 6.0, tip.1 - 32.0)], 1.4, ink);
}

fn farm(c: &mut Canvas, p: &Palette, (x, y): Spot) {
    let red = p.lit(p.accent, 0.65);
    c.rect(
        x,
        y - 58.0,
        110.0,
        60.0,
        Fill::across(x, x + 110.0, &[red, red.mix(p.near, 0.3)]),
    );
    c.poly(
        &[
            (x - 10.0, y - 56.0),
            (x + 20.0, y - 96.0),
            (x + 90.0, y - 96.0),
            (x + 120.0, y - 56.0),
        ],
        p.depth(0.6),
    );
    c.rect(x + 42.0, y - 40.0, 28.0, 42.0, p.depth(0.8));
    c.round(
        x + 132.0,
        y - 116.0,
        38.0,
        122.0,
        18.0,
        Fill::across(x + 132.0, x + 170.0, &[p.light, p.depth(0.35)]),
    );
    nature::poplar(c, (x - 40.0, y), 130.0, p.green(0.7));
    nature::poplar(c, (x - 66.0, y), 104.0, p.green(0.65));
}

fn harvester(c: &mut Canvas, p: &Palette, (x, y): Spot) {
    let red = p.lit(p.accent, 1.0);
    c.oval(x + 10.0, y + 4.0, 150.0, 12.0, p.near.alpha(0.3));
    c.poly(
        &[
            (x - 90.0, y - 36.0),
            (x - 90.0, y - 104.0),
            (x + 30.0, y - 112.0),
            (x + 66.0, y - 40.0),
        ],
        red,
    );
    c.poly(
        &[
            (x + 14.0, y - 108.0),
            (x + 14.0, y - 156.0),
            (x + 62.0, y - 152.0),
            (x + 74.0, y - 82.0),
            (x + 40.0, y - 82.0),
        ],
        p.near,
    );
    c.poly(
        &[
            (x + 22.0, y - 104.0),
            (x + 22.0, y - 148.0),
            (x + 54.0, y - 146.0),
            (x + 62.0, y - 92.0),
        ],
        p.sky[1],
    );
    c.line(
        &[(x - 60.0, y - 106.0), (x - 140.0, y - 146.0)],
        16.0,
        red.mix(p.near, 0.3),
    );
    c.poly(
        &[
            (x + 60.0, y - 50.0),
            (x + 130.0, y - 24.0),
            (x + 130.0, y - 4.0),
            (x + 90.0, y - 4.0),
        ],
        red.mix(p.near, 0.35),
    );
    c.round(
        x + 112.0,
        y - 46.0,
        50.0,
        48.0,
        22.0,
        p.warm.mix(p.near, 0.25),
    );
    for (dx, r) in [(34.0, 36.0), (-66.0, 22.0)] {
        c.disc(x + dx, y - r + 4.0, r, p.near);
        c.disc(x + dx, y - r + 4.0, r * 0.45, p.warm);
    }
}

/// Wind turbines on rolling hills or standing at sea.
pub fn wind_farm(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(620.0, 700.0);
    let sun = nature::sky(c, &p, line);
    let blade = if p.night {
        p.light.mix(p.far, 0.5)
    } else {
        p.light
    };
    let spin = c.range(0.0, 2.0);
    let mut turbines: Vec<(f32, f32)> = Vec::new();
    for i in 0..c.count(7, 9) {
        turbines.push((
            90.0 + i as f32 * 190.0 + c.range(-60.0, 60.0),
            c.range(0.2, 0.36),
        ));
    }
    let x = c.range(240.0, 460.0);
    turbines.extend([
        (x + c.range(320.0, 420.0), 0.62),
        (x, 1.0),
        (x + c.range(760.0, 900.0), 0.86),
    ]);
    if c.turn(&[true, false, false]) {
        nature::water(c, &p, line, sun);
        nature::ripples(c, line, p.light);
        for (i, (x, size)) in turbines.into_iter().enumerate() {
            let foot = line + 16.0 + 210.0 * (size - 0.2).max(0.0);
            turbine(c, &p, (x, foot), 560.0 * size, blade, spin + i as f32 * 0.7);
            c.oval(x, foot, 60.0 * size, 7.0 * size, p.light.alpha(0.6));
            c.rect(
                x - 20.0 * size,
                foot - 34.0 * size,
                40.0 * size,
                34.0 * size,
                p.warm,
            );
        }
        nature::swells(c, &p, 880.0, 2);
        return;
    }
    let rows = nature::hills(c, &p, line - 60.0, line + 20.0, 3);
    for (i, (x, size)) in turbines.iter().enumerate() {
        if let Some(row) = rows.get(if *size < 0.5 { 1 } else { 2 }) {
            turbine(
                c,
                &p,
                (*x, row.y(*x) + 30.0),
                560.0 * size,
                blade,
                spin + i as f32 * 0.7,
            );
        }
    }
    let front = nature::hills(c, &p, line + 110.0, line + 260.0, 3);
    for row in front {
        for _ in 0..c.count(2, 4) {
            let x = c.range(0.0, WIDTH);
            nature::tree(
                c,
                (x, row.y(x) + 10.0),
                c.range(60.0, 120.0),
                p.green(0.7),
                p.near,
            );
        }
    }
}

fn turbine(c: &mut Canvas, p: &Palette, (x, y): Spot, h: f32, ink: Ink, turn: f32) {
    let dim = ink.mix(p.far.mix(p.near, 0.3), 0.5);
    let hub = (x, y - h);
    c.poly(
        &[
            (x - h * 0.011, hub.1),
            (x + h * 0.011, hub.1),
            (x + h * 0.021, y),
            (x - h * 0.021, y),
        ],
        Fill::across(x - h * 0.02, x + h * 0.02, &[ink, dim]),
    );
    for k in 0..3 {
        let angle = turn + k as f32 * std::f32::consts::TAU / 3.0;
        let (dx, dy) = (angle.sin(), -angle.cos());
        let at = |along: f32, aside: f32| {
            (
                hub.0 + (dx * along - dy * aside) * h,
                hub.1 + (dy * along + dx * aside) * h,
            )
        };
        c.poly(
            &[
                at(0.02, -0.008),
                at(0.1, -0.022),
                at(0.52, -0.004),
                at(0.525, 0.002),
                at(0.02, 0.008),
            ],
            if k == 0 { ink } else { ink.mix(dim, 0.3) },
        );
    }
    c.disc(hub.0, hub.1, h * 0.02, dim);
}

/// A row of pylons over hills.
pub fn power_lines(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(640.0, 700.0);
    nature::sky(c, &p, line);
    let rows = nature::hills(c, &p, line - 60.0, line + 190.0, 5);
    let flip = c.happens(0.5);
    let ink = p.near;
    let mut masts = Vec::new();
    for (i, size) in [0.2, 0.34, 0.58, 1.0].into_iter().enumerate() {
        let x = [1330.0, 1150.0, 850.0, 330.0][i] + c.range(-40.0, 40.0);
        let x = if flip { WIDTH - x } else { x };
        let ground = rows.get(i + 1).map_or(line, |row| row.y(x));
        masts.push((x, ground + 20.0, 700.0 * size));
    }
    let end = if flip { WIDTH + 500.0 } else { -500.0 };
    masts.push((end, 1100.0, 1150.0));
    for pair in masts.windows(2) {
        for arm in ARMS {
            for side in [-1.0, 1.0] {
                let hook =
                    |(x, y, h): (f32, f32, f32)| (x + side * arm.1 * h, y - arm.0 * h + 0.03 * h);
                let (from, to) = (hook(pair[0]), hook(pair[1]));
                let sag = (from.0 - to.0).abs() * 0.16;
                let pull = (
                    from.0.mul_add(0.55, to.0 * 0.45),
                    from.1.max(to.1) * 0.5 + from.1.min(to.1) * 0.5 + sag,
                );
                c.curve(from, pull, to, 0.9 + pair[0].2 * 0.0022, ink.alpha(0.75));
            }
        }
    }
    for (i, &(x, y, h)) in masts.iter().take(4).enumerate() {
        pylon(c, (x, y), h, p.depth(0.45 + 0.18 * i as f32));
    }
    let front = c.ridge(930.0, 30.0, 700.0);
    c.land(&front, p.green(0.8).mix(p.near, 0.5));
    nature::treeline(c, &front, 70.0, p.green(0.8).mix(p.near, 0.6));
    nature::birds(c, ink, (c.range(700.0, 900.0), 200.0));
}

/// Cross-arms of a pylon: height and reach in mast heights.
const ARMS: [(f32, f32); 3] = [(0.66, 0.17), (0.79, 0.21), (0.91, 0.13)];

fn pylon(c: &mut Canvas, (x, y): Spot, h: f32, ink: Ink) {
    let half = |t: f32| if t < 0.6 { 0.12 - 0.16 * t } else { 0.024 } * h;
    let at = |side: f32, t: f32| (x + side * half(t), y - t * h);
    let w = (h * 0.009).max(1.2);
    for side in [-1.0, 1.0] {
        c.line(
            &[at(side, 0.0), at(side, 0.6), at(side, 0.95), (x, y - h)],
            w,
            ink,
        );
    }
    let levels = [0.0, 0.2, 0.36, 0.48, 0.6, 0.66, 0.72, 0.79, 0.85, 0.91];
    for pair in levels.windows(2) {
        c.line(&[at(-1.0, pair[0]), at(1.0, pair[1])], w * 0.6, ink);
        c.line(&[at(1.0, pair[0]), at(-1.0, pair[1])], w * 0.6, ink);
    }
    for (t, reach) in ARMS {
        for side in [-1.0, 1.0] {
            let tip = (x + side * reach * h, y - t * h);
            c.line(&[at(side, t), tip, at(side, t + 0.05)], w * 0.8, ink);
            c.line(&[tip, (tip.0, tip.1 + 0.03 * h)], w, ink);
        }
    }
}

/// A train crossing the country on a viaduct or an embankment.
pub fn train(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(500.0, 560.0);
    nature::sky(c, &p, line);
    for i in 0..3 {
        let x = c.range(-60.0, 160.0) + i as f32 * 560.0;
        let (w, h) = (c.range(420.0, 520.0), c.range(130.0, 260.0));
        nature::peak(
            c,
            (x, line - h),
            w,
            line + 20.0,
            p.depth(0.12),
            p.depth(0.22),
            None,
        );
    }
    let rows = nature::hills(c, &p, line - 20.0, line + 60.0, 3);
    if let Some(row) = rows.last() {
        nature::treeline(c, row, 44.0, p.green(0.55));
    }
    let rail = line + 150.0;
    let viaduct = c.turn(&[true, true, false]);
    nature::hills(c, &p, rail + 60.0, rail + 150.0, 2);
    if viaduct {
        let stone = p.lit(Ink::hex(0xcdb898), 0.85);
        let shift = c.range(0.0, 150.0);
        for i in 0..12 {
            let x = i as f32 * 150.0 - shift;
            let ink = Fill::across(x, x + 46.0, &[stone, stone.mix(p.near, 0.4)]);
            c.rect(x, rail + 20.0, 46.0, 380.0, ink);
            let mut spandrel = vec![
                (x + 20.0, rail + 14.0),
                (x + 176.0, rail + 14.0),
                (x + 176.0, rail + 110.0),
                (x + 150.0, rail + 110.0),
            ];
            spandrel.extend((0..=12).map(|k| {
                let angle = k as f32 / 12.0 * std::f32::consts::PI;
                (
                    x + 98.0 + 52.0 * angle.cos(),
                    rail + 96.0 - 58.0 * angle.sin(),
                )
            }));
            spandrel.push((x + 20.0, rail + 110.0));
            c.poly(&spandrel, stone.mix(p.near, 0.12));
        }
        c.rect(-10.0, rail, WIDTH + 20.0, 24.0, stone.mix(p.light, 0.3));
        c.rect(-10.0, rail + 20.0, WIDTH + 20.0, 7.0, p.near.alpha(0.3));
    } else {
        c.poly(
            &[
                (-10.0, rail),
                (WIDTH + 10.0, rail),
                (WIDTH + 10.0, 1040.0),
                (-10.0, 1040.0),
            ],
            Fill::down(rail, 960.0, &[p.depth(0.5), p.green(0.7)]),
        );
        c.rect(-10.0, rail, WIDTH + 20.0, 9.0, p.near.alpha(0.7));
        for i in 0..7 {
            let x = 60.0 + i as f32 * 260.0;
            c.rect(x, rail - 200.0, 7.0, 204.0, p.depth(0.7));
            c.line(
                &[(x, rail - 186.0), (x + 56.0, rail - 166.0)],
                4.0,
                p.depth(0.7),
            );
        }
        c.rect(-10.0, rail - 166.0, WIDTH + 20.0, 2.5, p.depth(0.7));
    }
    carriages(c, &p, rail);
    for (y, tall) in [(870.0, 120.0), (960.0, 190.0)] {
        let slope = c.ridge(y, 40.0, 640.0);
        let ink = p
            .green(0.85)
            .mix(p.near, if tall > 150.0 { 0.75 } else { 0.45 });
        c.land(&slope, ink);
        for _ in 0..c.count(5, 9) {
            let x = c.range(-20.0, WIDTH + 20.0);
            if c.happens(0.5) {
                nature::conifer(c, (x, slope.y(x) + 8.0), tall * c.range(0.7, 1.2), ink);
            } else {
                nature::tree(
                    c,
                    (x, slope.y(x) + 8.0),
                    tall * c.range(0.6, 1.0),
                    ink,
                    p.near,
                );
            }
        }
    }
}

fn carriages(c: &mut Canvas, p: &Palette, rail: f32) {
    let right = c.happens(0.5);
    let nose = c.range(1080.0, 1460.0);
    let flip = |x: f32| if right { x } else { WIDTH - x };
    let body = p.lit(Ink::hex(0xf8f2e6), 1.0);
    let stripe = p.lit(c.pick(&[p.accent, Ink::hex(0x2f6d80), p.warm]), 1.0);
    let glass = if p.night { p.light } else { p.near };
    let car = |c: &mut Canvas, area: Area| {
        c.round(
            area.x,
            area.y,
            area.w,
            area.h,
            8.0,
            Fill::down(area.y, area.y + area.h, &[body, body.mix(p.far, 0.45)]),
        );
        c.rect(area.x, area.y + 68.0, area.w, 13.0, stripe);
        for i in 0..6 {
            let x = area.x + 18.0 + i as f32 * (area.w - 30.0) / 6.0;
            c.round(
                x,
                area.y + 24.0,
                (area.w - 30.0) / 6.0 - 12.0,
                32.0,
                5.0,
                glass,
            );
        }
        for dx in [30.0, 62.0, area.w - 70.0, area.w - 38.0] {
            c.disc(area.x + dx, rail - 4.0, 11.0, p.near);
        }
    };
    let top = rail - 116.0;
    for i in 0..5 {
        let x = nose - 440.0 - i as f32 * 316.0;
        let left = if right { x } else { WIDTH - x - 310.0 };
        c.rect(left - 10.0, top + 20.0, 330.0, 78.0, p.near);
        car(c, Area::new(left, top, 310.0, 108.0));
    }
    let shape = [
        (-126.0, 0.0),
        (-60.0, 4.0),
        (-14.0, 42.0),
        (2.0, 84.0),
        (-8.0, 108.0),
        (-126.0, 108.0),
    ]
    .map(|(dx, dy)| (flip(nose + dx), top + dy));
    for dx in [-100.0, -64.0] {
        c.disc(flip(nose + dx), rail - 4.0, 11.0, p.near);
    }
    c.poly(
        &shape,
        Fill::down(top, rail, &[body, body.mix(p.far, 0.45)]),
    );
    c.poly(
        &[(-126.0, 68.0), (-4.0, 68.0), (1.0, 81.0), (-126.0, 81.0)]
            .map(|(dx, dy)| (flip(nose + dx), top + dy)),
        stripe,
    );
    c.poly(
        &[(-62.0, 12.0), (-30.0, 40.0), (-70.0, 46.0), (-84.0, 14.0)]
            .map(|(dx, dy)| (flip(nose + dx), top + dy)),
        p.near,
    );
    if p.night {
        nature::glow(c, (flip(nose + 6.0), top + 92.0), 160.0, p.light, 0.6);
    }
}
