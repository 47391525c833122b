//! Scenes of aviation and space: airport, radar, satellite.

use super::brush::{Canvas, Fill, Ink, Spot, WIDTH};
use super::built::{self, Area};
use super::nature;
use super::palette::{self, Palette};

/// An airliner at the terminal with the control tower behind.
pub fn airport(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(600.0, 650.0);
    nature::sky(c, &p, line);
    let coast = c.ridge(line - 46.0, 36.0, 900.0);
    c.land(&coast, p.depth(0.14));
    let tower = c.range(1040.0, 1340.0);
    control_tower(c, &p, (tower, line), c.range(330.0, 400.0));
    let hall = Area::new(tower - 520.0, line - 108.0, 900.0, 110.0);
    c.poly(
        &[
            (hall.x - 40.0, hall.y),
            (hall.x + 200.0, hall.y - 54.0),
            (hall.x + 700.0, hall.y - 40.0),
            (hall.x + 940.0, hall.y + 6.0),
            (hall.x + 940.0, hall.y + 20.0),
            (hall.x - 40.0, hall.y + 18.0),
        ],
        p.depth(0.45),
    );
    built::block(c, hall, p.depth(0.55));
    let glass = if p.night {
        p.light
    } else {
        p.sky[1].mix(p.light, 0.3)
    };
    built::windows(
        c,
        Area::new(hall.x, hall.y + 16.0, hall.w, 92.0),
        (28, 2),
        glass.alpha(0.85),
        0.95,
    );
    c.rect(
        -10.0,
        line,
        WIDTH + 20.0,
        420.0,
        Fill::down(line, 1000.0, &[p.depth(0.3), p.depth(0.62)]),
    );
    let takeoff = (c.range(240.0, 560.0), c.range(150.0, 250.0));
    distant_plane(c, takeoff, 1.0, p.near);
    for i in 0..9 {
        let x = -60.0 + i as f32 * 210.0;
        c.poly(
            &[
                (x, 952.0),
                (x + 110.0, 952.0),
                (x + 104.0, 962.0),
                (x - 6.0, 962.0),
            ],
            p.light.alpha(0.7),
        );
    }
    c.rect(-10.0, line + 60.0, WIDTH + 20.0, 3.0, p.warm.alpha(0.6));
    airliner(c, &p, (c.range(130.0, 230.0), 850.0));
    if p.night {
        for i in 0..14 {
            nature::glow(c, (40.0 + i as f32 * 120.0, line + 62.0), 20.0, p.warm, 0.9);
        }
    }
}

fn control_tower(c: &mut Canvas, p: &Palette, (x, y): Spot, h: f32) {
    let ink = p.lit(Ink::hex(0xe4dac6), 0.6);
    let top = y - h;
    c.poly(
        &[
            (x - 20.0, top),
            (x + 20.0, top),
            (x + 34.0, y),
            (x - 34.0, y),
        ],
        Fill::across(x - 30.0, x + 30.0, &[ink, ink.mix(p.near, 0.45)]),
    );
    c.poly(
        &[
            (x - 64.0, top - 50.0),
            (x + 64.0, top - 50.0),
            (x + 46.0, top + 6.0),
            (x - 46.0, top + 6.0),
        ],
        if p.night { p.light } else { p.depth(0.75) },
    );
    for dx in [-34.0, 0.0, 34.0] {
        c.rect(x + dx - 2.0, top - 50.0, 4.0, 56.0, ink);
    }
    c.rect(x - 72.0, top - 64.0, 144.0, 16.0, ink);
    c.rect(x - 54.0, top + 4.0, 108.0, 18.0, ink.mix(p.near, 0.2));
    c.line(&[(x, top - 64.0), (x, top - 130.0)], 5.0, p.near);
    c.disc(x, top - 132.0, 6.0, p.accent);
}

fn distant_plane(c: &mut Canvas, (x, y): Spot, s: f32, ink: Ink) {
    let at = |dx: f32, dy: f32| (x + (dx - dy * 0.2) * s, y + (dy - dx * 0.22) * s);
    c.taper(at(-60.0, 0.0), 5.0 * s, at(60.0, 0.0), 6.0 * s, ink);
    c.poly(
        &[
            at(10.0, 0.0),
            at(-44.0, 46.0),
            at(-26.0, 44.0),
            at(34.0, 4.0),
        ],
        ink,
    );
    c.poly(
        &[
            at(12.0, 0.0),
            at(-12.0, -30.0),
            at(-2.0, -30.0),
            at(32.0, -4.0),
        ],
        ink,
    );
    c.poly(
        &[
            at(-48.0, -2.0),
            at(-76.0, -34.0),
            at(-62.0, -34.0),
            at(-30.0, -4.0),
        ],
        ink,
    );
}

fn airliner(c: &mut Canvas, p: &Palette, (x, y): Spot) {
    let white = p.lit(Ink::hex(0xf8f2e6), 1.0);
    let dim = white.mix(p.depth(0.5), 0.5);
    let livery = p.lit(c.pick(&[p.accent, Ink::hex(0x2c6a80), p.warm]), 1.0);
    c.oval(x + 620.0, y + 74.0, 640.0, 18.0, p.near.alpha(0.4));
    c.poly(
        &[
            (x + 30.0, y - 90.0),
            (x - 60.0, y - 290.0),
            (x + 50.0, y - 290.0),
            (x + 250.0, y - 92.0),
        ],
        livery,
    );
    c.poly(
        &[
            (x + 560.0, y - 60.0),
            (x + 420.0, y - 180.0),
            (x + 470.0, y - 182.0),
            (x + 740.0, y - 64.0),
        ],
        dim,
    );
    let hull = [
        (x - 90.0, y - 76.0),
        (x + 140.0, y - 112.0),
        (x + 600.0, y - 118.0),
        (x + 1060.0, y - 114.0),
        (x + 1190.0, y - 82.0),
        (x + 1262.0, y - 30.0),
        (x + 1180.0, y + 8.0),
        (x + 600.0, y + 18.0),
        (x + 240.0, y + 10.0),
        (x + 60.0, y - 40.0),
    ];
    c.blob(&hull, Fill::down(y - 118.0, y + 18.0, &[white, white, dim]));
    if let Some(outline) = super::brush::smooth(&hull) {
        c.inside(&outline, |c| {
            c.poly(
                &[
                    (x - 100.0, y - 130.0),
                    (x + 230.0, y - 130.0),
                    (x + 100.0, y + 30.0),
                    (x - 100.0, y + 30.0),
                ],
                livery,
            );
            c.rect(x - 100.0, y - 20.0, 1400.0, 8.0, livery);
        });
    }
    let glass = if p.night { p.warm } else { p.near };
    for i in 0..26 {
        c.round(
            x + 270.0 + i as f32 * 31.0,
            y - 72.0,
            15.0,
            20.0,
            7.0,
            glass,
        );
    }
    c.poly(
        &[
            (x + 1140.0, y - 84.0),
            (x + 1196.0, y - 78.0),
            (x + 1226.0, y - 54.0),
            (x + 1150.0, y - 56.0),
        ],
        p.near,
    );
    c.poly(
        &[
            (x + 10.0, y - 76.0),
            (x - 120.0, y - 130.0),
            (x - 60.0, y - 130.0),
            (x + 160.0, y - 72.0),
        ],
        dim,
    );
    for wheel in [x + 560.0, x + 616.0, x + 1090.0] {
        c.rect(wheel - 5.0, y, 10.0, 60.0, p.near);
        c.disc(wheel, y + 58.0, 20.0, p.near);
        c.disc(wheel, y + 58.0, 7.0, dim);
    }
    c.poly(
        &[
            (x + 480.0, y - 22.0),
            (x + 170.0, y + 86.0),
            (x + 240.0, y + 90.0),
            (x + 720.0, y - 8.0),
        ],
        Fill::across(x + 170.0, x + 720.0, &[dim.mix(p.near, 0.3), white]),
    );
    c.round(
        x + 470.0,
        y + 12.0,
        150.0,
        58.0,
        26.0,
        Fill::down(y + 12.0, y + 70.0, &[white, dim]),
    );
    c.oval(x + 612.0, y + 41.0, 13.0, 28.0, p.near);
}

/// A large radar dish.
pub fn radar(c: &mut Canvas) {
    let p = palette::any(c);
    let line = c.range(690.0, 740.0);
    let sun = nature::sky(c, &p, line);
    let rows = nature::hills(c, &p, line - 40.0, line + 40.0, 3);
    if let Some(row) = rows.last() {
        nature::treeline(c, row, 40.0, p.green(0.6));
    }
    let white = if p.night {
        p.light.mix(p.far, 0.55)
    } else {
        p.light
    };
    let aim = if sun.0 > WIDTH / 2.0 { -1.0 } else { 1.0 };
    let far = if aim > 0.0 {
        [1180.0, 1390.0]
    } else {
        [420.0, 210.0]
    };
    for (i, x) in far.into_iter().enumerate() {
        dish(
            c,
            &p,
            (x, line + 60.0 - 20.0 * i as f32),
            0.34 - 0.09 * i as f32,
            aim,
            white.mix(p.far, 0.25),
        );
    }
    let front = c.ridge(880.0, 26.0, 800.0);
    c.land(
        &front,
        Fill::down(850.0, 1000.0, &[p.green(0.62), p.green(0.9)]),
    );
    let x = if aim > 0.0 {
        c.range(560.0, 680.0)
    } else {
        c.range(920.0, 1040.0)
    };
    let hut = Area::new(x - aim * 420.0 - 80.0, 790.0, 160.0, 96.0);
    built::block(c, hut, p.lit(Ink::hex(0xd9c9aa), 0.9));
    c.rect(
        hut.x - 10.0,
        hut.y - 14.0,
        180.0,
        18.0,
        p.lit(p.accent, 0.9),
    );
    built::windows(c, hut, (3, 1), if p.night { p.light } else { p.near }, 1.0);
    dish(c, &p, (x, 900.0), 1.0, aim, white);
    let fence = c.ridge(966.0, 14.0, 700.0);
    c.land(&fence, p.green(0.95).mix(p.near, 0.5));
    nature::treeline(c, &fence, 34.0, p.green(0.95).mix(p.near, 0.5));
}

fn dish(c: &mut Canvas, p: &Palette, (x, y): Spot, s: f32, aim: f32, white: Ink) {
    let dark = p.depth(0.75);
    let shade = white.mix(dark, 0.45);
    c.poly(
        &[
            (x - 96.0 * s, y),
            (x + 96.0 * s, y),
            (x + 44.0 * s, y - 300.0 * s),
            (x - 44.0 * s, y - 300.0 * s),
        ],
        Fill::across(x - 80.0 * s, x + 80.0 * s, &[shade, dark]),
    );
    c.rect(x - 120.0 * s, y - 22.0 * s, 240.0 * s, 26.0 * s, dark);
    let centre = (x + aim * 20.0 * s, y - 380.0 * s);
    let (nx, ny) = (aim * 0.62, -0.785);
    let at = |along: f32, out: f32| {
        (
            centre.0 + (-ny * along * aim + nx * out) * s,
            centre.1 + (nx * along * aim + ny * out) * s,
        )
    };
    let arc = |depth: f32, reach: f32| -> Vec<Spot> {
        (-10..=10)
            .map(|i| {
                let t = i as f32 / 10.0;
                at(reach * t, depth * (t * t - 1.0) + 60.0)
            })
            .collect()
    };
    c.line(
        &[(x - 40.0 * s, y - 290.0 * s), at(-90.0, -40.0)],
        18.0 * s,
        dark,
    );
    c.line(
        &[(x + 40.0 * s, y - 290.0 * s), at(90.0, -40.0)],
        18.0 * s,
        dark,
    );
    c.poly(
        &arc(170.0, 320.0),
        Fill::Linear(at(-320.0, 0.0), at(320.0, 0.0), vec![white, shade]),
    );
    let rim: Vec<Spot> = (0..40)
        .map(|i| {
            let angle = i as f32 / 40.0 * std::f32::consts::TAU;
            at(angle.cos() * 320.0, 60.0 + angle.sin() * 62.0)
        })
        .collect();
    c.poly(&rim, white);
    c.poly(
        &rim,
        Fill::Linear(
            at(-320.0, 60.0),
            at(320.0, 60.0),
            vec![shade.alpha(0.75), shade.alpha(0.0)],
        ),
    );
    let focus = at(0.0, 300.0);
    for foot in [at(-210.0, 66.0), at(200.0, 70.0), at(0.0, 20.0)] {
        c.line(&[foot, focus], 6.0 * s, dark);
    }
    c.disc(focus.0, focus.1, 16.0 * s, p.accent);
}

/// A satellite above the curve of the Earth.
pub fn satellite(c: &mut Canvas) {
    let p = palette::night(c);
    c.wash(Fill::down(0.0, 900.0, &[p.near, p.sky[0], p.sky[1]]));
    for _ in 0..110 {
        let (x, y) = (c.range(0.0, WIDTH), c.range(0.0, 760.0));
        let r = c.range(0.8, 2.4);
        c.disc(x, y, r, p.sun.alpha(0.7));
    }
    let moon = (c.range(180.0, 420.0), c.range(150.0, 240.0));
    nature::disc(c, &p, moon, 54.0);
    let centre = (c.range(600.0, 1000.0), 2120.0);
    let radius = 1400.0;
    let glow = p.sky[2].mix(p.light, 0.35);
    let mut air = vec![glow; 15];
    air.push(glow.alpha(0.0));
    let reach = radius + 90.0;
    c.disc(centre.0, centre.1, reach, Fill::Radial(centre, reach, air));
    let Some(globe) = super::brush::ellipse(centre.0, centre.1, radius, radius) else {
        return;
    };
    let sea = Ink::hex(c.pick(&[0x2f6f8c, 0x2a7f86, 0x4a5f9a])).mix(p.sky[1], 0.3);
    c.fill(
        &globe,
        Fill::down(
            720.0,
            1000.0,
            &[sea.mix(p.light, 0.25), sea.mix(p.near, 0.35)],
        ),
    );
    let green = Ink::hex(c.pick(&[0x87a06a, 0xb9a06a, 0xa8826a])).mix(p.sky[2], 0.35);
    c.inside(&globe, |c| {
        for _ in 0..4 {
            let at = (c.range(0.0, WIDTH), c.range(770.0, 980.0));
            let (w, h) = (c.range(160.0, 330.0), c.range(24.0, 64.0));
            let coast: Vec<Spot> = (0..11)
                .map(|i| {
                    let angle = i as f32 / 11.0 * std::f32::consts::TAU;
                    let reach = c.range(0.6, 1.15);
                    (
                        at.0 + angle.cos() * w * reach,
                        at.1 + angle.sin() * h * reach,
                    )
                })
                .collect();
            c.blob(&coast, green);
        }
        for _ in 0..12 {
            let (x, y) = (c.range(-60.0, WIDTH), c.range(750.0, 1000.0));
            let length = c.range(120.0, 420.0);
            c.round(x, y, length, c.range(8.0, 16.0), 9.0, p.light.alpha(0.42));
        }
    });
    craft(
        c,
        &p,
        (c.range(760.0, 960.0), c.range(340.0, 420.0)),
        c.range(-0.42, 0.42),
        c.range(0.95, 1.15),
    );
}

fn craft(c: &mut Canvas, p: &Palette, (x, y): Spot, tilt: f32, s: f32) {
    let (sin, cos) = tilt.sin_cos();
    let at = |dx: f32, dy: f32| (x + (dx * cos - dy * sin) * s, y + (dx * sin + dy * cos) * s);
    let quad =
        |x0: f32, y0: f32, x1: f32, y1: f32| [at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)];
    let steel = p.light.mix(p.far, 0.35);
    let blue = Ink::hex(0x2d5f97).mix(p.sky[1], 0.25);
    c.line(&[at(-470.0, 0.0), at(470.0, 0.0)], 9.0 * s, steel);
    for side in [-1.0, 1.0] {
        for panel in 0..3 {
            let left = side * (130.0 + panel as f32 * 118.0);
            let right = left + side * 110.0;
            c.poly(
                &quad(left, -74.0, right, 74.0),
                Fill::Linear(
                    at(left, -74.0),
                    at(right, 74.0),
                    vec![blue.mix(p.light, 0.35), blue],
                ),
            );
            for i in 1..4 {
                let y = -74.0 + 37.0 * i as f32;
                c.line(&[at(left, y), at(right, y)], 2.0 * s, p.near.alpha(0.5));
            }
            c.line(
                &[
                    at((left + right) / 2.0, -74.0),
                    at((left + right) / 2.0, 74.0),
                ],
                2.0 * s,
                p.near.alpha(0.5),
            );
        }
    }
    c.poly(
        &quad(-80.0, -104.0, 80.0, 104.0),
        Fill::Linear(
            at(-80.0, 0.0),
            at(80.0, 0.0),
            vec![p.warm.mix(p.light, 0.3), p.warm, p.warm.mix(p.near, 0.45)],
        ),
    );
    c.poly(&quad(-80.0, -30.0, 80.0, 34.0), steel);
    c.poly(&quad(-54.0, -14.0, -8.0, 18.0), p.near);
    c.poly(&quad(10.0, -14.0, 56.0, 18.0), p.near);
    c.line(&[at(0.0, 100.0), at(0.0, 150.0)], 8.0 * s, steel);
    let bowl: Vec<Spot> = (-8..=8)
        .map(|i| i as f32 / 8.0)
        .map(|t| at(92.0 * t, 200.0 - 60.0 * (1.0 - t * t)))
        .collect();
    c.poly(
        &bowl,
        Fill::Linear(at(-90.0, 0.0), at(90.0, 0.0), vec![p.light, p.far]),
    );
    c.line(&[at(0.0, 150.0), at(0.0, 228.0)], 4.0 * s, steel);
    let tip = at(0.0, 230.0);
    c.disc(tip.0, tip.1, 8.0 * s, p.accent);
    c.line(&[at(46.0, -104.0), at(60.0, -176.0)], 4.0 * s, steel);
}
