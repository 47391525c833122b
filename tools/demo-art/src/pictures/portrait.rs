//! Portraits of the demo's authors: flat head-and-shoulders pictures, lit from one side.

use std::f32::consts::TAU;

use tiny_skia::Pixmap;

use super::brush::{Canvas, Fill, Ink, Spot, smooth};

/// The design space of a portrait.
const SPACE: Spot = (1000.0, 1000.0);

/// Hairstyle or head covering.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hair {
    Bob,
    Cropped,
    Parted,
    Natural,
    Scarf,
    Cap,
    Waves,
}

/// Facial hair.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beard {
    None,
    Stubble,
    Short,
    Full,
}

/// Clothing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dress {
    Blazer,
    Rollneck,
    Shirt,
    Round,
}

/// The features of a sitter.
#[derive(Clone, Copy, Debug)]
struct Sitter {
    skin: Ink,
    hair: Ink,
    style: Hair,
    beard: Beard,
    glasses: bool,
    /// 0 is a narrow jaw, 1 a broad one.
    jaw: f32,
    /// Whether the face shows lines of age.
    mature: bool,
    dress: Dress,
    cloth: Ink,
    under: Ink,
    ground: [Ink; 2],
    lips: f32,
}

const AUTHORS: [Sitter; 8] = [
    Sitter {
        skin: Ink::hex(0xe6b892),
        hair: Ink::hex(0x2c2523),
        style: Hair::Bob,
        beard: Beard::None,
        glasses: false,
        jaw: 0.2,
        mature: false,
        dress: Dress::Blazer,
        cloth: Ink::hex(0x27485a),
        under: Ink::hex(0xf3e6cd),
        ground: [Ink::hex(0xd9a25a), Ink::hex(0xe8c288)],
        lips: 0.55,
    },
    Sitter {
        skin: Ink::hex(0xdca988),
        hair: Ink::hex(0x8c8a86),
        style: Hair::Parted,
        beard: Beard::Full,
        glasses: false,
        jaw: 0.8,
        mature: true,
        dress: Dress::Rollneck,
        cloth: Ink::hex(0x3b4a48),
        under: Ink::hex(0x52635e),
        ground: [Ink::hex(0x9cb0a0), Ink::hex(0xbccab6)],
        lips: 0.25,
    },
    Sitter {
        skin: Ink::hex(0x7d4e36),
        hair: Ink::hex(0x1d1719),
        style: Hair::Natural,
        beard: Beard::None,
        glasses: false,
        jaw: 0.25,
        mature: false,
        dress: Dress::Round,
        cloth: Ink::hex(0xc9832f),
        under: Ink::hex(0xe9c07a),
        ground: [Ink::hex(0x3f7078), Ink::hex(0x6a9a9b)],
        lips: 0.6,
    },
    Sitter {
        skin: Ink::hex(0xf0c9ab),
        hair: Ink::hex(0xc39a5c),
        style: Hair::Parted,
        beard: Beard::None,
        glasses: true,
        jaw: 0.6,
        mature: false,
        dress: Dress::Shirt,
        cloth: Ink::hex(0x7fa2b3),
        under: Ink::hex(0xeef0e6),
        ground: [Ink::hex(0xb8614a), Ink::hex(0xcf8567)],
        lips: 0.3,
    },
    Sitter {
        skin: Ink::hex(0xcf9a72),
        hair: Ink::hex(0x2f6a72),
        style: Hair::Scarf,
        beard: Beard::None,
        glasses: false,
        jaw: 0.2,
        mature: false,
        dress: Dress::Blazer,
        cloth: Ink::hex(0x2f3550),
        under: Ink::hex(0x2f6a72),
        ground: [Ink::hex(0xe2c9a4), Ink::hex(0xf0e0c2)],
        lips: 0.5,
    },
    Sitter {
        skin: Ink::hex(0xe0b08e),
        hair: Ink::hex(0x43352d),
        style: Hair::Cap,
        beard: Beard::Stubble,
        glasses: false,
        jaw: 0.85,
        mature: false,
        dress: Dress::Shirt,
        cloth: Ink::hex(0x5b4a3c),
        under: Ink::hex(0xe5d8bd),
        ground: [Ink::hex(0x6f8fa3), Ink::hex(0x98b1bd)],
        lips: 0.25,
    },
    Sitter {
        skin: Ink::hex(0xf1ccb2),
        hair: Ink::hex(0xa5472c),
        style: Hair::Waves,
        beard: Beard::None,
        glasses: true,
        jaw: 0.25,
        mature: true,
        dress: Dress::Rollneck,
        cloth: Ink::hex(0x2d4f49),
        under: Ink::hex(0x3f6a5f),
        ground: [Ink::hex(0xc9b7a2), Ink::hex(0xe0d2bd)],
        lips: 0.55,
    },
    Sitter {
        skin: Ink::hex(0x6b4330),
        hair: Ink::hex(0xe4e0d8),
        style: Hair::Cropped,
        beard: Beard::Short,
        glasses: false,
        jaw: 0.7,
        mature: true,
        dress: Dress::Blazer,
        cloth: Ink::hex(0x3a2f45),
        under: Ink::hex(0xf0e6d2),
        ground: [Ink::hex(0xc98f4c), Ink::hex(0xdcb27a)],
        lips: 0.35,
    },
];

/// Paints the portrait of an author, or for other numbers one that combines the authors' features.
pub fn paint(n: u64, size: u32) -> Pixmap {
    let mut c = Canvas::new(size, size, SPACE, n);
    let sitter = match n {
        1..=8 => AUTHORS[n as usize - 1],
        _ => derived(&c),
    };
    backdrop(&mut c, &sitter);
    hair_behind(&mut c, &sitter);
    shoulders(&mut c, &sitter);
    face(&mut c, &sitter);
    hair_before(&mut c, &sitter);
    if sitter.glasses {
        glasses(&mut c, &sitter);
    }
    c.finish()
}

/// A random combination of the authors' features.
fn derived(c: &Canvas) -> Sitter {
    let (base, other, third) = (c.pick(&AUTHORS), c.pick(&AUTHORS), c.pick(&AUTHORS));
    let veiled = base.style == Hair::Scarf;
    let hair = match other.style {
        _ if veiled => base.hair,
        Hair::Scarf => Ink::hex(0x33261f),
        _ => other.hair,
    };
    Sitter {
        skin: other.skin,
        hair,
        mature: other.mature,
        cloth: third.cloth,
        under: if veiled { base.under } else { third.under },
        dress: third.dress,
        ground: if veiled { base.ground } else { third.ground },
        glasses: c.happens(0.4),
        ..base
    }
}

/// The colour of skin or cloth on the side away from the light.
fn shadow(ink: Ink) -> Ink {
    ink.mix(Ink::hex(0x3a1f33), 0.26)
}

fn backdrop(c: &mut Canvas, s: &Sitter) {
    let [deep, pale] = s.ground;
    c.rect(
        0.0,
        0.0,
        1000.0,
        1000.0,
        Fill::Linear(
            (0.0, 0.0),
            (1000.0, 1000.0),
            vec![deep.mix(pale, 0.35), deep],
        ),
    );
    c.disc(
        430.0,
        430.0,
        350.0,
        Fill::Linear(
            (120.0, 120.0),
            (760.0, 760.0),
            vec![pale, pale.mix(deep, 0.55)],
        ),
    );
}

/// The outline of the face.
fn outline(s: &Sitter) -> Vec<Spot> {
    let j = s.jaw;
    let side = [
        (92.0, 262.0),
        (138.0, 340.0),
        (141.0, 440.0),
        (126.0 + 9.0 * j, 530.0),
        (90.0 + 18.0 * j, 608.0),
        (42.0 + 12.0 * j, 655.0),
    ];
    let mut spots = vec![(500.0, 236.0)];
    spots.extend(side.iter().map(|(dx, y)| (500.0 + dx, *y)));
    spots.push((500.0, 668.0));
    spots.extend(side.iter().rev().map(|(dx, y)| (500.0 - dx, *y)));
    spots
}

fn shoulders(c: &mut Canvas, s: &Sitter) {
    let broad = 330.0 + 60.0 * s.jaw;
    let neck = 66.0 + 22.0 * s.jaw;
    let dim = shadow(s.skin);
    c.poly(
        &[
            (500.0 - neck, 560.0),
            (500.0 + neck, 560.0),
            (500.0 + neck + 16.0, 800.0),
            (500.0 - neck - 16.0, 800.0),
        ],
        s.skin,
    );
    c.poly(
        &[
            (500.0 - neck, 610.0),
            (500.0 + neck, 580.0),
            (500.0 + neck + 16.0, 800.0),
            (520.0, 790.0),
            (470.0, 700.0),
        ],
        dim,
    );
    let body = [
        (500.0 - neck - 20.0, 728.0),
        (500.0 - broad * 0.62, 786.0),
        (500.0 - broad, 856.0),
        (500.0 - broad - 54.0, 1080.0),
        (500.0 + broad + 54.0, 1080.0),
        (500.0 + broad, 856.0),
        (500.0 + broad * 0.62, 786.0),
        (500.0 + neck + 20.0, 728.0),
        (500.0, 800.0),
    ];
    let Some(torso) = smooth(&body) else { return };
    c.fill(
        &torso,
        Fill::across(
            160.0,
            860.0,
            &[s.cloth.mix(s.ground[1], 0.16), s.cloth, s.cloth.shade(0.7)],
        ),
    );
    if s.dress != Dress::Rollneck {
        c.blob(
            &[
                (500.0 - neck - 14.0, 716.0),
                (500.0 + neck + 14.0, 716.0),
                (500.0 + neck * 0.5, 800.0),
                (500.0, 826.0),
                (500.0 - neck * 0.5, 800.0),
            ],
            s.skin.mix(dim, 0.6),
        );
    }
    let n = neck;
    match s.dress {
        Dress::Blazer => {
            c.poly(
                &[
                    (500.0 - n - 16.0, 722.0),
                    (500.0, 800.0),
                    (500.0 + n + 16.0, 722.0),
                    (500.0 + n + 44.0, 800.0),
                    (500.0, 1040.0),
                    (500.0 - n - 44.0, 800.0),
                ],
                s.under,
            );
            c.poly(
                &[
                    (500.0, 800.0),
                    (500.0 + n + 16.0, 722.0),
                    (500.0 + n + 44.0, 800.0),
                    (500.0, 1040.0),
                ],
                s.under.mix(s.cloth, 0.22),
            );
            for (side, ink) in [
                (-1.0, s.cloth.mix(s.ground[1], 0.1)),
                (1.0, s.cloth.shade(0.82)),
            ] {
                let at = |dx: f32, y: f32| (500.0 + side * dx, y);
                c.poly(
                    &[
                        at(n + 12.0, 708.0),
                        at(n + 62.0, 744.0),
                        at(n + 96.0, 852.0),
                        at(n + 60.0, 872.0),
                        at(n + 74.0, 904.0),
                        at(6.0, 1060.0),
                        at(n + 4.0, 846.0),
                    ],
                    s.cloth.shade(0.56),
                );
                c.poly(
                    &[
                        at(n + 14.0, 708.0),
                        at(n + 58.0, 744.0),
                        at(n + 86.0, 850.0),
                        at(n + 52.0, 868.0),
                        at(n + 64.0, 900.0),
                        at(2.0, 1056.0),
                        at(n + 4.0, 830.0),
                    ],
                    ink,
                );
            }
        }
        Dress::Rollneck => {
            c.blob(
                &[
                    (500.0 - n - 18.0, 664.0),
                    (500.0, 692.0),
                    (500.0 + n + 18.0, 664.0),
                    (500.0 + n + 36.0, 776.0),
                    (500.0, 812.0),
                    (500.0 - n - 36.0, 776.0),
                ],
                Fill::across(
                    400.0,
                    610.0,
                    &[s.under.mix(s.ground[1], 0.12), s.under, s.under.shade(0.66)],
                ),
            );
            c.curve(
                (500.0 - n - 28.0, 764.0),
                (500.0, 822.0),
                (500.0 + n + 28.0, 764.0),
                6.0,
                s.cloth.shade(0.6),
            );
        }
        Dress::Shirt => {
            c.poly(
                &[
                    (500.0 - n - 8.0, 730.0),
                    (500.0, 830.0),
                    (500.0 + n + 8.0, 730.0),
                    (500.0 + n, 790.0),
                    (520.0, 1010.0),
                    (480.0, 1010.0),
                    (500.0 - n, 790.0),
                ],
                s.under,
            );
            for (side, ink) in [
                (-1.0, s.cloth.mix(Ink::hex(0xffffff), 0.16)),
                (1.0, s.cloth.shade(0.86)),
            ] {
                let at = |dx: f32, y: f32| (500.0 + side * dx, y);
                c.poly(
                    &[
                        at(n + 2.0, 694.0),
                        at(n + 36.0, 734.0),
                        at(n + 30.0, 850.0),
                        at(10.0, 812.0),
                        at(4.0, 796.0),
                        at(n - 10.0, 760.0),
                    ],
                    ink,
                );
            }
            c.line(&[(500.0, 820.0), (500.0, 1000.0)], 5.0, s.cloth.shade(0.62));
        }
        Dress::Round => {
            c.curve(
                (500.0 - n - 34.0, 736.0),
                (500.0, 890.0),
                (500.0 + n + 34.0, 736.0),
                22.0,
                s.under,
            );
        }
    }
}

fn face(c: &mut Canvas, s: &Sitter) {
    let dim = shadow(s.skin);
    let lit = s.skin.mix(Ink::hex(0xfff0d8), 0.1);
    if s.style != Hair::Scarf {
        c.oval(356.0, 462.0, 24.0, 42.0, s.skin);
        c.oval(644.0, 462.0, 24.0, 42.0, dim);
    }
    let Some(head) = smooth(&outline(s)) else {
        return;
    };
    c.fill(
        &head,
        Fill::across(360.0, 640.0, &[lit, s.skin, s.skin.mix(dim, 0.3)]),
    );
    c.inside(&head, |c| {
        c.blob(
            &[
                (588.0, 220.0),
                (572.0, 330.0),
                (596.0, 400.0),
                (590.0, 452.0),
                (566.0, 520.0),
                (578.0, 580.0),
                (548.0, 640.0),
                (520.0, 700.0),
                (720.0, 700.0),
                (720.0, 220.0),
            ],
            dim.alpha(0.62),
        );
        if matches!(s.beard, Beard::Full | Beard::Short | Beard::Stubble) {
            beard(c, s);
        }
    });
    if s.beard == Beard::Full {
        c.blob(
            &[
                (388.0, 590.0),
                (440.0, 640.0),
                (560.0, 640.0),
                (612.0, 590.0),
                (596.0, 670.0),
                (548.0, 722.0),
                (500.0, 734.0),
                (452.0, 722.0),
                (404.0, 670.0),
            ],
            Fill::across(
                390.0,
                620.0,
                &[
                    s.hair.mix(Ink::hex(0xffffff), 0.14),
                    s.hair,
                    s.hair.shade(0.72),
                ],
            ),
        );
    }
    features(c, s, dim);
}

fn beard(c: &mut Canvas, s: &Sitter) {
    let (ink, top) = match s.beard {
        Beard::Stubble => (s.skin.mix(s.hair, 0.34), 540.0),
        Beard::Short => (s.skin.mix(s.hair, 0.86), 548.0),
        _ => (s.hair, 530.0),
    };
    c.blob(
        &[
            (350.0, 470.0),
            (376.0, 500.0),
            (398.0, top + 12.0),
            (444.0, top + 14.0),
            (500.0, top + 2.0),
            (556.0, top + 14.0),
            (602.0, top + 12.0),
            (624.0, 500.0),
            (650.0, 470.0),
            (660.0, 740.0),
            (340.0, 740.0),
        ],
        Fill::across(
            380.0,
            640.0,
            &[
                ink.mix(Ink::hex(0xffffff), 0.08),
                ink,
                ink.mix(Ink::hex(0x2a1a2a), 0.3),
            ],
        ),
    );
}

fn features(c: &mut Canvas, s: &Sitter, dim: Ink) {
    let dark = Ink::hex(0x2a1d20);
    let brow = match s.style {
        Hair::Scarf => Ink::hex(0x33241f),
        _ => s.hair.mix(dark, if s.mature { 0.25 } else { 0.45 }),
    };
    let weight = 9.0 + 4.0 * s.jaw;
    for side in [-1.0, 1.0] {
        let at = |dx: f32, y: f32| (500.0 + side * dx, y);
        c.blob(
            &[
                at(29.0, 404.0),
                at(62.0, 392.0),
                at(103.0, 405.0),
                at(66.0, 392.0 + weight),
                at(31.0, 402.0 + weight),
            ],
            brow,
        );
        let (x, y) = at(65.0, 446.0);
        c.oval(x, y - 9.0, 37.0, 17.0, dim.alpha(0.3));
        let eye = [
            at(36.0, 450.0),
            at(64.0, 435.0),
            at(94.0, 447.0),
            at(66.0, 457.0),
        ];
        if let Some(lids) = smooth(&eye) {
            c.fill(&lids, Ink::hex(0xf6ecdf).mix(s.skin, 0.25));
            c.inside(&lids, |c| c.disc(x, y, 12.5, dark));
        }
        c.curve(
            at(33.0, 450.0),
            at(64.0, 420.0),
            at(97.0, 446.0),
            4.5,
            dark.mix(s.skin, 0.1),
        );
        if s.mature {
            c.curve(
                at(44.0, 474.0),
                at(68.0, 484.0),
                at(92.0, 472.0),
                3.0,
                dim.alpha(0.55),
            );
        }
    }
    c.blob(
        &[
            (512.0, 424.0),
            (520.0, 480.0),
            (534.0, 522.0),
            (522.0, 538.0),
            (498.0, 540.0),
            (516.0, 510.0),
        ],
        dim.alpha(0.85),
    );
    c.curve(
        (472.0, 531.0),
        (500.0, 549.0),
        (528.0, 531.0),
        4.5,
        dim.mix(dark, 0.22),
    );
    let lip = s.skin.mix(Ink::hex(0x8f2f38), s.lips).mix(dark, 0.1);
    let y = 588.0;
    c.blob(
        &[
            (452.0, y),
            (486.0, y - 13.0),
            (500.0, y - 9.0),
            (514.0, y - 13.0),
            (548.0, y),
            (500.0, y + 4.0),
        ],
        lip.mix(dark, 0.14),
    );
    c.blob(
        &[
            (458.0, y + 2.0),
            (500.0, y + 5.0),
            (542.0, y + 2.0),
            (520.0, y + 19.0),
            (480.0, y + 19.0),
        ],
        lip,
    );
    c.curve(
        (450.0, y - 4.0),
        (500.0, y + 9.0),
        (550.0, y - 4.0),
        3.5,
        lip.mix(dark, 0.5),
    );
    if s.beard == Beard::None {
        c.curve(
            (480.0, 624.0),
            (500.0, 632.0),
            (522.0, 624.0),
            5.0,
            dim.alpha(0.5),
        );
    }
    if s.mature && s.beard == Beard::None {
        c.curve(
            (452.0, 534.0),
            (432.0, 560.0),
            (434.0, 584.0),
            3.0,
            dim.alpha(0.5),
        );
        c.curve(
            (548.0, 534.0),
            (568.0, 560.0),
            (566.0, 584.0),
            3.0,
            dim.alpha(0.7),
        );
    }
}

/// A gradient over the hair, lit from the left.
fn sheen(ink: Ink) -> Fill {
    Fill::across(
        330.0,
        680.0,
        &[ink.mix(Ink::hex(0xffe6c4), 0.16), ink, ink.shade(0.72)],
    )
}

fn hair_behind(c: &mut Canvas, s: &Sitter) {
    match s.style {
        Hair::Bob => c.blob(
            &[
                (500.0, 184.0),
                (630.0, 226.0),
                (690.0, 360.0),
                (694.0, 520.0),
                (672.0, 660.0),
                (560.0, 676.0),
                (440.0, 676.0),
                (328.0, 660.0),
                (306.0, 520.0),
                (310.0, 360.0),
                (370.0, 226.0),
            ],
            sheen(s.hair.shade(0.86)),
        ),
        Hair::Waves => c.blob(
            &[
                (500.0, 176.0),
                (640.0, 214.0),
                (706.0, 340.0),
                (690.0, 450.0),
                (722.0, 560.0),
                (694.0, 680.0),
                (724.0, 770.0),
                (620.0, 812.0),
                (380.0, 812.0),
                (276.0, 770.0),
                (306.0, 680.0),
                (278.0, 560.0),
                (310.0, 450.0),
                (294.0, 340.0),
                (360.0, 214.0),
            ],
            sheen(s.hair.shade(0.84)),
        ),
        Hair::Natural => {
            for i in 0..26 {
                let angle = i as f32 / 26.0 * TAU;
                let at = (500.0 + 150.0 * angle.cos(), 350.0 + 150.0 * angle.sin());
                c.disc(at.0, at.1, 54.0, sheen(s.hair));
            }
        }
        Hair::Scarf => c.blob(
            &[
                (500.0, 178.0),
                (634.0, 222.0),
                (690.0, 360.0),
                (688.0, 520.0),
                (664.0, 660.0),
                (690.0, 780.0),
                (500.0, 850.0),
                (310.0, 780.0),
                (336.0, 660.0),
                (312.0, 520.0),
                (310.0, 360.0),
                (366.0, 222.0),
            ],
            sheen(s.hair.shade(0.82)),
        ),
        Hair::Cropped | Hair::Parted | Hair::Cap => c.blob(
            &[
                (500.0, 206.0),
                (604.0, 232.0),
                (656.0, 330.0),
                (652.0, 450.0),
                (500.0, 470.0),
                (348.0, 450.0),
                (344.0, 330.0),
                (396.0, 232.0),
            ],
            sheen(s.hair.shade(0.8)),
        ),
    }
}

fn hair_before(c: &mut Canvas, s: &Sitter) {
    let fill = sheen(s.hair);
    match s.style {
        Hair::Bob => {
            c.blob(
                &[
                    (452.0, 192.0),
                    (560.0, 190.0),
                    (652.0, 258.0),
                    (690.0, 400.0),
                    (684.0, 560.0),
                    (664.0, 662.0),
                    (628.0, 640.0),
                    (640.0, 520.0),
                    (628.0, 400.0),
                    (570.0, 312.0),
                    (462.0, 268.0),
                ],
                fill.clone(),
            );
            c.blob(
                &[
                    (520.0, 192.0),
                    (400.0, 212.0),
                    (330.0, 300.0),
                    (308.0, 430.0),
                    (314.0, 570.0),
                    (336.0, 664.0),
                    (374.0, 640.0),
                    (358.0, 520.0),
                    (372.0, 400.0),
                    (410.0, 330.0),
                    (490.0, 274.0),
                ],
                fill,
            );
            c.curve(
                (470.0, 208.0),
                (390.0, 260.0),
                (346.0, 420.0),
                4.0,
                s.hair.mix(Ink::hex(0xffffff), 0.22).alpha(0.6),
            );
        }
        Hair::Waves => {
            c.blob(
                &[
                    (440.0, 184.0),
                    (580.0, 186.0),
                    (672.0, 270.0),
                    (690.0, 400.0),
                    (668.0, 470.0),
                    (690.0, 570.0),
                    (662.0, 680.0),
                    (640.0, 560.0),
                    (640.0, 450.0),
                    (606.0, 352.0),
                    (540.0, 296.0),
                    (470.0, 268.0),
                ],
                fill.clone(),
            );
            c.blob(
                &[
                    (500.0, 186.0),
                    (390.0, 206.0),
                    (316.0, 300.0),
                    (312.0, 420.0),
                    (334.0, 480.0),
                    (306.0, 580.0),
                    (334.0, 690.0),
                    (362.0, 570.0),
                    (356.0, 450.0),
                    (384.0, 360.0),
                    (440.0, 300.0),
                    (490.0, 266.0),
                ],
                fill,
            );
            for dx in [0.0, 22.0] {
                c.curve(
                    (470.0 - dx, 206.0 + dx),
                    (366.0 - dx * 0.4, 270.0),
                    (340.0 - dx * 0.5, 420.0),
                    4.0,
                    s.hair.mix(Ink::hex(0xffd9a8), 0.35).alpha(0.6),
                );
            }
        }
        Hair::Parted => {
            c.blob(
                &[
                    (420.0, 230.0),
                    (470.0, 186.0),
                    (574.0, 186.0),
                    (648.0, 250.0),
                    (662.0, 350.0),
                    (650.0, 436.0),
                    (632.0, 400.0),
                    (620.0, 340.0),
                    (560.0, 312.0),
                    (480.0, 308.0),
                    (424.0, 284.0),
                ],
                fill.clone(),
            );
            c.blob(
                &[
                    (440.0, 214.0),
                    (376.0, 246.0),
                    (342.0, 330.0),
                    (348.0, 436.0),
                    (366.0, 400.0),
                    (376.0, 344.0),
                    (420.0, 290.0),
                ],
                fill,
            );
            c.curve(
                (450.0, 226.0),
                (540.0, 210.0),
                (620.0, 290.0),
                4.0,
                s.hair.mix(Ink::hex(0xffffff), 0.3).alpha(0.6),
            );
        }
        Hair::Cropped => c.blob(
            &[
                (400.0, 240.0),
                (500.0, 206.0),
                (600.0, 240.0),
                (648.0, 330.0),
                (648.0, 440.0),
                (632.0, 400.0),
                (618.0, 330.0),
                (570.0, 288.0),
                (500.0, 280.0),
                (430.0, 288.0),
                (382.0, 330.0),
                (368.0, 400.0),
                (352.0, 440.0),
                (352.0, 330.0),
            ],
            fill,
        ),
        Hair::Natural => {
            for i in 0..15 {
                let angle = (0.52 + i as f32 / 14.0 * 0.46) * TAU;
                let at = (500.0 + 134.0 * angle.cos(), 372.0 + 112.0 * angle.sin());
                c.disc(at.0, at.1, 36.0, sheen(s.hair));
            }
            for x in [352.0, 648.0] {
                c.ring(x, 526.0, 15.0, 6.0, s.under);
            }
        }
        Hair::Scarf => scarf(c, s),
        Hair::Cap => {
            let edge = s.cloth.shade(0.62);
            c.blob(
                &[
                    (352.0, 330.0),
                    (340.0, 262.0),
                    (410.0, 186.0),
                    (540.0, 168.0),
                    (650.0, 214.0),
                    (672.0, 300.0),
                    (652.0, 336.0),
                    (500.0, 306.0),
                ],
                Fill::across(
                    340.0,
                    670.0,
                    &[s.cloth.mix(s.ground[1], 0.3), s.cloth, s.cloth.shade(0.72)],
                ),
            );
            c.blob(
                &[
                    (346.0, 326.0),
                    (500.0, 288.0),
                    (654.0, 326.0),
                    (660.0, 352.0),
                    (500.0, 330.0),
                    (340.0, 352.0),
                ],
                edge,
            );
            c.curve(
                (420.0, 204.0),
                (480.0, 240.0),
                (490.0, 292.0),
                4.0,
                edge.alpha(0.6),
            );
        }
    }
}

/// A headscarf draped around the face and over one shoulder.
fn scarf(c: &mut Canvas, s: &Sitter) {
    let lit = s.hair.mix(Ink::hex(0xfff0d8), 0.16);
    let dim = s.hair.shade(0.7);
    let outer = [
        (500.0, 180.0),
        (632.0, 220.0),
        (690.0, 360.0),
        (684.0, 520.0),
        (640.0, 660.0),
        (560.0, 740.0),
        (440.0, 740.0),
        (360.0, 660.0),
        (316.0, 520.0),
        (310.0, 360.0),
        (368.0, 220.0),
    ];
    let inner = [
        (500.0, 286.0),
        (404.0, 330.0),
        (372.0, 430.0),
        (380.0, 530.0),
        (430.0, 630.0),
        (500.0, 676.0),
        (570.0, 630.0),
        (620.0, 530.0),
        (628.0, 430.0),
        (596.0, 330.0),
    ];
    c.poly(
        &between(&outer, &inner),
        Fill::across(320.0, 690.0, &[lit, s.hair, dim]),
    );
    c.blob(
        &[
            (352.0, 640.0),
            (440.0, 716.0),
            (600.0, 690.0),
            (668.0, 640.0),
            (720.0, 760.0),
            (560.0, 850.0),
            (380.0, 820.0),
            (292.0, 770.0),
        ],
        Fill::across(300.0, 720.0, &[lit, s.hair, dim]),
    );
    for (from, pull, to) in [
        ((640.0, 640.0), (560.0, 740.0), (400.0, 780.0)),
        ((668.0, 690.0), (600.0, 790.0), (470.0, 820.0)),
        ((404.0, 250.0), (340.0, 330.0), (336.0, 470.0)),
        ((356.0, 650.0), (420.0, 720.0), (500.0, 730.0)),
    ] {
        c.curve(from, pull, to, 6.0, dim.alpha(0.7));
    }
}

/// A ring between two outlines, as one polygon with a seam at the top.
fn between(outer: &[Spot], inner: &[Spot]) -> Vec<Spot> {
    let mut spots = curve_through(outer);
    let hole = curve_through(inner);
    spots.extend(spots.first().copied());
    spots.extend(hole.iter());
    spots.extend(hole.first().copied());
    spots
}

/// Samples the closed smooth curve through all points.
fn curve_through(spots: &[Spot]) -> Vec<Spot> {
    let n = spots.len();
    let mut fine = Vec::with_capacity(n * 8);
    for i in 0..n {
        let [a, b, d, e] = [n - 1, 0, 1, 2].map(|step| spots[(i + step) % n]);
        for k in 0..8 {
            let t = k as f32 / 8.0;
            let blend = |a: f32, b: f32, d: f32, e: f32| {
                0.5 * (2.0 * b
                    + (d - a) * t
                    + (2.0 * a - 5.0 * b + 4.0 * d - e) * t * t
                    + (3.0 * b - a - 3.0 * d + e) * t * t * t)
            };
            fine.push((blend(a.0, b.0, d.0, e.0), blend(a.1, b.1, d.1, e.1)));
        }
    }
    fine
}

fn glasses(c: &mut Canvas, s: &Sitter) {
    let frame = s.cloth.mix(Ink::hex(0x1c1a20), 0.65);
    for side in [-1.0, 1.0] {
        let x = 500.0 + side * 66.0;
        c.oval(x, 446.0, 50.0, 42.0, Ink::hex(0xffffff).alpha(0.1));
        c.ring(x, 446.0, 46.0, 7.0, frame);
        c.line(
            &[(500.0 + side * 112.0, 438.0), (500.0 + side * 142.0, 430.0)],
            7.0,
            frame,
        );
    }
    c.curve((480.0, 440.0), (500.0, 428.0), (520.0, 440.0), 7.0, frame);
}
