//! Scenes of the city: streets, skylines, public buildings and industry.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::built::{self, Area};
use super::nature;
use super::palette::{self, Palette};
use super::people::{self, Look};

/// A domed parliament building behind its forecourt.
pub fn parliament(c: &mut Canvas) {
    let p = palette::any(c);
    let ground = 780.0;
    nature::sky(c, &p, ground);
    built::skyline(c, &p, ground, 170.0, 0.14);
    let stone = p.lit(Ink::hex(0xeadcc0), 0.95);
    let dark = stone.mix(p.near, 0.55);
    let x = c.range(700.0, 900.0);
    let copper = p.lit(
        c.pick(&[Ink::hex(0x6f9b8b), p.accent, Ink::hex(0x58748a)]),
        0.9,
    );
    let glass = if p.night { p.light } else { dark };
    let wing = |c: &mut Canvas, left: f32, width: f32, top: f32| {
        c.rect(
            left,
            top,
            width,
            ground - top,
            Fill::across(left, left + width, &[stone, stone.mix(p.near, 0.16)]),
        );
        c.rect(
            left - 10.0,
            top - 18.0,
            width + 20.0,
            22.0,
            stone.mix(p.light, 0.3),
        );
        c.rect(left - 10.0, top + 2.0, width + 20.0, 5.0, dark.alpha(0.5));
        c.rect(left, top + 128.0, width, 6.0, dark.alpha(0.4));
        let columns = (width / 46.0) as usize;
        built::windows(
            c,
            Area::new(left, top + 16.0, width, 112.0),
            (columns, 1),
            glass,
            if p.night { 0.7 } else { 1.0 },
        );
        built::windows(
            c,
            Area::new(left, top + 136.0, width, 96.0),
            (columns, 1),
            glass,
            if p.night { 0.6 } else { 1.0 },
        );
    };
    wing(c, x - 620.0, 430.0, 540.0);
    wing(c, x + 190.0, 430.0, 540.0);
    wing(c, x - 680.0, 90.0, 500.0);
    wing(c, x + 590.0, 90.0, 500.0);
    if c.turn(&[true, false, true]) {
        c.rect(
            x - 150.0,
            300.0,
            300.0,
            150.0,
            Fill::across(x - 150.0, x + 150.0, &[stone, stone, dark]),
        );
        for i in 0..9 {
            let left = x - 140.0 + i as f32 * 32.0;
            c.round(left, 318.0, 15.0, 96.0, 8.0, glass);
        }
        c.rect(x - 166.0, 286.0, 332.0, 20.0, stone.mix(p.light, 0.4));
        let dome: Vec<Spot> = (0..=24)
            .map(|i| i as f32 / 24.0 * std::f32::consts::PI)
            .map(|angle| {
                (
                    x - 142.0 * angle.cos(),
                    288.0 - 158.0 * angle.sin().max(0.0).powf(0.85),
                )
            })
            .collect();
        c.poly(
            &dome,
            Fill::across(
                x - 142.0,
                x + 142.0,
                &[copper.mix(p.light, 0.35), copper, copper.mix(p.near, 0.5)],
            ),
        );
        for k in [-0.62, -0.25, 0.25, 0.62] {
            c.curve(
                (x + k * 240.0, 286.0),
                (x + k * 190.0, 190.0),
                (x + k * 30.0, 134.0),
                3.5,
                p.near.alpha(0.24),
            );
        }
        c.rect(x - 24.0, 92.0, 48.0, 44.0, stone);
        c.poly(&[(x - 30.0, 94.0), (x, 58.0), (x + 30.0, 94.0)], copper);
        flag(c, (x, 62.0), 50.0, p.near, p.accent);
    } else {
        c.rect(
            x - 62.0,
            130.0,
            124.0,
            330.0,
            Fill::across(x - 62.0, x + 62.0, &[stone, stone.mix(p.near, 0.2), dark]),
        );
        c.rect(x - 76.0, 224.0, 152.0, 14.0, stone.mix(p.light, 0.4));
        c.rect(x - 76.0, 122.0, 152.0, 14.0, stone.mix(p.light, 0.4));
        c.poly(
            &[(x - 70.0, 122.0), (x, 14.0), (x + 70.0, 122.0)],
            Fill::across(x - 70.0, x + 70.0, &[copper, copper.mix(p.near, 0.4)]),
        );
        c.disc(
            x,
            182.0,
            36.0,
            if p.night {
                p.light
            } else {
                stone.mix(p.light, 0.8)
            },
        );
        c.line(&[(x, 160.0), (x, 182.0), (x + 16.0, 190.0)], 5.0, p.near);
        built::windows(
            c,
            Area::new(x - 50.0, 250.0, 100.0, 150.0),
            (3, 1),
            glass,
            1.0,
        );
    }
    portico(
        c,
        x,
        (430.0, ground),
        8,
        [stone.mix(p.light, 0.3), dark],
        glass,
    );
    c.rect(
        -10.0,
        ground,
        WIDTH + 20.0,
        300.0,
        Fill::down(
            ground,
            HEIGHT,
            &[stone.mix(p.far, 0.3), stone.mix(p.near, 0.5)],
        ),
    );
    built::steps(
        c,
        x,
        (ground - 46.0, 220.0),
        (ground + 70.0, 350.0),
        8,
        [stone.mix(p.light, 0.3), dark],
    );
    for side in [-1.0, 1.0] {
        let lawn = [
            (x + side * 420.0, 816.0),
            (x + side * 1300.0, 800.0),
            (x + side * 1500.0, 1020.0),
            (x + side * 520.0, 1020.0),
        ];
        c.poly(&lawn, p.green(0.55));
        for i in 0..3 {
            let at = (
                x + side * (520.0 + 180.0 * i as f32),
                838.0 + 32.0 * i as f32,
            );
            nature::tree(c, at, 130.0 + 46.0 * i as f32, p.green(0.7), p.near);
        }
        built::street_lamp(c, &p, (x + side * 390.0, 930.0), 230.0);
    }
    let coats = [p.accent, p.near, p.depth(0.6), p.warm];
    for _ in 0..c.count(5, 8) {
        let at = (x + c.range(-300.0, 300.0), c.range(860.0, 970.0));
        let look = Look::random(c, &coats, p.near);
        let side = c.pick(&[-1.0, 1.0]);
        c.oval(at.0, at.1 + 2.0, 26.0, 5.0, p.near.alpha(0.3));
        people::figure(c, at, (at.1 - 760.0) * 0.62, side, &people::WALKING, &look);
    }
}

/// A flag on its pole.
fn flag(c: &mut Canvas, (x, y): Spot, h: f32, pole: Ink, cloth: Ink) {
    c.line(&[(x, y), (x, y - h)], h * 0.05, pole);
    c.blob(
        &[
            (x, y - h),
            (x + h * 0.4, y - h * 0.95),
            (x + h * 0.8, y - h * 1.03),
            (x + h * 0.78, y - h * 0.58),
            (x + h * 0.4, y - h * 0.5),
            (x, y - h * 0.56),
        ],
        cloth,
    );
}

/// A classical façade: columns under a pediment.
fn portico(
    c: &mut Canvas,
    x: f32,
    (top, bottom): (f32, f32),
    count: usize,
    [light, dark]: [Ink; 2],
    door: Ink,
) {
    let half = 240.0;
    c.rect(
        x - half + 14.0,
        top + 40.0,
        half * 2.0 - 28.0,
        bottom - top - 40.0,
        dark.shade(0.75),
    );
    c.round(
        x - 32.0,
        bottom - 180.0,
        64.0,
        190.0,
        30.0,
        door.mix(dark, 0.3),
    );
    for i in 0..count {
        let pitch = (half * 2.0 - 40.0) / count as f32;
        let left = x - half + 20.0 + pitch * (i as f32 + 0.24);
        built::column(
            c,
            Area::new(left, top + 48.0, pitch * 0.52, bottom - top - 92.0),
            light,
            dark,
        );
    }
    c.rect(x - half - 10.0, top + 6.0, half * 2.0 + 20.0, 44.0, light);
    c.rect(
        x - half - 10.0,
        top + 42.0,
        half * 2.0 + 20.0,
        8.0,
        dark.alpha(0.5),
    );
    c.poly(
        &[
            (x - half - 26.0, top + 8.0),
            (x, top - 104.0),
            (x + half + 26.0, top + 8.0),
        ],
        light,
    );
    c.poly(
        &[
            (x - half + 36.0, top - 6.0),
            (x, top - 82.0),
            (x + half - 36.0, top - 6.0),
        ],
        dark.mix(light, 0.5),
    );
}

/// A bank: stone columns seen from its steps.
pub fn bank(c: &mut Canvas) {
    let p = palette::any(c);
    nature::sky(c, &p, 700.0);
    let stone = p.lit(
        c.pick(&[Ink::hex(0xe6d6b8), Ink::hex(0xd6d2c4), Ink::hex(0xdcbfa0)]),
        1.0,
    );
    let dark = stone.mix(p.near, 0.62);
    let x = c.range(680.0, 920.0);
    let half = 640.0;
    for side in [-1.0, 1.0] {
        let edge = x + side * (half + 330.0);
        let tower = Area::new(edge - 280.0, c.range(180.0, 330.0), 560.0, 800.0);
        built::block(c, tower, p.depth(0.3));
        let glass = if p.night {
            p.light.alpha(0.75)
        } else {
            p.light.alpha(0.22)
        };
        built::windows(
            c,
            Area::new(tower.x + 10.0, tower.y + 30.0, 540.0, 620.0),
            (10, 11),
            glass,
            if p.night { 0.45 } else { 0.9 },
        );
    }
    c.rect(
        x - half,
        300.0,
        half * 2.0,
        520.0,
        Fill::down(300.0, 820.0, &[dark, dark.mix(p.near, 0.4)]),
    );
    let lamp = if p.night || c.happens(0.4) {
        p.light
    } else {
        p.warm.mix(dark, 0.4)
    };
    nature::glow(c, (x, 660.0), 330.0, lamp, 0.5);
    c.round(x - 84.0, 480.0, 168.0, 350.0, 20.0, lamp);
    c.rect(x - 4.0, 480.0, 8.0, 350.0, dark);
    for y in [560.0, 680.0] {
        c.rect(x - 84.0, y, 168.0, 7.0, dark);
    }
    let count = c.pick(&[6, 8]);
    let pitch = half * 2.0 / count as f32;
    for i in 0..count {
        let w = pitch * 0.46;
        built::column(
            c,
            Area::new(
                x - half + pitch * i as f32 + (pitch - w) / 2.0,
                312.0,
                w,
                510.0,
            ),
            stone.mix(p.light, 0.25),
            dark,
        );
    }
    c.rect(
        x - half - 20.0,
        236.0,
        half * 2.0 + 40.0,
        80.0,
        Fill::down(236.0, 316.0, &[stone, stone.mix(p.near, 0.14)]),
    );
    c.rect(
        x - half - 20.0,
        300.0,
        half * 2.0 + 40.0,
        14.0,
        dark.alpha(0.45),
    );
    for i in 0..40 {
        c.rect(
            x - half - 6.0 + i as f32 * 32.4,
            224.0,
            18.0,
            14.0,
            stone.mix(dark, 0.35),
        );
    }
    c.poly(
        &[
            (x - half - 50.0, 228.0),
            (x, 44.0),
            (x + half + 50.0, 228.0),
        ],
        stone.mix(p.light, 0.3),
    );
    c.poly(
        &[
            (x - half + 90.0, 208.0),
            (x, 80.0),
            (x + half - 90.0, 208.0),
        ],
        stone.mix(dark, 0.36),
    );
    c.ring(x, 164.0, 38.0, 11.0, stone);
    c.disc(x, 164.0, 16.0, p.warm);
    built::steps(c, x, (816.0, 680.0), (1010.0, 1000.0), 8, [stone, dark]);
    let coats = [p.accent, p.near, p.depth(0.7)];
    for i in 0..c.count(2, 4) {
        let at = (
            x - 420.0 + i as f32 * c.range(220.0, 290.0),
            c.range(880.0, 985.0),
        );
        let look = Look::random(c, &coats, p.near);
        c.oval(at.0, at.1, 46.0, 8.0, p.near.alpha(0.35));
        let side = c.pick(&[-1.0, 1.0]);
        people::figure(
            c,
            at,
            250.0 + (at.1 - 880.0) * 0.5,
            side,
            &people::WALKING,
            &look,
        );
    }
}

/// The city by night, mirrored in the river.
pub fn city_night(c: &mut Canvas) {
    let p = palette::night(c);
    let line = c.range(660.0, 710.0);
    let sun = nature::sky(c, &p, line);
    nature::glow(c, (c.range(500.0, 1100.0), line), 700.0, p.warm, 0.42);
    built::skyline(c, &p, line, 330.0, 0.14);
    built::skyline(c, &p, line, 470.0, 0.42);
    nature::mist(c, p.sky[2], line - 40.0, 130.0, 0.35);
    built::skyline(c, &p, line, 300.0, 0.72);
    built::skyline(c, &p, line, 130.0, 0.92);
    for i in 0..22 {
        nature::glow(c, (30.0 + i as f32 * 74.0, line - 12.0), 26.0, p.light, 0.9);
    }
    nature::sea(c, &p, line);
    c.reflect(line, 420.0, 0.72);
    nature::glitter(c, &p, line, sun);
    nature::ripples(c, line, p.sky[2]);
    let rail = 930.0;
    c.rect(-10.0, rail + 44.0, WIDTH + 20.0, 80.0, p.near);
    c.rect(-10.0, rail - 34.0, WIDTH + 20.0, 9.0, p.near);
    for i in 0..42 {
        c.rect(i as f32 * 39.0, rail - 32.0, 5.0, 90.0, p.near);
    }
    let lamp = c.range(120.0, 380.0);
    for i in 0..3 {
        built::street_lamp(c, &p, (lamp + i as f32 * 520.0, 980.0), 330.0);
    }
    let x = c.range(560.0, 1100.0);
    let shadow = Look::shadow(p.near);
    people::figure(c, (x, 985.0), 220.0, 1.0, &people::STANDING, &shadow);
    people::figure(
        c,
        (x + 64.0, 985.0),
        204.0,
        -1.0,
        &people::STANDING,
        &shadow,
    );
}

/// A street of gabled houses with a tram.
pub fn city_street(c: &mut Canvas) {
    let p = palette::any(c);
    let ground = 760.0;
    nature::sky(c, &p, ground);
    built::skyline(c, &p, ground, 420.0, 0.1);
    let walls = [0xd9a173, 0xe6cfa2, 0xb86a4e, 0x9fb0a0, 0x7f9fac, 0xd8b79c].map(Ink::hex);
    let mut x = c.range(-160.0, -60.0);
    let mut last = walls.len();
    while x < WIDTH {
        let w = c.range(180.0, 260.0);
        let mut hue = c.count(0, walls.len() - 1);
        if hue == last {
            hue = (hue + 1) % walls.len();
        }
        last = hue;
        house(
            c,
            &p,
            Area::new(x, c.range(230.0, 370.0), w, 0.0),
            ground,
            p.lit(walls[hue], 0.85),
        );
        x += w;
    }
    c.rect(-10.0, ground, WIDTH + 20.0, 26.0, p.depth(0.4));
    let street = p.depth(0.5).mix(p.warm, 0.12);
    c.rect(
        -10.0,
        ground + 24.0,
        WIDTH + 20.0,
        300.0,
        Fill::down(ground, HEIGHT, &[street, street.mix(p.near, 0.55)]),
    );
    c.rect(-10.0, 500.0, WIDTH + 20.0, 2.5, p.near.alpha(0.8));
    let left = c.range(180.0, 560.0);
    tram(c, &p, (left, 872.0));
    for y in [874.0, 906.0] {
        c.rect(-10.0, y, WIDTH + 20.0, 4.0, p.light.alpha(0.45));
    }
    let lamp = if left < 360.0 { 1370.0 } else { 110.0 };
    built::street_lamp(c, &p, (lamp, 950.0), 430.0);
    let coats = [p.accent, p.near, p.warm, p.light];
    for _ in 0..c.count(4, 6) {
        let at = (c.range(40.0, 1560.0), c.range(930.0, 985.0));
        let look = Look::random(c, &coats, p.near);
        let side = c.pick(&[-1.0, 1.0]);
        c.oval(at.0, at.1 + 2.0, 40.0, 7.0, p.near.alpha(0.4));
        people::figure(c, at, 190.0, side, &people::WALKING, &look);
    }
    if !p.night && c.happens(0.3) {
        nature::rain(c, p.light);
    }
}

fn house(c: &mut Canvas, p: &Palette, a: Area, ground: f32, wall: Ink) {
    let (x, w) = (a.x, a.w);
    let roof = p.lit(
        c.pick(&[p.accent.mix(p.near, 0.3), Ink::hex(0x52616b)]),
        0.8,
    );
    match c.count(0, 2) {
        0 => {
            let mut gable = vec![(x, a.y)];
            for i in 0..4 {
                let t = i as f32 / 8.0;
                gable.extend([
                    (x + w * t, a.y - 34.0 * i as f32),
                    (x + w * t, a.y - 34.0 * (i + 1) as f32),
                ]);
            }
            for i in (0..4).rev() {
                let t = 1.0 - i as f32 / 8.0;
                gable.extend([
                    (x + w * t, a.y - 34.0 * (i + 1) as f32),
                    (x + w * t, a.y - 34.0 * i as f32),
                ]);
            }
            c.poly(&gable, wall);
        }
        1 => c.poly(
            &[
                (x, a.y + 1.0),
                (x + w * 0.12, a.y - 90.0),
                (x + w * 0.88, a.y - 90.0),
                (x + w, a.y + 1.0),
            ],
            roof,
        ),
        _ => c.poly(
            &[
                (x, a.y + 1.0),
                (x + w * 0.5, a.y - 130.0),
                (x + w, a.y + 1.0),
            ],
            wall,
        ),
    }
    c.rect(
        x,
        a.y,
        w + 1.0,
        ground - a.y,
        Fill::down(a.y, ground, &[wall, wall.mix(p.near, 0.14)]),
    );
    c.rect(x, a.y, w, 8.0, p.light.alpha(0.5));
    c.rect(x + w - 8.0, a.y, 8.0, ground - a.y, p.near.alpha(0.14));
    let columns = if w > 215.0 { 4 } else { 3 };
    let dx = (w - 20.0) / columns as f32;
    let rows = ((ground - a.y - 150.0) / 96.0) as usize;
    for row in 0..rows {
        for column in 0..columns {
            let left = x + 10.0 + column as f32 * dx + dx * 0.24;
            let top = a.y + 26.0 + row as f32 * 96.0;
            let glass = if p.night && c.happens(0.55) {
                p.light
            } else {
                p.depth(0.62)
            };
            c.rect(
                left - 5.0,
                top - 5.0,
                dx * 0.52 + 10.0,
                72.0,
                p.light.alpha(if p.night { 0.2 } else { 0.75 }),
            );
            c.rect(left, top, dx * 0.52, 62.0, glass);
            c.rect(left + dx * 0.26 - 1.5, top, 3.0, 62.0, p.light.alpha(0.5));
        }
    }
    let shop = ground - 118.0;
    c.rect(
        x + 14.0,
        shop + 14.0,
        w - 28.0,
        104.0,
        if p.night { p.light } else { p.depth(0.75) },
    );
    c.rect(x + w * 0.62, shop + 14.0, w * 0.2, 104.0, p.near);
    let awning = p.lit(c.pick(&[p.accent, p.warm, Ink::hex(0x4d7f80)]), 0.9);
    let stripes = 8;
    for i in 0..stripes {
        let (l, r) = (i as f32 / stripes as f32, (i + 1) as f32 / stripes as f32);
        let ink = if i % 2 == 0 {
            awning
        } else {
            p.lit(p.light, 0.9)
        };
        let at = |t: f32, spread: f32| x + w / 2.0 + (t - 0.5) * (w - 20.0) * spread;
        c.poly(
            &[
                (at(l, 0.92), shop),
                (at(r, 0.92), shop),
                (at(r, 1.0), shop + 40.0),
                (at(l, 1.0), shop + 40.0),
            ],
            ink,
        );
    }
}

fn tram(c: &mut Canvas, p: &Palette, (x, y): Spot) {
    let body = p.lit(c.pick(&[p.accent, Ink::hex(0x2f6a70), p.warm]), 1.0);
    let cream = p.lit(p.light, 1.0);
    let glass = if p.night { p.light } else { p.near };
    c.oval(x + 440.0, y + 22.0, 470.0, 16.0, p.near.alpha(0.45));
    c.line(
        &[
            (x + 400.0, y - 252.0),
            (x + 470.0, y - 310.0),
            (x + 400.0, 502.0),
        ],
        5.0,
        p.near,
    );
    for (left, wide) in [(x, 424.0), (x + 448.0, 424.0)] {
        c.rect(left + 400.0, y - 200.0, 60.0, 190.0, p.near);
        c.round(left, y - 250.0, wide, 260.0, 34.0, cream);
        c.rect(
            left,
            y - 100.0,
            wide,
            100.0,
            Fill::down(y - 100.0, y, &[body, body.mix(p.near, 0.25)]),
        );
        c.rect(left, y - 118.0, wide, 6.0, body);
        c.round(left + 10.0, y - 6.0, wide - 20.0, 22.0, 6.0, p.near);
        for i in 0..5 {
            let left = left + 22.0 + i as f32 * 78.0;
            c.round(left, y - 216.0, 66.0, 90.0, 10.0, glass);
            if c.happens(0.5) {
                let rider = p
                    .near
                    .mix(p.accent, 0.2)
                    .alpha(if p.night { 0.85 } else { 0.0 });
                c.oval(left + 33.0, y - 166.0, 13.0, 17.0, rider);
                c.round(left + 12.0, y - 150.0, 42.0, 24.0, 12.0, rider);
            }
        }
        c.rect(left + 178.0, y - 214.0, 68.0, 210.0, body.mix(p.near, 0.4));
        c.round(left + 184.0, y - 206.0, 26.0, 170.0, 6.0, glass);
        c.round(left + 214.0, y - 206.0, 26.0, 170.0, 6.0, glass);
        for dx in [80.0, 330.0] {
            c.disc(left + dx, y + 12.0, 19.0, p.near);
        }
    }
    c.rect(x + 424.0, y - 226.0, 24.0, 220.0, p.near);
    c.round(x + 120.0, y - 268.0, 190.0, 20.0, 8.0, p.depth(0.75));
    c.round(x + 560.0, y - 268.0, 190.0, 20.0, 8.0, p.depth(0.75));
    c.disc(x + 852.0, y - 62.0, 11.0, p.light);
    if p.night {
        nature::glow(c, (x + 860.0, y - 62.0), 130.0, p.light, 0.7);
    }
}

/// A factory with saw-tooth roofs and chimneys.
pub fn factory(c: &mut Canvas) {
    let p = palette::any(c);
    let ground = 760.0;
    nature::sky(c, &p, ground);
    let hill = c.ridge(ground - 90.0, 50.0, 900.0);
    c.land(&hill, p.depth(0.12));
    built::skyline(c, &p, ground, 140.0, 0.24);
    let drift = c.pick(&[-1.0, 1.0]);
    let first = c.range(160.0, 300.0);
    for i in 0..c.count(3, 4) {
        let x = first + i as f32 * c.range(130.0, 170.0);
        let top = c.range(170.0, 300.0);
        plume(c, &p, (x, top), drift);
        let brick = p.lit(p.accent, 0.7);
        c.poly(
            &[
                (x - 22.0, top),
                (x + 22.0, top),
                (x + 36.0, ground),
                (x - 36.0, ground),
            ],
            Fill::across(x - 30.0, x + 34.0, &[brick, brick.mix(p.near, 0.5)]),
        );
        for band in [12.0, 60.0] {
            c.rect(x - 24.0, top + band, 49.0, 16.0, p.lit(p.light, 0.8));
        }
    }
    let tank = c.range(1240.0, 1340.0);
    let steel = p.lit(Ink::hex(0xb9c3c0), 0.8);
    for (dx, w, h) in [(0.0, 130.0, 260.0), (140.0, 130.0, 320.0)] {
        let x = tank + dx;
        c.oval(
            x + w / 2.0,
            ground - h,
            w / 2.0,
            26.0,
            steel.mix(p.light, 0.3),
        );
        c.rect(
            x,
            ground - h,
            w,
            h,
            Fill::across(
                x,
                x + w,
                &[steel, steel.mix(p.light, 0.3), steel.mix(p.near, 0.5)],
            ),
        );
        c.line(
            &[(x + w - 16.0, ground), (x + w - 16.0, ground - h + 10.0)],
            5.0,
            p.depth(0.7),
        );
    }
    let wall = p.lit(
        c.pick(&[
            p.accent.mix(p.warm, 0.3),
            Ink::hex(0x9a8f7d),
            Ink::hex(0x7f9a9a),
        ]),
        0.9,
    );
    let teeth = 6;
    let (left, wide) = (c.range(380.0, 470.0), 136.0);
    for i in 0..teeth {
        let x = left + i as f32 * wide;
        c.poly(
            &[(x, 560.0), (x, 452.0), (x + wide + 1.0, 560.0)],
            p.depth(0.65),
        );
        c.poly(
            &[
                (x + 8.0, 548.0),
                (x + 8.0, 474.0),
                (x + 40.0, 500.0),
                (x + 40.0, 548.0),
            ],
            if p.night { p.light } else { p.sky[2] },
        );
    }
    c.rect(
        left,
        558.0,
        wide * teeth as f32,
        ground - 558.0,
        Fill::down(558.0, ground, &[wall, wall.mix(p.near, 0.3)]),
    );
    let glass = if p.night { p.light } else { p.depth(0.7) };
    for i in 0..teeth * 2 {
        let x = left + 18.0 + i as f32 * wide / 2.0;
        let bay = Area::new(x, 592.0, 44.0, 96.0);
        built::block(c, bay, if c.happens(0.8) { glass } else { p.depth(0.8) });
        built::window_bars(c, bay, wall.mix(p.near, 0.4), (2, 3));
    }
    c.line(
        &[(tank, 600.0), (left + wide * teeth as f32, 600.0)],
        16.0,
        steel,
    );
    c.rect(
        -10.0,
        ground,
        WIDTH + 20.0,
        260.0,
        Fill::down(ground, HEIGHT, &[p.depth(0.5), p.depth(0.85)]),
    );
    if c.happens(0.5) {
        nature::sea(c, &p, ground + 24.0);
        c.reflect(ground + 24.0, 260.0, 0.5);
        nature::ripples(c, ground + 24.0, p.light);
        let bank = c.ridge(970.0, 14.0, 800.0);
        c.land(&bank, p.near);
        return;
    }
    lorry(c, &p, (c.range(160.0, 1000.0), 880.0));
    for i in 0..6 {
        c.rect(
            -20.0 + i as f32 * 310.0,
            940.0,
            150.0,
            9.0,
            p.light.alpha(0.5),
        );
    }
}

fn plume(c: &mut Canvas, p: &Palette, (x, y): Spot, drift: f32) {
    let ink = p.sky[2].mix(p.light, 0.5);
    let puffs: Vec<(Spot, f32)> = (0..13)
        .map(|i| {
            let t = i as f32 / 12.0;
            let at = (
                x + drift * (6.0 + 380.0 * t.powf(1.6)),
                y - 14.0 - 200.0 * t.powf(0.8),
            );
            (at, 19.0 + 56.0 * t + c.range(0.0, 12.0))
        })
        .collect();
    let fade = vec![ink.alpha(0.85), ink.alpha(0.5), ink.alpha(0.1)];
    c.cluster(
        &puffs,
        Fill::Linear((x, y), (x + drift * 420.0, y - 180.0), fade),
    );
}

fn lorry(c: &mut Canvas, p: &Palette, (x, y): Spot) {
    let cab = p.lit(p.warm, 1.0);
    c.oval(x + 200.0, y + 4.0, 230.0, 12.0, p.near.alpha(0.45));
    c.round(
        x,
        y - 170.0,
        300.0,
        146.0,
        8.0,
        Fill::down(y - 170.0, y - 20.0, &[p.lit(p.light, 1.0), p.depth(0.3)]),
    );
    c.rect(x, y - 90.0, 300.0, 12.0, p.lit(p.accent, 1.0));
    c.round(x + 310.0, y - 140.0, 96.0, 118.0, 18.0, cab);
    c.round(x + 352.0, y - 126.0, 46.0, 48.0, 10.0, p.near);
    c.rect(x, y - 28.0, 406.0, 14.0, p.near);
    for dx in [60.0, 112.0, 350.0] {
        c.disc(x + dx, y - 16.0, 24.0, p.near);
        c.disc(x + dx, y - 16.0, 9.0, p.light.mix(p.far, 0.4));
    }
}

/// A hospital with a helicopter pad and an ambulance.
pub fn hospital(c: &mut Canvas) {
    let p = palette::any(c);
    let ground = 790.0;
    nature::sky(c, &p, ground);
    built::skyline(c, &p, ground, 260.0, 0.16);
    let wall = p.lit(Ink::hex(0xf1e9d8), 0.95);
    let dim = wall.mix(p.near, 0.2);
    let flip = c.happens(0.5);
    let tall = Area::new(
        if flip { 900.0 } else { 300.0 },
        c.range(200.0, 270.0),
        400.0,
        600.0,
    );
    let low = Area::new(
        if flip { 220.0 } else { 690.0 },
        c.range(450.0, 510.0),
        700.0,
        350.0,
    );
    let glass = if p.night {
        p.light
    } else {
        p.sky[0].mix(p.near, 0.25)
    };
    for (a, columns, rows) in [(low, 11, 3), (tall, 6, 6)] {
        let face = Fill::across(a.x, a.x + a.w, &[wall, dim]);
        c.rect(a.x, a.y, a.w, ground - a.y, face);
        c.rect(a.x - 12.0, a.y - 16.0, a.w + 24.0, 20.0, p.depth(0.5));
        let row = (ground - a.y - 110.0) / rows as f32;
        for i in 0..rows {
            let y = a.y + 26.0 + i as f32 * row;
            c.rect(a.x + 18.0, y, a.w - 36.0, row * 0.56, p.depth(0.4));
            built::windows(
                c,
                Area::new(a.x + 18.0, y - row * 0.12, a.w - 36.0, row * 0.8),
                (columns, 1),
                glass,
                if p.night { 0.65 } else { 0.9 },
            );
        }
    }
    let sign = (tall.x + 200.0, tall.y - 74.0);
    c.rect(sign.0 - 4.0, sign.1, 8.0, 66.0, p.depth(0.6));
    let red = p.accent;
    c.disc(
        sign.0,
        sign.1 - 6.0,
        56.0,
        if p.night {
            p.light
        } else {
            wall.mix(Ink::hex(0xffffff), 0.6)
        },
    );
    c.rect(sign.0 - 34.0, sign.1 - 18.0, 68.0, 24.0, red);
    c.rect(sign.0 - 12.0, sign.1 - 40.0, 24.0, 68.0, red);
    let door = if flip { low.x + 130.0 } else { low.x + 330.0 };
    c.rect(
        door + 20.0,
        686.0,
        220.0,
        104.0,
        if p.night { p.light } else { p.depth(0.65) },
    );
    for i in 0..4 {
        c.rect(door + 20.0 + i as f32 * 72.0, 686.0, 5.0, 104.0, wall);
    }
    c.rect(door - 30.0, 660.0, 320.0, 28.0, red);
    c.rect(door - 14.0, 686.0, 12.0, 104.0, dim);
    c.rect(door + 262.0, 686.0, 12.0, 104.0, dim);
    for x in [80.0, 180.0, 1450.0, 1540.0] {
        nature::tree(
            c,
            (x, ground + 10.0),
            c.range(180.0, 270.0),
            p.green(0.6),
            p.near,
        );
    }
    c.rect(
        -10.0,
        ground,
        WIDTH + 20.0,
        260.0,
        Fill::down(ground, HEIGHT, &[p.depth(0.42), p.depth(0.78)]),
    );
    c.rect(-10.0, ground, WIDTH + 20.0, 18.0, p.green(0.5));
    for i in 0..7 {
        let x = -40.0 + i as f32 * 260.0;
        c.rect(x, 958.0, 130.0, 9.0, p.light.alpha(0.6));
    }
    ambulance(c, &p, (c.range(240.0, 820.0), 916.0));
}

fn ambulance(c: &mut Canvas, p: &Palette, (x, y): Spot) {
    let white = p.lit(Ink::hex(0xfbf5e8), 1.0);
    let red = p.accent;
    c.oval(x + 210.0, y + 4.0, 240.0, 13.0, p.near.alpha(0.45));
    c.round(
        x,
        y - 200.0,
        300.0,
        184.0,
        16.0,
        Fill::down(y - 200.0, y, &[white, white.mix(p.near, 0.2)]),
    );
    c.poly(
        &[
            (x + 290.0, y - 176.0),
            (x + 350.0, y - 170.0),
            (x + 398.0, y - 100.0),
            (x + 436.0, y - 86.0),
            (x + 440.0, y - 18.0),
            (x + 290.0, y - 18.0),
        ],
        white,
    );
    c.poly(
        &[
            (x + 306.0, y - 160.0),
            (x + 344.0, y - 156.0),
            (x + 380.0, y - 100.0),
            (x + 306.0, y - 98.0),
        ],
        p.near,
    );
    c.rect(x, y - 84.0, 440.0, 20.0, red);
    c.rect(x + 118.0, y - 158.0, 60.0, 18.0, red);
    c.rect(x + 139.0, y - 179.0, 18.0, 60.0, red);
    c.round(x + 232.0, y - 216.0, 54.0, 18.0, 8.0, p.warm);
    nature::glow(
        c,
        (x + 258.0, y - 208.0),
        90.0,
        p.warm,
        if p.night { 0.8 } else { 0.4 },
    );
    c.rect(x, y - 24.0, 440.0, 12.0, p.near);
    for dx in [84.0, 352.0] {
        c.disc(x + dx, y - 18.0, 34.0, p.near);
        c.disc(x + dx, y - 18.0, 14.0, p.light.mix(p.far, 0.4));
    }
}

/// A line chart of prices over a skyline.
pub fn market_chart(c: &mut Canvas) {
    let p = palette::any(c);
    nature::sky(c, &p, 900.0);
    built::skyline(c, &p, 1000.0, 430.0, 0.12);
    nature::mist(c, p.sky[2], 900.0, 260.0, 0.5);
    built::skyline(c, &p, 1010.0, 300.0, 0.36);
    let ink = if p.night { p.light } else { p.near };
    for i in 1..7 {
        c.rect(-10.0, i as f32 * 140.0, WIDTH + 20.0, 1.5, ink.alpha(0.16));
    }
    let trend = if c.happens(0.62) { -1.0 } else { 1.0 };
    let line = |c: &Canvas, from: f32, slope: f32, shake: f32| -> Vec<Spot> {
        let mut level = from;
        (0..=26)
            .map(|i| {
                level += slope + c.range(-shake, shake);
                (-40.0 + i as f32 * 65.0, level.clamp(150.0, 860.0))
            })
            .collect()
    };
    let ghost = line(c, 560.0 - trend * 60.0, trend * 4.0, 46.0);
    let main = line(c, 500.0 - trend * 220.0, trend * 16.0, 62.0);
    let mut area = main.clone();
    area.extend([(WIDTH + 60.0, 1040.0), (-60.0, 1040.0)]);
    c.poly(
        &area,
        Fill::down(260.0, 960.0, &[p.accent.alpha(0.46), p.accent.alpha(0.02)]),
    );
    c.line(&ghost, 5.0, p.warm.mix(p.near, 0.1).alpha(0.85));
    for (i, spot) in main.iter().enumerate() {
        let h = 20.0 + 70.0 * c.unit();
        let up = i == 0 || spot.1 < main[i - 1].1;
        let bar = if up {
            ink.alpha(0.34)
        } else {
            p.accent.alpha(0.5)
        };
        c.rect(spot.0 - 16.0, 1000.0 - h * 1.5, 32.0, h * 1.5, bar);
    }
    c.line(&main, 11.0, p.accent);
    let end = main[22];
    nature::glow(c, end, 110.0, p.light, 0.6);
    c.disc(end.0, end.1, 21.0, p.light);
    c.disc(end.0, end.1, 12.0, p.accent);
}
