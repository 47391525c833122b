//! Scenes of learning: laboratory, microscope, books, classroom, library.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::built::{self, Area};
use super::nature;
use super::palette::{self, Room};
use super::people::{self, Look};

/// A laboratory bench with glassware and two researchers.
pub fn laboratory(c: &mut Canvas) {
    let r = palette::room(c);
    let bench = 740.0;
    built::interior(c, &r, 860.0);
    let day = palette::any(c);
    let a = Area::new(c.range(90.0, 240.0), 90.0, 560.0, 330.0);
    built::tall_window(c, a, &day, r.light.mix(r.shade, 0.3), (3, 2));
    nature::glow(c, (a.x + 280.0, 260.0), 620.0, r.light, 0.25);
    let shelf = a.x + a.w + 110.0;
    for row in 0..3 {
        let y = 190.0 + 130.0 * row as f32;
        c.rect(shelf, y, 560.0, 12.0, r.dark.mix(r.cool, 0.3));
        let mut x = shelf + 16.0;
        while x < shelf + 500.0 {
            let size = c.range(0.34, 0.52);
            let ink = c.pick(&[r.accent, r.warm, r.cool, r.cool.mix(r.light, 0.4)]);
            bottle(c, &r, (x + 30.0, y), size, ink);
            x += c.range(60.0, 96.0);
        }
    }
    let coat = r.light;
    let first = c.range(330.0, 470.0);
    for (x, side) in [(first, 1.0), (first + c.range(520.0, 680.0), -1.0)] {
        let look = Look {
            legs: coat.mix(r.shade, 0.3),
            ..Look::random(c, &[coat], coat)
        };
        people::figure(c, (x, 990.0), 580.0, side, &people::WORKING, &look);
        c.poly(
            &[
                (x - 62.0, 680.0),
                (x + 62.0, 680.0),
                (x + 76.0, 880.0),
                (x - 76.0, 880.0),
            ],
            Fill::across(x - 70.0, x + 70.0, &[coat, coat.mix(r.shade, 0.35)]),
        );
    }
    c.rect(-10.0, bench, WIDTH + 20.0, 28.0, r.light.mix(r.wall, 0.3));
    c.rect(
        -10.0,
        bench + 26.0,
        WIDTH + 20.0,
        300.0,
        Fill::down(
            bench,
            HEIGHT,
            &[r.cool.mix(r.dark, 0.3), r.cool.mix(r.dark, 0.65)],
        ),
    );
    for i in 0..6 {
        let x = 20.0 + i as f32 * 270.0;
        c.round(x, bench + 56.0, 240.0, 90.0, 6.0, r.dark.alpha(0.2));
        c.round(x + 90.0, bench + 92.0, 60.0, 10.0, 5.0, r.light.alpha(0.7));
        c.round(x, bench + 160.0, 240.0, 200.0, 6.0, r.dark.alpha(0.2));
    }
    let inks = [r.accent, r.warm, r.cool];
    flask(c, &r, (first + 220.0, bench), 1.35, inks[c.count(0, 2)]);
    flask(c, &r, (first + 350.0, bench), 0.85, inks[c.count(0, 2)]);
    tubes(c, &r, (first - 330.0, bench), &inks);
    microscope(
        c,
        &r,
        (if first > 400.0 { 1330.0 } else { 1250.0 }, bench),
        1.0,
    );
    bottle(c, &r, (120.0, bench), 1.0, r.accent);
    bottle(c, &r, (1500.0, bench), 0.9, r.warm);
}

fn bottle(c: &mut Canvas, r: &Room, (x, y): Spot, s: f32, ink: Ink) {
    c.round(
        x - 34.0 * s,
        y - 130.0 * s,
        68.0 * s,
        130.0 * s,
        14.0 * s,
        Fill::across(
            x - 34.0 * s,
            x + 34.0 * s,
            &[ink.mix(r.light, 0.3), ink, ink.mix(r.dark, 0.25)],
        ),
    );
    c.rect(
        x - 14.0 * s,
        y - 164.0 * s,
        28.0 * s,
        40.0 * s,
        ink.mix(r.dark, 0.2),
    );
    c.round(
        x - 20.0 * s,
        y - 180.0 * s,
        40.0 * s,
        24.0 * s,
        5.0 * s,
        r.dark,
    );
    c.rect(
        x - 34.0 * s,
        y - 88.0 * s,
        68.0 * s,
        48.0 * s,
        r.light.alpha(0.85),
    );
}

fn flask(c: &mut Canvas, r: &Room, (x, y): Spot, s: f32, ink: Ink) {
    let at = |dx: f32, dy: f32| (x + dx * s, y - dy * s);
    let glass = r.light.alpha(0.42);
    c.poly(
        &[
            at(-20.0, 190.0),
            at(20.0, 190.0),
            at(20.0, 120.0),
            at(82.0, 10.0),
            at(74.0, 0.0),
            at(-74.0, 0.0),
            at(-82.0, 10.0),
            at(-20.0, 120.0),
        ],
        glass,
    );
    c.poly(
        &[
            at(-48.0, 70.0),
            at(48.0, 70.0),
            at(82.0, 10.0),
            at(74.0, 0.0),
            at(-74.0, 0.0),
            at(-82.0, 10.0),
        ],
        Fill::Linear(
            at(-70.0, 0.0),
            at(70.0, 0.0),
            vec![ink.mix(r.light, 0.25), ink],
        ),
    );
    let (ex, ey) = at(0.0, 70.0);
    c.oval(ex, ey, 48.0 * s, 8.0 * s, ink.mix(r.light, 0.4));
    c.line(&[at(-28.0, 192.0), at(28.0, 192.0)], 8.0 * s, r.light);
    c.line(
        &[at(-14.0, 176.0), at(-14.0, 122.0), at(-46.0, 60.0)],
        4.0 * s,
        r.light.alpha(0.7),
    );
    for (dx, dy, radius) in [(-12.0, 30.0, 8.0), (18.0, 46.0, 6.0), (30.0, 20.0, 9.0)] {
        let (bx, by) = at(dx, dy);
        c.disc(bx, by, radius * s, r.light.alpha(0.45));
    }
}

fn tubes(c: &mut Canvas, r: &Room, (x, y): Spot, inks: &[Ink]) {
    for i in 0..5 {
        let left = x + i as f32 * 46.0;
        c.round(left, y - 170.0, 26.0, 160.0, 13.0, r.light.alpha(0.5));
        let fill = c.range(50.0, 110.0);
        c.round(left, y - 10.0 - fill, 26.0, fill, 13.0, c.pick(inks));
    }
    c.rect(x - 18.0, y - 120.0, 246.0, 16.0, r.dark);
    c.rect(x - 18.0, y - 26.0, 246.0, 26.0, r.dark);
    c.rect(x - 18.0, y - 120.0, 12.0, 120.0, r.dark);
    c.rect(x + 216.0, y - 120.0, 12.0, 120.0, r.dark);
}

fn microscope(c: &mut Canvas, r: &Room, (x, y): Spot, s: f32) {
    let at = |dx: f32, dy: f32| (x + dx * s, y - dy * s);
    let ink = r.dark;
    c.round(
        x - 90.0 * s,
        y - 24.0 * s,
        190.0 * s,
        24.0 * s,
        10.0 * s,
        ink,
    );
    c.curve(
        at(60.0, 20.0),
        at(120.0, 150.0),
        at(10.0, 230.0),
        28.0 * s,
        ink,
    );
    c.rect(x - 80.0 * s, y - 92.0 * s, 140.0 * s, 14.0 * s, ink);
    c.taper(
        at(-24.0, 130.0),
        20.0 * s,
        at(20.0, 236.0),
        24.0 * s,
        r.light,
    );
    c.taper(at(22.0, 240.0), 17.0 * s, at(46.0, 296.0), 15.0 * s, ink);
    c.taper(at(-30.0, 116.0), 13.0 * s, at(-38.0, 98.0), 9.0 * s, r.warm);
    c.disc(x + 74.0 * s, y - 110.0 * s, 19.0 * s, r.warm);
}

/// Living cells as seen through a microscope.
pub fn microscope_cells(c: &mut Canvas) {
    let schemes = [
        [0xf2e3cf, 0xd98b7a, 0xa63f4c, 0x4a1f3a, 0x1f0d18],
        [0xdfe9df, 0x83b09f, 0x3f7d7a, 0x173f49, 0x0b1e23],
        [0xefe3c6, 0xd9ac5e, 0xa8603a, 0x3d2a35, 0x1b1218],
        [0xd8e2ea, 0x86a5c2, 0x486a9a, 0x1d2b52, 0x0d142a],
        [0x1b2a47, 0x3c6a86, 0x7fb2a8, 0xf2d9a0, 0x070d1a],
    ];
    let [ground, body, organ, core, rim] = c.turn(&schemes).map(Ink::hex);
    c.wash(rim);
    let lens = (800.0, 500.0);
    let Some(field) = super::brush::ellipse(lens.0, lens.1, 840.0, 840.0) else {
        return;
    };
    c.fill(
        &field,
        Fill::Radial(lens, 840.0, vec![ground, ground, ground.mix(body, 0.4)]),
    );
    let mut placed: Vec<(Spot, f32)> = Vec::new();
    let ambition = c.range(95.0, 150.0);
    for attempt in 0..420 {
        let radius = ambition
            * if attempt < 60 {
                c.range(0.95, 1.35)
            } else {
                c.range(0.3, 0.85)
            };
        let at = (c.range(-40.0, 1640.0), c.range(-40.0, 1040.0));
        let free = placed
            .iter()
            .all(|((x, y), r)| (x - at.0).hypot(y - at.1) > (r + radius) * 1.03);
        if free {
            placed.push((at, radius));
        }
    }
    let dividing = c.count(0, 8);
    c.inside(&field, |c| {
        for (i, &(at, radius)) in placed.iter().enumerate() {
            if i % 9 == dividing && radius > 80.0 {
                let turn = c.range(0.0, std::f32::consts::PI);
                let (sin, cos) = turn.sin_cos();
                let half = radius * 0.42;
                cell(
                    c,
                    (at.0 - cos * half, at.1 - sin * half),
                    radius * 0.58,
                    [ground, body, organ, core],
                );
                cell(
                    c,
                    (at.0 + cos * half, at.1 + sin * half),
                    radius * 0.58,
                    [ground, body, organ, core],
                );
            } else {
                cell(c, at, radius, [ground, body, organ, core]);
            }
        }
    });
    c.disc(
        lens.0,
        lens.1,
        1000.0,
        Fill::Radial(
            lens,
            1000.0,
            vec![
                rim.alpha(0.0),
                rim.alpha(0.0),
                rim.alpha(0.08),
                rim.alpha(0.55),
            ],
        ),
    );
}

fn cell(c: &mut Canvas, (x, y): Spot, radius: f32, [ground, body, organ, core]: [Ink; 4]) {
    let edge: Vec<Spot> = (0..10)
        .map(|i| {
            let angle = i as f32 / 10.0 * std::f32::consts::TAU;
            let reach = radius * c.range(0.88, 1.04);
            (x + angle.cos() * reach, y + angle.sin() * reach)
        })
        .collect();
    c.blob(&edge, body.mix(ground, 0.1));
    let inner: Vec<Spot> = edge
        .iter()
        .map(|s| (x + (s.0 - x) * 0.9, y + (s.1 - y) * 0.9))
        .collect();
    let pale = body.mix(ground, 0.62);
    c.blob(
        &inner,
        Fill::Radial(
            (x - radius * 0.2, y - radius * 0.2),
            radius * 1.2,
            vec![pale, body.mix(ground, 0.2)],
        ),
    );
    for _ in 0..(radius / 9.0) as usize {
        let (angle, reach) = (
            c.range(0.0, std::f32::consts::TAU),
            radius * c.range(0.5, 0.8),
        );
        let size = radius * c.range(0.025, 0.06);
        c.disc(
            x + angle.cos() * reach,
            y + angle.sin() * reach,
            size,
            organ.alpha(0.55),
        );
    }
    let (nx, ny) = (
        x + radius * c.range(-0.14, 0.14),
        y + radius * c.range(-0.14, 0.14),
    );
    let nucleus = radius * c.range(0.3, 0.4);
    c.oval(nx, ny, nucleus, nucleus * c.range(0.85, 1.0), organ);
    c.disc(
        nx - nucleus * 0.16,
        ny - nucleus * 0.1,
        nucleus * 0.62,
        organ.mix(core, 0.35),
    );
    c.disc(
        nx + nucleus * 0.2,
        ny + nucleus * 0.18,
        nucleus * 0.26,
        core,
    );
}

/// A pile of books on a table by the window.
pub fn books(c: &mut Canvas) {
    let r = palette::room(c);
    let day = palette::any(c);
    let table = 770.0;
    c.wash(Fill::across(0.0, WIDTH, &[r.wall, r.shade]));
    let left = c.happens(0.5);
    let flip = |x: f32, w: f32| if left { x } else { WIDTH - x - w };
    let a = Area::new(flip(150.0, 560.0), 70.0, 560.0, 560.0);
    built::tall_window(c, a, &day, r.light.mix(r.wall, 0.2), (1, 1));
    if let Some(view) = super::brush::rounded(a.x, a.y, a.w, a.h, 0.0) {
        c.inside(&view, |c| {
            nature::disc(c, &day, (a.x + 190.0, 230.0), 60.0);
            nature::hills(c, &day, 430.0, 590.0, 4);
        });
    }
    built::window_bars(c, a, r.light.mix(r.wall, 0.2), (2, 2));
    c.rect(a.x - 40.0, 636.0, 640.0, 26.0, r.light.mix(r.shade, 0.2));
    let wood = r.warm.mix(r.dark, 0.4);
    c.rect(
        -10.0,
        table,
        WIDTH + 20.0,
        260.0,
        Fill::down(
            table,
            HEIGHT,
            &[wood.mix(r.light, 0.22), wood.mix(r.dark, 0.25)],
        ),
    );
    let covers = [
        r.accent,
        r.cool,
        r.warm,
        r.dark.mix(r.cool, 0.3),
        r.light.mix(r.shade, 0.4),
        r.accent.mix(r.dark, 0.4),
        Ink::hex(0x6d8a6c),
    ];
    let mut y = table + 60.0;
    let pile = flip(820.0, 560.0);
    c.oval(pile + 280.0, y + 2.0, 360.0, 20.0, r.dark.alpha(0.35));
    let mut last = covers.len();
    for _ in 0..c.count(6, 8) {
        let (w, h) = (c.range(430.0, 580.0), c.range(46.0, 78.0));
        let x = pile + (560.0 - w) / 2.0 + c.range(-34.0, 34.0);
        let mut hue = c.count(0, covers.len() - 1);
        if hue == last {
            hue = (hue + 1) % covers.len();
        }
        last = hue;
        lying_book(c, &r, Area::new(x, y - h, w, h), covers[hue]);
        y -= h;
    }
    if c.happens(0.5) {
        cup(c, &r, (pile + 280.0, y));
    } else {
        open_book(c, &r, (pile + 280.0, y), 0.62);
    }
    let row = flip(110.0, 420.0);
    let mut x = row;
    c.oval(row + 210.0, table + 74.0, 270.0, 14.0, r.dark.alpha(0.3));
    for i in 0..6 {
        let (w, h) = (c.range(46.0, 78.0), c.range(250.0, 350.0));
        standing_book(
            c,
            &r,
            Area::new(x, table + 72.0 - h, w, h),
            covers[(i + last + 1) % covers.len()],
        );
        x += w + 2.0;
    }
    open_book(c, &r, (flip(420.0, 0.0), 935.0), 1.2);
    let leaf = Ink::hex(0x64895f).mix(r.shade, 0.2);
    built::plant(
        c,
        (if left { 740.0 } else { 860.0 }, 636.0),
        150.0,
        leaf,
        r.accent,
    );
}

fn lying_book(c: &mut Canvas, r: &Room, a: Area, ink: Ink) {
    c.rect(
        a.x + 12.0,
        a.y + 7.0,
        a.w - 16.0,
        a.h - 14.0,
        r.light.mix(r.shade, 0.18),
    );
    for i in 1..4 {
        c.rect(
            a.x + 12.0,
            a.y + 7.0 + (a.h - 14.0) * i as f32 / 4.0,
            a.w - 16.0,
            1.6,
            r.dark.alpha(0.16),
        );
    }
    c.rect(a.x, a.y, a.w, 8.0, ink.mix(r.light, 0.12));
    c.rect(a.x, a.y + a.h - 8.0, a.w, 8.0, ink.mix(r.dark, 0.2));
    if c.happens(0.65) {
        c.round(
            a.x - 8.0,
            a.y,
            a.w * 0.995,
            a.h,
            8.0,
            Fill::down(
                a.y,
                a.y + a.h,
                &[ink.mix(r.light, 0.14), ink, ink.mix(r.dark, 0.3)],
            ),
        );
        for t in [0.1, 0.86] {
            c.rect(
                a.x + a.w * t,
                a.y,
                9.0,
                a.h,
                r.warm.mix(r.light, 0.35).alpha(0.8),
            );
        }
    }
}

fn standing_book(c: &mut Canvas, r: &Room, a: Area, ink: Ink) {
    c.round(
        a.x,
        a.y,
        a.w,
        a.h,
        5.0,
        Fill::across(
            a.x,
            a.x + a.w,
            &[ink.mix(r.light, 0.12), ink, ink.mix(r.dark, 0.3)],
        ),
    );
    let trim = r.warm.mix(r.light, 0.4).alpha(0.8);
    c.rect(a.x, a.y + a.h * 0.1, a.w, (a.h * 0.022).max(2.0), trim);
    c.rect(a.x, a.y + a.h * 0.86, a.w, (a.h * 0.022).max(2.0), trim);
    if c.happens(0.5) {
        c.round(
            a.x + a.w * 0.24,
            a.y + a.h * 0.24,
            a.w * 0.52,
            a.h * 0.24,
            3.0,
            trim,
        );
    }
}

fn open_book(c: &mut Canvas, r: &Room, (x, y): Spot, s: f32) {
    for side in [-1.0, 1.0] {
        let at = |dx: f32, dy: f32| (x + side * dx * s, y - dy * s);
        c.poly(
            &[at(0.0, 0.0), at(230.0, 0.0), at(230.0, 26.0), at(0.0, 12.0)],
            r.accent.mix(r.dark, 0.2),
        );
        for (lift, dim) in [(0.0, 0.28), (9.0, 0.14), (18.0, 0.0)] {
            let page = r
                .light
                .mix(r.shade, dim + if side > 0.0 { 0.14 } else { 0.0 });
            c.blob(
                &[
                    at(0.0, 14.0),
                    at(70.0, 44.0 + lift),
                    at(224.0, 22.0 + lift),
                    at(190.0, 68.0 + lift),
                    at(70.0, 92.0 + lift),
                    at(0.0, 58.0),
                ],
                page,
            );
        }
        for line in 0..4 {
            let dy = 58.0 + 12.0 * line as f32;
            c.curve(
                at(34.0, dy + 2.0),
                at(90.0, dy + 26.0),
                at(178.0, dy + 8.0),
                2.6 * s,
                r.dark.alpha(0.25),
            );
        }
    }
}

fn cup(c: &mut Canvas, r: &Room, (x, y): Spot) {
    c.oval(x, y - 5.0, 74.0, 10.0, r.light.mix(r.shade, 0.3));
    c.ring(x + 48.0, y - 54.0, 20.0, 9.0, r.light);
    c.round(
        x - 48.0,
        y - 92.0,
        96.0,
        86.0,
        24.0,
        Fill::across(x - 48.0, x + 48.0, &[r.light, r.light.mix(r.shade, 0.4)]),
    );
    for dx in [-14.0, 14.0] {
        c.curve(
            (x + dx, y - 104.0),
            (x + dx + 24.0, y - 134.0),
            (x + dx, y - 170.0),
            5.0,
            r.light.alpha(0.45),
        );
    }
}

/// A classroom seen from the back row.
pub fn classroom(c: &mut Canvas) {
    let r = palette::bright_room(c);
    let day = palette::daylight(c);
    let floor = 640.0;
    built::interior(c, &r, floor);
    let left = c.happens(0.5);
    let flip = |x: f32, w: f32| if left { x } else { WIDTH - x - w };
    for i in 0..2 {
        let a = Area::new(flip(50.0 + 210.0 * i as f32, 170.0), 90.0, 170.0, 380.0);
        built::tall_window(c, a, &day, r.light.mix(r.wall, 0.3), (1, 3));
        built::sunbeam(c, a, floor, if left { 260.0 } else { -260.0 }, r.light);
    }
    let board = Area::new(flip(540.0, 760.0), 130.0, 760.0, 350.0);
    c.rect(
        board.x - 16.0,
        board.y - 16.0,
        board.w + 32.0,
        board.h + 32.0,
        r.warm.mix(r.dark, 0.4),
    );
    built::block(
        c,
        board,
        c.pick(&[Ink::hex(0x2f5049), Ink::hex(0x2b3d4a), Ink::hex(0x3d4a3a)]),
    );
    lesson(c, &r, board);
    let map = Area::new(flip(1360.0, 180.0), 150.0, 180.0, 240.0);
    built::block(c, map, r.light);
    let (mx, my) = (map.x + 90.0, map.y + 110.0);
    c.disc(mx, my, 68.0, r.cool);
    c.blob(
        &[
            (mx - 40.0, my - 36.0),
            (mx + 6.0, my - 50.0),
            (mx + 20.0, my - 6.0),
            (mx - 16.0, my + 30.0),
            (mx - 44.0, my + 4.0),
        ],
        Ink::hex(0x8aa06d),
    );
    c.blob(
        &[
            (mx + 26.0, my + 6.0),
            (mx + 54.0, my + 2.0),
            (mx + 40.0, my + 44.0),
            (mx + 16.0, my + 46.0),
        ],
        Ink::hex(0x8aa06d),
    );
    let teacher = Look::random(c, &[r.accent, r.cool, r.warm], r.dark);
    let x = board.x + if left { 120.0 } else { 640.0 };
    let side = if left { 1.0 } else { -1.0 };
    let pointing = people::Pose {
        arms: [[(0.13, 0.76), (0.24, 0.88)], people::STANDING.arms[1]],
        ..people::STANDING
    };
    people::figure(c, (x, 708.0), 410.0, side, &pointing, &teacher);
    let wood = r.warm.mix(r.dark, 0.35);
    let shirts = [
        r.accent,
        r.cool,
        r.warm,
        r.light.mix(r.shade, 0.3),
        Ink::hex(0x6f8f74),
        r.dark.mix(r.cool, 0.4),
    ];
    for row in 0..3 {
        let t = row as f32 / 2.0;
        let y = 720.0 + 170.0 * t;
        let size = 104.0 + 96.0 * t;
        let count = 6 - row;
        let pitch = WIDTH / count as f32;
        for i in 0..count {
            let x = pitch * (i as f32 + 0.5) + c.range(-14.0, 14.0);
            c.round(
                x - pitch * 0.42,
                y - size * 0.02,
                pitch * 0.84,
                size * 0.14,
                6.0,
                wood.mix(r.light, 0.25),
            );
            c.rect(
                x - pitch * 0.36,
                y + size * 0.1,
                pitch * 0.72,
                size * 0.5,
                wood.mix(r.dark, 0.3),
            );
            let hair = Ink::hex(c.pick(&[0x2a211e, 0x4a3226, 0x1d1a1c, 0x7a5434, 0xb08d58]));
            let look = Look {
                hair,
                ..Look::random(c, &shirts, r.dark)
            };
            if c.happens(0.16) {
                c.taper(
                    (x + size * 0.42, y + size * 0.1),
                    size * 0.085,
                    (x + size * 0.5, y - size * 0.5),
                    size * 0.06,
                    look.top,
                );
                c.taper(
                    (x + size * 0.5, y - size * 0.5),
                    size * 0.06,
                    (x + size * 0.47, y - size * 0.92),
                    size * 0.05,
                    look.skin,
                );
            }
            people::back(c, (x, y + size * 0.06), size, &look);
            c.round(
                x - size * 0.36,
                y + size * 0.42,
                size * 0.72,
                size * 0.34,
                size * 0.06,
                wood,
            );
        }
    }
}

/// Chalk figures without words.
fn lesson(c: &mut Canvas, r: &Room, a: Area) {
    let chalk = r.light.alpha(0.85);
    let at = |dx: f32, dy: f32| (a.x + dx * a.w, a.y + dy * a.h);
    if c.happens(0.5) {
        c.line(&[at(0.36, 0.78), at(0.36, 0.16)], 4.0, chalk);
        c.line(&[at(0.36, 0.78), at(0.74, 0.78)], 4.0, chalk);
        c.curve(at(0.37, 0.74), at(0.56, 0.7), at(0.7, 0.2), 5.0, r.warm);
        c.line(
            &[at(0.38, 0.3), at(0.72, 0.66)],
            4.0,
            r.accent.mix(r.light, 0.3),
        );
    } else {
        c.line(
            &[
                at(0.34, 0.78),
                at(0.58, 0.78),
                at(0.58, 0.24),
                at(0.34, 0.78),
            ],
            5.0,
            chalk,
        );
        c.line(
            &[at(0.55, 0.78), at(0.55, 0.72), at(0.58, 0.72)],
            3.0,
            chalk,
        );
        let (x, y) = at(0.72, 0.5);
        c.ring(x, y, 70.0, 5.0, r.warm);
        c.line(&[(x, y), (x + 60.0, y - 34.0)], 4.0, chalk);
    }
}

/// A library with tall shelves, ladders and readers under lamps.
pub fn library(c: &mut Canvas) {
    let r = palette::room(c);
    let floor = 830.0;
    let wood = r.warm.mix(r.dark, c.range(0.5, 0.64));
    c.wash(wood.mix(r.dark, 0.5));
    let day = palette::any(c);
    let middle = c.range(700.0, 900.0);
    let a = Area::new(middle - 130.0, 60.0, 260.0, 560.0);
    built::tall_window(c, a, &day, wood.mix(r.light, 0.3), (2, 5));
    c.disc(middle, 70.0, 130.0, day.sky[0]);
    c.ring(middle, 70.0, 130.0, 14.0, wood.mix(r.light, 0.3));
    nature::glow(c, (middle, 330.0), 620.0, day.sky[2], 0.42);
    let covers = [
        r.accent,
        r.cool,
        r.warm,
        r.light.mix(r.shade, 0.5),
        r.dark.mix(r.cool, 0.5),
        r.accent.mix(r.dark, 0.35),
        Ink::hex(0x6f8465),
    ];
    for side in [-1.0, 1.0] {
        for case in 0..3 {
            let inner = middle + side * (170.0 + case as f32 * 270.0);
            let x = if side > 0.0 { inner } else { inner - 252.0 };
            let shade = 0.1 + 0.16 * (2 - case) as f32;
            c.rect(x - 9.0, 40.0, 270.0, floor - 40.0, wood.mix(r.dark, 0.15));
            for row in 0..6 {
                let y = 60.0 + row as f32 * 128.0;
                c.rect(x + 6.0, y, 240.0, 116.0, r.dark.mix(wood, 0.25));
                let mut at = x + 10.0;
                while at < x + 226.0 {
                    let (w, h) = (c.range(13.0, 29.0), c.range(74.0, 106.0));
                    if c.happens(0.93) {
                        let ink = c.pick(&covers).mix(r.dark, shade);
                        c.rect(
                            at,
                            y + 116.0 - h,
                            w - 1.5,
                            h,
                            Fill::across(at, at + w, &[ink, ink.mix(r.dark, 0.3)]),
                        );
                        c.rect(at, y + 116.0 - h * 0.82, w - 1.5, 4.0, r.light.alpha(0.35));
                    }
                    at += w;
                }
                c.rect(x - 2.0, y + 116.0, 256.0, 12.0, wood.mix(r.light, 0.12));
            }
        }
    }
    c.rect(
        -10.0,
        floor,
        WIDTH + 20.0,
        200.0,
        Fill::down(
            floor,
            HEIGHT,
            &[wood.mix(r.light, 0.14), wood.mix(r.dark, 0.5)],
        ),
    );
    c.poly(
        &[
            (middle - 120.0, floor),
            (middle + 120.0, floor),
            (middle + 320.0, 1010.0),
            (middle - 320.0, 1010.0),
        ],
        r.accent.mix(r.dark, 0.25),
    );
    let ladder = middle + c.pick(&[-1.0, 1.0]) * c.range(330.0, 480.0);
    for dx in [0.0, 74.0] {
        c.line(
            &[(ladder + dx, floor + 20.0), (ladder + dx + 50.0, 130.0)],
            9.0,
            r.warm.mix(r.light, 0.15),
        );
    }
    for i in 0..12 {
        let t = i as f32 / 12.0;
        let (x, y) = (ladder + 50.0 * t, floor - 690.0 * t);
        c.line(&[(x, y), (x + 74.0, y)], 6.0, r.warm.mix(r.light, 0.15));
    }
    for i in 0..3 {
        built::pendant(
            c,
            (middle - 420.0 + 420.0 * i as f32, 250.0),
            52.0,
            r.dark,
            r.warm.mix(r.light, 0.5),
        );
    }
    let coats = [r.accent, r.cool, r.light.mix(r.shade, 0.2)];
    for (x, side) in [(middle - 330.0, 1.0), (middle + 330.0, -1.0)] {
        let look = Look::random(c, &coats, r.dark);
        people::figure(c, (x, 962.0), 420.0, side, &people::SITTING, &look);
        c.round(x - side * 64.0 - 14.0, 680.0, 28.0, 170.0, 8.0, r.dark);
    }
    let top = wood.mix(r.light, 0.3);
    c.rect(middle - 270.0, 778.0, 540.0, 20.0, top);
    c.rect(middle - 240.0, 796.0, 26.0, 170.0, wood.mix(r.dark, 0.3));
    c.rect(middle + 214.0, 796.0, 26.0, 170.0, wood.mix(r.dark, 0.3));
    open_book(c, &r, (middle - 150.0, 778.0), 0.34);
    open_book(c, &r, (middle + 150.0, 778.0), 0.34);
    nature::glow(c, (middle, 730.0), 240.0, r.light, 0.6);
    c.rect(middle - 5.0, 690.0, 10.0, 88.0, r.warm);
    c.round(middle - 60.0, 664.0, 120.0, 34.0, 17.0, Ink::hex(0x3f7a62));
}
