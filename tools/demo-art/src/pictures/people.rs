//! Human figures in flat silhouette, posed by joints, seen from the side or from behind.

use super::brush::{Canvas, Fill, Ink, Spot};
use super::palette::SKINS;

/// The colours of a figure.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Skin.
    pub skin: Ink,
    /// Hair.
    pub hair: Ink,
    /// Jacket, dress or shirt.
    pub top: Ink,
    /// Trousers or skirt.
    pub legs: Ink,
}

impl Look {
    /// A silhouette in one colour.
    pub fn shadow(ink: Ink) -> Self {
        Self {
            skin: ink,
            hair: ink,
            top: ink,
            legs: ink,
        }
    }

    /// A random person in clothes of the given colours.
    pub fn random(c: &Canvas, tops: &[Ink], legs: Ink) -> Self {
        let hairs = [0x2a211e, 0x3d2b22, 0x1d1a1c, 0x6b4a30, 0xa58a6a, 0x8d8d8a];
        Self {
            skin: c.pick(&SKINS),
            hair: Ink::hex(c.pick(&hairs)),
            top: c.pick(tops),
            legs,
        }
    }
}

/// The joints of a pose in body heights: x points forward, y up from the ground.
#[derive(Clone, Copy, Debug)]
pub struct Pose {
    /// Centre of the head.
    pub head: Spot,
    /// Base of the neck, between the shoulders.
    pub neck: Spot,
    /// Middle of the hips.
    pub hip: Spot,
    /// Elbow and hand of both arms, far arm first.
    pub arms: [[Spot; 2]; 2],
    /// Knee and foot of both legs, far leg first.
    pub legs: [[Spot; 2]; 2],
}

/// Standing at ease.
pub const STANDING: Pose = Pose {
    head: (0.01, 0.93),
    neck: (0.0, 0.82),
    hip: (0.0, 0.5),
    arms: [[(0.05, 0.66), (0.07, 0.5)], [(-0.06, 0.65), (-0.02, 0.49)]],
    legs: [[(0.04, 0.26), (0.04, 0.02)], [(-0.03, 0.26), (-0.04, 0.02)]],
};

/// Walking with a moderate stride.
pub const WALKING: Pose = Pose {
    head: (0.03, 0.93),
    neck: (0.01, 0.82),
    hip: (0.0, 0.5),
    arms: [[(0.07, 0.66), (0.14, 0.53)], [(-0.07, 0.66), (-0.08, 0.5)]],
    legs: [[(-0.04, 0.27), (-0.15, 0.04)], [(0.08, 0.27), (0.12, 0.02)]],
};

/// Sprinting.
pub const RUNNING: Pose = Pose {
    head: (0.13, 0.91),
    neck: (0.08, 0.8),
    hip: (0.0, 0.5),
    arms: [[(0.17, 0.66), (0.27, 0.74)], [(-0.06, 0.68), (-0.02, 0.54)]],
    legs: [[(-0.06, 0.28), (-0.27, 0.24)], [(0.16, 0.36), (0.13, 0.1)]],
};

/// Sprinting, with the other leg in the air.
pub const STRIDING: Pose = Pose {
    head: (0.12, 0.92),
    neck: (0.07, 0.81),
    hip: (0.0, 0.51),
    arms: [[(-0.05, 0.68), (0.0, 0.56)], [(0.13, 0.66), (0.24, 0.72)]],
    legs: [[(0.14, 0.34), (0.19, 0.1)], [(-0.04, 0.27), (-0.19, 0.08)]],
};

/// Sitting at a table, hands in front.
pub const SITTING: Pose = Pose {
    head: (0.04, 0.76),
    neck: (0.0, 0.64),
    hip: (-0.04, 0.32),
    arms: [[(0.09, 0.47), (0.24, 0.46)], [(0.06, 0.46), (0.2, 0.45)]],
    legs: [[(0.22, 0.3), (0.2, 0.02)], [(0.2, 0.29), (0.16, 0.02)]],
};

/// Standing with both hands busy in front.
pub const WORKING: Pose = Pose {
    head: (0.05, 0.92),
    neck: (0.01, 0.81),
    hip: (0.0, 0.5),
    arms: [[(0.1, 0.64), (0.23, 0.66)], [(0.06, 0.63), (0.2, 0.6)]],
    legs: [[(0.04, 0.26), (0.05, 0.02)], [(-0.03, 0.26), (-0.04, 0.02)]],
};

/// Kicking a ball.
pub const KICKING: Pose = Pose {
    head: (-0.04, 0.91),
    neck: (-0.06, 0.8),
    hip: (0.0, 0.5),
    arms: [[(0.08, 0.72), (0.19, 0.8)], [(-0.2, 0.72), (-0.3, 0.63)]],
    legs: [[(-0.01, 0.26), (-0.08, 0.02)], [(0.16, 0.37), (0.34, 0.24)]],
};

/// Bent over handlebars with the feet on pedals.
pub const CYCLING: Pose = Pose {
    head: (0.31, 0.85),
    neck: (0.22, 0.77),
    hip: (-0.1, 0.63),
    arms: [[(0.27, 0.6), (0.41, 0.53)], [(0.25, 0.58), (0.4, 0.52)]],
    legs: [[(0.12, 0.42), (0.02, 0.12)], [(0.14, 0.54), (0.09, 0.3)]],
};

/// Paints a figure of `height` standing at `foot`; a negative `facing` looks left.
pub fn figure(c: &mut Canvas, foot: Spot, height: f32, facing: f32, pose: &Pose, look: &Look) {
    let at = |joint: Spot| {
        (
            foot.0 + joint.0 * height * facing,
            foot.1 - joint.1 * height,
        )
    };
    let h = height;
    let back = |ink: Ink| ink.shade(0.82);
    let shoulder = |side: f32| {
        let spot = at(pose.neck);
        (spot.0 + side * 0.035 * h * facing, spot.1 + 0.035 * h)
    };
    let arm = |c: &mut Canvas, side: f32, [elbow, hand]: [Spot; 2], sleeve: Ink| {
        c.taper(shoulder(side), 0.036 * h, at(elbow), 0.028 * h, sleeve);
        c.taper(at(elbow), 0.028 * h, at(hand), 0.021 * h, sleeve);
        c.disc(at(hand).0, at(hand).1, 0.021 * h, look.skin);
    };
    let leg = |c: &mut Canvas, [knee, ankle]: [Spot; 2], ink: Ink| {
        c.taper(at(pose.hip), 0.06 * h, at(knee), 0.04 * h, ink);
        c.taper(at(knee), 0.04 * h, at(ankle), 0.024 * h, ink);
        let (x, y) = at(ankle);
        c.taper(
            (x, y),
            0.02 * h,
            (x + 0.055 * h * facing, y + 0.006 * h),
            0.014 * h,
            look.hair,
        );
    };
    arm(c, 1.0, pose.arms[0], back(look.top));
    leg(c, pose.legs[0], back(look.legs));
    leg(c, pose.legs[1], look.legs);
    let (neck, hip) = (at(pose.neck), at(pose.hip));
    c.taper(
        neck,
        0.03 * h,
        at(pose.head),
        0.03 * h,
        look.skin.shade(0.88),
    );
    c.taper(
        (neck.0, neck.1 + 0.045 * h),
        0.068 * h,
        hip,
        0.064 * h,
        look.top,
    );
    arm(c, -1.0, pose.arms[1], look.top.shade(0.94));
    head(c, at(pose.head), 0.062 * h, facing, look);
}

fn head(c: &mut Canvas, (x, y): Spot, r: f32, facing: f32, look: &Look) {
    c.oval(x, y, r * 0.86, r * 1.08, look.skin);
    let hair = [
        (x + 0.7 * r * facing, y - 0.62 * r),
        (x + 0.1 * r * facing, y - 1.2 * r),
        (x - 0.75 * r * facing, y - 0.85 * r),
        (x - 1.0 * r * facing, y),
        (x - 0.62 * r * facing, y + 0.62 * r),
        (x - 0.32 * r * facing, y - 0.1 * r),
        (x + 0.1 * r * facing, y - 0.5 * r),
    ];
    c.blob(&hair, look.hair);
}

/// Head and shoulders from behind; `size` is the width of the shoulders.
pub fn back(c: &mut Canvas, (x, y): Spot, size: f32, look: &Look) {
    let s = size;
    let shoulders = [
        (x - 0.1 * s, y - 0.24 * s),
        (x + 0.1 * s, y - 0.24 * s),
        (x + 0.36 * s, y - 0.1 * s),
        (x + 0.49 * s, y + 0.16 * s),
        (x + 0.53 * s, y + 0.9 * s),
        (x - 0.53 * s, y + 0.9 * s),
        (x - 0.49 * s, y + 0.16 * s),
        (x - 0.36 * s, y - 0.1 * s),
    ];
    let lit = look.top.mix(Ink::hex(0xfff1d0), 0.08);
    c.blob(
        &shoulders,
        Fill::across(x - s * 0.5, x + s * 0.5, &[lit, look.top]),
    );
    c.taper(
        (x, y - 0.36 * s),
        0.09 * s,
        (x, y - 0.16 * s),
        0.115 * s,
        look.skin.shade(0.86),
    );
    let long = c.happens(0.4);
    c.oval(x - 0.185 * s, y - 0.45 * s, 0.03 * s, 0.05 * s, look.skin);
    c.oval(x + 0.185 * s, y - 0.45 * s, 0.03 * s, 0.05 * s, look.skin);
    c.oval(x, y - 0.48 * s, 0.18 * s, 0.22 * s, look.hair);
    if long {
        c.round(
            x - 0.2 * s,
            y - 0.5 * s,
            0.4 * s,
            0.36 * s,
            0.12 * s,
            look.hair,
        );
    }
}
