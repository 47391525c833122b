//! Scenes of sport: football under floodlights, cyclists and runners.

use super::brush::{Canvas, Fill, HEIGHT, Ink, Spot, WIDTH};
use super::built;
use super::nature;
use super::palette::{self, Palette};
use super::people::{self, Look};

/// A match in a full stadium under floodlights.
pub fn football(c: &mut Canvas) {
    let p = if c.turn(&[true, false]) {
        palette::night(c)
    } else {
        palette::daylight(c)
    };
    c.wash(Fill::down(0.0, 440.0, &p.sky));
    if c.happens(0.5) {
        nature::bands(c, &p, 380.0);
    }
    let stand = p.depth(0.6);
    for (x, h) in [
        (150.0, 330.0),
        (560.0, 250.0),
        (1040.0, 250.0),
        (1450.0, 330.0),
    ] {
        floodlight(c, &p, (x, 420.0), h);
    }
    c.poly(
        &[
            (-10.0, 250.0),
            (300.0, 330.0),
            (1300.0, 330.0),
            (1610.0, 250.0),
            (1610.0, 600.0),
            (-10.0, 600.0),
        ],
        stand,
    );
    c.poly(
        &[
            (-10.0, 236.0),
            (300.0, 320.0),
            (1300.0, 320.0),
            (1610.0, 236.0),
            (1610.0, 280.0),
            (1290.0, 352.0),
            (310.0, 352.0),
            (-10.0, 280.0),
        ],
        p.near,
    );
    let seats =
        [p.accent, p.light, p.depth(0.35), p.warm, p.depth(0.45)].map(|ink| ink.mix(stand, 0.45));
    for row in 0..7 {
        let y = 378.0 + row as f32 * 22.0;
        for i in 0..134 {
            if c.happens(0.86) {
                let x = i as f32 * 12.0 + if row % 2 == 0 { 0.0 } else { 6.0 };
                c.disc(
                    x + c.range(-1.5, 1.5),
                    y + c.range(-2.0, 2.0),
                    4.6,
                    c.pick(&seats),
                );
            }
        }
    }
    c.rect(-10.0, 532.0, WIDTH + 20.0, 34.0, p.light.mix(p.far, 0.2));
    for i in 0..8 {
        let ink = [p.accent, p.near, p.warm, p.depth(0.5)][i % 4];
        c.rect(i as f32 * 204.0 + 10.0, 537.0, 184.0, 24.0, p.lit(ink, 0.9));
    }
    let grass = Ink::hex(0x6f9463)
        .mix(p.far, 0.12)
        .mix(p.near, if p.night { 0.12 } else { 0.0 });
    c.rect(
        -10.0,
        564.0,
        WIDTH + 20.0,
        450.0,
        Fill::down(
            564.0,
            HEIGHT,
            &[grass.mix(p.light, 0.12), grass.mix(p.near, 0.25)],
        ),
    );
    let vanish = 800.0;
    for i in -7..7 {
        if i % 2 == 0 {
            let at = |k: f32, y: f32| vanish + k * 250.0 * (0.55 + (y - 564.0) / 436.0 * 0.75);
            let (l, r) = (i as f32, i as f32 + 1.0);
            c.poly(
                &[
                    (at(l, 564.0), 564.0),
                    (at(r, 564.0), 564.0),
                    (at(r, 1010.0), 1010.0),
                    (at(l, 1010.0), 1010.0),
                ],
                p.near.alpha(0.1),
            );
        }
    }
    let chalk = Ink::hex(0xf6f3e6).alpha(0.85);
    c.rect(-10.0, 590.0, WIDTH + 20.0, 4.0, chalk);
    let goal_left = c.happens(0.5);
    let flip = |x: f32| if goal_left { x } else { WIDTH - x };
    let mark = [
        (-20.0, 640.0),
        (330.0, 640.0),
        (240.0, 860.0),
        (-20.0, 860.0),
    ]
    .map(|(x, y)| (flip(x), y));
    c.line(&mark, 5.0, chalk);
    if let Some(circle) = super::brush::ellipse(flip(1060.0), 760.0, 250.0, 90.0) {
        c.stroke(&circle, 5.0, chalk);
    }
    c.line(&[(flip(1030.0), 592.0), (flip(1130.0), 1010.0)], 5.0, chalk);
    goal(c, &p, flip, 690.0);
    let strips = [
        [0xc4472f, 0xf4ede0],
        [0xf4efe4, 0x23364d],
        [0x2f6f97, 0xf4ede0],
        [0xe2b23f, 0x2a3a55],
    ];
    let first = c.count(0, 3);
    let second = (first + c.count(1, 3)) % 4;
    let kits = [strips[first], strips[second]].map(|kit| kit.map(Ink::hex));
    let ball = (flip(c.range(690.0, 760.0)), 862.0);
    let facing = if goal_left { -1.0 } else { 1.0 };
    let team = [
        (430.0, 640.0, 0, people::RUNNING, 1.0),
        (980.0, 650.0, 1, people::STRIDING, -1.0),
        (1290.0, 690.0, 0, people::WALKING, -1.0),
        (250.0, 760.0, 1, people::STANDING, 1.0),
        (560.0, 790.0, 1, people::STRIDING, 1.0),
        (1180.0, 860.0, 0, people::RUNNING, -1.0),
    ];
    for (x, y, side, pose, run) in team {
        let x = flip(x + c.range(-50.0, 50.0));
        let run = if goal_left { run } else { -run };
        player(
            c,
            &p,
            (x, y),
            150.0 + (y - 640.0) * 0.42,
            run,
            &pose,
            kits[side],
        );
    }
    player(
        c,
        &p,
        (ball.0 - facing * 84.0, 884.0),
        330.0,
        facing,
        &people::KICKING,
        kits[0],
    );
    c.oval(ball.0 + facing * 46.0, 884.0, 24.0, 5.0, p.near.alpha(0.35));
    c.disc(
        ball.0 + facing * 46.0,
        850.0,
        20.0,
        kits[0][1].mix(Ink::hex(0xffffff), 0.8),
    );
    c.disc(ball.0 + facing * 43.0, 846.0, 7.0, p.near);
    c.disc(ball.0 + facing * 56.0, 860.0, 4.0, p.near);
    if p.night {
        for x in [150.0, 560.0, 1040.0, 1450.0] {
            nature::glow(c, (x, 120.0), 360.0, p.light, 0.28);
        }
    }
}

fn floodlight(c: &mut Canvas, p: &Palette, (x, y): Spot, h: f32) {
    c.rect(x - 5.0, y - h, 10.0, h, p.near);
    c.rect(x - 62.0, y - h - 54.0, 124.0, 70.0, p.near);
    for row in 0..3 {
        for column in 0..5 {
            let at = (
                x - 48.0 + column as f32 * 24.0,
                y - h - 42.0 + row as f32 * 22.0,
            );
            c.disc(at.0, at.1, 8.5, p.light);
        }
    }
    nature::glow(c, (x, y - h - 20.0), 150.0, p.light, 0.6);
}

fn goal(c: &mut Canvas, p: &Palette, flip: impl Fn(f32) -> f32, y: f32) {
    let post = p.light;
    let net = p.light.alpha(0.3);
    for i in 0..9 {
        let t = i as f32 / 8.0;
        let (x, base) = (40.0 + 70.0 * (1.0 - t), y + 130.0 * t);
        c.line(
            &[
                (flip(x), base - 150.0),
                (flip(x - 90.0), base - 130.0),
                (flip(x - 100.0), base),
            ],
            1.6,
            net,
        );
    }
    for i in 0..7 {
        let dy = i as f32 * 22.0;
        c.line(
            &[(flip(10.0), y - 136.0 + dy), (flip(-60.0), y - 6.0 + dy)],
            1.6,
            net,
        );
    }
    c.line(
        &[
            (flip(110.0), y),
            (flip(110.0), y - 150.0),
            (flip(40.0), y - 30.0),
            (flip(40.0), y + 130.0),
        ],
        8.0,
        post,
    );
}

fn player(
    c: &mut Canvas,
    p: &Palette,
    at: Spot,
    h: f32,
    facing: f32,
    pose: &people::Pose,
    [shirt, shorts]: [Ink; 2],
) {
    c.oval(at.0, at.1 + 2.0, h * 0.2, h * 0.03, p.near.alpha(0.35));
    let look = Look {
        legs: shorts,
        ..Look::random(c, &[shirt], shorts)
    };
    people::figure(c, at, h, facing, pose, &look);
    let knee = pose.legs[1];
    let spot = |joint: Spot| (at.0 + joint.0 * h * facing, at.1 - joint.1 * h);
    c.taper(
        spot(knee[0]),
        h * 0.036,
        spot(knee[1]),
        h * 0.026,
        look.skin,
    );
    let far = pose.legs[0];
    c.taper(
        spot(far[0]),
        h * 0.034,
        spot(far[1]),
        h * 0.026,
        look.skin.shade(0.82),
    );
}

/// A breakaway of racing cyclists on a mountain road.
pub fn cyclists(c: &mut Canvas) {
    let p = palette::daylight(c);
    let line = 600.0;
    nature::sky(c, &p, line);
    for i in 0..4 {
        let x = c.range(-80.0, 120.0) + i as f32 * 480.0;
        let y = c.range(260.0, 400.0);
        nature::peak(
            c,
            (x, y),
            430.0,
            line + 30.0,
            p.depth(0.12),
            p.depth(0.25),
            Some(p.light.mix(p.far, 0.4)),
        );
    }
    let rows = nature::hills(c, &p, line - 30.0, line + 70.0, 3);
    for row in &rows {
        for _ in 0..5 {
            let x = c.range(0.0, WIDTH);
            nature::poplar(c, (x, row.y(x) + 8.0), c.range(60.0, 120.0), p.green(0.55));
        }
    }
    let road = p.depth(0.42).mix(p.warm, 0.1);
    c.poly(
        &[
            (-10.0, 770.0),
            (WIDTH + 10.0, 744.0),
            (WIDTH + 10.0, 1010.0),
            (-10.0, 1010.0),
        ],
        Fill::down(760.0, HEIGHT, &[road, road.mix(p.near, 0.35)]),
    );
    c.poly(
        &[
            (-10.0, 764.0),
            (WIDTH + 10.0, 738.0),
            (WIDTH + 10.0, 748.0),
            (-10.0, 774.0),
        ],
        p.light.alpha(0.8),
    );
    c.poly(
        &[
            (-10.0, 946.0),
            (WIDTH + 10.0, 934.0),
            (WIDTH + 10.0, 948.0),
            (-10.0, 962.0),
        ],
        p.light.alpha(0.5),
    );
    for i in 0..9 {
        let x = 40.0 + i as f32 * 190.0;
        c.rect(x, 700.0 - x * 0.016, 10.0, 66.0, p.light);
        c.rect(x, 712.0 - x * 0.016, 10.0, 14.0, p.accent);
    }
    let facing = c.pick(&[-1.0, 1.0]);
    let shirts = [p.accent, p.warm, p.light, Ink::hex(0x2f6d80), p.near];
    let riders = c.count(4, 5);
    let first = c.count(0, 4);
    for i in 0..riders {
        let x = 250.0 + i as f32 * (1100.0 / (riders - 1) as f32) + c.range(-26.0, 26.0);
        let y = if i % 2 == 0 { 846.0 } else { 912.0 };
        cyclist(
            c,
            &p,
            (x, y),
            300.0 + (y - 846.0) * 0.8,
            facing,
            shirts[(i + first) % shirts.len()],
        );
    }
}

fn cyclist(c: &mut Canvas, p: &Palette, (x, y): Spot, h: f32, facing: f32, shirt: Ink) {
    let at = |dx: f32, dy: f32| (x + dx * h * facing, y - dy * h);
    let ink = p.near;
    c.oval(
        x + 0.05 * h * facing,
        y + 4.0,
        h * 0.5,
        h * 0.03,
        p.near.alpha(0.35),
    );
    let (rear, front) = (at(-0.28, 0.19), at(0.4, 0.19));
    for hub in [rear, front] {
        c.ring(hub.0, hub.1, 0.18 * h, 0.018 * h, ink);
        c.disc(hub.0, hub.1, 0.17 * h, p.light.alpha(0.16));
        for k in 0..6 {
            let (sin, cos) = (k as f32 * 0.524 + x).sin_cos();
            let reach = 0.17 * h;
            c.line(
                &[
                    (hub.0 - cos * reach, hub.1 - sin * reach),
                    (hub.0 + cos * reach, hub.1 + sin * reach),
                ],
                1.2,
                ink.alpha(0.5),
            );
        }
    }
    let (crank, seat, stem) = (at(0.04, 0.2), at(-0.1, 0.54), at(0.33, 0.5));
    c.line(&[rear, crank, seat, rear], 0.018 * h, shirt.mix(ink, 0.35));
    c.line(
        &[
            crank,
            stem,
            (seat.0 + (stem.0 - seat.0) * 0.06, seat.1 + 0.03 * h),
        ],
        0.02 * h,
        shirt.mix(ink, 0.35),
    );
    c.line(&[at(0.32, 0.55), front], 0.02 * h, ink);
    c.line(
        &[at(0.32, 0.55), at(0.4, 0.56), at(0.44, 0.5), at(0.4, 0.46)],
        0.018 * h,
        ink,
    );
    c.line(&[at(-0.16, 0.57), at(-0.04, 0.56)], 0.026 * h, ink);
    c.ring(crank.0, crank.1, 0.045 * h, 0.012 * h, ink);
    let look = Look::random(c, &[p.lit(shirt, 1.0)], ink);
    people::figure(c, (x, y), h, facing, &people::CYCLING, &look);
    let [knee, foot] = people::CYCLING.legs[1];
    c.taper(
        at(knee.0, knee.1),
        0.034 * h,
        at(foot.0, foot.1),
        0.022 * h,
        look.skin,
    );
    c.taper(
        at(foot.0, foot.1),
        0.02 * h,
        at(foot.0 + 0.06, foot.1 - 0.01),
        0.014 * h,
        p.light,
    );
    let head = people::CYCLING.head;
    let helmet = [
        (-0.085, 0.01),
        (-0.06, 0.055),
        (0.0, 0.08),
        (0.055, 0.05),
        (0.07, 0.015),
        (0.0, 0.022),
    ]
    .map(|(dx, dy)| at(head.0 + dx, head.1 + dy));
    c.blob(&helmet, p.lit(shirt.mix(p.light, 0.3), 1.0));
}

/// Runners in a city marathon or on a track.
pub fn runners(c: &mut Canvas) {
    let p = palette::daylight(c);
    let line = 640.0;
    let sun = nature::sky(c, &p, line);
    if c.happens(0.5) {
        built::skyline(c, &p, line, 330.0, 0.16);
        nature::mist(c, p.sky[2], line - 40.0, 150.0, 0.5);
        let green = c.ridge(line - 20.0, 10.0, 500.0);
        nature::treeline(c, &green, 120.0, p.green(0.45));
        c.land(&green, p.green(0.5));
    } else {
        let coast = c.ridge(line - 90.0, 40.0, 800.0);
        c.land(&coast, p.depth(0.14));
        nature::water(c, &p, line - 60.0, sun);
        nature::ripples(c, line - 60.0, p.light);
        let dune = c.ridge(line + 30.0, 16.0, 700.0);
        c.land(&dune, p.green(0.5));
    }
    let road = p.lit(p.accent.mix(p.warm, 0.45), 0.75);
    c.poly(
        &[
            (-10.0, 720.0),
            (WIDTH + 10.0, 700.0),
            (WIDTH + 10.0, 1010.0),
            (-10.0, 1010.0),
        ],
        Fill::down(
            710.0,
            HEIGHT,
            &[road.mix(p.far, 0.3), road.mix(p.near, 0.25)],
        ),
    );
    for (y, w) in [(742.0, 3.0), (806.0, 5.0), (892.0, 7.0), (990.0, 9.0)] {
        c.poly(
            &[
                (-10.0, y + 10.0),
                (WIDTH + 10.0, y - 10.0),
                (WIDTH + 10.0, y - 10.0 + w),
                (-10.0, y + 10.0 + w),
            ],
            p.light.alpha(0.75),
        );
    }
    let facing = c.pick(&[-1.0, 1.0]);
    let shirts = [
        p.accent.mix(p.near, 0.25),
        p.light,
        p.warm,
        Ink::hex(0x2f6d80),
        p.near,
    ];
    let first = c.count(0, 4);
    let count = c.count(4, 6);
    for i in 0..count {
        let x = 200.0 + i as f32 * 1200.0 / (count - 1) as f32 + c.range(-40.0, 40.0);
        let y = [866.0, 784.0, 944.0][(i + first) % 3] + c.range(-10.0, 10.0);
        let h = 400.0 + (y - 784.0) * 0.75;
        let pose = if (i + first).is_multiple_of(2) {
            people::RUNNING
        } else {
            people::STRIDING
        };
        c.oval(x, y + 8.0, h * 0.26, h * 0.024, p.near.alpha(0.35));
        let look = Look::random(c, &[p.lit(shirts[(i + first) % shirts.len()], 1.0)], p.near);
        people::figure(c, (x, y), h, facing, &pose, &look);
        let at = |joint: Spot| (x + joint.0 * h * facing, y - joint.1 * h);
        for (k, dim) in [(0, 0.84), (1, 1.0)] {
            let ([knee, foot], skin) = (pose.legs[k], look.skin.shade(dim));
            c.taper(at(knee), h * 0.037, at(foot), h * 0.025, skin);
            let [elbow, hand] = pose.arms[k];
            c.taper(at(elbow), h * 0.026, at(hand), h * 0.02, skin);
            c.taper(
                at((foot.0 - 0.01, foot.1 - 0.006)),
                h * 0.026,
                at((foot.0 + 0.07, foot.1 - 0.012)),
                h * 0.018,
                p.light,
            );
        }
    }
}
