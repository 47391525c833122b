//! Scenes in rooms: summit, courtroom, gallery, café, greenhouse, printing press.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::built::{self, Area};
use super::nature;
use super::palette::{self, Room};
use super::people::{self, Look};

/// A summit: a long table under tall windows between two flags.
pub fn summit(c: &mut Canvas) {
    let r = palette::bright_room(c);
    let p = palette::any(c);
    let floor = 690.0;
    built::interior(c, &r, floor);
    let panes = c.count(3, 5);
    let pitch = 1180.0 / panes as f32;
    for i in 0..panes {
        let a = Area::new(
            210.0 + pitch * i as f32 + pitch * 0.14,
            90.0,
            pitch * 0.72,
            500.0,
        );
        built::tall_window(c, a, &p, r.light.mix(r.wall, 0.4), (1, 1));
        if let Some(view) = super::brush::rounded(a.x, a.y, a.w, a.h, 0.0) {
            c.inside(&view, |c| {
                for row in 0..3 {
                    let y = 430.0 + 56.0 * row as f32;
                    let swell = (i as f32 * 1.3 + row as f32).sin() * 22.0;
                    c.blob(
                        &[
                            (a.x - 60.0, y + swell),
                            (a.x + a.w / 2.0, y - swell),
                            (a.x + a.w + 60.0, y + 8.0),
                            (a.x + a.w + 60.0, 700.0),
                            (a.x - 60.0, 700.0),
                        ],
                        p.green(0.1 + 0.3 * row as f32),
                    );
                }
            });
        }
        built::window_bars(c, a, r.light.mix(r.wall, 0.4), (2, 4));
        built::sunbeam(c, a, floor, 90.0, r.light);
    }
    for x in [150.0, 1450.0] {
        for fold in 0..5 {
            let left = x - 90.0 + fold as f32 * 34.0;
            let cloth = r.accent.mix(r.shade, 0.55);
            c.rect(
                left,
                50.0,
                36.0,
                640.0,
                Fill::across(left, left + 36.0, &[cloth, cloth.mix(r.dark, 0.3)]),
            );
        }
    }
    c.rect(-10.0, 0.0, WIDTH + 20.0, 52.0, r.shade.mix(r.dark, 0.2));
    let designs = c.count(0, 5);
    let colours = [r.accent, r.cool, r.warm, r.light, r.dark.mix(r.cool, 0.4)];
    let pick = |k: usize| colours[k % colours.len()];
    standing_flag(
        c,
        &r,
        (330.0, 742.0),
        [pick(designs), pick(designs + 3), pick(designs + 1)],
        designs % 3,
    );
    standing_flag(
        c,
        &r,
        (1270.0, 742.0),
        [pick(designs + 2), pick(designs + 4), pick(designs + 3)],
        (designs + 1) % 3,
    );
    let suits = [
        r.dark,
        r.dark.mix(r.cool, 0.4),
        r.dark.mix(r.accent, 0.35),
        r.cool.mix(r.dark, 0.2),
    ];
    let seats = c.count(6, 8);
    for i in 0..seats {
        let x = 400.0 + 800.0 * i as f32 / (seats - 1) as f32;
        let look = Look::random(c, &suits, r.dark);
        c.round(
            x - 46.0,
            560.0,
            92.0,
            170.0,
            22.0,
            r.accent.mix(r.dark, 0.5),
        );
        facing_bust(c, (x, 650.0), 100.0, &look, r.light);
    }
    let wood = r.warm.mix(r.dark, 0.38);
    c.poly(
        &[
            (330.0, 716.0),
            (1270.0, 716.0),
            (1420.0, 850.0),
            (180.0, 850.0),
        ],
        Fill::down(
            716.0,
            850.0,
            &[wood.mix(r.light, 0.45), wood.mix(r.light, 0.12)],
        ),
    );
    c.poly(
        &[
            (180.0, 850.0),
            (1420.0, 850.0),
            (1390.0, 1010.0),
            (210.0, 1010.0),
        ],
        Fill::down(850.0, 1000.0, &[wood, wood.mix(r.dark, 0.5)]),
    );
    for i in 0..seats {
        let t = (i as f32 + 0.5) / seats as f32;
        let x = 400.0 + 800.0 * t;
        c.poly(
            &[
                (x - 34.0, 742.0),
                (x + 26.0, 742.0),
                (x + 30.0, 766.0),
                (x - 38.0, 766.0),
            ],
            r.light,
        );
        c.line(&[(x + 44.0, 760.0), (x + 38.0, 722.0)], 3.0, r.dark);
        c.oval(x + 37.0, 720.0, 5.0, 7.0, r.dark);
    }
    for i in 0..4 {
        let x = 320.0 + i as f32 * 320.0;
        let look = Look::random(c, &suits, r.dark);
        people::back(c, (x, 905.0), 190.0, &look);
        c.round(
            x - 92.0,
            908.0,
            184.0,
            160.0,
            34.0,
            r.accent.mix(r.dark, 0.55),
        );
    }
}

/// Head and shoulders from the front, the face left blank.
fn facing_bust(c: &mut Canvas, (x, y): Spot, s: f32, look: &Look, shirt: Ink) {
    let shoulders = [
        (x - 0.12 * s, y - 0.2 * s),
        (x + 0.12 * s, y - 0.2 * s),
        (x + 0.4 * s, y - 0.06 * s),
        (x + 0.52 * s, y + 0.3 * s),
        (x + 0.54 * s, y + 0.9 * s),
        (x - 0.54 * s, y + 0.9 * s),
        (x - 0.52 * s, y + 0.3 * s),
        (x - 0.4 * s, y - 0.06 * s),
    ];
    c.blob(&shoulders, look.top);
    c.poly(
        &[
            (x - 0.12 * s, y - 0.2 * s),
            (x + 0.12 * s, y - 0.2 * s),
            (x, y + 0.24 * s),
        ],
        shirt,
    );
    c.taper(
        (x, y - 0.38 * s),
        0.085 * s,
        (x, y - 0.16 * s),
        0.09 * s,
        look.skin.shade(0.84),
    );
    c.oval(x, y - 0.5 * s, 0.24 * s, 0.27 * s, look.hair);
    c.oval(x, y - 0.43 * s, 0.185 * s, 0.24 * s, look.skin);
    c.blob(
        &[
            (x - 0.2 * s, y - 0.5 * s),
            (x - 0.12 * s, y - 0.74 * s),
            (x + 0.12 * s, y - 0.74 * s),
            (x + 0.2 * s, y - 0.5 * s),
            (x + 0.06 * s, y - 0.61 * s),
        ],
        look.hair,
    );
}

/// A flag that hangs in folds from a standing pole.
fn standing_flag(
    c: &mut Canvas,
    r: &Room,
    (x, y): Spot,
    [field, band, mark]: [Ink; 3],
    design: usize,
) {
    c.oval(x, y, 44.0, 10.0, r.dark);
    c.rect(
        x - 5.0,
        y - 580.0,
        10.0,
        580.0,
        Fill::across(x - 5.0, x + 5.0, &[r.warm, r.warm.mix(r.dark, 0.5)]),
    );
    c.disc(x, y - 590.0, 13.0, r.warm);
    let top = y - 560.0;
    let cloth = [
        (x, top),
        (x + 34.0, top + 20.0),
        (x + 78.0, top + 86.0),
        (x + 108.0, top + 190.0),
        (x + 122.0, top + 330.0),
        (x + 126.0, top + 446.0),
        (x + 104.0, top + 462.0),
        (x + 84.0, top + 440.0),
        (x + 62.0, top + 456.0),
        (x + 38.0, top + 428.0),
        (x + 16.0, top + 440.0),
        (x, top + 414.0),
    ];
    let Some(outline) = super::brush::polygon(&cloth) else {
        return;
    };
    c.inside(&outline, |c| {
        c.rect(x - 60.0, top - 20.0, 260.0, 500.0, field);
        match design {
            0 => {
                c.poly(
                    &[
                        (x - 20.0, top + 150.0),
                        (x + 200.0, top + 250.0),
                        (x + 200.0, top + 350.0),
                        (x - 20.0, top + 250.0),
                    ],
                    band,
                );
                c.disc(x + 56.0, top + 240.0, 34.0, mark);
            }
            1 => {
                c.rect(x + 46.0, top - 20.0, 48.0, 500.0, band);
                c.disc(x + 70.0, top + 210.0, 42.0, mark);
                c.disc(x + 70.0, top + 210.0, 22.0, band);
            }
            _ => {
                c.poly(
                    &[
                        (x - 20.0, top + 270.0),
                        (x + 200.0, top + 210.0),
                        (x + 200.0, top + 500.0),
                        (x - 20.0, top + 500.0),
                    ],
                    band,
                );
                c.line(
                    &[
                        (x - 20.0, top + 270.0),
                        (x + 60.0, top + 234.0),
                        (x + 200.0, top + 210.0),
                    ],
                    22.0,
                    mark,
                );
            }
        }
        for fold in 0..4 {
            let left = x - 10.0 + fold as f32 * 40.0;
            c.rect(
                left,
                top - 20.0,
                40.0,
                500.0,
                Fill::across(left, left + 40.0, &[r.dark.alpha(0.0), r.dark.alpha(0.3)]),
            );
        }
    });
}

/// A courtroom with the bench above the parties.
pub fn courtroom(c: &mut Canvas) {
    let r = palette::bright_room(c);
    let wood = r.warm.mix(r.dark, c.range(0.42, 0.58));
    let pale = wood.mix(r.light, 0.25);
    let floor = 800.0;
    built::interior(c, &r, floor);
    for i in 0..10 {
        let x = i as f32 * 164.0 - 20.0;
        c.rect(
            x,
            70.0,
            150.0,
            560.0,
            Fill::across(
                x,
                x + 150.0,
                &[wood.mix(r.shade, 0.3), wood.mix(r.shade, 0.18)],
            ),
        );
        c.rect(x + 14.0, 90.0, 122.0, 520.0, wood.mix(r.dark, 0.12));
    }
    let x = c.range(720.0, 880.0);
    let day = palette::daylight(c);
    for side in [-1.0, 1.0] {
        let a = Area::new(x + side * 560.0 - 80.0, 90.0, 160.0, 430.0);
        built::tall_window(c, a, &day, pale, (2, 4));
        nature::glow(c, (a.x + 80.0, 300.0), 380.0, r.light, 0.3);
    }
    c.rect(x - 270.0, 60.0, 540.0, 560.0, wood.mix(r.dark, 0.3));
    for dx in [-270.0, 210.0] {
        built::column(
            c,
            Area::new(x + dx, 90.0, 60.0, 520.0),
            pale,
            wood.mix(r.dark, 0.4),
        );
    }
    c.poly(&[(x - 310.0, 96.0), (x, -10.0), (x + 310.0, 96.0)], pale);
    scales(c, (x, 150.0), r.warm.mix(r.light, 0.35));
    let robes = [r.dark, r.dark.mix(r.accent, 0.25)];
    let judges = c.pick(&[1, 3]);
    for i in 0..judges {
        let at = (x + (i as f32 - (judges - 1) as f32 / 2.0) * 170.0, 478.0);
        c.round(
            at.0 - 58.0,
            350.0,
            116.0,
            240.0,
            40.0,
            r.accent.mix(r.dark, 0.35),
        );
        let look = Look::random(c, &robes, r.dark);
        facing_bust(c, at, 124.0, &look, r.light);
    }
    c.rect(x - 350.0, 540.0, 700.0, 26.0, pale);
    c.rect(
        x - 330.0,
        564.0,
        660.0,
        240.0,
        Fill::down(564.0, 800.0, &[wood, wood.mix(r.dark, 0.35)]),
    );
    for i in 0..5 {
        c.rect(
            x - 312.0 + i as f32 * 128.0,
            590.0,
            112.0,
            190.0,
            wood.mix(r.dark, 0.42),
        );
        c.rect(
            x - 306.0 + i as f32 * 128.0,
            596.0,
            100.0,
            178.0,
            wood.mix(r.dark, 0.2),
        );
    }
    for side in [-1.0, 1.0] {
        let left = x + side * 500.0 - 130.0;
        let look = Look::random(c, &robes, r.dark);
        facing_bust(c, (left + 130.0, 640.0), 112.0, &look, r.light);
        c.rect(left, 690.0, 260.0, 18.0, pale);
        c.rect(left + 10.0, 706.0, 240.0, 110.0, wood.mix(r.dark, 0.22));
    }
    for (k, dx) in [-330.0, -180.0, 190.0, 340.0].into_iter().enumerate() {
        let look = Look::random(
            c,
            &[r.dark, r.cool.mix(r.dark, 0.3), r.accent.mix(r.dark, 0.2)],
            r.dark,
        );
        people::back(c, (x + dx, 850.0 + 6.0 * (k % 2) as f32), 150.0, &look);
    }
    c.rect(-10.0, 900.0, WIDTH + 20.0, 20.0, pale);
    for i in 0..34 {
        let left = i as f32 * 48.0;
        c.round(left, 918.0, 18.0, 90.0, 6.0, wood.mix(r.dark, 0.3));
    }
}

fn scales(c: &mut Canvas, (x, y): Spot, ink: Ink) {
    c.line(&[(x, y), (x, y + 150.0)], 7.0, ink);
    c.line(&[(x - 90.0, y + 22.0), (x + 90.0, y + 22.0)], 6.0, ink);
    c.disc(x, y, 11.0, ink);
    c.line(&[(x - 36.0, y + 152.0), (x + 36.0, y + 152.0)], 8.0, ink);
    for side in [-1.0, 1.0] {
        let at = x + side * 90.0;
        c.line(
            &[(at - 32.0, y + 92.0), (at, y + 22.0), (at + 32.0, y + 92.0)],
            3.0,
            ink,
        );
        c.poly(
            &[
                (at - 38.0, y + 92.0),
                (at + 38.0, y + 92.0),
                (at + 20.0, y + 110.0),
                (at - 20.0, y + 110.0),
            ],
            ink,
        );
    }
}

/// Visitors in front of abstract paintings.
pub fn gallery_room(c: &mut Canvas) {
    let r = palette::bright_room(c);
    let floor = 740.0;
    built::interior(c, &r, floor);
    let wide = c.happens(0.5);
    let frames = if wide {
        vec![
            Area::new(110.0, 200.0, 300.0, 380.0),
            Area::new(500.0, 150.0, 640.0, 440.0),
            Area::new(1230.0, 200.0, 270.0, 380.0),
        ]
    } else {
        vec![
            Area::new(140.0, 170.0, 560.0, 420.0),
            Area::new(800.0, 190.0, 300.0, 400.0),
            Area::new(1200.0, 190.0, 290.0, 400.0),
        ]
    };
    let style = c.count(0, 2);
    for (i, a) in frames.into_iter().enumerate() {
        let top = a.x + a.w / 2.0;
        let light = Fill::down(0.0, 620.0, &[r.light.alpha(0.5), r.light.alpha(0.08)]);
        c.poly(
            &[
                (top - 26.0, 36.0),
                (top + 26.0, 36.0),
                (a.x + a.w + 90.0, 660.0),
                (a.x - 90.0, 660.0),
            ],
            light,
        );
        c.round(top - 24.0, 20.0, 48.0, 22.0, 6.0, r.dark);
        c.rect(
            a.x - 10.0,
            a.y + 2.0,
            a.w + 34.0,
            a.h + 26.0,
            r.dark.alpha(0.2),
        );
        c.rect(
            a.x - 16.0,
            a.y - 16.0,
            a.w + 32.0,
            a.h + 32.0,
            r.dark.mix(r.warm, 0.25),
        );
        built::block(c, a, r.light);
        if let Some(frame) = super::brush::rounded(a.x, a.y, a.w, a.h, 0.0) {
            c.inside(&frame, |c| painting(c, &r, a, (style + i) % 3));
        }
    }
    c.rect(-10.0, 26.0, WIDTH + 20.0, 8.0, r.dark);
    let bench = c.range(560.0, 800.0);
    c.oval(bench + 180.0, 884.0, 220.0, 14.0, r.dark.alpha(0.3));
    c.round(bench, 800.0, 360.0, 32.0, 8.0, r.dark);
    c.rect(bench + 30.0, 830.0, 22.0, 54.0, r.dark);
    c.rect(bench + 308.0, 830.0, 22.0, 54.0, r.dark);
    let coats = [r.accent, r.dark, r.cool, r.warm];
    let spots = [
        (c.range(250.0, 420.0), 900.0),
        (c.range(1060.0, 1180.0), 880.0),
        (c.range(1290.0, 1420.0), 930.0),
    ];
    for (i, at) in spots.into_iter().take(c.count(2, 3)).enumerate() {
        c.oval(at.0, at.1, 80.0, 11.0, r.dark.alpha(0.35));
        visitor(
            c,
            at,
            400.0 + 20.0 * i as f32,
            coats[(i + style) % 4],
            r.dark,
        );
    }
}

/// A visitor seen from behind, in a long coat.
fn visitor(c: &mut Canvas, (x, y): Spot, h: f32, coat: Ink, dark: Ink) {
    let look = Look::random(c, &[coat], dark);
    for side in [-1.0, 1.0] {
        c.taper(
            (x + side * 0.05 * h, y - 0.3 * h),
            0.04 * h,
            (x + side * 0.05 * h, y - 0.02 * h),
            0.028 * h,
            dark,
        );
        c.taper(
            (x + side * 0.11 * h, y - 0.76 * h),
            0.035 * h,
            (x + side * 0.14 * h, y - 0.48 * h),
            0.026 * h,
            coat.shade(0.86),
        );
    }
    c.taper(
        (x, y - 0.9 * h),
        0.03 * h,
        (x, y - 0.8 * h),
        0.034 * h,
        look.skin.shade(0.85),
    );
    c.blob(
        &[
            (x - 0.05 * h, y - 0.83 * h),
            (x + 0.05 * h, y - 0.83 * h),
            (x + 0.135 * h, y - 0.77 * h),
            (x + 0.11 * h, y - 0.55 * h),
            (x + 0.14 * h, y - 0.24 * h),
            (x - 0.14 * h, y - 0.24 * h),
            (x - 0.11 * h, y - 0.55 * h),
            (x - 0.135 * h, y - 0.77 * h),
        ],
        Fill::across(x - 0.12 * h, x + 0.12 * h, &[coat, coat, coat.shade(0.8)]),
    );
    c.oval(x, y - 0.93 * h, 0.056 * h, 0.07 * h, look.hair);
}

fn painting(c: &mut Canvas, r: &Room, a: Area, style: usize) {
    let at = |dx: f32, dy: f32| (a.x + dx * a.w, a.y + dy * a.h);
    match style {
        0 => {
            let p = palette::dusk(c);
            built::block(c, a, Fill::down(a.y, a.y + a.h, &p.sky));
            let (sx, sy) = at(c.range(0.3, 0.7), 0.5);
            c.disc(sx, sy, a.h * 0.16, p.sun);
            for i in 0..3 {
                let y = 0.56 + 0.15 * i as f32;
                c.blob(
                    &[
                        at(-0.2, y),
                        at(0.3, y - 0.08),
                        at(0.7, y + 0.05),
                        at(1.2, y - 0.04),
                        at(1.2, 1.3),
                        at(-0.2, 1.3),
                    ],
                    p.depth(0.25 + 0.35 * i as f32),
                );
            }
        }
        1 => {
            let inks = [r.accent, r.warm, r.cool, r.dark, r.light, r.shade];
            let mut y = 0.0;
            while y < 1.0 {
                let band = c.range(0.16, 0.4);
                let split = c.range(0.25, 0.75);
                let (left, top) = at(0.0, y);
                c.rect(left, top, a.w * split, a.h * band + 1.0, c.pick(&inks));
                c.rect(
                    left + a.w * split,
                    top,
                    a.w * (1.0 - split) + 1.0,
                    a.h * band + 1.0,
                    c.pick(&inks),
                );
                y += band;
            }
        }
        _ => {
            built::block(c, a, r.light.mix(r.wall, 0.4));
            let s = a.w.min(a.h);
            let (x, y) = at(c.range(0.35, 0.6), c.range(0.35, 0.5));
            c.disc(x, y, s * 0.27, r.accent);
            let (x, y) = at(c.range(0.5, 0.75), c.range(0.55, 0.7));
            c.disc(x, y, s * 0.2, r.cool);
            c.poly(&[at(0.1, 0.9), at(0.42, 0.45), at(0.62, 0.92)], r.dark);
            c.line(&[at(0.1, 0.2), at(0.9, 0.78)], s * 0.018, r.warm);
        }
    }
}

/// A café by the window.
pub fn cafe(c: &mut Canvas) {
    let r = palette::room(c);
    let p = palette::any(c);
    let floor = 800.0;
    built::interior(c, &r, floor);
    let a = Area::new(c.range(120.0, 240.0), 120.0, 860.0, 500.0);
    built::tall_window(c, a, &p, r.dark, (1, 1));
    if let Some(view) = super::brush::rounded(a.x, a.y, a.w, a.h, 0.0) {
        c.inside(&view, |c| {
            nature::disc(c, &p, (a.x + a.w * c.range(0.2, 0.8), 260.0), 46.0);
            built::skyline(c, &p, 640.0, 330.0, 0.2);
            built::skyline(c, &p, 640.0, 180.0, 0.5);
            if c.happens(0.35) {
                nature::rain(c, p.light);
            }
        });
    }
    built::window_bars(c, a, r.dark, (3, 1));
    c.rect(a.x - 14.0, 200.0, a.w + 28.0, 7.0, r.dark);
    let stripes = 14;
    for i in 0..stripes {
        let left = a.x - 20.0 + i as f32 * (a.w + 40.0) / stripes as f32;
        let w = (a.w + 40.0) / stripes as f32;
        c.round(
            left,
            70.0,
            w + 1.0,
            76.0,
            24.0,
            if i % 2 == 0 { r.accent } else { r.light },
        );
        c.rect(
            left,
            70.0,
            w + 1.0,
            40.0,
            if i % 2 == 0 { r.accent } else { r.light },
        );
    }
    let shelf = a.x + a.w + 70.0;
    for row in 0..3 {
        let y = 250.0 + 120.0 * row as f32;
        c.rect(shelf, y, 400.0, 12.0, r.dark);
        let mut x = shelf + 14.0;
        while x < shelf + 350.0 {
            let (w, h) = (c.range(20.0, 36.0), c.range(34.0, 76.0));
            c.round(
                x,
                y - h,
                w,
                h,
                7.0,
                c.pick(&[r.cool, r.warm, r.accent, r.light]),
            );
            x += w + c.range(8.0, 26.0);
        }
    }
    let wood = r.warm.mix(r.dark, 0.45);
    c.rect(shelf - 20.0, 610.0, 600.0, 22.0, wood.mix(r.light, 0.3));
    c.rect(
        shelf,
        630.0,
        600.0,
        190.0,
        Fill::down(630.0, 820.0, &[wood, wood.mix(r.dark, 0.4)]),
    );
    c.round(
        shelf + 60.0,
        516.0,
        170.0,
        96.0,
        14.0,
        r.cool.mix(r.dark, 0.25),
    );
    c.rect(shelf + 80.0, 556.0, 130.0, 40.0, r.dark);
    c.rect(shelf + 74.0, 500.0, 142.0, 18.0, r.light);
    for i in 0..4 {
        let x = a.x + 40.0 + i as f32 * 400.0 + c.range(-30.0, 30.0);
        built::pendant(
            c,
            (x, c.range(170.0, 210.0)),
            46.0,
            r.dark,
            r.warm.mix(r.light, 0.5),
        );
    }
    let coats = [
        r.accent,
        r.cool,
        r.dark.mix(r.cool, 0.3),
        r.light.mix(r.shade, 0.3),
    ];
    let first = c.count(0, 3);
    for (i, x) in [a.x + 150.0, a.x + 680.0].into_iter().enumerate() {
        let guests = if c.happens(0.6) || i == 0 { 2 } else { 1 };
        for k in 0..guests {
            let side = if k == 0 { 1.0 } else { -1.0 };
            let foot = (x - side * 150.0, 936.0);
            c.line(
                &[
                    (foot.0 - side * 74.0, foot.1 - 260.0),
                    (foot.0 - side * 64.0, foot.1 - 130.0),
                    (foot.0 - side * 76.0, foot.1),
                ],
                11.0,
                r.dark,
            );
            c.line(
                &[
                    (foot.0 - side * 64.0, foot.1 - 126.0),
                    (foot.0 + side * 50.0, foot.1 - 126.0),
                    (foot.0 + side * 56.0, foot.1),
                ],
                11.0,
                r.dark,
            );
            let look = Look::random(c, &[coats[(first + i * 2 + k) % 4]], r.dark);
            people::figure(c, foot, 420.0, side, &people::SITTING, &look);
        }
        c.rect(x - 8.0, 772.0, 16.0, 164.0, r.dark);
        c.oval(x, 938.0, 70.0, 12.0, r.dark);
        c.oval(x, 766.0, 136.0, 24.0, wood);
        c.oval(x, 760.0, 136.0, 24.0, wood.mix(r.light, 0.4));
        for dx in [-54.0, 46.0] {
            c.oval(x + dx, 758.0, 28.0, 7.0, r.light);
            c.round(x + dx - 17.0, 726.0, 34.0, 32.0, 10.0, r.light);
            c.ring(x + dx + 18.0, 740.0, 8.0, 4.0, r.light);
            c.curve(
                (x + dx, 716.0),
                (x + dx + 14.0, 700.0),
                (x + dx, 682.0),
                3.0,
                r.light.alpha(0.5),
            );
        }
    }
    built::plant(
        c,
        (1500.0, 950.0),
        230.0,
        Ink::hex(0x5f8460).mix(r.shade, 0.2),
        r.accent,
    );
}

/// A greenhouse with rows of plants.
pub fn greenhouse(c: &mut Canvas) {
    let p = if c.happens(0.7) {
        palette::daylight(c)
    } else {
        palette::night(c)
    };
    let floor = 640.0;
    let vanish = (c.range(700.0, 900.0), 560.0);
    nature::sky(c, &p, 700.0);
    nature::hills(c, &p, 520.0, 600.0, 2);
    let frame = if p.night { p.far } else { p.light };
    c.wash(p.sky[2].alpha(0.16));
    c.poly(
        &[
            (vanish.0 - 130.0, floor - 20.0),
            (vanish.0 + 130.0, floor - 20.0),
            (WIDTH + 700.0, 1100.0),
            (-700.0, 1100.0),
        ],
        p.depth(0.34).mix(p.warm, 0.3),
    );
    for k in (0..7).rev() {
        let s = 0.2 + 0.8 * (1.0 - k as f32 / 6.5).powi(2) * 1.6;
        let at = |dx: f32, dy: f32| (vanish.0 + dx * s, vanish.1 + dy * s);
        let w = 4.0 + 9.0 * s;
        let hoop: Vec<Spot> = (0..=20)
            .map(|i| i as f32 / 20.0 * std::f32::consts::PI)
            .map(|angle| at(-660.0 * angle.cos(), -40.0 - 560.0 * angle.sin()))
            .collect();
        c.line(&hoop, w, frame.mix(p.far, 0.12 * k as f32));
        for side in [-1.0, 1.0] {
            c.line(
                &[at(side * 660.0, -40.0), at(side * 660.0, 330.0)],
                w,
                frame.mix(p.far, 0.12 * k as f32),
            );
        }
    }
    for i in 0..9 {
        let angle = i as f32 / 8.0 * std::f32::consts::PI;
        let (dx, dy) = (-660.0 * angle.cos(), -40.0 - 560.0 * angle.sin());
        c.line(
            &[
                (vanish.0 + dx * 0.2, vanish.1 + dy * 0.2),
                (vanish.0 + dx * 1.9, vanish.1 + dy * 1.9),
            ],
            4.0,
            frame.alpha(0.8),
        );
    }
    let leaf = Ink::hex(c.pick(&[0x5d8a5a, 0x6f9455, 0x4f8068]))
        .mix(p.near, if p.night { 0.35 } else { 0.08 });
    let fruit = c.pick(&[p.accent, p.warm, p.light]);
    for k in 0..8 {
        let s = 0.24 + 1.15 * (k as f32 / 7.0).powf(1.7);
        for (lane, dx) in [(0, -470.0), (1, 470.0), (2, -180.0), (3, 180.0)] {
            let near = lane > 1;
            let (x, y) = (
                vanish.0 + dx * s,
                vanish.1 + (if near { 300.0 } else { 270.0 }) * s,
            );
            let h = (if near { 120.0 } else { 270.0 }) * s;
            let ink = p.far.mix(leaf, 0.35 + 0.65 * (k as f32 / 7.0));
            c.round(
                x - 116.0 * s,
                y - 24.0 * s,
                232.0 * s,
                60.0 * s,
                8.0 * s,
                p.depth(0.45).mix(p.accent, 0.25),
            );
            bush(c, (x, y - 20.0 * s), h, 130.0 * s, ink, fruit);
        }
    }
    if p.night {
        for i in 0..4 {
            let s = 0.4 + 0.3 * i as f32;
            nature::glow(c, (vanish.0, vanish.1 - 420.0 * s), 300.0 * s, p.light, 0.5);
            c.round(
                vanish.0 - 60.0 * s,
                vanish.1 - 430.0 * s,
                120.0 * s,
                14.0 * s,
                6.0,
                p.light,
            );
        }
    }
    let look = Look::random(c, &[p.accent, p.light], p.near);
    let x = vanish.0 + c.range(-20.0, 20.0);
    c.oval(x, 900.0, 70.0, 10.0, p.near.alpha(0.35));
    people::figure(
        c,
        (x, 900.0),
        330.0,
        c.pick(&[-1.0, 1.0]),
        &people::WORKING,
        &look,
    );
}

fn bush(c: &mut Canvas, (x, y): Spot, h: f32, w: f32, ink: Ink, fruit: Ink) {
    for i in 0..15 {
        let (t, lean) = (c.unit(), c.range(-1.0, 1.0));
        let root = (x + lean * w * 0.35, y - h * t * 0.75);
        let reach = h * 0.3 + w * 0.16;
        let tip = (
            root.0 + lean * reach * 0.9,
            root.1 - reach * c.range(0.35, 0.9),
        );
        let mid = ((root.0 + tip.0) / 2.0, (root.1 + tip.1) / 2.0);
        let (nx, ny) = ((tip.1 - root.1) * 0.26, (root.0 - tip.0) * 0.26);
        let tone = ink.shade(0.72 + 0.45 * i as f32 / 15.0);
        c.blob(
            &[
                root,
                (mid.0 + nx, mid.1 + ny),
                tip,
                (mid.0 - nx, mid.1 - ny),
            ],
            tone,
        );
    }
    for _ in 0..5 {
        let at = (x + c.range(-0.6, 0.6) * w, y - h * c.range(0.2, 0.9));
        c.disc(at.0, at.1, w * 0.06, fruit);
    }
}

/// A printing press with paper running through its rollers.
pub fn newspaper_press(c: &mut Canvas) {
    let r = palette::room(c);
    let floor = 800.0;
    built::interior(c, &r, floor);
    for i in 0..5 {
        let a = Area::new(70.0 + i as f32 * 310.0, 60.0, 220.0, 150.0);
        built::block(c, a, r.light.mix(r.wall, 0.25));
        built::window_bars(c, a, r.shade.mix(r.dark, 0.4), (4, 3));
    }
    c.rect(-10.0, 236.0, WIDTH + 20.0, 16.0, r.shade.mix(r.dark, 0.35));
    let steel = r.cool.mix(r.dark, 0.32);
    let towers = c.count(3, 4);
    let pitch = 1250.0 / towers as f32;
    let left = c.range(60.0, 130.0);
    for i in 0..towers {
        let x = left + pitch * i as f32;
        let a = Area::new(x, 300.0, pitch * 0.74, 500.0);
        c.round(
            a.x,
            a.y,
            a.w,
            a.h,
            16.0,
            Fill::across(
                a.x,
                a.x + a.w,
                &[steel.mix(r.light, 0.22), steel, steel.mix(r.dark, 0.4)],
            ),
        );
        c.round(a.x - 12.0, a.y - 16.0, a.w + 24.0, 34.0, 8.0, r.dark);
        c.round(a.x + 18.0, a.y + 40.0, a.w - 36.0, 330.0, 12.0, r.dark);
        c.rect(a.x, a.y + 440.0, a.w, 20.0, r.accent);
        for k in 0..4 {
            c.disc(
                a.x + 40.0 + k as f32 * 30.0,
                a.y + 412.0,
                8.0,
                [r.accent, r.warm, r.light, r.light][k],
            );
        }
        let mid = a.x + a.w / 2.0;
        for (dx, dy, radius) in [
            (-0.18, 110.0, 46.0),
            (0.18, 160.0, 46.0),
            (-0.18, 240.0, 52.0),
            (0.2, 310.0, 38.0),
        ] {
            let (cx, cy) = (mid + dx * a.w, a.y + dy);
            c.disc(
                cx,
                cy,
                radius,
                Fill::Linear(
                    (cx - radius, cy - radius),
                    (cx + radius, cy + radius),
                    vec![r.light.mix(steel, 0.35), steel],
                ),
            );
            c.disc(cx, cy, radius * 0.3, r.dark);
        }
    }
    let mut web: Vec<Spot> = vec![(-40.0, 640.0)];
    for i in 0..towers {
        let a = left + pitch * i as f32;
        let mid = a + pitch * 0.37;
        web.extend([
            (a - pitch * 0.1, 420.0),
            (mid - pitch * 0.15, 364.0),
            (mid + pitch * 0.16, 502.0),
            (mid - pitch * 0.17, 540.0),
            (mid + pitch * 0.15, 648.0),
            (a + pitch * 0.8, 560.0),
        ]);
    }
    web.push((left + pitch * towers as f32 + 20.0, 560.0));
    for pair in web.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        c.poly(
            &[
                (a.0, a.1 - 11.0),
                (b.0, b.1 - 11.0),
                (b.0, b.1 + 11.0),
                (a.0, a.1 + 11.0),
            ],
            r.light,
        );
        c.line(
            &[(a.0, a.1 + 9.0), (b.0, b.1 + 9.0)],
            3.0,
            r.shade.mix(r.dark, 0.2),
        );
    }
    let fold = left + pitch * towers as f32 - 20.0;
    c.poly(
        &[
            (fold, 470.0),
            (fold + 190.0, 470.0),
            (fold + 160.0, 690.0),
            (fold + 30.0, 690.0),
        ],
        steel.mix(r.dark, 0.3),
    );
    c.poly(
        &[
            (fold + 26.0, 490.0),
            (fold + 164.0, 490.0),
            (fold + 95.0, 670.0),
        ],
        r.light,
    );
    let belt = 830.0;
    c.poly(
        &[
            (fold - 20.0, 690.0),
            (fold + 190.0, 690.0),
            (fold + 190.0, 740.0),
            (fold - 20.0, 740.0),
        ],
        r.dark,
    );
    c.rect(-10.0, belt, WIDTH + 20.0, 26.0, r.dark);
    for i in 0..20 {
        c.disc(40.0 + i as f32 * 84.0, belt + 24.0, 15.0, steel);
    }
    for i in (0..24).rev() {
        let x = -60.0 + i as f32 * 72.0;
        sheet(c, &r, (x, belt - 4.0));
    }
    for (k, x) in [c.range(140.0, 260.0), c.range(1180.0, 1400.0)]
        .into_iter()
        .enumerate()
    {
        let look = Look::random(c, &[r.cool.mix(r.dark, 0.2), r.warm], r.dark);
        people::figure(
            c,
            (x, 990.0),
            400.0,
            if k == 0 { 1.0 } else { -1.0 },
            &people::WORKING,
            &look,
        );
    }
    c.rect(-10.0, 985.0, WIDTH + 20.0, HEIGHT, r.dark.alpha(0.5));
}

/// A folded newspaper on the conveyor belt: blocks for pictures, bars for columns.
fn sheet(c: &mut Canvas, r: &Room, (x, y): Spot) {
    let at = |dx: f32, dy: f32| (x + dx + dy * 0.3, y - dy);
    let quad =
        |x0: f32, y0: f32, x1: f32, y1: f32| [at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1)];
    c.poly(&quad(0.0, 0.0, 112.0, 58.0), r.light.mix(r.shade, 0.1));
    c.line(
        &[at(0.0, 0.0), at(112.0, 0.0)],
        4.0,
        r.shade.mix(r.dark, 0.25),
    );
    c.poly(&quad(8.0, 44.0, 104.0, 52.0), r.dark.alpha(0.75));
    c.poly(&quad(8.0, 12.0, 50.0, 38.0), r.accent.alpha(0.8));
    for line in 0..3 {
        let y = 14.0 + 9.0 * line as f32;
        c.poly(&quad(58.0, y, 104.0, y + 4.0), r.dark.alpha(0.4));
    }
}
