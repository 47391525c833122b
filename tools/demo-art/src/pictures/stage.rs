//! Scenes with an audience: theatre, cinema, concert and a crowd with blank placards.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::built;
use super::nature;
use super::palette::{self, Room};
use super::people::{self, Look};

/// Rows of heads seen from behind, growing towards the viewer.
fn audience(c: &mut Canvas, r: &Room, from: f32, rows: usize, inks: &[Ink]) {
    for row in 0..rows {
        let t = row as f32 / rows.max(2).saturating_sub(1) as f32;
        let y = from + (HEIGHT + 40.0 - from) * t;
        let size = 92.0 + 92.0 * t;
        let shift = c.range(-60.0, 0.0);
        let mut x = shift;
        while x < WIDTH + 60.0 {
            if c.happens(0.9) {
                let look = Look::shadow(c.pick(inks).mix(r.dark, 0.2 + 0.75 * t));
                people::back(
                    c,
                    (x, y + c.range(-12.0, 12.0)),
                    size * c.range(0.92, 1.06),
                    &look,
                );
            }
            x += size * c.range(1.08, 1.24);
        }
    }
}

/// A theatre stage between drawn curtains.
pub fn theatre(c: &mut Canvas) {
    let r = palette::hall(c);
    let backdrop = palette::any(c);
    c.wash(r.dark);
    let floor = 690.0;
    nature::sky(c, &backdrop, floor - 60.0);
    nature::hills(c, &backdrop, floor - 120.0, floor - 40.0, 3);
    if c.turn(&[true, true, false]) {
        let x = c.range(560.0, 1040.0);
        nature::tree(
            c,
            (x, floor + 6.0),
            400.0,
            backdrop.green(0.5),
            backdrop.near,
        );
    } else {
        let x = c.range(420.0, 900.0);
        c.rect(x, 440.0, 320.0, 250.0, backdrop.depth(0.5));
        c.poly(
            &[(x - 30.0, 444.0), (x + 160.0, 320.0), (x + 350.0, 444.0)],
            backdrop.depth(0.65),
        );
        built::windows(
            c,
            built::Area::new(x, 470.0, 320.0, 170.0),
            (4, 2),
            backdrop.light,
            0.8,
        );
    }
    c.rect(
        0.0,
        floor,
        WIDTH,
        200.0,
        Fill::down(
            floor,
            830.0,
            &[r.warm.mix(r.dark, 0.35), r.warm.mix(r.dark, 0.72)],
        ),
    );
    let players = c.count(2, 3);
    let first = c.count(0, 3);
    for i in 0..players {
        let x = 560.0 + (i as f32 + 0.5) * 480.0 / players as f32;
        c.oval(x, floor + 92.0, 90.0, 16.0, r.light.alpha(0.55));
        let costume = [r.accent, r.light, r.cool, r.warm][(i + first) % 4];
        let look = Look::random(c, &[costume], r.dark);
        let gesture = people::Pose {
            legs: people::STANDING.legs,
            ..people::KICKING
        };
        let pose = c.pick(&[people::STANDING, gesture, people::WORKING]);
        people::figure(
            c,
            (x, floor + 92.0),
            300.0,
            if i == 0 { 1.0 } else { -1.0 },
            &pose,
            &look,
        );
        let top = (x + c.range(-160.0, 160.0), -20.0);
        let beam = Fill::down(
            0.0,
            floor + 90.0,
            &[r.light.alpha(0.34), r.light.alpha(0.06)],
        );
        c.poly(
            &[
                (top.0 - 16.0, top.1),
                (top.0 + 16.0, top.1),
                (x + 100.0, floor + 92.0),
                (x - 100.0, floor + 92.0),
            ],
            beam,
        );
    }
    let red = r.accent;
    for side in [-1.0, 1.0] {
        let at = |x: f32| 800.0 + side * x;
        for i in (0..6).rev() {
            let outer = 440.0 + 84.0 * i as f32;
            let sweep = 30.0 * (5 - i) as f32;
            c.poly(
                &[
                    (at(outer - 60.0 - sweep * 0.6), 60.0),
                    (at(outer + 120.0), 60.0),
                    (at(outer + 120.0), 800.0),
                    (at(outer + 30.0), 800.0),
                    (at(outer + 36.0 - sweep * 0.1), 560.0),
                ],
                Fill::Linear(
                    (at(outer - 50.0), 0.0),
                    (at(outer + 70.0), 0.0),
                    vec![red.mix(r.dark, 0.5), red, red.mix(r.dark, 0.45)],
                ),
            );
        }
        c.rect(at(470.0).min(at(900.0)), 536.0, 430.0, 18.0, r.warm);
    }
    for i in 0..9 {
        let x = -60.0 + i as f32 * 190.0;
        c.blob(
            &[
                (x, -40.0),
                (x + 200.0, -40.0),
                (x + 204.0, 90.0),
                (x + 100.0, 176.0),
                (x - 4.0, 90.0),
            ],
            Fill::down(0.0, 180.0, &[red.mix(r.dark, 0.5), red.mix(r.dark, 0.1)]),
        );
        c.curve(
            (x + 4.0, 92.0),
            (x + 100.0, 256.0),
            (x + 198.0, 92.0),
            9.0,
            r.warm,
        );
    }
    c.rect(0.0, 800.0, WIDTH, 34.0, r.warm.mix(r.dark, 0.5));
    c.rect(0.0, 832.0, WIDTH, 200.0, r.dark);
    audience(c, &r, 900.0, 2, &[r.shade, r.dark, r.wall.mix(r.dark, 0.3)]);
}

/// A cinema: the bright screen over the heads.
pub fn cinema(c: &mut Canvas) {
    let r = palette::hall(c);
    let film = palette::any(c);
    c.wash(Fill::down(0.0, HEIGHT, &[r.dark, r.shade]));
    let (x, y, w, h) = (270.0, 110.0, 1060.0, 480.0);
    nature::glow(c, (800.0, 350.0), 900.0, film.sky[2], 0.35);
    if let Some(screen) = super::brush::rounded(x, y, w, h, 6.0) {
        c.inside(&screen, |c| {
            let sun = nature::sky(c, &film, 520.0);
            match c.turn(&[0, 1, 2]) {
                0 => {
                    for i in 0..4 {
                        let at = (340.0 + 300.0 * i as f32, c.range(280.0, 400.0));
                        nature::peak(c, at, 260.0, 600.0, film.depth(0.25), film.depth(0.5), None);
                    }
                    let near = c.ridge(530.0, 20.0, 500.0);
                    c.land(&near, film.near);
                    people::figure(
                        c,
                        (760.0, near.y(760.0) + 4.0),
                        150.0,
                        1.0,
                        &people::WALKING,
                        &Look::shadow(film.near),
                    );
                }
                1 => {
                    built::skyline(c, &film, 600.0, 300.0, 0.3);
                    built::skyline(c, &film, 600.0, 170.0, 0.7);
                    for (dx, side) in [(0.0, 1.0), (92.0, -1.0)] {
                        people::figure(
                            c,
                            (700.0 + dx, 640.0),
                            330.0,
                            side,
                            &people::STANDING,
                            &Look::shadow(film.near),
                        );
                    }
                }
                _ => {
                    nature::water(c, &film, 470.0, sun);
                    let shore = c.ridge(560.0, 16.0, 500.0);
                    c.land(&shore, film.near);
                    people::figure(
                        c,
                        (540.0, 566.0),
                        190.0,
                        1.0,
                        &people::STANDING,
                        &Look::shadow(film.near),
                    );
                }
            }
        });
    }
    for side in [-1.0, 1.0] {
        for i in 0..3 {
            let x = 800.0 + side * (640.0 + 90.0 * i as f32);
            nature::glow(c, (x, 300.0), 120.0, r.warm, 0.35);
            c.round(x - 9.0, 270.0, 18.0, 60.0, 8.0, r.warm.mix(r.light, 0.3));
        }
    }
    for row in 0..4 {
        let t = row as f32 / 3.0;
        let y = 660.0 + 330.0 * t;
        let size = 96.0 + 70.0 * t;
        let mut x = -size * c.range(0.1, 0.8);
        let seat = r.accent.mix(r.dark, 0.25 + 0.4 * t);
        while x < WIDTH + size {
            if c.happens(0.72) {
                let look = Look::shadow(r.shade.mix(r.dark, 0.4 + 0.5 * t));
                people::back(c, (x, y), size * 0.86, &look);
                c.curve(
                    (x - size * 0.12, y - size * 0.56),
                    (x, y - size * 0.68),
                    (x + size * 0.12, y - size * 0.56),
                    3.0,
                    film.sky[2].alpha(0.5),
                );
            }
            c.round(
                x - size * 0.46,
                y - size * 0.08,
                size * 0.92,
                size * 1.6,
                size * 0.16,
                Fill::down(
                    y,
                    y + size,
                    &[seat.mix(film.sky[2], 0.12), seat.mix(r.dark, 0.4)],
                ),
            );
            x += size * 1.04;
        }
    }
}

/// A concert: an orchestra or a band in the lights.
pub fn concert(c: &mut Canvas) {
    let r = palette::hall(c);
    c.wash(Fill::down(0.0, 800.0, &[r.dark, r.shade, r.wall]));
    let lamps = c.count(5, 7);
    let inks = [r.warm, r.accent, r.cool, r.light];
    c.rect(-10.0, 54.0, WIDTH + 20.0, 12.0, r.dark);
    c.rect(-10.0, 94.0, WIDTH + 20.0, 8.0, r.dark);
    for i in 0..54 {
        let x = i as f32 * 30.0;
        c.line(
            &[(x, 60.0), (x + 15.0, 98.0), (x + 30.0, 60.0)],
            3.0,
            r.dark,
        );
    }
    let target = c.range(700.0, 900.0);
    nature::glow(c, (target, 560.0), 620.0, r.warm, 0.6);
    for i in 0..lamps {
        let x = 110.0 + 1380.0 * i as f32 / (lamps - 1) as f32;
        let ink = inks[i % inks.len()];
        let aim = target + (x - target) * c.range(-0.3, 0.5);
        let beam = Fill::down(100.0, 780.0, &[ink.alpha(0.5), ink.alpha(0.03)]);
        c.poly(
            &[
                (x - 12.0, 108.0),
                (x + 12.0, 108.0),
                (aim + 130.0, 780.0),
                (aim - 130.0, 780.0),
            ],
            beam,
        );
        c.round(x - 20.0, 90.0, 40.0, 36.0, 8.0, r.dark);
        c.oval(x, 126.0, 16.0, 6.0, ink);
    }
    let floor = 690.0;
    c.rect(
        -10.0,
        floor,
        WIDTH + 20.0,
        320.0,
        Fill::down(floor, 860.0, &[r.warm.mix(r.dark, 0.45), r.dark]),
    );
    let tops = [r.light, r.accent, r.cool, r.warm];
    if c.turn(&[true, false]) {
        band(c, &r, floor, target, &tops);
    } else {
        orchestra(c, &r, floor, target);
    }
    audience(c, &r, 860.0, 2, &[r.shade, r.dark]);
}

fn band(c: &mut Canvas, r: &Room, floor: f32, x: f32, tops: &[Ink]) {
    for side in [-1.0, 1.0] {
        for level in 0..2 {
            let at = (x + side * 500.0 - 70.0, floor - 130.0 * (level + 1) as f32);
            c.round(at.0, at.1, 140.0, 126.0, 8.0, r.dark);
            c.disc(at.0 + 70.0, at.1 + 63.0, 46.0, r.shade);
            c.disc(at.0 + 70.0, at.1 + 63.0, 17.0, r.dark);
        }
    }
    let drummer = Look::random(c, tops, r.dark);
    people::figure(
        c,
        (x - 20.0, floor - 40.0),
        360.0,
        1.0,
        &people::SITTING,
        &drummer,
    );
    c.disc(x, floor - 96.0, 92.0, r.dark);
    c.disc(x, floor - 96.0, 78.0, r.light.mix(r.wall, 0.3));
    for (dx, dy) in [(-120.0, -170.0), (120.0, -170.0)] {
        c.round(x + dx - 50.0, floor + dy, 100.0, 66.0, 10.0, r.accent);
        c.oval(x + dx * 1.55, floor + dy - 86.0, 74.0, 10.0, r.warm);
        c.line(
            &[(x + dx * 1.55, floor + dy - 86.0), (x + dx * 1.5, floor)],
            4.0,
            r.dark,
        );
    }
    for (dx, side) in [(-420.0, 1.0), (390.0, -1.0), (-170.0, 1.0)] {
        let foot = (x + dx, floor + if dx.abs() < 200.0 { 90.0 } else { 40.0 });
        let look = Look {
            legs: r.dark,
            ..Look::random(c, tops, r.dark)
        };
        people::figure(c, foot, 340.0, side, &people::WORKING, &look);
        if dx.abs() < 200.0 {
            c.line(
                &[(foot.0 + 62.0, foot.1 - 294.0), (foot.0 + 80.0, foot.1)],
                5.0,
                r.dark,
            );
            c.taper(
                (foot.0 + 62.0, foot.1 - 296.0),
                9.0,
                (foot.0 + 50.0, foot.1 - 304.0),
                9.0,
                r.dark,
            );
        } else {
            let body = (foot.0 + 10.0 * side, foot.1 - 178.0);
            c.line(&[body, (body.0 + 160.0 * side, body.1 - 76.0)], 9.0, r.dark);
            c.oval(body.0, body.1, 50.0, 36.0, r.accent);
            c.disc(body.0 + 6.0 * side, body.1 - 4.0, 11.0, r.dark);
        }
    }
}

fn orchestra(c: &mut Canvas, r: &Room, floor: f32, x: f32) {
    for row in 0..3 {
        let t = row as f32 / 2.0;
        let count = 8 + row;
        let y = floor - 60.0 + 66.0 * t;
        c.rect(
            x - 620.0,
            y,
            1240.0,
            70.0,
            r.warm.mix(r.dark, 0.5 + 0.12 * t),
        );
        for i in 0..count {
            let side = (i as f32 + 0.5) / count as f32 * 2.0 - 1.0;
            if side.abs() < 0.1 + 0.14 * t {
                continue;
            }
            let foot = (x + side * 600.0, y + 30.0 + 14.0 * t);
            let facing = if side < 0.0 { 1.0 } else { -1.0 };
            let suit = r.dark.mix(r.cool, 0.1);
            let look = Look::random(c, &[suit], suit);
            people::figure(c, foot, 214.0 + 20.0 * t, facing, &people::SITTING, &look);
            let chest = (foot.0 + facing * 22.0, foot.1 - 112.0);
            if row == 0 {
                c.line(
                    &[chest, (chest.0 + 74.0 * facing, chest.1 - 30.0)],
                    9.0,
                    r.warm,
                );
            } else {
                c.oval(
                    chest.0 + 12.0 * facing,
                    chest.1 + 10.0,
                    16.0,
                    27.0,
                    r.accent,
                );
                c.line(
                    &[
                        (chest.0 + 12.0 * facing, chest.1 + 10.0),
                        (chest.0 - 4.0 * facing, chest.1 - 52.0),
                    ],
                    5.0,
                    r.accent.mix(r.dark, 0.4),
                );
                c.line(
                    &[
                        (chest.0 - 30.0 * facing, chest.1 - 4.0),
                        (chest.0 + 52.0 * facing, chest.1 + 16.0),
                    ],
                    2.0,
                    r.light,
                );
            }
        }
    }
    c.round(
        x - 66.0,
        floor + 116.0,
        132.0,
        60.0,
        6.0,
        r.accent.mix(r.dark, 0.4),
    );
    let look = Look::shadow(r.dark);
    let raised = people::Pose {
        arms: [[(0.15, 0.78), (0.22, 0.94)], [(-0.15, 0.76), (-0.24, 0.9)]],
        ..people::STANDING
    };
    people::figure(c, (x, floor + 120.0), 290.0, 1.0, &raised, &look);
    c.line(
        &[
            (x + 64.0, floor + 120.0 - 272.0),
            (x + 100.0, floor + 120.0 - 320.0),
        ],
        3.0,
        r.light,
    );
}

/// A march seen from behind, with blank placards.
pub fn crowd(c: &mut Canvas) {
    let p = palette::daylight(c);
    nature::sky(c, &p, 700.0);
    built::skyline(c, &p, 720.0, 360.0, 0.14);
    nature::mist(c, p.sky[2], 640.0, 150.0, 0.6);
    let coats = [
        p.near,
        p.depth(0.75),
        p.accent,
        p.warm,
        p.depth(0.5),
        Ink::hex(0x4d7a80),
    ];
    for row in 0..6 {
        let t = row as f32 / 5.0;
        let y = 620.0 + 440.0 * t * t.sqrt();
        let size = 54.0 + 190.0 * t;
        let mut x = c.range(-size, 0.0);
        let mut spots: Vec<Spot> = Vec::new();
        while x < WIDTH + size {
            spots.push((x, y + c.range(-14.0, 14.0) * (0.4 + t)));
            x += size * c.range(0.94, 1.14);
        }
        for &(x, y) in &spots {
            if c.happens(0.2 + 0.12 * (1.0 - t)) && (row < 5 || x > 200.0) {
                placard(
                    c,
                    (x + size * 0.3, y),
                    size,
                    p.lit(c.pick(&[p.light, p.light, p.warm, p.accent]), 0.4 + 0.6 * t),
                    p.depth(0.3 + 0.6 * t),
                );
            }
        }
        for &spot in &spots {
            let person = Look::random(c, &coats, p.near);
            let fade = |ink: Ink| p.far.mix(ink, 0.3 + 0.7 * t).mix(p.near, 0.42 * t);
            let look = Look {
                skin: fade(person.skin),
                hair: fade(person.hair),
                top: fade(person.top),
                legs: p.near,
            };
            people::back(c, spot, size, &look);
        }
    }
}

fn placard(c: &mut Canvas, (x, y): Spot, size: f32, board: Ink, stick: Ink) {
    let tilt = c.range(-0.16, 0.16);
    let rise = size * c.range(1.15, 1.6);
    let (w, h) = (size * c.range(0.9, 1.2), size * c.range(0.62, 0.8));
    let at = |dx: f32, dy: f32| (x + dx - dy * tilt, y + dy + dx * tilt);
    c.line(&[at(0.0, 0.0), at(0.0, -rise)], size * 0.05, stick);
    let (x0, x1, y0, y1) = (-w / 2.0, w / 2.0, -rise - h, -rise);
    c.poly(
        &[
            at(x0 + 7.0, y0 + 8.0),
            at(x1 + 7.0, y0 + 8.0),
            at(x1 + 7.0, y1 + 8.0),
            at(x0 + 7.0, y1 + 8.0),
        ],
        stick.alpha(0.25),
    );
    c.poly(
        &[at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)],
        Fill::Linear(at(x0, y0), at(x1, y1), vec![board, board.mix(stick, 0.14)]),
    );
    c.taper(
        at(0.0, -size * 0.1),
        size * 0.1,
        at(size * 0.02, -size * 0.62),
        size * 0.07,
        stick,
    );
}
