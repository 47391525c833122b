//! Converts 8-bit YUV planes, as video codecs produce them, to RGB. Supports the matrices that ITU-T H.273 defines by
//! two weights, and the identity matrix. Chroma is not interpolated.

use image::RgbImage;

/// One plane of a frame: rows of `stride` samples.
pub struct Plane {
    pub samples: Vec<u8>,
    pub stride: usize,
}

impl Plane {
    /// The first `width` samples of a row, if the plane has that many.
    pub fn row(&self, y: u32, width: u32) -> Option<&[u8]> {
        let start = self.stride.checked_mul(y as usize)?;
        self.samples.get(start..start.checked_add(width as usize)?)
    }
}

/// The two planes of colour differences, which may have half the width and half the height of the
/// picture, rounded up.
pub struct Chroma {
    pub u: Plane,
    pub v: Plane,
    pub halved_width: bool,
    pub halved_height: bool,
}

/// Which part of 0 to 255 the samples use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Luma from 16 to 235, chroma from 16 to 240.
    Limited,
    Full,
}

/// How colours are computed from luma and chroma.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Matrix {
    /// The weights of red and of blue in luma.
    Weights { red: f32, blue: f32 },
    /// The planes are green, blue and red.
    Identity,
}

impl Matrix {
    pub const BT601: Self = Self::weights(0.299, 0.114);
    pub const BT709: Self = Self::weights(0.2126, 0.0722);
    pub const BT2020: Self = Self::weights(0.2627, 0.0593);
    pub const ST240: Self = Self::weights(0.212, 0.087);
    pub const FCC: Self = Self::weights(0.30, 0.11);

    const fn weights(red: f32, blue: f32) -> Self {
        Self::Weights { red, blue }
    }
}

/// A picture of this width and height; grey if there is no chroma. `None` if a plane is too small.
pub fn to_rgb(
    (width, height): (u32, u32),
    y: &Plane,
    chroma: Option<&Chroma>,
    range: Range,
    matrix: Matrix,
) -> Option<RgbImage> {
    let (black, luma, difference) = match range {
        Range::Limited => (16.0, 255.0 / 219.0, 255.0 / 224.0),
        Range::Full => (0.0, 1.0, 1.0),
    };
    let luma = |sample: u8| (f32::from(sample) - black) * luma;
    let difference = |sample: u8| (f32::from(sample) - 128.0) * difference;
    let mut picture = RgbImage::new(width, height);
    for (row, pixels) in (0..).zip(picture.rows_mut()) {
        let y = y.row(row, width)?;
        let Some(chroma) = chroma else {
            for (pixel, &y) in pixels.zip(y) {
                pixel.0 = [byte(luma(y)); 3];
            }
            continue;
        };
        let shift = u32::from(chroma.halved_width);
        let chroma_row = row >> u32::from(chroma.halved_height);
        let chroma_width = (width + shift) >> shift;
        let u = chroma.u.row(chroma_row, chroma_width)?;
        let v = chroma.v.row(chroma_row, chroma_width)?;
        let samples = y.iter().enumerate().map(|(x, &y)| {
            let at = x >> shift;
            (y, u[at], v[at])
        });
        match matrix {
            Matrix::Identity => {
                for (pixel, (green, blue, red)) in pixels.zip(samples) {
                    pixel.0 = [red, green, blue].map(|sample| byte(luma(sample)));
                }
            }
            Matrix::Weights { red, blue } => {
                let green = 1.0 - red - blue;
                let (from_v, from_u) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
                let (v_to_green, u_to_green) = (from_v * red / green, from_u * blue / green);
                for (pixel, (y, u, v)) in pixels.zip(samples) {
                    let (y, u, v) = (luma(y), difference(u), difference(v));
                    pixel.0 = [
                        byte(y + from_v * v),
                        byte(y - u_to_green * u - v_to_green * v),
                        byte(y + from_u * u),
                    ];
                }
            }
        }
    }
    Some(picture)
}

/// The nearest byte.
fn byte(value: f32) -> u8 {
    // The conversion saturates.
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(samples: &[u8], stride: usize) -> Plane {
        Plane {
            samples: samples.to_vec(),
            stride,
        }
    }

    fn one_pixel(yuv: [u8; 3], range: Range, matrix: Matrix) -> [u8; 3] {
        let chroma = Chroma {
            u: plane(&[yuv[1]], 1),
            v: plane(&[yuv[2]], 1),
            halved_width: false,
            halved_height: false,
        };
        let picture = to_rgb((1, 1), &plane(&[yuv[0]], 1), Some(&chroma), range, matrix);
        picture.unwrap().get_pixel(0, 0).0
    }

    #[test]
    fn primary_colours_are_those_that_the_standards_define() {
        for (yuv, range, matrix, rgb) in [
            ([76, 85, 255], Range::Full, Matrix::BT601, [254, 0, 0]),
            ([81, 90, 240], Range::Limited, Matrix::BT601, [254, 0, 0]),
            ([63, 102, 240], Range::Limited, Matrix::BT709, [255, 1, 0]),
            ([74, 97, 240], Range::Limited, Matrix::BT2020, [255, 0, 1]),
            ([41, 240, 110], Range::Limited, Matrix::BT601, [0, 0, 255]),
            ([235, 128, 128], Range::Limited, Matrix::BT709, [255; 3]),
            ([16, 128, 128], Range::Limited, Matrix::BT709, [0; 3]),
            ([255, 128, 128], Range::Full, Matrix::ST240, [255; 3]),
            ([10, 20, 30], Range::Full, Matrix::Identity, [30, 10, 20]),
        ] {
            let converted = one_pixel(yuv, range, matrix);
            assert!(
                converted.iter().zip(rgb).all(|(a, b)| a.abs_diff(b) <= 1),
                "{yuv:?} {matrix:?}: {converted:?}"
            );
        }
    }

    #[test]
    fn subsampled_chroma_covers_pictures_of_odd_sizes() {
        let y = plane(&[128; 12], 4);
        let chroma = Chroma {
            u: plane(&[128, 128, 0, 128, 128, 0], 3),
            v: plane(&[128, 255, 0, 255, 128, 0], 3),
            halved_width: true,
            halved_height: true,
        };
        let picture = to_rgb((3, 3), &y, Some(&chroma), Range::Full, Matrix::BT601).unwrap();
        let is_red = |x, y| picture.get_pixel(x, y).0[0] > 200;
        assert!(!is_red(1, 1) && is_red(2, 1) && is_red(1, 2) && !is_red(2, 2));
    }

    #[test]
    fn a_picture_without_chroma_is_grey() {
        let y = plane(&[16, 126, 235], 3);
        let picture = to_rgb((3, 1), &y, None, Range::Limited, Matrix::BT601).unwrap();
        assert_eq!(picture.into_raw(), [0, 0, 0, 128, 128, 128, 255, 255, 255]);
    }

    #[test]
    fn a_plane_that_is_too_small_is_refused() {
        let y = plane(&[0; 5], 3);
        assert!(to_rgb((3, 2), &y, None, Range::Full, Matrix::BT601).is_none());
    }
}
