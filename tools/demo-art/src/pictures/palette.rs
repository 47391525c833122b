//! Colour schemes: outdoor ones by time of day and weather, and indoor ones.

use super::brush::{Canvas, Ink};

/// The colours of an outdoor scene.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// The sky from its top to the horizon.
    pub sky: [Ink; 3],
    /// The disc of the sun or the moon.
    pub sun: Ink,
    /// The most distant layer, close to the sky in colour.
    pub far: Ink,
    /// The nearest and darkest layer.
    pub near: Ink,
    /// Lit paper, sails, walls, or lit windows at night.
    pub light: Ink,
    /// The accent colour, used once or twice.
    pub accent: Ink,
    /// A warm second accent.
    pub warm: Ink,
    /// Whether lamps are lit and stars are out.
    pub night: bool,
}

impl Palette {
    /// The colour of an object by distance: 0 is at the horizon, 1 in front.
    pub fn depth(&self, t: f32) -> Ink {
        self.far.mix(self.near, t)
    }

    /// A colour as it appears in this light by distance: 0 is at the horizon, 1 in front.
    pub fn lit(&self, ink: Ink, t: f32) -> Ink {
        let here = if self.night {
            ink.mix(self.near, 0.45)
        } else {
            ink
        };
        self.far.mix(here, 0.25 + 0.75 * t)
    }

    /// Snow, foam and white paint in this light.
    pub fn white(&self) -> Ink {
        if self.night {
            self.far.mix(Ink::hex(0xf4f2ea), 0.62)
        } else {
            self.light
        }
    }

    /// Meadow green or its counterpart in this light.
    pub fn green(&self, t: f32) -> Ink {
        self.depth(t)
            .mix(Ink::hex(0x7d9460), if self.night { 0.14 } else { 0.5 })
    }
}

const fn outdoors(sky: [u32; 3], sun: u32, land: [u32; 2], spot: [u32; 3], night: bool) -> Palette {
    Palette {
        sky: [Ink::hex(sky[0]), Ink::hex(sky[1]), Ink::hex(sky[2])],
        sun: Ink::hex(sun),
        far: Ink::hex(land[0]),
        near: Ink::hex(land[1]),
        light: Ink::hex(spot[0]),
        accent: Ink::hex(spot[1]),
        warm: Ink::hex(spot[2]),
        night,
    }
}

const DAYS: [Palette; 5] = [
    outdoors(
        [0x4f86a0, 0x9cc0c0, 0xf3e3c2],
        0xfff3d6,
        [0xa3c0bf, 0x173c4d],
        [0xfbf1dc, 0xc9573a, 0xe2a74b],
        false,
    ),
    outdoors(
        [0x7fb2c4, 0xb9d4d2, 0xf1e9d4],
        0xfff7e2,
        [0x9fc1c6, 0x1d4658],
        [0xfdf6e6, 0xd1633c, 0xe8b04e],
        false,
    ),
    outdoors(
        [0x9db8a6, 0xcdd8c0, 0xf5ecd2],
        0xfff9e8,
        [0xb3c6b2, 0x28463f],
        [0xfbf4e2, 0xb9543b, 0xd9a441],
        false,
    ),
    outdoors(
        [0xd9c39a, 0xecdcb8, 0xf7eeda],
        0xfffaf0,
        [0xc9c2a6, 0x2b4650],
        [0xfdf7e9, 0xb94e36, 0xd89a3f],
        false,
    ),
    outdoors(
        [0x5c8fb5, 0xa6c4cf, 0xf4dcc4],
        0xfff1da,
        [0xa9bcc6, 0x23394f],
        [0xfcf2e0, 0xc6503f, 0xe5ad55],
        false,
    ),
];

const DUSKS: [Palette; 4] = [
    outdoors(
        [0x53486a, 0xc77a5e, 0xf4bd6c],
        0xfdeab4,
        [0xc08a72, 0x2a2439],
        [0xfbe6c0, 0xa63f34, 0xf0b95a],
        false,
    ),
    outdoors(
        [0x6578a0, 0xd6a3a0, 0xf8dcc0],
        0xfff3df,
        [0xb59aaa, 0x302d4c],
        [0xfcefdd, 0xc24e4a, 0xe9b26b],
        false,
    ),
    outdoors(
        [0x223f5c, 0xa9624f, 0xf4c47e],
        0xffe6b8,
        [0x9b7470, 0x1c2335],
        [0xfbe5bf, 0xcf5b3c, 0xeeb357],
        false,
    ),
    outdoors(
        [0x2f5a66, 0x8fa596, 0xf6cf8d],
        0xffedc2,
        [0x93a093, 0x17303a],
        [0xfbecc9, 0xbf5338, 0xe9ae52],
        false,
    ),
];

const NIGHTS: [Palette; 3] = [
    outdoors(
        [0x121a38, 0x253567, 0x5b6b9b],
        0xf5eed6,
        [0x3c4c80, 0x0b1127],
        [0xffd98c, 0xcf6549, 0xf0b656],
        true,
    ),
    outdoors(
        [0x0b222d, 0x16434f, 0x4a8383],
        0xf2f0da,
        [0x2f646c, 0x07161e],
        [0xffd183, 0xc9603f, 0xecb04f],
        true,
    ),
    outdoors(
        [0x1d1836, 0x44336a, 0x9a6a86],
        0xf8e9d2,
        [0x5a4578, 0x120e26],
        [0xffd592, 0xd2614e, 0xf2b560],
        true,
    ),
];

const STORMS: [Palette; 4] = [
    outdoors(
        [0x3b3f58, 0x77718a, 0xd9b9a2],
        0xf3e0c8,
        [0x8d8695, 0x201f33],
        [0xf2e5d4, 0xbb513f, 0xdba552],
        false,
    ),
    outdoors(
        [0x33424c, 0x8a8468, 0xe6cd8e],
        0xf7ecc0,
        [0x94917a, 0x1b2429],
        [0xf3ead0, 0xb24e35, 0xd9a544],
        false,
    ),
    outdoors(
        [0x3e4d5a, 0x74858c, 0xc3c6b8],
        0xe6e5d4,
        [0x879699, 0x1d2a34],
        [0xece8d8, 0xb5523c, 0xd3a44d],
        false,
    ),
    outdoors(
        [0x2d4450, 0x5f7f80, 0xb9c4ae],
        0xe4e6d0,
        [0x7a9490, 0x142a31],
        [0xe9ead8, 0xbd5a3c, 0xd6ab55],
        false,
    ),
];

/// All times of day and weathers, ordered so that neighbours differ.
const ANY: [Palette; 14] = [
    DAYS[0], NIGHTS[0], DUSKS[0], DAYS[1], STORMS[0], DUSKS[1], NIGHTS[1], DAYS[2], DUSKS[2],
    NIGHTS[2], DAYS[3], DUSKS[3], STORMS[3], DAYS[4],
];

const DAYLIGHT: [Palette; 9] = [
    DAYS[0], DUSKS[0], DAYS[1], DUSKS[1], DAYS[4], DUSKS[2], DAYS[2], DUSKS[3], DAYS[3],
];

const ROUGH: [Palette; 7] = [
    STORMS[0], DUSKS[0], STORMS[1], NIGHTS[1], STORMS[2], NIGHTS[0], STORMS[3],
];

/// A palette for any time of day.
pub fn any(c: &Canvas) -> Palette {
    c.turn(&ANY)
}

/// A palette with daylight: noon or evening.
pub fn daylight(c: &Canvas) -> Palette {
    c.turn(&DAYLIGHT)
}

/// A palette of dawn or dusk.
pub fn dusk(c: &Canvas) -> Palette {
    c.pick(&DUSKS)
}

/// A palette of the night.
pub fn night(c: &Canvas) -> Palette {
    c.turn(&NIGHTS)
}

/// A palette of heavy weather.
pub fn rough(c: &Canvas) -> Palette {
    c.turn(&ROUGH)
}

/// The colours of an indoor scene.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The lit wall.
    pub wall: Ink,
    /// The wall in shadow.
    pub shade: Ink,
    /// The floor.
    pub floor: Ink,
    /// Silhouettes and frames.
    pub dark: Ink,
    /// Light from windows and lamps, paper.
    pub light: Ink,
    /// The accent colour.
    pub accent: Ink,
    /// A warm second accent.
    pub warm: Ink,
    /// A cool second accent.
    pub cool: Ink,
}

const fn indoors(walls: [u32; 3], dark: u32, light: u32, spots: [u32; 3]) -> Room {
    Room {
        wall: Ink::hex(walls[0]),
        shade: Ink::hex(walls[1]),
        floor: Ink::hex(walls[2]),
        dark: Ink::hex(dark),
        light: Ink::hex(light),
        accent: Ink::hex(spots[0]),
        warm: Ink::hex(spots[1]),
        cool: Ink::hex(spots[2]),
    }
}

const ROOMS: [Room; 5] = [
    indoors(
        [0xe4d6b8, 0xc2b18f, 0x9a7a56],
        0x22333d,
        0xfdf3dc,
        [0xb9503a, 0xdda24a, 0x5d8a94],
    ),
    indoors(
        [0xaebfb0, 0x7f998d, 0x6f6a52],
        0x1f3633,
        0xf8f1dc,
        [0xb5553b, 0xd9a546, 0x4e7d80],
    ),
    indoors(
        [0x9fb6bf, 0x6d8c9a, 0x54636b],
        0x1a2f40,
        0xf9f1df,
        [0xc45a3f, 0xe0aa52, 0x3f7389],
    ),
    indoors(
        [0xd9b095, 0xb28570, 0x7d5648],
        0x2c2634,
        0xfdeed6,
        [0xa2423a, 0xe3ab56, 0x5f7f92],
    ),
    indoors(
        [0x4d6478, 0x34485d, 0x2f3a4a],
        0x121c2c,
        0xfbe3b2,
        [0xc25c43, 0xe7b059, 0x6f9aa6],
    ),
];

const HALLS: [Room; 3] = [
    indoors(
        [0x3a2f4a, 0x251e36, 0x1d1729],
        0x0f0c1a,
        0xfbe4b8,
        [0xb0413b, 0xe3a64f, 0x5a7fa0],
    ),
    indoors(
        [0x1f3b4a, 0x142a37, 0x10212c],
        0x08131b,
        0xf8e6bd,
        [0xb94c38, 0xe0a548, 0x4f8f96],
    ),
    indoors(
        [0x4a2a2e, 0x331b22, 0x26141a],
        0x140a10,
        0xfde6bb,
        [0xa83a35, 0xe5ad58, 0x6b8699],
    ),
];

/// A room in daylight or lamplight.
pub fn room(c: &Canvas) -> Room {
    c.turn(&ROOMS)
}

/// A bright room.
pub fn bright_room(c: &Canvas) -> Room {
    c.turn(&ROOMS[..4])
}

/// A darkened hall.
pub fn hall(c: &Canvas) -> Room {
    c.turn(&HALLS)
}

/// Skin tones, from light to dark.
pub const SKINS: [Ink; 6] = [
    Ink::hex(0xefc9a8),
    Ink::hex(0xdeac86),
    Ink::hex(0xc68c63),
    Ink::hex(0xa26b47),
    Ink::hex(0x7a4c33),
    Ink::hex(0x573526),
];
